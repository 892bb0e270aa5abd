/*
 * The scanner.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    DEPTH_MAX = 16
};

bool fl_json_fail(struct fl_json *json, const char *at, const char *format, ...)
{
    assert(at >= json->start);
    json->error->line = json->line;
    json->error->column = (uint32_t)(at - json->start) + 1;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(json->error->text, sizeof(json->error->text), format, list);
    va_end(list);
    return false;
}

/* The next byte, or 0 at the end of the line. */
static char next_byte(const struct fl_json *json)
{
    if (json->at == json->end) {
        return '\0';
    }
    return *json->at;
}

static bool fail_memory(struct fl_json *json)
{
    json->no_memory = true;
    return fl_json_fail(json, json->at, "no memory");
}

static void skip_space(struct fl_json *json)
{
    while (json->at < json->end &&
           (*json->at == ' ' || *json->at == '\t' || *json->at == '\r')) {
        json->at++;
    }
}

bool fl_json_unexpected(struct fl_json *json, const char *what)
{
    skip_space(json);
    if (json->at == json->end) {
        return fl_json_fail(json, json->at,
                            "expected %s, found the end of the line", what);
    }
    unsigned char c = (unsigned char)*json->at;
    if (c <= ' ' || c >= 127) {
        return fl_json_fail(json, json->at, "expected %s, found byte 0x%02x",
                            what, c);
    }
    return fl_json_fail(json, json->at, "expected %s, found '%c'", what, c);
}

enum fl_json_kind fl_json_peek(struct fl_json *json)
{
    skip_space(json);
    char c = next_byte(json);
    switch (c) {
    case 'n':
        return FL_JSON_NULL;
    case 't':
    case 'f':
        return FL_JSON_BOOL;
    case '"':
        return FL_JSON_STRING;
    case '[':
        return FL_JSON_ARRAY;
    case '{':
        return FL_JSON_OBJECT;
    default:
        return c == '-' || (c >= '0' && c <= '9') ? FL_JSON_NUMBER
                                                  : FL_JSON_NOTHING;
    }
}

bool fl_json_accept(struct fl_json *json, char c)
{
    skip_space(json);
    if (json->at < json->end && *json->at == c) {
        json->at++;
        return true;
    }
    return false;
}

bool fl_json_expect(struct fl_json *json, char c)
{
    if (fl_json_accept(json, c)) {
        return true;
    }
    char what[] = "'?'";
    what[1] = c;
    return fl_json_unexpected(json, what);
}

bool fl_json_end(struct fl_json *json)
{
    skip_space(json);
    return json->at == json->end ||
           fl_json_unexpected(json, "the end of the line");
}

static bool accept_word(struct fl_json *json, const char *word)
{
    size_t size = strlen(word);
    skip_space(json);
    if ((size_t)(json->end - json->at) < size ||
        memcmp(json->at, word, size) != 0) {
        return false;
    }
    json->at += size;
    return true;
}

bool fl_json_null(struct fl_json *json)
{
    return accept_word(json, "null") || fl_json_unexpected(json, "null");
}

bool fl_json_bool(struct fl_json *json, bool *value)
{
    *value = accept_word(json, "true");
    return *value || accept_word(json, "false") ||
           fl_json_unexpected(json, "true or false");
}

static bool is_digit(const struct fl_json *json)
{
    return json->at < json->end && *json->at >= '0' && *json->at <= '9';
}

bool fl_json_integer(struct fl_json *json, int64_t *value)
{
    skip_space(json);
    const char *begin = json->at;
    assert(json->at <= json->end);
    bool is_negative = fl_json_accept(json, '-');
    if (!is_digit(json)) {
        json->at = begin;
        return fl_json_unexpected(json, "a whole number");
    }
    const char *digits = json->at;
    uint64_t size = 0;
    uint64_t size_max = (uint64_t)INT64_MAX + is_negative;
    while (is_digit(json)) {
        uint64_t digit = (uint64_t)(*json->at - '0');
        if (size > (size_max - digit) / 10) {
            return fl_json_fail(json, begin, "number beyond 64 bits");
        }
        size = size * 10 + digit;
        json->at++;
    }
    if (*digits == '0' && json->at - digits > 1) {
        return fl_json_fail(json, begin, "number with a leading zero");
    }
    if (json->at < json->end &&
        (*json->at == '.' || *json->at == 'e' || *json->at == 'E')) {
        return fl_json_fail(json, begin,
                            "expected a whole number, found a fraction");
    }
    *value = is_negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

static bool add_byte(struct fl_json *json, unsigned char byte)
{
    if (!fl_block_reserve(json->text, json->text_size + 2)) {
        return fail_memory(json);
    }
    char *text = json->text->data;
    text[json->text_size] = (char)byte;
    text[json->text_size + 1] = '\0';
    json->text_size++;
    return true;
}

static bool add_code(struct fl_json *json, uint32_t code)
{
    if (code < 0x80) {
        return add_byte(json, (unsigned char)code);
    }
    assert(code < 0x110000);
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char marks[] = {0, 0xc0, 0xe0, 0xf0};
    bool added =
        add_byte(json, (unsigned char)(marks[more] | code >> (6 * more)));
    while (added && more > 0) {
        more--;
        added =
            add_byte(json, (unsigned char)(0x80 | (code >> (6 * more) & 0x3f)));
    }
    return added;
}

/* Takes the four digits of a \u escape. */
static bool take_hex(struct fl_json *json, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        char c = next_byte(json);
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A') + 10;
        } else {
            return fl_json_unexpected(json, "four hexadecimal digits");
        }
        *code = *code * 16 + digit;
        json->at++;
    }
    return true;
}

/* A \u escape, or two that make one character outside the basic plane. */
static bool take_unicode(struct fl_json *json)
{
    const char *begin = json->at;
    assert(json->at <= json->end);
    uint32_t code;
    if (!take_hex(json, &code)) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00 && accept_word(json, "\\u")) {
        uint32_t low;
        if (!take_hex(json, &low)) {
            return false;
        }
        if (low < 0xdc00 || low >= 0xe000) {
            return fl_json_fail(json, begin, "half a surrogate pair");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code >= 0xd800 && code < 0xe000) {
        return fl_json_fail(json, begin, "half a surrogate pair");
    }
    return add_code(json, code);
}

static bool take_escape(struct fl_json *json)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = next_byte(json);
    if (c == 'u') {
        json->at++;
        return take_unicode(json);
    }
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL) {
        return fl_json_unexpected(json, "an escape (\\n, \\u0041, ...)");
    }
    json->at++;
    return add_byte(json, (unsigned char)to[found - from]);
}

bool fl_json_string(struct fl_json *json)
{
    json->text_size = 0;
    assert(json->text != NULL);
    if (!fl_block_reserve(json->text, 1)) {
        return fail_memory(json);
    }
    ((char *)json->text->data)[0] = '\0';
    if (!fl_json_accept(json, '"')) {
        return fl_json_unexpected(json, "a string");
    }
    const char *begin = json->at - 1;
    json->text_at = begin;
    while (json->at < json->end && *json->at != '"') {
        unsigned char c = (unsigned char)*json->at;
        if (c < ' ') {
            return fl_json_fail(json, json->at,
                                "byte 0x%02x in a string must be escaped", c);
        }
        json->at++;
        if (!(c == '\\' ? take_escape(json) : add_byte(json, c))) {
            return false;
        }
    }
    if (json->at == json->end) {
        return fl_json_fail(json, begin, "string without an end");
    }
    json->at++;
    return true;
}

bool fl_json_member(struct fl_json *json, bool first, bool *more)
{
    *more = !fl_json_accept(json, '}');
    if (!*more) {
        return true;
    }
    if (!first && !fl_json_accept(json, ',')) {
        return fl_json_unexpected(json, "',' or '}'");
    }
    return fl_json_string(json) && fl_json_expect(json, ':');
}

/* Takes a value that is not an array or an object. */
static bool skip_scalar(struct fl_json *json)
{
    bool truth;
    int64_t number;
    switch (fl_json_peek(json)) {
    case FL_JSON_NULL:
        return fl_json_null(json);
    case FL_JSON_BOOL:
        return fl_json_bool(json, &truth);
    case FL_JSON_NUMBER:
        return fl_json_integer(json, &number);
    case FL_JSON_STRING:
        return fl_json_string(json);
    case FL_JSON_ARRAY:
    case FL_JSON_OBJECT:
    case FL_JSON_NOTHING:
        break;
    }
    return fl_json_unexpected(json, "a value");
}

/* Takes what leads to the next value inside the open brackets: closing ones,
 * a comma, a member's name.  `*depth` is 0 when all are closed. */
static bool skip_between(struct fl_json *json, const char *closing,
                         uint32_t *depth)
{
    while (*depth > 0 && fl_json_accept(json, closing[*depth - 1])) {
        (*depth)--;
    }
    if (*depth == 0) {
        return true;
    }
    if (!fl_json_expect(json, ',')) {
        return false;
    }
    return closing[*depth - 1] == ']' ||
           (fl_json_string(json) && fl_json_expect(json, ':'));
}

/* Takes an opening bracket and what leads to the first value behind it. */
static bool skip_open(struct fl_json *json, char *closing, uint32_t *depth)
{
    bool is_object = fl_json_peek(json) == FL_JSON_OBJECT;
    if (*depth == DEPTH_MAX) {
        return fl_json_fail(json, json->at, "nested deeper than %d levels",
                            DEPTH_MAX);
    }
    assert(json->at < json->end);
    json->at++;
    closing[*depth] = is_object ? '}' : ']';
    (*depth)++;
    if (fl_json_accept(json, closing[*depth - 1])) {
        (*depth)--;
        return skip_between(json, closing, depth);
    }
    return !is_object || (fl_json_string(json) && fl_json_expect(json, ':'));
}

bool fl_json_skip(struct fl_json *json)
{
    char closing[DEPTH_MAX];
    uint32_t depth = 0;
    bool taken = true;
    do {
        enum fl_json_kind kind = fl_json_peek(json);
        if (kind == FL_JSON_ARRAY || kind == FL_JSON_OBJECT) {
            taken = skip_open(json, closing, &depth);
        } else {
            taken = skip_scalar(json) && skip_between(json, closing, &depth);
        }
    } while (taken && depth > 0);
    return taken;
}
