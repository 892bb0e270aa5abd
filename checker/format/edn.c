/*
 * Tokens of EDN and JSON.
 *
 * Reader tags (#inst "...") are dropped before the form that they tag, forms
 * after #_ are dropped whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/edn.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKEN_MAX = FL_SOURCE_LINE_MAX
};

const char *fl_edn_text(const struct fl_edn *edn)
{
    return edn->block.data == NULL ? "" : edn->block.data;
}

bool fl_edn_fail(struct fl_edn *edn, const char *format, ...)
{
    char text[160];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    assert(edn->source != NULL);
    return fl_source_fail(edn->source, edn->line, edn->column, "%s", text);
}

bool fl_edn_unexpected(struct fl_edn *edn, enum fl_edn_kind kind,
                       const char *what)
{
    switch (kind) {
    case FL_EDN_END:
        if (edn->source->status != FL_OK) {
            return false;
        }
        edn->source->unended = true; /* this is what a crash leaves */
        return fl_edn_fail(edn, "expected %s, found the end", what);
    case FL_EDN_NIL:
        return fl_edn_fail(edn, "expected %s, found nil", what);
    case FL_EDN_OPEN:
    case FL_EDN_CLOSE:
        return fl_edn_fail(edn, "expected %s, found '%c'", what, edn->bracket);
    case FL_EDN_STRING:
        return fl_edn_fail(edn, "expected %s, found \"%.40s\"", what,
                           fl_edn_text(edn));
    case FL_EDN_BOOL:
    case FL_EDN_INTEGER:
    case FL_EDN_KEYWORD:
    case FL_EDN_SYMBOL:
    case FL_EDN_HEADER:
        break;
    }
    return fl_edn_fail(edn, "expected %s, found %s%.40s", what,
                       kind == FL_EDN_KEYWORD ? ":" : "", fl_edn_text(edn));
}

static bool add_byte(struct fl_edn *edn, int c)
{
    if (edn->size >= TOKEN_MAX) {
        return fl_edn_fail(edn, "a word or text longer than 1 MiB");
    }
    if (!fl_block_reserve(&edn->block, edn->size + 2)) {
        return fl_source_no_memory(edn->source);
    }
    char *text = edn->block.data;
    text[edn->size] = (char)c;
    text[edn->size + 1] = '\0';
    edn->size++;
    return true;
}

static bool is_space(const struct fl_edn *edn, int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' ||
           (c == ':' && edn->json);
}

/* Whether `c` ends a word. */
static bool ends_word(const struct fl_edn *edn, int c)
{
    return c == FL_SOURCE_END || is_space(edn, c) ||
           strchr("()[]{}\";", c) != NULL;
}

/* Takes a comment up to the end of its line; true if it is a header. */
static bool take_comment(struct fl_edn *edn)
{
    static const char mark[] = "faultline {";
    struct fl_source *source = edn->source;
    size_t matched = 0;
    int c = fl_source_peek(source);
    while (c == ';' || c == ' ') {
        (void)fl_source_take(source);
        c = fl_source_peek(source);
    }
    while (mark[matched] != '\0' && c == mark[matched]) {
        matched++;
        edn->column = source->column;
        (void)fl_source_take(source);
        c = fl_source_peek(source);
    }
    bool is_header = mark[matched] == '\0';
    edn->size = 0;
    if (is_header && !add_byte(edn, '{')) {
        return false;
    }
    while (c != '\n' && c != FL_SOURCE_END) {
        (void)fl_source_take(source);
        if (is_header && !add_byte(edn, c)) {
            return false;
        }
        c = fl_source_peek(source);
    }
    return is_header;
}

/* Adds a character by its code. */
static bool add_code(struct fl_edn *edn, uint32_t code)
{
    if (code < 0x80) {
        return add_byte(edn, (int)code);
    }
    assert(code < 0x110000);
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const int marks[] = {0, 0xc0, 0xe0, 0xf0};
    bool added = add_byte(edn, marks[more] | (int)(code >> (6 * more)));
    while (added && more > 0) {
        more--;
        added = add_byte(edn, 0x80 | (int)(code >> (6 * more) & 0x3f));
    }
    return added;
}

/* Takes the four digits of \uABCD. */
static bool take_hex(struct fl_edn *edn, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int c = fl_source_take(edn->source);
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *found = c <= 0 ? NULL : strchr(digits, c);
        if (found == NULL) {
            return fl_edn_fail(edn, "expected four hexadecimal digits");
        }
        *code = *code * 16 + (uint32_t)(found - digits) % 16;
    }
    return true;
}

static bool take_unicode(struct fl_edn *edn)
{
    uint32_t code;
    uint32_t low = 0;
    if (!take_hex(edn, &code)) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00) {
        int slash = fl_source_take(edn->source);
        int letter = slash == '\\' ? fl_source_take(edn->source) : slash;
        bool pair = letter == 'u' && take_hex(edn, &low);
        if (!pair || low < 0xdc00 || low >= 0xe000) {
            return fl_edn_fail(edn, "half a surrogate pair");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code >= 0xd800 && code < 0xe000) {
        return fl_edn_fail(edn, "half a surrogate pair");
    }
    return add_code(edn, code);
}

static bool take_escape(struct fl_edn *edn)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    int c = fl_source_take(edn->source);
    if (c == 'u') {
        return take_unicode(edn);
    }
    const char *found = c <= 0 ? NULL : strchr(from, c);
    if (found == NULL) {
        return fl_edn_fail(edn, "a text has an escape that there is not");
    }
    return add_byte(edn, to[found - from]);
}

/* Takes a text, whose first quote was taken. */
static enum fl_edn_kind take_string(struct fl_edn *edn)
{
    edn->size = 0;
    assert(edn->source->status == FL_OK);
    if (!add_byte(edn, 0)) {
        return FL_EDN_END;
    }
    edn->size = 0;
    for (;;) {
        int c = fl_source_take(edn->source);
        if (c == '"') {
            ((char *)edn->block.data)[edn->size] = '\0';
            return FL_EDN_STRING;
        }
        if (c == FL_SOURCE_END) {
            edn->source->unended = true;
            (void)fl_edn_fail(edn, "text without an end");
            return FL_EDN_END;
        }
        if (!(c == '\\' ? take_escape(edn) : add_byte(edn, c))) {
            return FL_EDN_END;
        }
    }
}

/* Takes a word and says what it is. */
static enum fl_edn_kind take_word(struct fl_edn *edn)
{
    edn->size = 0;
    int c = fl_source_peek(edn->source);
    do {
        if (!add_byte(edn, c)) {
            return FL_EDN_END;
        }
        (void)fl_source_take(edn->source);
        c = fl_source_peek(edn->source);
    } while (!ends_word(edn, c));
    edn->source->unended = c == FL_SOURCE_END && edn->source->at_end;
    char *text = edn->block.data;
    assert(edn->size > 0 && text[edn->size] == '\0');
    if (text[0] == ':' && text[1] != '\0') {
        memmove(text, text + 1, edn->size);
        edn->size--;
        return FL_EDN_KEYWORD;
    }
    edn->number = strcmp(text, "true") == 0;
    if (edn->number != 0 || strcmp(text, "false") == 0) {
        return FL_EDN_BOOL;
    }
    if (strcmp(text, "nil") == 0 || strcmp(text, "null") == 0) {
        return FL_EDN_NIL;
    }
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    size_t count = strspn(digits, "0123456789");
    bool whole =
        count > 0 && (digits[count] == '\0' ||
                      (digits[count] == 'N' && count + 1 == strlen(digits)));
    if (!whole) {
        return FL_EDN_SYMBOL;
    }
    errno = 0;
    edn->number = strtoll(text, NULL, 10);
    if (errno != 0) {
        (void)fl_edn_fail(edn, "number beyond 64 bits");
        return FL_EDN_END;
    }
    return FL_EDN_INTEGER;
}

static char closing_of(char bracket)
{
    assert(strchr("([{", bracket) != NULL);
    if (bracket == '(') {
        return ')';
    }
    return bracket == '[' ? ']' : '}';
}

static enum fl_edn_kind open_bracket(struct fl_edn *edn, char bracket)
{
    if (edn->depth == FL_EDN_DEPTH_MAX) {
        (void)fl_edn_fail(edn, "nested deeper than %d levels",
                          FL_EDN_DEPTH_MAX);
        return FL_EDN_END;
    }
    edn->bracket = bracket;
    edn->closing[edn->depth] = closing_of(bracket);
    edn->depth++;
    return FL_EDN_OPEN;
}

static enum fl_edn_kind close_bracket(struct fl_edn *edn, char bracket)
{
    edn->bracket = bracket;
    assert(edn->depth <= FL_EDN_DEPTH_MAX);
    if (edn->depth == 0) {
        (void)fl_edn_fail(edn, "'%c' closes nothing", bracket);
        return FL_EDN_END;
    }
    char wanted = edn->closing[edn->depth - 1];
    if (wanted != bracket) {
        (void)fl_edn_fail(edn, "expected '%c', found '%c'", wanted, bracket);
        return FL_EDN_END;
    }
    edn->depth--;
    return FL_EDN_CLOSE;
}

/* Takes what follows '#'.  False: it was only a mark, go on. */
static bool take_mark(struct fl_edn *edn, enum fl_edn_kind *kind,
                      uint32_t *drops)
{
    int c = fl_source_peek(edn->source);
    *kind = FL_EDN_END;
    if (c == '{') {
        (void)fl_source_take(edn->source);
        *kind = open_bracket(edn, '{');
        return true;
    }
    if (c == '_') {
        (void)fl_source_take(edn->source);
        (*drops)++;
        return *drops > TOKEN_MAX;
    }
    if (ends_word(edn, c)) {
        (void)fl_edn_unexpected(edn, FL_EDN_END, "a tag after '#'");
        return true;
    }
    return take_word(edn) == FL_EDN_END; /* a tag: what it tags counts */
}

/* The next token, whether it is to be dropped or not. */
static enum fl_edn_kind scan(struct fl_edn *edn, uint32_t *drops)
{
    for (;;) {
        edn->line = edn->source->line;
        edn->column = edn->source->column;
        int c = fl_source_peek(edn->source);
        enum fl_edn_kind kind = FL_EDN_END;
        if (c == FL_SOURCE_END) {
            return kind;
        }
        if (!is_space(edn, c) && strchr("()[]{}\";#", c) == NULL) {
            return take_word(edn);
        }
        (void)fl_source_take(edn->source);
        if (c == ';' && take_comment(edn)) {
            return FL_EDN_HEADER;
        }
        if (c == '#' && take_mark(edn, &kind, drops)) {
            return kind;
        }
        if (c == '"') {
            return take_string(edn);
        }
        if (c == '(' || c == '[' || c == '{') {
            return open_bracket(edn, (char)c);
        }
        if (c == ')' || c == ']' || c == '}') {
            return close_bracket(edn, (char)c);
        }
    }
}

/* Takes tokens until the brackets are those of `depth`. */
static bool skip_to(struct fl_edn *edn, uint32_t depth)
{
    uint32_t drops = 0;
    while (edn->depth > depth) {
        if (scan(edn, &drops) == FL_EDN_END) {
            return fl_edn_unexpected(edn, FL_EDN_END, "a closing bracket");
        }
    }
    return true;
}

enum fl_edn_kind fl_edn_next(struct fl_edn *edn)
{
    uint32_t drops = 0;
    enum fl_edn_kind kind = scan(edn, &drops);
    while (drops > 0 && kind != FL_EDN_END) {
        if (kind == FL_EDN_CLOSE) {
            (void)fl_edn_unexpected(edn, kind, "what #_ drops");
            return FL_EDN_END;
        }
        if (kind == FL_EDN_OPEN && !skip_to(edn, edn->depth - 1)) {
            return FL_EDN_END;
        }
        drops -= kind != FL_EDN_HEADER;
        kind = scan(edn, &drops);
    }
    return edn->source->status == FL_OK ? kind : FL_EDN_END;
}

bool fl_edn_skip(struct fl_edn *edn, enum fl_edn_kind kind)
{
    if (kind == FL_EDN_OPEN) {
        return skip_to(edn, edn->depth - 1);
    }
    return (kind != FL_EDN_END && kind != FL_EDN_CLOSE) ||
           fl_edn_unexpected(edn, kind, "a value");
}
