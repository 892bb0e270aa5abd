/*
 * A phrase: text for people, built in a bounded buffer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PRINT_MAX = 512 /* bytes of one formatted addition */
};

static const char ellipsis[] = "...";

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* How long a character is that begins with `byte`; 0: none begins so. */
static size_t size_by_first(unsigned char byte)
{
    if (byte < 0x80) {
        return 1;
    }
    if (byte >= 0xc2 && byte < 0xe0) {
        return 2;
    }
    if (byte >= 0xe0 && byte < 0xf0) {
        return 3;
    }
    return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

/* Overlong forms, surrogates and numbers above U+10FFFF differ from good ones
 * in the second byte alone. */
static bool second_is_allowed(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0;
    case 0xed:
        return second < 0xa0;
    case 0xf0:
        return second >= 0x90;
    case 0xf4:
        return second < 0x90;
    default:
        return true;
    }
}

size_t fl_character_size(const char *text, bool *valid)
{
    assert(text != NULL && valid != NULL);
    unsigned char first = (unsigned char)text[0];
    size_t size = size_by_first(first);

    *valid = size != 0;
    for (size_t i = 1; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (!is_continuation(byte) ||
            (i == 1 && !second_is_allowed(first, byte))) {
            *valid = false;
            break;
        }
    }
    return *valid ? size : 1;
}

size_t fl_text_columns(const char *text)
{
    assert(text != NULL);
    size_t columns = 0;
    bool valid = true;
    for (size_t at = 0; text[at] != '\0'; columns++) {
        at += fl_character_size(text + at, &valid);
    }
    return columns;
}

void fl_phrase_init(struct fl_phrase *phrase, char *text, size_t max)
{
    assert(text != NULL);
    assert(max >= 8);
    *phrase = (struct fl_phrase){.text = text, .max = max};
    text[0] = '\0';
}

/* Takes characters off the end until the ellipsis fits. */
static void cut_phrase(struct fl_phrase *phrase)
{
    size_t room = phrase->max - sizeof(ellipsis);
    if (phrase->size > room) {
        phrase->size = room;
        while (phrase->size > 0 &&
               is_continuation((unsigned char)phrase->text[phrase->size])) {
            phrase->size--;
        }
    }
    memcpy(phrase->text + phrase->size, ellipsis, sizeof(ellipsis));
    phrase->size += sizeof(ellipsis) - 1;
    phrase->cut = true;
}

void fl_phrase_add(struct fl_phrase *phrase, const char *text)
{
    assert(phrase->size < phrase->max);
    if (text == NULL || phrase->cut) {
        return;
    }
    for (size_t at = 0; text[at] != '\0';) {
        bool valid = true;
        size_t size = fl_character_size(text + at, &valid);
        unsigned char first = (unsigned char)text[at];
        if (phrase->size + size >= phrase->max) {
            cut_phrase(phrase);
            return;
        }
        memcpy(phrase->text + phrase->size, text + at, size);
        if (!valid) {
            phrase->text[phrase->size] = '?';
        } else if (first < 0x20 || first == 0x7f) {
            phrase->text[phrase->size] = ' ';
        }
        phrase->size += size;
        phrase->text[phrase->size] = '\0';
        at += size;
    }
}

void fl_phrase_print(struct fl_phrase *phrase, const char *format, ...)
{
    assert(format != NULL);
    char text[PRINT_MAX];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert(size >= 0);
    fl_phrase_add(phrase, text);
    if ((size_t)size >= sizeof(text) && !phrase->cut) {
        cut_phrase(phrase);
    }
}
