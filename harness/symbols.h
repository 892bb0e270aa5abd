/*
 * Symbols: from program counters and addresses to words.
 *
 * Uses libdw on the plug-ins' debug information; opened lazily, at the first
 * failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SYMBOLS_H
#define HX_SYMBOLS_H

#include "checker/record.h"

#include <stdint.h>

struct symbols;

/* A place in the source.  Texts are the symbols', until they are freed. */
struct source_place {
    const char *function; /* NULL if not known */
    const char *path;
    const char *file; /* base name */
    uint32_t line;
    uint32_t column; /* 0 if not known */
};

/* Opens the debug information of everything loaded now; NULL without any. */
struct symbols *symbols_open(void);

/* Ends them.  NULL is allowed. */
void symbols_free(struct symbols *symbols);

/* The innermost place of the *call* that returns to `pc` (the place before
 * it).  False: not known. */
bool symbols_place(struct symbols *symbols, uintptr_t pc,
                   struct source_place *place);

/* A frame, with all that is known of its function. */
struct source_frame {
    struct source_place at; /* the call in it, or what it does */
    uint32_t begins;        /* the line that names the function, in the same
                             * file; 0 if not known */
};

/* Up to `max` frames of inlined and real functions at `pc`, innermost first;
 * returns their number. */
uint32_t symbols_chain(struct symbols *symbols, uintptr_t pc,
                       struct source_frame *frames, uint32_t max);

/* The same as a record tells them. */
uint32_t symbols_frames(struct symbols *symbols, uintptr_t pc,
                        struct fl_frame *frames, uint32_t max);

/* Whether `pc` lies in the harness itself: in the main program. */
bool symbols_is_harness(const struct symbols *symbols, uintptr_t pc);

/* The name of the global variable at `address` ("head", "slots[3]") written to
 * `text`; false: none there. */
bool symbols_variable(struct symbols *symbols, uintptr_t address, char *text,
                      size_t max);

/* Line `line` of the source file at `path`, without its end, or NULL. */
const char *symbols_line(struct symbols *symbols, const char *path,
                         uint32_t line);

/* No type: what is not known. */
#define NO_TYPE UINT32_MAX

/* What an lvalue of the source refers to: a part of an object whose type is
 * known.  Of "h->next" the object is what h points to. */
struct source_object {
    uint32_t type;   /* of the object, for symbols_member(); never NO_TYPE */
    uint64_t offset; /* of the part in it; without what an index adds */
    bool indexed;    /* an index adds to it */
    bool variable;   /* the object is a variable, not what a pointer leads to */
    bool structure;  /* it has members */
};

/*
 * Resolves the lvalue `text` ("s->head", "q->slots[i].seq", "*p") by the types
 * of the variables in scope of the call that returns to `pc`.  False: not an
 * lvalue, or no such variable.
 */
bool symbols_object(struct symbols *symbols, uintptr_t pc, const char *text,
                    struct source_object *object);

/* The size of a type in bytes; 0 if it is not known. */
uint64_t symbols_size(struct symbols *symbols, uint32_t type);

/* A part of an object. */
struct source_member {
    char name[80]; /* "next", "slots[3].seq", "[2].owner"; empty: the object
                    * is a plain number */
    bool pointer;  /* it is one */
};

/*
 * The name of what lies at `offset` of an object of `type`, or of an array of
 * such objects.  False: nothing lies there.
 */
bool symbols_member(struct symbols *symbols, uint32_t type, uint64_t offset,
                    struct source_member *member);

#endif
