/*
 * The DOT writer: shapes, places and escaped texts for plain `dot -Tsvg`.
 *
 * Drawings are text in the language of Graphviz.  Two layouts are used:
 * pinned, where every shape has a place of its own (`layout=neato` inside the
 * file, places in points), and automatic.  Facts that were found the hard way
 * are kept here: lanes are very thick edges under `outputorder=edgesfirst`;
 * bold only through <b>; fonts by family name.
 *
 * All numbers are integers, so that no locale can turn 0.5 into 0,5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_DOT_H
#define FL_DRAW_DOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FL_SANS "Helvetica,Arial,sans-serif"
#define FL_MONO "Courier New,monospace"

/* Okabe and Ito's palette, safe for colour-blind readers, and tints. */
#define FL_BLUE      "#0072B2"
#define FL_RED       "#C1121F"
#define FL_RED_TINT  "#FBE3E4"
#define FL_RED_PALE  "#FFF7F7"
#define FL_BOX       "#E3F0FA"
#define FL_BOX_LINE  "#7FB3D9"
#define FL_AMBER     "#D98200"
#define FL_AMBER_BOX "#FCE9C4"
#define FL_AMBER_INK "#7A4E00"
#define FL_CREAM     "#FFF4DC"
#define FL_GREEN     "#007A5A"
#define FL_PINK      "#F3D4E4"
#define FL_PINK_INK  "#8E2F63"
#define FL_INK       "#1F2933"
#define FL_GREY      "#6B7280"
#define FL_GREY_LINE "#9AA5B1"
#define FL_SOFT      "#B8C2CC"
#define FL_SETUP     "#E8ECF1"
#define FL_SETUP_INK "#52606D"
#define FL_LANE      "#F5F7FA"

enum {
    FL_DOT_NODES_MAX = 300, /* of an automatic layout: 0.1 s of dot */
    FL_LABEL_BYTES = 1024   /* of an escaped text */
};

/* An escaped text.  Made by fl_dot_plain() or fl_dot_html(). */
struct fl_label {
    char text[FL_LABEL_BYTES];
};

/*
 * Escapes `text` into `label` for use between double quotes, at most
 * `columns` characters and then "…"; returns it.  Control characters and
 * newlines become spaces, invalid UTF-8 '?'.
 */
const char *fl_dot_plain(struct fl_label *label, const char *text,
                         uint32_t columns);

/* The same for use within an HTML-like label, < >. */
const char *fl_dot_html(struct fl_label *label, const char *text,
                        uint32_t columns);

/* Writes a length in points as inches: `width="1.500"`. */
void fl_dot_inches(FILE *out, const char *attribute, int32_t points);

/* A shape at a place.  Lengths in points; y grows upward. */
struct fl_shape {
    const char *name; /* of the node */
    int32_t x;        /* its middle */
    int32_t y;
    int32_t width; /* 0: plain text without a box */
    int32_t height;
    const char *style; /* "filled,rounded" */
    const char *fill;  /* colours; NULL: none */
    const char *line;
    const char *ink; /* of the text */
    const char *font;
    uint32_t size;     /* of the text; 0: 13 */
    uint32_t pen;      /* width of the line in tenths; 0: 12 */
    const char *label; /* escaped; within <...> if `html` */
    bool html;
    const char *extra; /* more attributes, ready to write; or NULL */
};

/* Writes a pinned shape. */
void fl_dot_shape(FILE *out, const struct fl_shape *shape);

/* Writes plain text in the middle of (x, y). */
void fl_dot_words(FILE *out, const struct fl_shape *words);

/* A numbered disc: `label` is escaped already. */
void fl_dot_disc(FILE *out, const char *name, int32_t x, int32_t y,
                 const char *label);

/* A straight line between two places, with points of its own. */
struct fl_line {
    int32_t x1;
    int32_t y1;
    int32_t x2;
    int32_t y2;
    const char *color;
    uint32_t pen;      /* tenths */
    const char *style; /* "dashed"; NULL: solid */
    bool arrow;
};

/* Writes a line; `name` is a prefix for its two ends. */
void fl_dot_line(FILE *out, const char *name, const struct fl_line *line);

/* Begins a pinned drawing; `title` and `rest` are escaped for HTML.  `top` is
 * where the drawing ends and the title begins. */
void fl_dot_pinned(FILE *out, const char *title, const char *rest, int32_t top);

#endif
