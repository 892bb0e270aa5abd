/*
 * The code that a campaign looks at: where an access lies in it, whatever the
 * addresses of this process are, and which accesses there are at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_REACH_BOOK_H
#define HX_REACH_BOOK_H

#include "harness/reach.h"

struct plugin;

enum {
    BOOK_OBJECTS_MAX = 64 /* loaded files that are told apart */
};

/* Where a loaded file lies.  The copies of a plug-in are the same file. */
struct reach_object {
    uintptr_t first;
    uintptr_t end;
    uint64_t base; /* of its codes */
};

/* An access of the code. */
struct reach_line {
    uint64_t code;
    char *path; /* of its source; NULL: not known */
    uint32_t line;
};

struct reach_book {
    uint64_t fingerprint; /* of the plug-in's code; 0: not known */
    uint32_t objects_count;
    struct reach_object objects[BOOK_OBJECTS_MAX];
    uint32_t all; /* accesses in the code; 0: not known.  If there is room: */
    uint32_t lines_count;
    struct reach_line lines[REACH_SITES]; /* one each */
};

/* The book of `plugin`, without its lines.  Ended by book_free(). */
struct reach_book *book_new(const struct plugin *plugin);

/* An empty one. */
struct reach_book *book_empty(void);

/* NULL is allowed. */
void book_free(struct reach_book *book);

/* Finds the accesses in the code of `plugin`; and, if `seen` lacks one of them,
 * their lines. */
void book_fill(struct reach_book *book, const struct plugin *plugin,
               const struct reach *seen);

/* Where in its file the code at `pc` lies, and in which file: the same in each
 * process.  Without a book, `pc`. */
uint64_t reach_code_of(const struct reach_book *book, uintptr_t pc);

/*
 * Finds the atomic accesses in the code of the first copy of `plugin`: stores
 * at most `max` of their program counters, in their order, and returns how many
 * there are.  0 where calls cannot be told from the code: not on x86-64.
 */
uint32_t reach_find_sites(const struct plugin *plugin, uintptr_t *pcs,
                          uint32_t max);

/* A hash of that code; 0: it is not known. */
uint64_t reach_hash_code(const struct plugin *plugin);

#endif
