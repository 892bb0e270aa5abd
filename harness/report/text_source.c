/*
 * The source around the decisive step, and the stacks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "harness/report/text.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum {
    SOURCE_LINE_MAX = 400, /* bytes of a source line that are read */
    BEFORE = 1,            /* lines shown before the decisive one */
    FRAMES_MAX = 8         /* of a stack */
};

/* The decisive step, or FL_NO_STEP. */
static uint32_t find_decisive(const struct fl_record *record)
{
    for (uint32_t s = record->steps_count; s-- > 0;) {
        if (record->steps[s].decisive) {
            return s;
        }
    }
    return FL_NO_STEP;
}

/* Cuts the end of a line off; tabs become one space each. */
static void trim_line(char *text)
{
    size_t size = strcspn(text, "\r\n");
    text[size] = '\0';
}

/* The column of the first sign that is not a space. */
static uint32_t indent_of(const char *text)
{
    uint32_t indent = 0;
    while (isspace((unsigned char)text[indent])) {
        indent++;
    }
    return indent;
}

/* The line below the code: a caret, and what happened there; below it, if there
 * is no room beside it. */
static void write_caret(struct page *page, const struct fl_step *step,
                        uint32_t indent)
{
    const char *text = step->cause_text != NULL ? step->cause_text : step->text;
    bool fits = 13 + (size_t)indent + fl_text_columns(text) + 2 < page->columns;
    page_at(page, 9);
    page_paint(page, PAINT_GREY, "| ");
    page_at(page, 11 + indent);
    page_paint(page, PAINT_RED, fits ? "^ " : "^");
    if (!fits) {
        page_end(page);
        page_at(page, 9);
        page_paint(page, PAINT_GREY, "| ");
        page_at(page, 15);
    }
    page_paint(page, PAINT_RED, text);
    page_end(page);
}

/* One line of the excerpt; `own`: the one that the step is on. */
static void write_line(struct page *page, const char *text, uint32_t line,
                       bool own)
{
    page_at(page, own ? 2 : 4);
    page_paint(page, own ? PAINT_RED : PAINT_PLAIN, own ? ">" : "");
    page_at(page, 4);
    page_print(page, "%4u | ", line);
    page_paint(page, own ? PAINT_BOLD : PAINT_PLAIN, text);
    page_end(page);
}

/* Writes the lines around `step` from its file; false: it cannot be read. */
static bool write_excerpt(struct page *page, const struct fl_step *step)
{
    char text[SOURCE_LINE_MAX];
    FILE *file = step->path == NULL ? NULL : fopen(step->path, "r");
    if (file == NULL) {
        return false;
    }
    uint32_t line = 1;
    bool shown = false;
    while (line <= step->line && fgets(text, sizeof(text), file) != NULL) {
        bool whole = strchr(text, '\n') != NULL;
        trim_line(text);
        if (line + BEFORE >= step->line) {
            write_line(page, text, line, line == step->line);
        }
        if (line == step->line) {
            bool known = step->column > 0 && step->column <= strlen(text);
            write_caret(page, step, known ? step->column - 1 : indent_of(text));
            shown = true;
            break;
        }
        while (!whole && fgets(text, sizeof(text), file) != NULL) {
            whole = strchr(text, '\n') != NULL; /* the rest of a long line */
        }
        line++;
    }
    (void)fclose(file);
    return shown;
}

static void add_frame(struct fl_phrase *phrase, const struct fl_frame *frame,
                      uint32_t number)
{
    fl_phrase_print(phrase, "#%u %s", number,
                    frame->function != NULL ? frame->function : "?");
    if (frame->file != NULL) {
        fl_phrase_print(phrase, "  %s:%u", frame->file, frame->line);
    }
}

/* How many frames from `k` on are the same: recursion. */
static uint32_t count_same(const struct fl_record_stack *stack, uint32_t k)
{
    const struct fl_frame *first = &stack->frames[k];
    uint32_t same = 1;
    while (k + same < stack->frames_count && first->function != NULL) {
        const struct fl_frame *next = &stack->frames[k + same];
        if (next->function == NULL || next->line != first->line ||
            strcmp(next->function, first->function) != 0) {
            break;
        }
        same++;
    }
    return same;
}

/* One stack, on one line if there is but one to show. */
static void write_stack(struct page *page, const struct fl_record_stack *stack,
                        bool flat)
{
    char text[2 * FL_TEXT_MAX];
    uint32_t shown = 0;
    uint32_t k = 0;
    if (!flat) {
        page_at(page, 4);
        page_paint(page, PAINT_BOLD, stack->title);
        page_end(page);
    }
    page_at(page, flat ? 4 : 6);
    while (k < stack->frames_count && shown < FRAMES_MAX) {
        struct fl_phrase phrase;
        uint32_t same = count_same(stack, k);
        fl_phrase_init(&phrase, text, sizeof(text));
        add_frame(&phrase, &stack->frames[k], k);
        if (same > 1) {
            fl_phrase_print(&phrase, "  (%u times)", same);
        }
        bool fits = page->column + fl_text_columns(text) + 8 < page->columns;
        if (shown > 0 && (!flat || !fits)) {
            page_end(page);
            page_at(page, flat ? 4 : 6);
        } else if (shown > 0) {
            page_text(page, "      ");
        }
        page_text(page, text);
        k += same;
        shown++;
    }
    if (stack->frames_count > k) {
        page_print(page, "      ... %u more", stack->frames_count - k);
    }
    if (shown == 0) {
        page_paint(page, PAINT_GREY, "(not known)");
    }
    page_end(page);
}

void text_source(struct page *page, const struct fl_record *record)
{
    uint32_t s = find_decisive(record);
    /* A call or return stands where all do: its line tells nothing. */
    bool placed = s != FL_NO_STEP && record->steps[s].file != NULL &&
                  record->steps[s].kind != FL_STEP_CALL &&
                  record->steps[s].kind != FL_STEP_RETURN;
    if (placed) {
        char name[16];
        const struct fl_step *step = &record->steps[s];
        page_at(page, 2);
        page_print(page, "%s:%u, step %u, %s", step->file, step->line, s + 1,
                   fl_scene_lane(record, step->thread, name));
        page_end(page);
        if (!write_excerpt(page, step)) {
            page_at(page, 4);
            page_text(page,
                      step->cause_text != NULL ? step->cause_text : step->text);
            page_end(page);
        }
    } else if (record->stacks_count > 0) {
        page_heading(page, "WHERE");
        page_end(page);
    }
    bool flat = placed && record->stacks_count == 1;
    for (uint32_t k = 0; k < record->stacks_count; k++) {
        write_stack(page, &record->stacks[k], flat);
    }
    if (placed || record->stacks_count > 0) {
        page_gap(page);
    }
}
