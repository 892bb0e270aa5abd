/*
 * The DOT writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/dot.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

enum {
    CHARACTER_MAX = 8, /* bytes that one character may become */
    DISC_POINTS = 20,
    POINTS_PER_INCH = 72
};

/* What `byte` becomes between double quotes; NULL: itself. */
static const char *plain_escape(char byte)
{
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '&': /* dot decodes entities in plain labels, too */
        return "&amp;";
    default:
        return NULL;
    }
}

static const char *html_escape(char byte)
{
    switch (byte) {
    case '"':
        return "&quot;";
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    default:
        return NULL;
    }
}

/* Copies `text`, each character through `escape`. */
static const char *escape_text(struct fl_label *label, const char *text,
                               uint32_t columns,
                               const char *(*escape)(char byte))
{
    size_t used = 0;
    uint32_t column = 0;
    const char *from = text == NULL ? "" : text;
    while (*from != '\0') {
        if (column == columns ||
            used + (size_t)2 * CHARACTER_MAX >= sizeof(label->text)) {
            static const char more[] = "\u2026";
            memcpy(label->text + used, more, sizeof(more) - 1);
            used += sizeof(more) - 1;
            break;
        }
        bool valid = true;
        size_t size = fl_character_size(from, &valid);
        const char *escaped = escape(*from);
        unsigned char byte = (unsigned char)*from;
        if (escaped != NULL) {
            size_t length = strlen(escaped);
            memcpy(label->text + used, escaped, length);
            used += length;
        } else if (!valid || byte < 0x20 || byte == 0x7f) {
            label->text[used] = valid ? ' ' : '?';
            used++;
        } else {
            memcpy(label->text + used, from, size);
            used += size;
        }
        from += size;
        column++;
    }
    assert(used < sizeof(label->text));
    label->text[used] = '\0';
    return label->text;
}

const char *fl_dot_plain(struct fl_label *label, const char *text,
                         uint32_t columns)
{
    return escape_text(label, text, columns, plain_escape);
}

const char *fl_dot_html(struct fl_label *label, const char *text,
                        uint32_t columns)
{
    return escape_text(label, text, columns, html_escape);
}

void fl_dot_inches(FILE *out, const char *attribute, int32_t points)
{
    assert(points >= 0);
    int32_t thousandths = points * 1000 / POINTS_PER_INCH;
    fprintf(out, ", %s=\"%d.%03d\"", attribute, thousandths / 1000,
            thousandths % 1000);
}

static void write_tenths(FILE *out, const char *attribute, uint32_t tenths)
{
    fprintf(out, ", %s=\"%u.%u\"", attribute, tenths / 10, tenths % 10);
}

static void write_label(FILE *out, const struct fl_shape *shape)
{
    const char *label = shape->label == NULL ? "" : shape->label;
    if (shape->html) {
        fprintf(out, ", label=<%s>", label);
    } else {
        fprintf(out, ", label=\"%s\"", label);
    }
    fprintf(out, ", fontname=\"%s\", fontsize=\"%u\", fontcolor=\"%s\"",
            shape->font == NULL ? FL_SANS : shape->font,
            shape->size == 0 ? 13 : shape->size,
            shape->ink == NULL ? FL_INK : shape->ink);
    if (shape->extra != NULL) {
        fprintf(out, ", %s", shape->extra);
    }
}

void fl_dot_shape(FILE *out, const struct fl_shape *shape)
{
    assert(shape->name != NULL);
    assert(shape->width > 0 && shape->height > 0);
    fprintf(out, "  %s [shape=\"box\", pos=\"%d,%d!\", fixedsize=\"true\"",
            shape->name, shape->x, shape->y);
    fl_dot_inches(out, "width", shape->width);
    fl_dot_inches(out, "height", shape->height);
    fprintf(out, ", style=\"%s\"", shape->style);
    if (shape->fill != NULL) {
        fprintf(out, ", fillcolor=\"%s\"", shape->fill);
    }
    fprintf(out, ", color=\"%s\"",
            shape->line == NULL ? "transparent" : shape->line);
    write_tenths(out, "penwidth", shape->pen == 0 ? 12 : shape->pen);
    write_label(out, shape);
    fprintf(out, "];\n");
}

void fl_dot_words(FILE *out, const struct fl_shape *words)
{
    assert(words->name != NULL);
    fprintf(out,
            "  %s [shape=\"plaintext\", pos=\"%d,%d!\", width=\"0\", "
            "height=\"0\", margin=\"0\"",
            words->name, words->x, words->y);
    write_label(out, words);
    fprintf(out, "];\n");
}

void fl_dot_disc(FILE *out, const char *name, int32_t x, int32_t y,
                 const char *label)
{
    bool number = label[0] >= '0' && label[0] <= '9';
    fprintf(out,
            "  %s [shape=\"circle\", style=\"filled\", fillcolor=\"%s\", "
            "color=\"white\", penwidth=\"1.5\", fontcolor=\"white\", "
            "fontname=\"" FL_SANS "\", fontsize=\"%d\", label=<<b>%s</b>>, "
            "pos=\"%d,%d!\"",
            name, number ? FL_BLUE : FL_RED, strlen(label) > 2 ? 9 : 11, label,
            x, y);
    fl_dot_inches(out, "width", DISC_POINTS);
    fprintf(out, ", fixedsize=\"true\"];\n");
}

static void write_end(FILE *out, const char *name, char end, int32_t x,
                      int32_t y)
{
    fprintf(out,
            "  %s%c [shape=\"point\", style=\"invis\", width=\"0.01\", "
            "pos=\"%d,%d!\"];\n",
            name, end, x, y);
}

void fl_dot_line(FILE *out, const char *name, const struct fl_line *line)
{
    write_end(out, name, 'a', line->x1, line->y1);
    write_end(out, name, 'b', line->x2, line->y2);
    fprintf(out, "  %sa -> %sb [color=\"%s\"", name, name, line->color);
    write_tenths(out, "penwidth", line->pen);
    fprintf(out, ", style=\"%s\", ",
            line->style == NULL ? "solid" : line->style);
    fprintf(out,
            line->arrow ? "arrowsize=\"0.6\"];\n" : "arrowhead=\"none\"];\n");
}

void fl_dot_pinned(FILE *out, const char *title, const char *rest, int32_t top)
{
    fprintf(out,
            "digraph drawing {\n"
            "  graph [layout=neato, inputscale=72, overlap=true, "
            "outputorder=edgesfirst, splines=line, bgcolor=\"white\", "
            "pad=0.35, labelloc=t, labeljust=l, charset=\"UTF-8\", "
            "fontname=\"" FL_SANS "\",\n"
            "    label=<<font point-size=\"17\"><b>%s</b></font>"
            "<font point-size=\"13\" color=\"" FL_GREY "\">   %s</font>>];\n"
            "  edge [color=\"" FL_GREY_LINE "\"];\n"
            "  top [shape=\"point\", style=\"invis\", width=\"0.01\", "
            "pos=\"150,%d!\"];\n",
            title, rest, top);
}
