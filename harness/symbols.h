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

/* Up to `max` frames of inlined and real functions at `pc`, innermost first;
 * returns their number. */
uint32_t symbols_frames(struct symbols *symbols, uintptr_t pc,
                        struct fl_frame *frames, uint32_t max);

/* The name of the global variable at `address` ("head", "slots[3]") written to
 * `text`; false: none there. */
bool symbols_variable(struct symbols *symbols, uintptr_t address, char *text,
                      size_t max);

/* Line `line` of the source file at `path`, without its end, or NULL. */
const char *symbols_line(struct symbols *symbols, const char *path,
                         uint32_t line);

#endif
