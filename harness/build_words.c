/*
 * Words of commands and rules.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/build_words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void words_add(struct words *words, const char *word)
{
    assert(word != NULL);
    if (words->count + 1 >= WORDS_MAX) {
        words->full = true;
        return;
    }
    words->word[words->count++] = word;
    words->word[words->count] = NULL;
}

void words_add_list(struct words *words, const char *const *list)
{
    for (uint32_t i = 0; list[i] != NULL; i++) {
        words_add(words, list[i]);
    }
}

void words_add_names(struct words *words, const struct names *names)
{
    assert(names->count <= NAMES_MAX);
    for (uint32_t i = 0; i < names->count; i++) {
        words_add(words, names->name[i]);
    }
}

void words_add_pairs(struct words *words, const char *option,
                     const struct names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        size_t room = sizeof(words->pairs) - words->used;
        char *at = words->pairs + words->used;
        int size = snprintf(at, room, "%s%s", option, names->name[i]);
        if (size < 0 || (size_t)size >= room) {
            words->full = true;
            return;
        }
        words_add(words, at);
        words->used += (uint32_t)size + 1;
    }
}

/* One byte of a rule: -1 at a gap or at the end. */
static int read_byte(FILE *file, bool *ended)
{
    int byte = getc(file);
    *ended = byte == EOF;
    if (byte == '\\') {
        int next = getc(file);
        if (next == ' ' || next == '#' || next == '\\') {
            return next;
        }
        if (next != '\n') {
            (void)ungetc(next, file);
            return byte;
        }
        return -1; /* the line goes on */
    }
    if (byte == '$') {
        int next = getc(file);
        if (next != '$') {
            (void)ungetc(next, file);
        }
        return byte;
    }
    return byte == EOF || byte == ' ' || byte == '\n' || byte == '\t' ? -1
                                                                      : byte;
}

bool words_next(FILE *file, char *word, size_t max)
{
    assert(file != NULL && max > 1);
    size_t size = 0;
    bool ended = false;
    while (!ended) {
        int byte = read_byte(file, &ended);
        if (byte < 0) {
            if (size > 0) {
                break;
            }
            continue;
        }
        if (size + 1 < max) {
            word[size++] = (char)byte;
        }
    }
    word[size] = '\0';
    return size > 0;
}
