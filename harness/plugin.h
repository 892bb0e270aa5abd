/*
 * A plug-in: a shared object with one algorithm, loaded into the simulated
 * world.
 *
 * Each simulated process has a private copy of it, with globals of its own.
 * After its constructors have run, the writable segment of each copy is kept
 * and put back before every execution.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_PLUGIN_H
#define HX_PLUGIN_H

#include "harness/algorithm.h"
#include "harness/sim/table.h"

#include <stdio.h>

enum {
    COPIES_MAX = 16, /* simulated processes */
    REGIONS_MAX = 5, /* writable parts of one copy */
    SPANS_MAX = COPIES_MAX * REGIONS_MAX + 1,
};

struct plugin;

/*
 * Loads `copies` copies of the plug-in at `path`.  Errors (no such file, not
 * an instrumented algorithm, linked against libtsan, a missing symbol) are
 * written to `errors` with what to type next, and NULL is returned.
 */
struct plugin *plugin_load(const char *path, uint32_t copies, FILE *errors);

/* The same for a program that was built into the file of memory `file`, which
 * is the plug-in's from now on, whatever comes of it; errors call it `title`.
 */
struct plugin *plugin_load_built(const char *title, int file, FILE *errors);

/*
 * Finds the file of the built-in algorithm `name` (or of `name`_`reclaim`) and
 * stores its path in `path`.  A name with a slash or ending in .so is a path.
 * False: there is none.  Looks beside the executable (build/algorithms) and in
 * ../lib/faultline; FAULTLINE_ALGORITHMS overrides.
 */
bool plugin_find(const char *name, const char *reclaim, char *path, size_t max);

/*
 * Whether the built-in algorithm `name` was left out when the others were built
 * (NAME.skipped lies where NAME.so would), and why: a library whose source was
 * not to be had.
 */
bool plugin_left_out(const char *name, char *reason, size_t max);

/* Unloads it.  NULL is allowed. */
void plugin_free(struct plugin *plugin);

/* Whether its weak compare-and-swaps can be told from strong ones. */
bool plugin_tells_weak(const struct plugin *plugin);

/* Whether code in it that was not instrumented stores, too: see
 * image_is_mixed(). */
bool plugin_is_mixed(const struct plugin *plugin);

/* Whether code in it reads or sets the control word of SSE: see
 * image_sets_modes(). */
bool plugin_sets_modes(const struct plugin *plugin);

/* Whether `pc` lies in its code. */
bool plugin_runs(const struct plugin *plugin, uintptr_t pc);

/* How many copies there are. */
uint32_t plugin_copies(const struct plugin *plugin);

/* The descriptor as copy `copy` sees it. */
const struct fl_algorithm *plugin_algorithm(const struct plugin *plugin,
                                            uint32_t copy);

/* The object as copy `copy` sees it, or NULL if the plug-in is an algorithm. */
struct object;
struct object *plugin_object(const struct plugin *plugin, uint32_t copy);

/* Puts the globals of all copies, or of one, and what their constructors
 * allocated, back to their first values. */
void plugin_restore(struct plugin *plugin);
void plugin_restore_copy(struct plugin *plugin, uint32_t copy);

/* The thread-local image of copy `copy`: its first bytes, their number, the
 * size with the zeroed rest, and the alignment. */
struct tls_image {
    const void *bytes;
    size_t bytes_size;
    size_t size;
    size_t align;
};
struct tls_image plugin_tls(const struct plugin *plugin, uint32_t copy);

/* The memory of all copies: writable globals, and what their constructors
 * allocated.  plugin_span() gives number `i` of these spans, and false if there
 * are no more; plugin_spans() stores less than SPANS_MAX in `spans` and returns
 * their number. */
struct span;
bool plugin_span(const struct plugin *plugin, uint32_t i, struct span *span);
uint32_t plugin_spans(const struct plugin *plugin, struct span *spans);

/* Which copy owns the address, or UINT32_MAX: for naming globals. */
uint32_t plugin_owner(const struct plugin *plugin, const void *address);

/* Where the segments of copy `copy` begin, and end. */
uintptr_t plugin_first(const struct plugin *plugin, uint32_t copy);
uintptr_t plugin_end(const struct plugin *plugin, uint32_t copy);

#endif
