/*
 * A page: lines of text with columns, colours and a right edge.
 *
 * Columns are counted in characters, so that UTF-8 lines up; what passes the
 * right edge is cut and shows it.  Without UTF-8 the few signs that reports
 * use have ASCII forms.  A colour only ever stresses what a word or sign says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_PAGE_H
#define HX_PAGE_H

#include "harness/report/report.h"

enum paint {
    PAINT_PLAIN,
    PAINT_BOLD,
    PAINT_RED,
    PAINT_GREEN,
    PAINT_AMBER,
    PAINT_BLUE,
    PAINT_GREY,
};

enum {
    PAGE_LINE_MAX = 4096 /* bytes of a line, colours included */
};

struct page {
    FILE *out;
    uint32_t columns; /* the right edge */
    bool colour;
    bool unicode;
    char line[PAGE_LINE_MAX];
    size_t size;
    uint32_t column; /* where the next character goes, from 0 */
    bool cut;
};

/* Begins a page on `out`. */
void page_init(struct page *page, const struct report_style *style, FILE *out);

/* Goes on at column `column`; if that is passed already, after two spaces. */
void page_at(struct page *page, uint32_t column);

/* Adds text as it may come from a user; NULL adds nothing. */
void page_text(struct page *page, const char *text);

/* The same in a colour. */
void page_paint(struct page *page, enum paint paint, const char *text);

/* The same by a format. */
void page_print(struct page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes the line and begins the next. */
void page_end(struct page *page);

/* An empty line. */
void page_gap(struct page *page);

/* A heading at column 2, in bold. */
void page_heading(struct page *page, const char *text);

/*
 * Writes `text` broken at spaces into lines from column `from` to the right
 * edge; ends the last.
 */
void page_wrap(struct page *page, uint32_t from, const char *text);

#endif
