/*
 * Reading bytes.
 *
 * A chunk is tested once, when it is read.  What is wrong with it becomes its
 * end, so that a reader meets the trouble where it lies and not before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/source.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum {
    CHUNK = 1 << 16,
    MARK_SIZE = 3 /* bytes of a byte order mark */
};

void fl_source_init(struct fl_source *source, FILE *file, const char *bytes,
                    size_t size)
{
    assert(file != NULL || bytes != NULL || size == 0);
    *source = (struct fl_source){
        .file = file, .bytes = bytes, .size = size, .line = 1, .column = 1};
}

void fl_source_release(struct fl_source *source)
{
    fl_block_release(&source->chunk);
    fl_block_release(&source->text_block);
}

bool fl_source_fail(struct fl_source *source, uint32_t line, uint32_t column,
                    const char *format, ...)
{
    assert(source->error != NULL);
    if (source->status != FL_OK) {
        return false; /* the first trouble counts */
    }
    source->status = FL_BAD_INPUT;
    source->error->line = line;
    source->error->column = column;
    va_list list;
    va_start(list, format);
    (void)vsnprintf(source->error->text, sizeof(source->error->text), format,
                    list);
    va_end(list);
    return false;
}

bool fl_source_no_memory(struct fl_source *source)
{
    (void)fl_source_fail(source, source->line, source->column, "no memory");
    source->status = FL_NO_MEMORY;
    return false;
}

bool fl_source_cut(const struct fl_source *source)
{
    return source->status == FL_OK
               ? source->unended
               : source->status == FL_BAD_INPUT &&
                     (source->trouble == FL_SOURCE_CUT || source->unended);
}

/* Begins a character of more than one byte.  False: none begins so. */
static bool begin_character(struct fl_source *s, unsigned char c)
{
    s->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    s->high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    s->more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    return c >= 0xc2 && c <= 0xf4;
}

/* Finds the first trouble in the chunk and makes it its end. */
static void test_chunk(struct fl_source *s)
{
    const unsigned char *bytes = s->chunk.data;
    assert(s->end <= s->chunk.size);
    for (size_t i = 0; i < s->end; i++) {
        unsigned char c = bytes[i];
        bool fine = true;
        if (s->more > 0) {
            fine = c >= s->low && c <= s->high;
            s->low = 0x80;
            s->high = 0xbf;
            s->more--;
        } else if (c >= 0x80) {
            fine = begin_character(s, c);
        }
        if (c == 0 || !fine) {
            s->trouble = c == 0 ? FL_SOURCE_ZERO : FL_SOURCE_UTF8;
            s->end = i;
        }
    }
}

static void tell_trouble(struct fl_source *s)
{
    switch (s->trouble) {
    case FL_SOURCE_FINE:
        break;
    case FL_SOURCE_ZERO:
        (void)fl_source_fail(s, s->line, s->column, "a zero byte");
        break;
    case FL_SOURCE_UTF8:
        (void)fl_source_fail(s, s->line, s->column, "not UTF-8");
        break;
    case FL_SOURCE_CUT:
        (void)fl_source_fail(s, s->line, s->column,
                             "the input ends within a character");
        break;
    }
}

/* A line, or what is there of a longer one: whoever writes it may wait before
 * the next, and a whole chunk would wait with him. */
static size_t read_live(struct fl_source *s)
{
    char *to = s->chunk.data;
    size_t size = 0;
    int c = 0;
    flockfile(s->file);
    while (size < CHUNK && c != '\n') {
        c = getc_unlocked(s->file);
        if (c == EOF) {
            break;
        }
        to[size] = (char)c;
        size++;
    }
    funlockfile(s->file);
    return size;
}

static size_t read_bytes(struct fl_source *s)
{
    if (s->live) {
        return read_live(s);
    }
    if (s->file != NULL) {
        return fread(s->chunk.data, 1, CHUNK, s->file);
    }
    size_t size = s->size < CHUNK ? s->size : CHUNK;
    if (size > 0) {
        memcpy(s->chunk.data, s->bytes, size);
        s->bytes += size;
        s->size -= size;
    }
    return size;
}

/* Makes the next bytes available.  False: none, or trouble. */
static bool fill(struct fl_source *s)
{
    assert(s->at == s->end);
    if (s->status != FL_OK || s->at_end) {
        return false;
    }
    if (s->trouble != FL_SOURCE_FINE) {
        tell_trouble(s);
        return false;
    }
    bool is_first = s->chunk.data == NULL;
    if (!fl_block_reserve(&s->chunk, CHUNK)) {
        return fl_source_no_memory(s);
    }
    s->at = 0;
    s->end = read_bytes(s);
    if (s->end == 0 && s->file != NULL && ferror(s->file)) {
        (void)fl_source_fail(s, s->line, 0, "cannot be read");
        s->status = FL_IO;
        return false;
    }
    if (s->end == 0) {
        s->at_end = true;
        s->trouble = s->more > 0 ? FL_SOURCE_CUT : FL_SOURCE_FINE;
        tell_trouble(s);
        return false;
    }
    test_chunk(s);
    if (is_first && s->end >= MARK_SIZE &&
        memcmp(s->chunk.data, "\xef\xbb\xbf", MARK_SIZE) == 0) {
        s->at = MARK_SIZE;
    }
    if (s->at == s->end) {
        tell_trouble(s);
    }
    return s->at < s->end;
}

const char *fl_source_look(struct fl_source *source, size_t *size)
{
    *size = 0;
    if (source->at == source->end && !fill(source)) {
        return "";
    }
    *size = source->end - source->at;
    return (const char *)source->chunk.data + source->at;
}

int fl_source_peek(struct fl_source *source)
{
    if (source->at == source->end && !fill(source)) {
        return FL_SOURCE_END;
    }
    return ((const unsigned char *)source->chunk.data)[source->at];
}

int fl_source_take(struct fl_source *source)
{
    int c = fl_source_peek(source);
    if (c == FL_SOURCE_END) {
        return c;
    }
    assert(source->at < source->end);
    source->at++;
    source->column++;
    if (c == '\n') {
        source->line++;
        source->column = 1;
    }
    return c;
}

/* Adds what is at hand of the line; `*ended` says whether its end came. */
static bool add_piece(struct fl_source *s, bool *ended)
{
    const char *from = (const char *)s->chunk.data + s->at;
    size_t left = s->end - s->at;
    const char *end = memchr(from, '\n', left);
    size_t size = end == NULL ? left : (size_t)(end - from);
    *ended = end != NULL;
    if (s->text_size + size > FL_SOURCE_LINE_MAX) {
        return fl_source_fail(s, s->line, 1, "line longer than 1 MiB");
    }
    if (!fl_block_reserve(&s->text_block, s->text_size + size + 1)) {
        return fl_source_no_memory(s);
    }
    assert(s->text_block.size > s->text_size + size);
    char *text = s->text_block.data;
    memcpy(text + s->text_size, from, size);
    s->text_size += size;
    s->column += (uint32_t)size;
    s->at += size + *ended;
    text[s->text_size] = '\0';
    s->text = text;
    return true;
}

static bool is_blank(const struct fl_source *s)
{
    return strspn(s->text, " \t\r") == s->text_size;
}

/* Gets the next line, blank or not. */
static bool read_line(struct fl_source *s)
{
    bool ended = false;
    s->text = "";
    s->text_size = 0;
    s->lines_read++;
    s->line = s->lines_read;
    s->column = 1;
    bool any = false;
    while (!ended) {
        size_t left;
        (void)fl_source_look(s, &left);
        if (left == 0) {
            s->unended = any && s->at_end;
            return any && s->status == FL_OK;
        }
        any = true;
        if (!add_piece(s, &ended)) {
            return false;
        }
    }
    return true;
}

bool fl_source_line(struct fl_source *source)
{
    do {
        if (source->unended || !read_line(source)) {
            return false;
        }
    } while (is_blank(source));
    assert(source->text_size > 0);
    return true;
}
