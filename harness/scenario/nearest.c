/*
 * "Did you mean": the nearest of some words, by edit distance.
 *
 * Distance counts insertions, deletions, exchanges, and swaps of neighbours
 * (optimal string alignment); '-' and '_' are the same, as are cases.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum {
    WORD_MAX = 48 /* longer ones are never near to anything */
};

/* `-` and `_`, large and small letters are taken for one another. */
static int fold_letter(char c)
{
    return c == '-' ? '_' : tolower((unsigned char)c);
}

static bool same_letter(char a, char b)
{
    return fold_letter(a) == fold_letter(b);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t measure_distance(const char *a, size_t a_size, const char *b,
                                 size_t b_size)
{
    assert(a_size <= WORD_MAX);
    assert(b_size <= WORD_MAX);
    uint32_t rows[3][WORD_MAX + 1]; /* two before, one before, this one */
    for (uint32_t j = 0; j <= b_size; j++) {
        rows[0][j] = j;
        rows[1][j] = j;
    }
    for (uint32_t i = 1; i <= a_size; i++) {
        uint32_t *row = rows[2];
        row[0] = i;
        for (uint32_t j = 1; j <= b_size; j++) {
            bool same = same_letter(a[i - 1], b[j - 1]);
            row[j] = least(rows[1][j - 1] + (same ? 0 : 1),
                           least(rows[1][j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1])) {
                row[j] = least(row[j], rows[0][j - 2] + 1);
            }
        }
        memcpy(rows[0], rows[1], sizeof(rows[0]));
        memcpy(rows[1], rows[2], sizeof(rows[1]));
    }
    return rows[1][b_size];
}

/* Whether one begins with the other, and that part is telling. */
static bool is_start(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t size = a_size < b_size ? a_size : b_size;
    return size >= 4 && strncmp(a, b, size) == 0;
}

const char *scenario_nearest(const char *word, const char *const *words)
{
    size_t size = strlen(word);
    if (size == 0 || size > WORD_MAX) {
        return NULL;
    }
    const char *nearest = NULL;
    uint32_t bound = size < 3 ? 1 : (uint32_t)(size + 2) / 3;
    uint32_t best = bound + 1;
    for (uint32_t i = 0; words[i] != NULL; i++) {
        size_t other = strlen(words[i]);
        if (other == 0 || other > WORD_MAX) {
            continue;
        }
        uint32_t distance = measure_distance(word, size, words[i], other);
        if (distance > bound && is_start(word, size, words[i], other)) {
            distance = bound;
        }
        if (distance < best && distance < size) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}
