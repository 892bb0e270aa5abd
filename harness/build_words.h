/*
 * Words of a command, and words of a rule that a compiler writes for make.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_BUILD_WORDS_H
#define HX_BUILD_WORDS_H

#include "harness/scenario.h"

enum {
    WORDS_MAX = 160 /* of a command, with the NULL */
};

/* A command under construction.  Words are borrowed, but for the pairs. */
struct words {
    const char *word[WORDS_MAX]; /* NULL-ended */
    uint32_t count;
    bool full;        /* some word did not fit */
    char pairs[8192]; /* text of words made of two */
    uint32_t used;
};

/* One more word, which must outlive the command. */
void words_add(struct words *words, const char *word);

/* A NULL-ended list of words. */
void words_add_list(struct words *words, const char *const *list);

/* The words of `names`. */
void words_add_names(struct words *words, const struct names *names);

/* "-DNAME" for each of `names`, with "-D" as `option`. */
void words_add_pairs(struct words *words, const char *option,
                     const struct names *names);

/* The next word of a rule of make ("0.o:", "a b.h"), with its backslashes
 * taken away; false at the end of the file. */
bool words_next(FILE *file, char *word, size_t max);

#endif
