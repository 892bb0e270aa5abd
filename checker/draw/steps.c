/*
 * The interleaving: each step of each thread on a line of its own.
 *
 * A column for each thread, a row for each step, its source line at the right
 * of the cell, the shared state in the last column, faults as bars, and arrows
 * from a step to the one that it explains.  Pinned layout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/steps_plan.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 90, /* steps drawn; more are folded */
    CAUSES_MAX = 12,
    CAUSE_LINE = 36, /* columns of a text beside an arrow, before it breaks */
    CAUSE_MAX = 56   /* of a line of it */
};

static void draw_column(const struct fl_steps_plan *table, uint32_t k,
                        int32_t x, int32_t width)
{
    char name[24];
    char text[16];
    char bold[FL_LABEL_BYTES + 8];
    struct fl_label label;
    bool memory = k == table->lanes;
    snprintf(name, sizeof(name), "bg%u", k);
    fl_dot_line(table->out, name,
                &(struct fl_line){.x1 = x,
                                  .y1 = FL_STEPS_TOP,
                                  .x2 = x,
                                  .y2 = table->bottom,
                                  .color = memory ? "#FBFBFC" : FL_LANE,
                                  .pen = (uint32_t)width * 10});
    fl_dot_html(&label,
                memory ? table->record->memory_title
                       : fl_scene_lane(table->record, table->thread[k], text),
                40);
    snprintf(bold, sizeof(bold), "<b>%s</b>", label.text);
    snprintf(name, sizeof(name), "hd%u", k);
    fl_dot_words(table->out, &(struct fl_shape){.name = name,
                                                .x = x,
                                                .y = FL_STEPS_TOP + 22,
                                                .size = 14,
                                                .label = bold,
                                                .html = true});
}

/* How a step's cell looks. */
static void dress_step(const struct fl_record *record, uint32_t s,
                       struct fl_shape *shape)
{
    const struct fl_step *step = &record->steps[s];
    bool guilty = step->kind == FL_STEP_RETURN && step->operation != FL_OPEN &&
                  fl_scene_is_stuck(record, step->operation);
    shape->style = "solid";
    if (step->decisive || guilty || step->kind == FL_STEP_CRASH) {
        shape->style = "filled";
        shape->fill = FL_RED_TINT;
        shape->line = shape->ink = FL_RED;
        shape->pen = 20;
        return;
    }
    for (uint32_t k = 0; k < record->steps_count; k++) {
        if (record->steps[k].decisive && record->steps[k].cause == s) {
            shape->style = "filled";
            shape->fill = FL_BOX;
            shape->line = FL_BOX_LINE;
            return;
        }
    }
    if (step->kind == FL_STEP_ALLOC || step->kind == FL_STEP_FREE) {
        shape->style = "filled";
        shape->fill = shape->line = FL_CREAM;
        shape->ink = FL_AMBER_INK;
    } else if (step->kind == FL_STEP_UPDATE) {
        shape->ink = FL_GREEN;
    } else if (step->kind == FL_STEP_REFUSE) {
        shape->ink = FL_GREY;
    }
}

/* "r12", linked to its source line in the SVG. */
static void draw_step(struct fl_steps_plan *table, uint32_t s)
{
    const struct fl_step *step = &table->record->steps[s];
    uint32_t lane = fl_steps_lane(table, step->thread);
    bool inner = step->operation != FL_OPEN && step->kind != FL_STEP_CALL &&
                 step->kind != FL_STEP_RETURN;
    struct fl_label label;
    struct fl_label path;
    char text[FL_LABEL_BYTES + 8];
    char name[24];
    char extra[2 * FL_LABEL_BYTES];
    snprintf(name, sizeof(name), "r%u", s);
    snprintf(text, sizeof(text), "%s%s\\l", inner ? "  " : "",
             fl_dot_plain(&label, step->text, 40));
    snprintf(extra, sizeof(extra), "margin=\"0.08,0\"");
    if (step->path != NULL) {
        snprintf(extra, sizeof(extra),
                 "margin=\"0.08,0\", URL=\"vscode://file%s:%u\"",
                 fl_dot_plain(&path, step->path, 200), step->line);
    }
    struct fl_shape shape = {.name = name,
                             .x = table->middle[lane],
                             .y = table->place[s],
                             .width = table->width[lane] - 6,
                             .height = 23,
                             .font = FL_MONO,
                             .size = 12,
                             .pen = 10,
                             .label = text,
                             .extra = extra};
    dress_step(table->record, s, &shape);
    fl_dot_shape(table->out, &shape);
}

/* The step's number, its line, and the memory after it. */
static void draw_margins(struct fl_steps_plan *table, uint32_t s)
{
    const struct fl_step *step = &table->record->steps[s];
    uint32_t lane = fl_steps_lane(table, step->thread);
    struct fl_label label;
    char name[24];
    char text[FL_LABEL_BYTES + 8];
    snprintf(name, sizeof(name), "n%u", s);
    snprintf(text, sizeof(text), "%u", s + 1);
    fl_dot_words(table->out, &(struct fl_shape){.name = name,
                                                .x = 4,
                                                .y = table->place[s],
                                                .size = 10,
                                                .ink = FL_GREY_LINE,
                                                .font = FL_MONO,
                                                .label = text});
    bool outer = step->kind == FL_STEP_CALL || step->kind == FL_STEP_RETURN;
    if (step->line != 0 && !outer) {
        snprintf(name, sizeof(name), "l%u", s);
        if (step->inner_line != 0) { /* line 205 calls what line 130 does */
            snprintf(text, sizeof(text), ":%u>%u", step->line,
                     step->inner_line);
        } else {
            snprintf(text, sizeof(text), ":%u", step->line);
        }
        fl_dot_words(table->out,
                     &(struct fl_shape){.name = name,
                                        .x = table->middle[lane] +
                                             table->width[lane] / 2 -
                                             (step->inner_line != 0 ? 30 : 20),
                                        .y = table->place[s],
                                        .size = 9,
                                        .ink = "#8793A0",
                                        .font = FL_MONO,
                                        .label = text});
    }
    if (step->memory == NULL || table->memory == 0) {
        return;
    }
    snprintf(name, sizeof(name), "m%u", s);
    snprintf(text, sizeof(text), "%s\\l",
             fl_dot_plain(&label, step->memory, 58));
    fl_dot_shape(table->out, &(struct fl_shape){
                                 .name = name,
                                 .x = table->memory,
                                 .y = table->place[s],
                                 .width = table->memory_width,
                                 .height = 23,
                                 .style = "solid",
                                 .ink = step->decisive ? FL_RED : FL_SETUP_INK,
                                 .font = FL_MONO,
                                 .size = 11,
                                 .pen = 10,
                                 .label = text,
                                 .extra = "margin=\"0.08,0\""});
}

/* A bar in the lane that the fault acted on, `up` rows above a step. */
static void draw_fault(struct fl_steps_plan *table, uint32_t k, int32_t y)
{
    const struct fl_record_fault *fault = &table->record->faults[k];
    bool crash = fl_scene_is_crash(fault);
    uint32_t lane =
        fault->thread == FL_OPEN ? 0 : fl_steps_lane(table, fault->thread);
    struct fl_label label;
    char text[FL_TEXT_MAX];
    char bold[FL_LABEL_BYTES + 8];
    char name[24];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_print(&phrase, "%s %s", fault->kind, fault->label);
    if (!crash && fault->until != FL_NO_STEP && fault->until > fault->before &&
        fault->thread != FL_OPEN) {
        char thread[16];
        fl_phrase_print(&phrase, ": %s held for %u steps",
                        fl_scene_lane(table->record, fault->thread, thread),
                        fault->until - fault->before);
    } else if (!crash && fault->text != NULL) {
        fl_phrase_print(&phrase, ": %s", fault->text);
    }
    fl_dot_html(&label, text, 48);
    snprintf(bold, sizeof(bold), "<b>%s</b>", label.text);
    snprintf(name, sizeof(name), "f%u", k);
    int32_t width = (int32_t)fl_text_columns(text) * 6 + 20;
    int32_t room = table->width[lane] - 30;
    fl_dot_shape(table->out,
                 &(struct fl_shape){.name = name,
                                    .x = table->middle[lane],
                                    .y = y,
                                    .width = width > room ? width : room,
                                    .height = 17,
                                    .style = "filled",
                                    .fill = crash ? FL_RED : FL_AMBER_BOX,
                                    .line = crash ? FL_RED : FL_AMBER_BOX,
                                    .ink = crash ? "white" : FL_AMBER_INK,
                                    .size = 10,
                                    .label = bold,
                                    .html = true});
}

/* "... 12 steps of T1": what a fold stands for. */
static void draw_fold(const struct fl_steps_plan *table, uint32_t from,
                      uint32_t to, int32_t y)
{
    char name[24];
    char text[64];
    snprintf(name, sizeof(name), "fold%u", from);
    if (to == from + 1) {
        snprintf(text, sizeof(text), "\u22ee step %u", to);
    } else {
        snprintf(text, sizeof(text), "\u22ee steps %u to %u", from + 1, to);
    }
    fl_dot_words(table->out, &(struct fl_shape){.name = name,
                                                .x = table->middle[0],
                                                .y = y,
                                                .size = 10,
                                                .ink = FL_GREY,
                                                .label = text});
}

/* Walks the rows as fl_steps_rows() did, and draws what stands in each. */
static void draw_rows(struct fl_steps_plan *table)
{
    const struct fl_record *record = table->record;
    int32_t y = 0;
    uint32_t fold = FL_NO_STEP;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        for (uint32_t k = 0; k < record->faults_count; k++) {
            if (record->faults[k].before == s) {
                draw_fault(table, k, y);
                y -= FL_STEPS_ROW;
            }
        }
        if (!table->shown[s]) {
            y -= fold == FL_NO_STEP ? FL_STEPS_ROW : 0;
            fold = fold == FL_NO_STEP ? s : fold;
            continue;
        }
        if (fold != FL_NO_STEP) {
            draw_fold(table, fold, s, y + FL_STEPS_ROW);
            fold = FL_NO_STEP;
        }
        y = table->place[s] - FL_STEPS_ROW;
        draw_step(table, s);
        draw_margins(table, s);
    }
    if (fold != FL_NO_STEP) {
        draw_fold(table, fold, record->steps_count, y + FL_STEPS_ROW);
    }
    for (uint32_t k = 0; k < record->faults_count; k++) {
        if (record->faults[k].before >= record->steps_count) {
            draw_fault(table, k, y);
        }
    }
}

/* The text beside an arrow: in two lines where it is long, broken behind a
 * comma or semicolon, or else at a space, as near to its middle as can be. */
static const char *break_cause(const struct fl_step *step,
                               char text[2 * FL_LABEL_BYTES + 8])
{
    struct fl_label first;
    struct fl_label second;
    const char *whole = step->cause_text;
    size_t size = strlen(whole);
    size_t best = 0;
    size_t distance = SIZE_MAX;
    for (size_t i = 1; i + 1 < size && size > CAUSE_LINE; i++) {
        if (whole[i] != ' ') {
            continue;
        }
        size_t off = i > size / 2 ? i - size / 2 : size / 2 - i;
        off += strchr(",;", whole[i - 1]) != NULL ? 0 : size / 4;
        if (off < distance) {
            distance = off;
            best = i;
        }
    }
    if (best == 0 || best > FL_LABEL_BYTES / 8) {
        snprintf(text, (size_t)2 * FL_LABEL_BYTES, "%s",
                 fl_dot_plain(&first, whole, CAUSE_MAX));
        return text;
    }
    char half[FL_LABEL_BYTES / 8 + 1];
    memcpy(half, whole, best);
    half[best] = '\0';
    snprintf(text, 2 * FL_LABEL_BYTES + 8, "%s\\n%s",
             fl_dot_plain(&first, half, CAUSE_MAX),
             fl_dot_plain(&second, whole + best + 1, CAUSE_MAX));
    return text;
}

/* The arrow from the step that explains `s`: within a lane along its side,
 * across lanes straight. */
static void draw_cause(struct fl_steps_plan *table, uint32_t s)
{
    const struct fl_step *step = &table->record->steps[s];
    const struct fl_step *cause = &table->record->steps[step->cause];
    bool same = cause->thread == step->thread;
    bool left = cause->thread > step->thread;
    const char *color = cause->kind == FL_STEP_FREE ? "#D99A1C"
                        : same                      ? FL_BLUE
                                                    : FL_RED;
    const char *ports = "tailport=e, headport=w";
    if (same) {
        ports = cause->kind == FL_STEP_FREE ? "tailport=se, headport=ne"
                                            : "tailport=sw, headport=nw";
    } else if (left) {
        ports = "tailport=w, headport=e";
    }
    fprintf(table->out,
            "  r%u -> r%u [color=\"%s\", penwidth=\"2\", style=\"%s\", "
            "arrowsize=\"0.7\", %s];\n",
            step->cause, s, color,
            same && cause->kind != FL_STEP_FREE ? "dashed" : "solid", ports);
    if (step->cause_text == NULL) {
        return;
    }
    uint32_t lane = fl_steps_lane(table, step->thread);
    char text[2 * FL_LABEL_BYTES + 8];
    char name[24];
    snprintf(name, sizeof(name), "k%u", s);
    int32_t y = (table->place[step->cause] + table->place[s]) / 2;
    fl_dot_words(table->out,
                 &(struct fl_shape){.name = name,
                                    .x = table->middle[lane],
                                    .y = y,
                                    .size = 10,
                                    .ink = color,
                                    .label = break_cause(step, text)});
}

static void draw_causes(struct fl_steps_plan *table)
{
    uint32_t drawn = 0;
    for (uint32_t s = table->record->steps_count; s-- > 0;) {
        uint32_t cause = table->record->steps[s].cause;
        if (table->shown[s] && cause != FL_NO_STEP && cause < s &&
            table->shown[cause] && drawn < CAUSES_MAX) {
            draw_cause(table, s);
            drawn++;
        }
    }
}

static const char *lacks_steps(const struct fl_record *record)
{
    return record->steps_count == 0
               ? "the record has no steps: it was read from a history"
               : NULL;
}

static void draw_title(const struct fl_steps_plan *table)
{
    const struct fl_record *record = table->record;
    struct fl_label rest;
    char text[200];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_add(&phrase, record->scenario);
    fl_phrase_print(&phrase, " \u00b7 %s \u00b7 %u steps, %u fault%s",
                    record->verdict, record->steps_count, record->faults_count,
                    record->faults_count == 1 ? "" : "s");
    if (record->shrink.preemptions_before != 0) {
        fl_phrase_print(&phrase, ", %u preemptions",
                        record->shrink.preemptions_after);
    }
    fl_dot_pinned(table->out, "Interleaving", fl_dot_html(&rest, text, 120),
                  FL_STEPS_TOP + 44);
}

static void draw_steps(const struct fl_record *record, FILE *out)
{
    assert(lacks_steps(record) == NULL);
    struct fl_steps_plan *table = calloc(1, sizeof(*table));
    bool *shown = calloc(record->steps_count, sizeof(*shown));
    int32_t *place = calloc(record->steps_count, sizeof(*place));
    if (table != NULL && shown != NULL && place != NULL) {
        *table = (struct fl_steps_plan){
            .record = record, .out = out, .shown = shown, .place = place};
        fl_scene_steps(record, ROWS_MAX, shown);
        fl_steps_columns(table);
        fl_steps_rows(table);
        draw_title(table);
        for (uint32_t k = 0; k < table->lanes; k++) {
            draw_column(table, k, table->middle[k], table->width[k]);
        }
        if (table->memory != 0) {
            draw_column(table, table->lanes, table->memory,
                        table->memory_width);
        }
        draw_rows(table);
        draw_causes(table);
        fprintf(out, "}\n");
    }
    free(place);
    free(shown);
    free(table);
}

const struct fl_view fl_view_steps = {
    .name = "steps",
    .about = "each step of each thread, with faults and causes",
    .lacks = lacks_steps,
    .draw = draw_steps,
};
