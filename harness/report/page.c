/*
 * A page: lines of text with columns, colours and a right edge.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/page.h"
#include "checker/phrase.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum {
    RESERVE = 16 /* bytes kept for the end of a line */
};

/* The signs that reports use, and what stands for them in ASCII. */
static const struct sign {
    const char *unicode;
    const char *ascii;
} signs[] = {
    {"\u250c", "+"},   /* ┌ a call */
    {"\u2502", "|"},   /* │ an operation goes on */
    {"\u2514", "+"},   /* └ a return */
    {"\u2717", "x"},   /* ✗ */
    {"\u2192", "->"},  /* → */
    {"\u2026", "..."}, /* … */
    {"\u00b7", "-"},   /* · */
};

static const char *const paints[] = {
    [PAINT_PLAIN] = "",         [PAINT_BOLD] = "\033[1m",
    [PAINT_RED] = "\033[31m",   [PAINT_GREEN] = "\033[32m",
    [PAINT_AMBER] = "\033[33m", [PAINT_BLUE] = "\033[34m",
    [PAINT_GREY] = "\033[2m",
};

void page_init(struct page *page, const struct report_style *style, FILE *out)
{
    assert(style != NULL && out != NULL);
    *page = (struct page){
        .out = out,
        .columns = style->columns == 0 ? 100 : style->columns,
        .colour = style->colour,
        .unicode = style->unicode,
    };
    page->columns = page->columns < 40 ? 40 : page->columns;
}

static bool has_room(const struct page *page, size_t size)
{
    return page->size + size + RESERVE < sizeof(page->line);
}

static void add_bytes(struct page *page, const char *bytes, size_t size)
{
    if (has_room(page, size)) {
        memcpy(page->line + page->size, bytes, size);
        page->size += size;
    }
}

/* Ends the line at the right edge, visibly. */
static void cut_line(struct page *page)
{
    add_bytes(page, page->unicode ? "\u2026" : "~", page->unicode ? 3 : 1);
    page->column++;
    page->cut = true;
}

static void add_character(struct page *page, const char *bytes, size_t size)
{
    if (page->cut) {
        return;
    }
    if (page->column + 1 >= page->columns || !has_room(page, size)) {
        cut_line(page);
        return;
    }
    add_bytes(page, bytes, size);
    page->column++;
}

/* The ASCII form of the character at `text`. */
static const char *find_ascii(const char *text, size_t size)
{
    for (size_t k = 0; k < sizeof(signs) / sizeof(signs[0]); k++) {
        if (strlen(signs[k].unicode) == size &&
            memcmp(signs[k].unicode, text, size) == 0) {
            return signs[k].ascii;
        }
    }
    return "?";
}

void page_text(struct page *page, const char *text)
{
    bool valid = true;
    for (const char *from = text; from != NULL && *from != '\0';) {
        size_t size = fl_character_size(from, &valid);
        unsigned char byte = (unsigned char)*from;
        if (!valid) {
            add_character(page, "?", 1);
        } else if (byte < 0x20 || byte == 0x7f) {
            add_character(page, " ", 1);
        } else if (byte < 0x80 || page->unicode) {
            add_character(page, from, size);
        } else {
            for (const char *a = find_ascii(from, size); *a != '\0'; a++) {
                add_character(page, a, 1);
            }
        }
        from += size;
    }
}

void page_at(struct page *page, uint32_t column)
{
    if (page->column > 0 && page->column >= column) {
        page_text(page, "  ");
    }
    while (page->column < column && !page->cut) {
        add_character(page, " ", 1);
    }
}

void page_paint(struct page *page, enum paint paint, const char *text)
{
    bool painted = page->colour && paint != PAINT_PLAIN && text != NULL;
    if (painted) {
        add_bytes(page, paints[paint], strlen(paints[paint]));
    }
    page_text(page, text);
    if (painted) {
        add_bytes(page, "\033[0m", 4);
    }
}

void page_print(struct page *page, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert(size >= 0);
    page_text(page, text);
}

void page_end(struct page *page)
{
    while (page->size > 0 && page->line[page->size - 1] == ' ') {
        page->size--;
    }
    assert(page->size + 1 < sizeof(page->line));
    page->line[page->size] = '\n';
    fwrite(page->line, 1, page->size + 1, page->out);
    page->size = 0;
    page->column = 0;
    page->cut = false;
}

void page_gap(struct page *page)
{
    assert(page->size == 0);
    page_end(page);
}

void page_heading(struct page *page, const char *text)
{
    page_at(page, 2);
    page_paint(page, PAINT_BOLD, text);
}

/* The bytes of `text` up to the next space. */
static size_t word_size(const char *text)
{
    size_t size = 0;
    while (text[size] != '\0' && text[size] != ' ' && text[size] != '\n') {
        size++;
    }
    return size;
}

void page_wrap(struct page *page, uint32_t from, const char *text)
{
    char word[512];
    page_at(page, from);
    for (const char *at = text; *at != '\0';) {
        size_t size = word_size(at);
        size_t kept = size < sizeof(word) ? size : sizeof(word) - 1;
        memcpy(word, at, kept);
        word[kept] = '\0';
        if (page->column > from &&
            page->column + fl_text_columns(word) + 1 >= page->columns) {
            page_end(page);
            page_at(page, from);
        }
        page_text(page, word);
        at += size;
        if (*at != '\0') {
            if (page->column + 1 < page->columns) {
                page_text(page, " ");
            }
            at++;
        }
    }
    page_end(page);
}
