/*
 * Errors in a scenario file, for the person who wrote it.
 *
 * All errors of a file are collected, whatever order they are found in, and
 * printed in the order of the file, each with its line and a caret:
 *
 *     a.yaml:5:20: error: 'lognormul' is no distribution; did you mean
 *     'lognormal'?
 *         latency: { dist: lognormul }
 *                          ^~~~~~~~~
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_COMPLAIN_H
#define HX_SCENARIO_COMPLAIN_H

#include "harness/arena.h"
#include "harness/scenario.h"

#include <stdarg.h>

struct complaint {
    struct place place; /* line 0: the file as a whole */
    const char *text;
};

/* The errors of one file so far. */
struct complaints {
    struct arena *arena; /* borrowed: where their texts live */
    const char *path;    /* borrowed, as the text */
    const char *text;
    size_t size;
    struct complaint *list; /* owned */
    uint32_t count;
    uint32_t max;
};

/* Adds an error at `place`.  Beyond a few hundred they are only counted. */
void complain(struct complaints *complaints, struct place place,
              const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same, with the parts of `format` in `args`. */
void complain_list(struct complaints *complaints, struct place place,
                   const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Prints all errors in the order of the file, at most the first 50, and what
 * to type next. */
void complaints_print(struct complaints *complaints, FILE *errors);

/* Frees the list. */
void complaints_release(struct complaints *complaints);

/* Prints line `place.line` of `text` and a caret under its column; of a long
 * line, only the part around it. */
void excerpt_print(const char *text, size_t size, struct place place,
                   FILE *out);

/* "; did you mean 'x'?", or "" if no word of `words` is near, into `out` (of
 * `max` bytes), which is returned. */
const char *complain_nearest(const char *word, const char *const *words,
                             char *out, size_t max);

/* The words of `words` with commas between, cut at `max`, into `out`. */
const char *complain_words(const char *const *words, char *out, size_t max);

#endif
