/*
 * A phrase: text for people, built in a bounded buffer.
 *
 * What does not fit is cut between characters, never within one, and the end
 * shows it ("...").  Bytes that are not UTF-8 become '?', control characters
 * become spaces, so that whatever a user's names contain, a phrase can stand
 * in a report, a drawing or a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PHRASE_H
#define FL_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_phrase {
    char *text; /* borrowed; always ends with 0 */
    size_t max; /* bytes of the buffer */
    size_t size;
    bool cut; /* something did not fit */
};

/* Begins an empty phrase in a buffer of `max` bytes, at least 8. */
void fl_phrase_init(struct fl_phrase *phrase, char *text, size_t max);

/* Adds a text as it may come from a user; NULL adds nothing. */
void fl_phrase_add(struct fl_phrase *phrase, const char *text);

/* Adds by a format; the result is treated as a user's text. */
void fl_phrase_print(struct fl_phrase *phrase, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The bytes of the character at `text` (not its end), and in `*valid` whether
 * they are UTF-8.  An invalid sequence is one byte long.
 */
size_t fl_character_size(const char *text, bool *valid);

/* How many columns `text` takes in a terminal, a column for a character. */
size_t fl_text_columns(const char *text);

#endif
