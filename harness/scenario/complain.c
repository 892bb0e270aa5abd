/*
 * Errors in a scenario file: collecting and printing them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/complain.h"

#include "harness/need.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_MAX = 400,
    SHOWN_MAX = 50,
    TEXT_MAX = 400,
    WINDOW = 100, /* bytes of a line that are shown */
    CARET_MAX = 60,
};

/* A line of a text, without its end. */
struct line {
    const char *start;
    size_t size;
};

static struct line find_line(const char *text, size_t size, uint32_t number)
{
    const char *at = text;
    const char *end = text + size;
    for (uint32_t i = 1; i < number && at < end; i++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed == NULL ? end : feed + 1;
    }
    const char *feed = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    size_t length = (size_t)((feed == NULL ? end : feed) - at);
    if (length > 0 && at[length - 1] == '\r') {
        length--;
    }
    return (struct line){at, length};
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* How many bytes from `at` on belong to the word that stands there. */
static size_t measure_word(struct line line, size_t at)
{
    if (at >= line.size) {
        return 1;
    }
    char quote = line.start[at];
    if (quote == '"' || quote == '\'') {
        const char *close =
            memchr(line.start + at + 1, quote, line.size - at - 1);
        return close == NULL ? 1 : (size_t)(close - line.start) - at + 1;
    }
    size_t end = at;
    while (end < line.size && strchr(" \t,:{}[]#", line.start[end]) == NULL) {
        end++;
    }
    return end > at ? end - at : 1;
}

static char printable(char c)
{
    unsigned char byte = (unsigned char)c;
    if (byte < 0x20 || byte == 0x7f) {
        return ' ';
    }
    return c;
}

/* One `sign` for each character from `from` to `to`. */
static void put_signs(struct line line, size_t from, size_t to, char sign,
                      FILE *out)
{
    for (size_t i = from; i < to; i++) {
        if (!is_continuation(line.start[i])) {
            fputc(sign, out);
        }
    }
}

void excerpt_print(const char *text, size_t size, struct place place, FILE *out)
{
    assert(place.line > 0);
    assert(place.column > 0);
    struct line line = find_line(text, size, place.line);
    size_t at = place.column - 1 < line.size ? place.column - 1 : line.size;
    size_t from = at > WINDOW / 2 && line.size > WINDOW ? at - WINDOW / 2 : 0;
    size_t to = line.size - from > WINDOW ? from + WINDOW : line.size;
    while (from < at && is_continuation(line.start[from])) {
        from++;
    }
    while (to > at && to < line.size && is_continuation(line.start[to])) {
        to--;
    }
    fprintf(out, "    %s", from > 0 ? "..." : "");
    for (size_t i = from; i < to; i++) {
        fputc(printable(line.start[i]), out);
    }
    fprintf(out, "%s\n    %s", to < line.size ? "..." : "",
            from > 0 ? "   " : "");
    put_signs(line, from, at, ' ', out);
    size_t word = measure_word(line, at);
    word = word > CARET_MAX ? CARET_MAX : word;
    fputc('^', out);
    put_signs(line, at + 1, at + word < to ? at + word : to, '~', out);
    fputc('\n', out);
}

/* Formats a message that quotes the file: one line, no control characters, no
 * half character at its end. */
__attribute__((format(printf, 2, 0))) static void
format_line(char text[TEXT_MAX], const char *format, va_list args)
{
    int size = vsnprintf(text, TEXT_MAX, format, args);
    assert(size >= 0);
    if (size >= TEXT_MAX) {
        size_t end = TEXT_MAX - 1;
        while (end > 0 && is_continuation(text[end - 1])) {
            end--;
        }
        text[end > 0 ? end - 1 : 0] = '\0';
    }
    for (char *c = text; *c != '\0'; c++) {
        *c = printable(*c);
    }
}

void complain_list(struct complaints *complaints, struct place place,
                   const char *format, va_list args)
{
    if (complaints->count >= KEPT_MAX) {
        complaints->count++;
        return;
    }
    if (complaints->list == NULL) {
        complaints->list =
            need(calloc(KEPT_MAX, sizeof(*complaints->list)), "errors");
        complaints->max = KEPT_MAX;
    }
    char text[TEXT_MAX];
    format_line(text, format, args);
    struct complaint *last = &complaints->list[complaints->count++];
    last->place = place;
    last->text = arena_text(complaints->arena, text, strlen(text));
}

void complain(struct complaints *complaints, struct place place,
              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    complain_list(complaints, place, format, args);
    va_end(args);
}

/* By place; insertion, since they are few and mostly in order. */
static void sort_complaints(struct complaints *complaints, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct complaint one = complaints->list[i];
        uint32_t j = i;
        for (; j > 0; j--) {
            struct place before = complaints->list[j - 1].place;
            bool after = before.line > one.place.line ||
                         (before.line == one.place.line &&
                          before.column > one.place.column);
            if (!after) {
                break;
            }
            complaints->list[j] = complaints->list[j - 1];
        }
        complaints->list[j] = one;
    }
}

void complaints_print(struct complaints *complaints, FILE *errors)
{
    assert(complaints->count > 0);
    uint32_t kept = complaints->count < KEPT_MAX ? complaints->count : KEPT_MAX;
    sort_complaints(complaints, kept);
    for (uint32_t i = 0; i < kept && i < SHOWN_MAX; i++) {
        const struct complaint *one = &complaints->list[i];
        if (one->place.line == 0) {
            fprintf(errors, "%s: error: %s\n", complaints->path, one->text);
            continue;
        }
        fprintf(errors, "%s:%u:%u: error: %s\n", complaints->path,
                one->place.line, one->place.column, one->text);
        excerpt_print(complaints->text, complaints->size, one->place, errors);
    }
    if (complaints->count > SHOWN_MAX) {
        fprintf(errors, "and %u more errors\n", complaints->count - SHOWN_MAX);
    }
    fprintf(errors,
            "%s: %u error%s; `faultline list --schema` prints what may be "
            "written, docs/scenarios.md explains it\n",
            complaints->path, complaints->count,
            complaints->count == 1 ? "" : "s");
}

void complaints_release(struct complaints *complaints)
{
    free(complaints->list);
    complaints->list = NULL;
    complaints->count = 0;
}

const char *complain_nearest(const char *word, const char *const *words,
                             char *out, size_t max)
{
    const char *near = scenario_nearest(word, words);
    out[0] = '\0';
    if (near != NULL) {
        snprintf(out, max, "; did you mean '%s'?", near);
    }
    return out;
}

const char *complain_words(const char *const *words, char *out, size_t max)
{
    assert(max > 0);
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; words[i] != NULL && used < max; i++) {
        int size = snprintf(out + used, max - used, "%s%s", i > 0 ? ", " : "",
                            words[i]);
        assert(size >= 0);
        used += (size_t)size;
    }
    return out;
}

void scenario_complain(const struct scenario *scenario, struct place place,
                       FILE *errors, const char *format, ...)
{
    fprintf(errors, "%s:", scenario->path);
    if (place.line > 0) {
        fprintf(errors, "%u:%u:", place.line, place.column);
    }
    fprintf(errors, " error: ");
    va_list args;
    va_start(args, format);
    char text[TEXT_MAX];
    format_line(text, format, args);
    va_end(args);
    fprintf(errors, "%s\n", text);
    if (place.line > 0 && place.column > 0) {
        excerpt_print(scenario->text, strlen(scenario->text), place, errors);
    }
}
