/*
 * A streaming JSON writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/json.h"
#include "checker/phrase.h"

#include <assert.h>
#include <inttypes.h>

void json_init(struct json *j, FILE *out, uint32_t indent)
{
    assert(j != NULL && out != NULL);
    *j = (struct json){.out = out, .indent = indent};
}

/* Writes `text` between quotes. */
static void write_string(FILE *out, const char *text)
{
    bool valid = true;
    fputc('"', out);
    for (const char *at = text; *at != '\0';) {
        size_t size = fl_character_size(at, &valid);
        unsigned char byte = (unsigned char)*at;
        if (!valid) {
            fputs("\xef\xbf\xbd", out); /* U+FFFD */
        } else if (byte == '"' || byte == '\\') {
            fputc('\\', out);
            fputc(byte, out);
        } else if (byte == '\n') {
            fputs("\\n", out);
        } else if (byte == '\t') {
            fputs("\\t", out);
        } else if (byte < 0x20 || byte == 0x7f || byte == '<') {
            fprintf(out, "\\u%04x", byte);
        } else {
            fwrite(at, 1, size, out);
        }
        at += size;
    }
    fputc('"', out);
}

static void begin_line(struct json *j, uint32_t depth)
{
    if (j->indent == 0) {
        return;
    }
    fputc('\n', j->out);
    for (uint32_t k = 0; k < depth * j->indent; k++) {
        fputc(' ', j->out);
    }
}

/* The comma before a member, its line, its name. */
static void begin_member(struct json *j, const char *name)
{
    if (j->depth == 0) {
        assert(name == NULL);
        return;
    }
    assert((name != NULL) == (j->closing[j->depth - 1] == '}'));
    if (j->filled[j->depth - 1]) {
        fputc(',', j->out);
    }
    j->filled[j->depth - 1] = true;
    begin_line(j, j->depth);
    if (name != NULL) {
        write_string(j->out, name);
        fputs(j->indent == 0 ? ":" : ": ", j->out);
    }
}

void json_open(struct json *j, const char *name, char kind)
{
    assert(kind == '{' || kind == '[');
    assert(j->depth < JSON_DEPTH_MAX);
    begin_member(j, name);
    fputc(kind, j->out);
    j->closing[j->depth] = kind == '{' ? '}' : ']';
    j->filled[j->depth] = false;
    j->depth++;
}

void json_close(struct json *j)
{
    assert(j->depth > 0);
    j->depth--;
    if (j->filled[j->depth]) {
        begin_line(j, j->depth);
    }
    fputc(j->closing[j->depth], j->out);
    if (j->depth == 0) {
        fputc('\n', j->out);
    }
}

void json_text(struct json *j, const char *name, const char *text)
{
    begin_member(j, name);
    if (text == NULL) {
        fputs("null", j->out);
    } else {
        write_string(j->out, text);
    }
}

void json_texts(struct json *j, const char *name, const char *const *texts,
                uint32_t count)
{
    assert(texts != NULL || count == 0);
    json_open(j, name, '[');
    for (uint32_t i = 0; i < count; i++) {
        json_text(j, NULL, texts[i]);
    }
    json_close(j);
}

void json_nonempty(struct json *j, const char *name, const char *text)
{
    json_text(j, name, text == NULL || text[0] == '\0' ? NULL : text);
}

void json_number(struct json *j, const char *name, int64_t number)
{
    begin_member(j, name);
    fprintf(j->out, "%" PRId64, number);
}

void json_unsigned(struct json *j, const char *name, uint64_t number)
{
    begin_member(j, name);
    fprintf(j->out, "%" PRIu64, number);
}

void json_bool(struct json *j, const char *name, bool truth)
{
    begin_member(j, name);
    fputs(truth ? "true" : "false", j->out);
}

void json_none(struct json *j, const char *name)
{
    begin_member(j, name);
    fputs("null", j->out);
}
