/*
 * Where in a JSON text a value stands: a scan that skips what is beside the
 * path.
 *
 * The text has been parsed by jansson before, so it is well-formed; the bounds
 * are kept all the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace_place.h"

#include <assert.h>
#include <string.h>

struct scan {
    const char *text;
    size_t size;
    size_t at;
};

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->size &&
           strchr(" \t\r\n", scan->text[scan->at]) != NULL) {
        scan->at++;
    }
}

static char peek(const struct scan *scan)
{
    if (scan->at >= scan->size) {
        return '\0';
    }
    return scan->text[scan->at];
}

static void skip_string(struct scan *scan)
{
    scan->at++;
    while (scan->at < scan->size && scan->text[scan->at] != '"') {
        scan->at += scan->text[scan->at] == '\\' ? 2 : 1;
    }
    scan->at++;
}

/* Past a number or a word; past one character of what is neither. */
static void skip_word(struct scan *scan)
{
    size_t start = scan->at;
    while (scan->at < scan->size &&
           strchr(" \t\r\n,:{}[]\"", scan->text[scan->at]) == NULL) {
        scan->at++;
    }
    if (scan->at == start) {
        scan->at++;
    }
}

/* Past one value: a string, a number or word, or all up to its bracket. */
static void skip_value(struct scan *scan)
{
    uint32_t depth = 0;
    do {
        skip_blanks(scan);
        char c = peek(scan);
        if (c == '\0') {
            return;
        }
        if (c == '"') {
            skip_string(scan);
        } else if (c == '{' || c == '[') {
            depth++;
            scan->at++;
        } else if (c == '}' || c == ']') {
            depth = depth > 0 ? depth - 1 : 0;
            scan->at++;
        } else if (c == ',' || c == ':') {
            scan->at++;
        } else {
            skip_word(scan);
        }
    } while (depth > 0 && scan->at < scan->size);
}

/* Whether the string that begins here is `key`, which has no escapes. */
static bool is_key(const struct scan *scan, const char *key)
{
    assert(peek(scan) == '"');
    size_t size = strlen(key);
    return scan->size - scan->at > size + 1 &&
           memcmp(scan->text + scan->at + 1, key, size) == 0 &&
           scan->text[scan->at + 1 + size] == '"';
}

/* From the start of an object or array to the value that `step` leads to;
 * false, and nothing moved, if there is none. */
static bool step_down(struct scan *scan, const struct json_step *step)
{
    assert(scan->at <= scan->size);
    size_t start = scan->at;
    char open = step->key != NULL ? '{' : '[';
    if (peek(scan) != open) {
        return false;
    }
    scan->at++;
    for (size_t i = 0; scan->at < scan->size; i++) {
        skip_blanks(scan);
        if (peek(scan) == '}' || peek(scan) == ']') {
            break;
        }
        bool found =
            step->key == NULL ? i == step->index : is_key(scan, step->key);
        if (step->key != NULL) {
            skip_value(scan); /* the key */
            skip_blanks(scan);
            scan->at++; /* the colon */
            skip_blanks(scan);
        }
        if (found) {
            return true;
        }
        skip_value(scan);
        skip_blanks(scan);
        if (peek(scan) == ',') {
            scan->at++;
        }
    }
    scan->at = start;
    return false;
}

struct place json_place(const char *text, size_t size,
                        const struct json_path *path)
{
    assert(path->depth <= JSON_PATH_MAX);
    struct scan scan = {text, size, 0};
    skip_blanks(&scan);
    for (uint32_t i = 0; i < path->depth; i++) {
        if (!step_down(&scan, &path->steps[i])) {
            break;
        }
    }
    struct place place = {1, 1};
    for (size_t i = 0; i < scan.at && i < size; i++) {
        place.column++;
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}
