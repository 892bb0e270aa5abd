/*
 * The pool of texts: bytes in one block, and a table from hash to number.
 *
 *     bytes   | p u t \0 | x 0 1 \0 | ...
 *     starts    0          4          8      one more than there are texts
 *     slots   hash -> number + 1, open addressing, at most half full
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/strings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_FIRST = 64
};

struct fl_strings {
    uint32_t holders;
    uint32_t count;
    uint32_t slots_count; /* a power of two */
    size_t bytes_size;
    size_t bytes_max;
    char *bytes;
    size_t *starts;
    uint32_t *slots;
};

static uint32_t hash_text(const char *text, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    }
    return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t find_slot(const struct fl_strings *s, const char *text,
                          size_t size)
{
    uint32_t mask = s->slots_count - 1;
    uint32_t at = hash_text(text, size) & mask;
    while (s->slots[at] != 0) {
        size_t start = s->starts[s->slots[at] - 1];
        size_t end = s->starts[s->slots[at]] - 1;
        if (end - start == size && memcmp(s->bytes + start, text, size) == 0) {
            break;
        }
        at = (at + 1) & mask;
    }
    return at;
}

static bool grow_bytes(struct fl_strings *s, size_t wanted)
{
    if (wanted <= s->bytes_max) {
        return true;
    }
    size_t max = s->bytes_max * 2 > wanted ? s->bytes_max * 2 : wanted;
    char *bytes = realloc(s->bytes, max);
    if (bytes == NULL) {
        return false;
    }
    s->bytes = bytes;
    s->bytes_max = max;
    return true;
}

/* Doubles the table; there are never more texts than half its slots. */
static bool grow_slots(struct fl_strings *s)
{
    if (s->count + 1 <= s->slots_count / 2) {
        return true;
    }
    uint32_t slots_count = s->slots_count * 2;
    if (slots_count == 0) {
        return false; /* 2^31 texts */
    }
    size_t *starts =
        realloc(s->starts, (slots_count / 2 + 1) * sizeof(*starts));
    if (starts == NULL) {
        return false;
    }
    s->starts = starts;
    uint32_t *slots = calloc(slots_count, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    free(s->slots);
    s->slots = slots;
    s->slots_count = slots_count;
    for (uint32_t i = 0; i < s->count; i++) {
        size_t size = s->starts[i + 1] - 1 - s->starts[i];
        s->slots[find_slot(s, s->bytes + s->starts[i], size)] = i + 1;
    }
    return true;
}

struct fl_strings *fl_strings_new(void)
{
    struct fl_strings *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return NULL;
    }
    s->holders = 1;
    s->slots_count = SLOTS_FIRST;
    s->slots = calloc(SLOTS_FIRST, sizeof(*s->slots));
    s->starts = calloc(SLOTS_FIRST / 2 + 1, sizeof(*s->starts));
    if (s->slots == NULL || s->starts == NULL) {
        fl_strings_release(s);
        return NULL;
    }
    return s;
}

struct fl_strings *fl_strings_hold(struct fl_strings *strings)
{
    if (strings != NULL) {
        assert(strings->holders > 0);
        strings->holders++;
    }
    return strings;
}

void fl_strings_release(struct fl_strings *strings)
{
    if (strings == NULL) {
        return;
    }
    assert(strings->holders > 0);
    strings->holders--;
    if (strings->holders == 0) {
        free(strings->bytes);
        free(strings->starts);
        free(strings->slots);
        free(strings);
    }
}

fl_value fl_strings_add(struct fl_strings *strings, const char *text,
                        size_t size)
{
    assert(strings != NULL);
    uint32_t at = find_slot(strings, text, size);
    if (strings->slots[at] != 0) {
        return strings->slots[at] - 1;
    }
    if (!grow_slots(strings) ||
        !grow_bytes(strings, strings->bytes_size + size + 1)) {
        return -1;
    }
    if (size > 0) {
        memcpy(strings->bytes + strings->bytes_size, text, size);
    }
    strings->bytes[strings->bytes_size + size] = '\0';
    at = find_slot(strings, text, size); /* the table may have grown */
    assert(strings->slots[at] == 0);
    strings->bytes_size += size + 1;
    strings->count++;
    strings->starts[strings->count] = strings->bytes_size;
    strings->slots[at] = strings->count;
    return strings->count - 1;
}

const char *fl_strings_text(const struct fl_strings *strings, fl_value number,
                            size_t *size)
{
    assert(number >= 0);
    assert(number < (fl_value)strings->count);
    size_t start = strings->starts[number];
    *size = strings->starts[number + 1] - 1 - start;
    return strings->bytes + start;
}

uint32_t fl_strings_count(const struct fl_strings *strings)
{
    return strings->count;
}
