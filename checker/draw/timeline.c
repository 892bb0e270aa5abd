/*
 * The timeline: who called what when, and where it could have taken effect.
 *
 * A lane for each client, a box from call to return for each operation, the
 * longest legal prefix as numbered discs with the state after each, delays as
 * amber segments, crashes as badges, what a client was told of an operation
 * that was cut off as flags, the stuck operation in red, and below a
 * box that says why.  Pinned layout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/timeline_plan.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    BAND = 78, /* a lane's own height */
    BOX = 30   /* an operation's height */
};

static void draw_lanes(const struct fl_chart *chart)
{
    char text[16];
    char name[24];
    struct fl_label label;
    for (uint32_t k = 0; k < chart->lanes; k++) {
        int32_t y = fl_chart_lane_y(chart, k);
        snprintf(name, sizeof(name), "lane%u", k);
        fl_dot_line(chart->out, name,
                    &(struct fl_line){.x1 = FL_CHART_LEFT,
                                      .y1 = y,
                                      .x2 = chart->right,
                                      .y2 = y,
                                      .color = FL_LANE,
                                      .pen = BAND * 10});
        snprintf(name, sizeof(name), "ln%u", k);
        fl_dot_html(&label, fl_scene_lane(chart->record, k, text), 16);
        char bold[FL_LABEL_BYTES + 8];
        snprintf(bold, sizeof(bold), "<b>%s</b>", label.text);
        fl_dot_words(chart->out, &(struct fl_shape){.name = name,
                                                    .x = 58,
                                                    .y = y + 10,
                                                    .size = 15,
                                                    .label = bold,
                                                    .html = true});
        const char *role = k < chart->record->lanes_count
                               ? chart->record->lanes[k].role
                               : NULL;
        snprintf(name, sizeof(name), "lr%u", k);
        fl_dot_words(chart->out, &(struct fl_shape){
                                     .name = name,
                                     .x = 58,
                                     .y = y - 7,
                                     .size = 9,
                                     .ink = FL_GREY,
                                     .label = fl_dot_plain(&label, role, 20)});
    }
}

/* The box of what was done before, in the lane of the first disc. */
static void draw_setup(const struct fl_chart *chart)
{
    const struct fl_record *record = chart->record;
    const struct fl_explanation *e = record->explanation;
    uint32_t setup = fl_scene_setup(record);
    if (setup == 0 && record->setup == NULL) {
        return;
    }
    uint32_t lane = 0;
    if (e != NULL && e->prefix_count > 0) {
        lane = record->history->operations[e->prefix[0]].client;
    }
    struct fl_label label;
    char text[FL_LABEL_BYTES + 40];
    fl_dot_plain(&label, e != NULL ? e->start_state : "", 13);
    snprintf(text, sizeof(text),
             setup == 1  ? "%u op done\\n%s"
             : setup > 0 ? "%u ops done\\n%s"
                         : "set up\\n%.0u%s",
             setup, label.text);
    fl_dot_shape(
        chart->out,
        &(struct fl_shape){
            .name = "init",
            .x = FL_CHART_LEFT + 48,
            .y = fl_chart_lane_y(chart, lane < chart->lanes ? lane : 0) + 3,
            .width = FL_CHART_SETUP,
            .height = 33,
            .style = "filled,rounded",
            .fill = FL_SETUP,
            .line = FL_SOFT,
            .ink = FL_SETUP_INK,
            .font = FL_MONO,
            .size = 10,
            .label = text});
}

/* A box with an amber segment: a striped fill, its shares in thousandths.
 * Texts come after the box, or it would hide them. */
static void draw_held(const struct fl_chart *chart, uint32_t i,
                      const struct fl_record_fault *hold,
                      const struct fl_shape *plain)
{
    int32_t left = fl_chart_edge(chart, i, false);
    int32_t right = fl_chart_edge(chart, i, true);
    int32_t from = fl_axis_at(&chart->axis, fl_hold_begin(hold));
    int32_t to = fl_axis_at(&chart->axis, fl_hold_end(hold));
    assert(left < from && from < to && to <= right);
    char fill[FL_TEXT_MAX];
    char text[FL_TEXT_MAX];
    char name[24];
    struct fl_label label;
    snprintf(fill, sizeof(fill),
             FL_BOX ";0.%03d:" FL_AMBER_BOX ";0.%03d:" FL_BOX,
             (from - left) * 1000 / (right - left),
             (to - from) * 1000 / (right - left));
    struct fl_shape box = *plain;
    box.label = "";
    box.html = false;
    box.style = "striped";
    box.fill = fill;
    fl_dot_shape(chart->out, &box);

    struct fl_shape words = *plain;
    snprintf(name, sizeof(name), "o%ut", i);
    words.name = name;
    words.x = (to + right) / 2;
    fl_dot_words(chart->out, &words);

    fl_hold_describe(hold, text);
    snprintf(name, sizeof(name), "hold%u", i);
    fl_dot_words(chart->out,
                 &(struct fl_shape){.name = name,
                                    .x = (from + to) / 2,
                                    .y = plain->y,
                                    .size = 11,
                                    .ink = FL_AMBER_INK,
                                    .label = fl_dot_plain(&label, text, 50)});
}

/* The badge at the right end of an operation that a fault cut off. */
static void draw_crash(const struct fl_chart *chart, uint32_t i, int32_t y)
{
    const struct fl_record_fault *crash = fl_scene_crash(chart->record, i);
    if (crash == NULL) {
        return;
    }
    struct fl_label label;
    char text[FL_LABEL_BYTES + 16];
    char name[24];
    fl_dot_html(&label, crash->label, 12);
    snprintf(text, sizeof(text), "<b>CRASH %s</b>", label.text);
    snprintf(name, sizeof(name), "crash%u", i);
    fl_dot_shape(chart->out, &(struct fl_shape){.name = name,
                                                .x = chart->right - 40,
                                                .y = y + 17,
                                                .width = 62,
                                                .height = 16,
                                                .style = "filled",
                                                .fill = FL_RED,
                                                .line = FL_RED,
                                                .ink = "white",
                                                .size = 9,
                                                .label = text,
                                                .html = true});
}

static void draw_operation(const struct fl_chart *chart, uint32_t i)
{
    const struct fl_operation *op = &chart->record->history->operations[i];
    bool stuck = fl_scene_is_stuck(chart->record, i);
    const struct fl_record_fault *hold = fl_chart_hold(chart, i);
    int32_t left = fl_chart_edge(chart, i, false);
    int32_t right = fl_chart_edge(chart, i, true);
    int32_t y = fl_chart_lane_y(chart, op->client) + 3;
    char text[FL_TEXT_MAX];
    char name[24];
    struct fl_label label;
    char bold[FL_LABEL_BYTES + 8];
    snprintf(name, sizeof(name), "o%u", i);
    fl_scene_operation(chart->record, i, text);
    /* A box too narrow for its text would be overdrawn by the next. */
    uint32_t columns = right - left > 60 ? (uint32_t)(right - left - 8) / 8 : 6;
    struct fl_shape shape = {.name = name,
                             .x = (left + right) / 2,
                             .y = y,
                             .width = right > left ? right - left : 1,
                             .height = BOX,
                             .style = "filled,rounded",
                             .fill = FL_BOX,
                             .line = FL_BOX_LINE,
                             .font = FL_MONO,
                             .label = fl_dot_plain(&label, text, columns)};
    if (stuck) {
        fl_dot_html(&label, text, columns);
        snprintf(bold, sizeof(bold), "<b>%s</b>", label.text);
        shape.label = bold;
        shape.html = true;
        shape.fill = FL_RED_TINT;
        shape.line = shape.ink = FL_RED;
        shape.pen = 30;
    } else if (fl_chart_is_open(chart, i)) {
        shape.style = "filled,rounded,dashed";
        shape.fill = "white";
        shape.line = shape.ink = FL_GREY;
        shape.pen = 16;
    }
    if (hold == NULL) {
        fl_dot_shape(chart->out, &shape);
    } else {
        draw_held(chart, i, hold, &shape);
    }
    draw_crash(chart, i, y);
}

/* What clients were told of operations that were cut off: a flag on a staff, at
 * that moment, above the box. */
static void draw_told(const struct fl_chart *chart)
{
    const struct fl_history *h = chart->record->history;
    struct fl_chart_mark mark;
    for (uint32_t e = 0; e < h->events_count; e++) {
        if (!fl_chart_told(chart, e, &mark)) {
            continue;
        }
        bool stuck = fl_scene_is_stuck(chart->record, mark.operation);
        const char *color = stuck ? FL_RED : FL_BLUE;
        int32_t x = fl_axis_at(&chart->axis, mark.moment);
        int32_t y =
            fl_chart_lane_y(chart, h->operations[mark.operation].client);
        struct fl_label label;
        char name[24];
        snprintf(name, sizeof(name), "toldl%u", e);
        fl_dot_line(chart->out, name,
                    &(struct fl_line){.x1 = x,
                                      .y1 = y - 12,
                                      .x2 = x,
                                      .y2 = y + 25,
                                      .color = color,
                                      .pen = 14});
        snprintf(name, sizeof(name), "told%u", e);
        fl_dot_shape(
            chart->out,
            &(struct fl_shape){.name = name,
                               .x = x,
                               .y = y + 32,
                               .width = mark.width,
                               .height = 14,
                               .style = "filled",
                               .fill = "white",
                               .line = color,
                               .ink = color,
                               .font = FL_MONO,
                               .size = 9,
                               .label = fl_dot_plain(&label, mark.text, 40)});
    }
}

static void draw_disc(const struct fl_chart *chart, uint32_t k)
{
    const struct fl_explanation *e = chart->record->explanation;
    uint32_t i = e->prefix[k];
    int32_t y =
        fl_chart_lane_y(chart, chart->record->history->operations[i].client);
    char name[24];
    char number[16];
    char text[FL_TEXT_MAX + 8];
    struct fl_label label;
    snprintf(name, sizeof(name), "p%u", k);
    snprintf(number, sizeof(number), "%u", k + 1);
    fl_dot_disc(chart->out, name, chart->disc_x[k], y + 20, number);
    snprintf(name, sizeof(name), "st%u", k);
    snprintf(text, sizeof(text), "state %s", e->prefix_states[k]);
    fl_dot_words(chart->out,
                 &(struct fl_shape){.name = name,
                                    .x = chart->disc_x[k],
                                    .y = y - 23,
                                    .size = 10,
                                    .ink = FL_BLUE,
                                    .font = FL_MONO,
                                    .label = fl_dot_plain(&label, text, 26)});
}

/* The red disc, and what was legal there. */
static void draw_stuck(const struct fl_chart *chart)
{
    const struct fl_explanation *e = chart->record->explanation;
    uint32_t client = chart->record->history->operations[e->stuck].client;
    int32_t x = (fl_chart_edge(chart, e->stuck, false) +
                 fl_chart_edge(chart, e->stuck, true)) /
                2;
    int32_t y = fl_chart_lane_y(chart, client);
    struct fl_label label;
    char text[FL_LABEL_BYTES + 32];
    fl_dot_html(&label, e->must_all, 40);
    snprintf(text, sizeof(text), "<b>%s%s</b>",
             e->must_all[0] != '\0' ? "legal here: " : "not possible",
             label.text);
    fl_dot_disc(chart->out, "px", x, y + 20, "\u2717");
    fl_dot_words(chart->out, &(struct fl_shape){.name = "legal",
                                                .x = x,
                                                .y = y - 23,
                                                .size = 10,
                                                .ink = FL_RED,
                                                .font = FL_MONO,
                                                .label = text,
                                                .html = true});
}

/* The discs, and the line through them. */
static void draw_prefix(const struct fl_chart *chart)
{
    const struct fl_explanation *e = chart->record->explanation;
    uint32_t previous = FL_OPEN;
    for (uint32_t k = 0; k < chart->discs; k++) {
        if (e->prefix[k] < chart->first) {
            continue;
        }
        draw_disc(chart, k);
        if (previous != FL_OPEN) {
            fprintf(chart->out,
                    "  p%u -> p%u [color=\"" FL_BLUE "\", penwidth=\"2.4\", "
                    "arrowsize=\"0.7\"];\n",
                    previous, k);
        } else if (fl_scene_setup(chart->record) > 0) {
            fprintf(chart->out,
                    "  init -> p%u [color=\"" FL_BLUE "\", "
                    "penwidth=\"2.4\", arrowhead=\"none\"];\n",
                    k);
        }
        previous = k;
    }
    if (e->stuck < chart->first) {
        return;
    }
    draw_stuck(chart);
    if (previous != FL_OPEN) {
        fprintf(chart->out,
                "  p%u -> px [color=\"" FL_RED "\", penwidth=\"2.4\", "
                "style=\"dashed\", arrowsize=\"0.8\"];\n",
                previous);
    }
}

/* A line through all lanes at each crash of everybody. */
static void draw_crashes(const struct fl_chart *chart)
{
    int32_t places[FL_CHART_CRASHES];
    uint32_t count = fl_chart_crashes(chart, places);
    int32_t top = (int32_t)chart->lanes * FL_CHART_LANE + 8;
    for (uint32_t k = 0; k < count; k++) {
        char name[24];
        snprintf(name, sizeof(name), "all%u", k);
        fl_dot_line(chart->out, name,
                    &(struct fl_line){.x1 = places[k],
                                      .y1 = 14,
                                      .x2 = places[k],
                                      .y2 = top,
                                      .color = FL_RED,
                                      .pen = 16,
                                      .style = "dashed"});
        snprintf(name, sizeof(name), "allw%u", k);
        fl_dot_words(chart->out, &(struct fl_shape){.name = name,
                                                    .x = places[k],
                                                    .y = top + 6,
                                                    .size = 10,
                                                    .ink = FL_RED,
                                                    .label = "all crash"});
    }
}

/* The axis with a number at each call and return that has room. */
static void draw_axis(const struct fl_chart *chart)
{
    bool steps = chart->record->steps_count > 0;
    char name[24];
    char number[24];
    int32_t last = 0;
    fl_dot_line(chart->out, "axis",
                &(struct fl_line){.x1 = FL_CHART_LEFT,
                                  .y1 = 14,
                                  .x2 = chart->right,
                                  .y2 = 14,
                                  .color = FL_SOFT,
                                  .pen = 10,
                                  .arrow = true});
    for (uint32_t k = 0; k < chart->axis.count; k++) {
        uint64_t moment = chart->axis.moments[k];
        if (moment % 2 != 0 || chart->axis.places[k] - last < 18) {
            continue;
        }
        last = chart->axis.places[k];
        snprintf(name, sizeof(name), "ax%u", k);
        snprintf(number, sizeof(number), "%" PRIu64,
                 moment / 2 + (steps ? 1 : 0));
        fl_dot_words(chart->out, &(struct fl_shape){.name = name,
                                                    .x = last,
                                                    .y = 2,
                                                    .size = 9,
                                                    .ink = FL_GREY,
                                                    .label = number});
    }
    fl_dot_words(chart->out, &(struct fl_shape){.name = "axl",
                                                .x = 58,
                                                .y = 2,
                                                .size = 9,
                                                .ink = FL_GREY,
                                                .label = steps ? "schedule step"
                                                               : "event"});
}

/* What was left out, if anything was. */
static void draw_rest(const struct fl_chart *chart)
{
    const struct fl_record *record = chart->record;
    uint32_t left_out = chart->first - fl_scene_setup(record);
    uint32_t others = 0; /* of clients whose lanes are not drawn */
    for (uint32_t i = chart->first; i < record->history->count; i++) {
        others += record->history->operations[i].client >= chart->lanes;
    }
    if (left_out == 0 && others == 0) {
        return;
    }
    char text[FL_TEXT_MAX];
    if (others == 0) {
        snprintf(text, sizeof(text), "left out: the first %u operations",
                 left_out);
    } else {
        snprintf(text, sizeof(text),
                 "left out: the first %u operations, and %u of other lanes",
                 left_out, others);
    }
    fl_dot_words(chart->out, &(struct fl_shape){.name = "rest",
                                                .x = FL_CHART_LEFT + 160,
                                                .y = -16,
                                                .size = 10,
                                                .ink = FL_GREY,
                                                .label = text});
}

static const char *lacks_history(const struct fl_record *record)
{
    return record->history == NULL ||
                   record->history->count == fl_scene_setup(record)
               ? "the record has no operations"
               : NULL;
}

static void draw_timeline(const struct fl_record *record, FILE *out)
{
    assert(lacks_history(record) == NULL);
    struct fl_chart *chart = calloc(1, sizeof(*chart));
    uint32_t discs =
        record->explanation == NULL ? 0 : record->explanation->prefix_count;
    int32_t *disc_x = calloc((size_t)discs + 1, sizeof(*disc_x));
    if (chart != NULL && disc_x != NULL) {
        struct fl_label title;
        struct fl_label rest;
        *chart = (struct fl_chart){.record = record,
                                   .out = out,
                                   .lanes = fl_chart_lanes(record),
                                   .discs = discs,
                                   .disc_x = disc_x};
        fl_chart_lay(chart);
        fl_chart_place(chart);
        fl_scene_title(record, &title, &rest);
        fl_dot_pinned(out, title.text, rest.text,
                      (int32_t)chart->lanes * FL_CHART_LANE + 20);
        draw_lanes(chart);
        draw_setup(chart);
        for (uint32_t i = chart->first; i < record->history->count; i++) {
            if (record->history->operations[i].client < chart->lanes) {
                draw_operation(chart, i);
            }
        }
        draw_told(chart);
        draw_axis(chart);
        draw_crashes(chart);
        if (record->explanation != NULL) {
            draw_prefix(chart);
        }
        draw_rest(chart);
        fl_scene_why(record, FL_CHART_LEFT + 2, -24, out);
        fprintf(out, "}\n");
    }
    free(disc_x);
    free(chart);
}

const struct fl_view fl_view_timeline = {
    .name = "timeline",
    .about = "operations over time, and where each could take effect",
    .lacks = lacks_history,
    .draw = draw_timeline,
};
