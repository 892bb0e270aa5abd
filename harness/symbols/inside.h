/*
 * The inside of symbols: modules, texts and types, shared by its files.
 *
 *     symbols.c     places and frames
 *     modules.c     what is loaded, and from which file
 *     sources.c     lines of source files
 *     variables.c   global variables
 *     types.c       objects and their members
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SYMBOLS_INSIDE_H
#define HX_SYMBOLS_INSIDE_H

#include "harness/symbols.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

enum {
    MODULES_MAX = 128,
    PATH_SIZE = 4096,
    TYPES_MAX = 1024,
};

/* Something loaded: the program, a plug-in, a library.  Its debug information
 * is opened when it is first asked for. */
struct module {
    uintptr_t bias; /* added to the addresses in the file */
    uintptr_t from; /* what it occupies */
    uintptr_t to;
    char *path;
    const void *text; /* its first read-only segment, and its size: copies of */
    size_t text_size; /* one plug-in are alike there */
    bool main;
    bool opened;
    bool listed; /* its variables are */
    Dwfl *dwfl;
    Dwfl_Module *file; /* NULL: none */
};

/* A source file, cut into lines; each ends with a 0. */
struct source {
    char *path;
    char *text; /* NULL: it cannot be read */
    char **lines;
    uint32_t count;
};

/* A global variable. */
struct variable {
    uintptr_t address;
    uint64_t size;
    const char *name; /* the debug information's */
    Dwarf_Die type;
};

struct symbols {
    struct module modules[MODULES_MAX];
    uint32_t modules_count;
    struct source *sources;
    uint32_t sources_count;
    struct variable *variables;
    uint32_t variables_count;
    uint32_t variables_max;
    char **paths; /* that were made absolute */
    uint32_t paths_count;
    Dwarf_Die types[TYPES_MAX]; /* that were handed out */
    uint32_t types_count;
};

/* The part of `path` behind its last slash. */
const char *symbols_base_name(const char *path);

/* Whether `die` is a function, inlined or not. */
bool symbols_is_function(Dwarf_Die *die);

/* The place of the instruction at `address` in the line table.  False: there
 * is none. */
bool symbols_line_entry(struct symbols *symbols, struct module *module,
                        uintptr_t address, struct source_place *place);

/* Lists what is loaded. */
void modules_list(struct symbols *symbols);
void modules_release(struct symbols *symbols);

/* The module that holds `address`, opened, or NULL if there is none or it has
 * no file. */
struct module *modules_find(struct symbols *symbols, uintptr_t address);

/* The unit of the code at `address`, and what its addresses are off by; NULL if
 * not known. */
Dwarf_Die *modules_unit(struct module *module, uintptr_t address,
                        Dwarf_Addr *bias);

/* The scopes of the instruction at `address`, innermost first, as they nest in
 * the code: blocks, inlined calls, the function, the unit.  Their number; the
 * caller frees `*scopes`. */
int modules_scopes(struct module *module, uintptr_t address,
                   Dwarf_Die **scopes);

/* `path` as the unit was compiled with it, made absolute: the symbols'. */
const char *sources_path(struct symbols *symbols, Dwarf_Die *unit,
                         const char *path);

/* Each frees what its file keeps. */
void sources_release(struct symbols *symbols);
void variables_release(struct symbols *symbols);

/* The type of a variable or member, without qualifiers and typedefs. */
bool types_of(Dwarf_Die *die, Dwarf_Die *type);

/* What a pointer or array type leads to, likewise. */
bool types_target(Dwarf_Die *type, Dwarf_Die *target);

/* Writes the name of what lies at `offset` of a `type` to `member`, behind
 * what is there. */
bool types_name(Dwarf_Die type, uint64_t offset, struct source_member *member);

#endif
