/*
 * The timeline: who called what when, and where it could have taken effect.
 *
 * A lane for each client, a box from call to return for each operation, the
 * longest legal prefix as numbered discs with the state after each, delays as
 * amber segments, crashes as badges, the stuck operation in red, and below a
 * box that says why.  Pinned layout.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/axis.h"
#include "checker/draw/scene.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT = 142,    /* where lanes begin */
    LANE = 96,     /* from one lane to the next */
    BAND = 78,     /* the lane's own height */
    BOX = 30,      /* an operation's height */
    GAP = 22,      /* between two moments */
    DISC_GAP = 30, /* between two discs */
    SETUP_WIDTH = 86,
    OPERATIONS_MAX = 120,
    LANES_MAX = 32
};

/* A drawing in the making. */
struct chart {
    const struct fl_record *record;
    FILE *out;
    struct fl_axis axis;
    uint32_t first; /* operations before it are not drawn */
    uint32_t lanes;
    int32_t right; /* where lanes end */
    uint32_t discs;
    int32_t *disc_x; /* of each operation of the prefix */
};

/* Moments are doubled, so that a fault fits between two steps. */
static uint64_t moment_of(const struct chart *chart, uint32_t i, bool ret)
{
    const struct fl_record *record = chart->record;
    const struct fl_operation *op = &record->history->operations[i];
    const uint32_t *steps = ret ? record->return_steps : record->call_steps;
    if (steps != NULL && steps[i] != FL_NO_STEP) {
        return 2 * (uint64_t)steps[i];
    }
    return 2 * (uint64_t)(ret ? op->ret : op->call);
}

static bool is_open(const struct chart *chart, uint32_t i)
{
    return chart->record->history->operations[i].ret == FL_OPEN;
}

static int32_t lane_y(const struct chart *chart, uint32_t lane)
{
    return (int32_t)(chart->lanes - lane) * LANE - 39;
}

/* Whether `fault` held the client of operation `i` while that ran. */
static bool holds(const struct chart *chart,
                  const struct fl_record_fault *fault, uint32_t i)
{
    const struct fl_operation *op = &chart->record->history->operations[i];
    bool lasts =
        strcmp(fault->kind, "delay") == 0 || strcmp(fault->kind, "pause") == 0;
    return lasts && chart->record->steps_count > 0 && !is_open(chart, i) &&
           fault->thread == op->client && fault->until != FL_NO_STEP &&
           fault->until > fault->before &&
           2 * (uint64_t)fault->before > moment_of(chart, i, false) &&
           2 * (uint64_t)fault->until <= moment_of(chart, i, true);
}

static uint64_t hold_begin(const struct fl_record_fault *fault)
{
    return 2 * (uint64_t)fault->before - 1;
}

static uint64_t hold_end(const struct fl_record_fault *fault)
{
    return 2 * (uint64_t)fault->until - 1;
}

/* The last fault that held operation `i`, or NULL. */
static const struct fl_record_fault *find_hold(const struct chart *chart,
                                               uint32_t i)
{
    const struct fl_record_fault *found = NULL;
    for (uint32_t k = 0; k < chart->record->faults_count; k++) {
        if (holds(chart, &chart->record->faults[k], i)) {
            found = &chart->record->faults[k];
        }
    }
    return found;
}

/* How many points a text of `columns` takes, in the fixed-width font. */
static int32_t mono_points(const char *text)
{
    return (int32_t)fl_text_columns(text) * 8 + 30;
}

static void write_hold(const struct fl_record_fault *fault, char *text)
{
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, FL_TEXT_MAX);
    fl_phrase_add(&phrase, fault->label);
    fl_phrase_add(&phrase, " ");
    fl_phrase_add(&phrase, fault->kind);
    if (fault->text != NULL) {
        fl_phrase_add(&phrase, ": ");
        fl_phrase_add(&phrase, fault->text);
    }
}

/* Demands the room that operation `i` needs for its texts. */
static void reserve_operation(struct chart *chart, uint32_t i)
{
    char text[FL_TEXT_MAX];
    uint64_t call = moment_of(chart, i, false);
    int32_t points = mono_points(fl_scene_operation(chart->record, i, text));
    fl_axis_add(&chart->axis, call);
    if (is_open(chart, i)) {
        return;
    }
    uint64_t ret = moment_of(chart, i, true);
    const struct fl_record_fault *hold = find_hold(chart, i);
    if (hold == NULL) {
        fl_axis_span(&chart->axis, call, ret, points);
        return;
    }
    write_hold(hold, text);
    int32_t held = (int32_t)fl_text_columns(text) * 6 + 16;
    fl_axis_span(&chart->axis, hold_begin(hold), hold_end(hold),
                 held < 300 ? held : 300);
    fl_axis_span(&chart->axis, hold_end(hold), ret, points + 20);
}

/* The operations before the window are left out: the end explains. */
static void lay_axis(struct chart *chart)
{
    const struct fl_record *record = chart->record;
    uint32_t setup = fl_scene_setup(record);
    uint32_t count = record->history->count;
    chart->first =
        count - setup > OPERATIONS_MAX ? count - OPERATIONS_MAX : setup;
    int32_t open = 0;
    char text[FL_TEXT_MAX];
    for (uint32_t i = chart->first; i < count; i++) {
        reserve_operation(chart, i);
    }
    bool room = setup > 0 || record->setup != NULL;
    fl_axis_lay(&chart->axis, LEFT + 34 + (room ? SETUP_WIDTH : 0), GAP, 0);
    chart->right = fl_axis_end(&chart->axis) + 66;
    for (uint32_t i = chart->first; i < count; i++) {
        if (is_open(chart, i)) {
            open = fl_axis_at(&chart->axis, moment_of(chart, i, false)) +
                   mono_points(fl_scene_operation(record, i, text)) + 90;
            chart->right = open > chart->right ? open : chart->right;
        }
    }
}

/* The left or right end of operation `i`'s box. */
static int32_t box_end(const struct chart *chart, uint32_t i, bool right)
{
    if (right && is_open(chart, i)) {
        return chart->right - 30;
    }
    return fl_axis_at(&chart->axis, moment_of(chart, i, right));
}

static void draw_lanes(const struct chart *chart)
{
    char text[16];
    char name[24];
    struct fl_label label;
    for (uint32_t k = 0; k < chart->lanes; k++) {
        int32_t y = lane_y(chart, k);
        snprintf(name, sizeof(name), "lane%u", k);
        fl_dot_line(chart->out, name,
                    &(struct fl_line){.x1 = LEFT,
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
static void draw_setup(const struct chart *chart)
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
             setup > 0 ? "%u ops done\\n%s" : "set up\\n%.0u%s", setup,
             label.text);
    fl_dot_shape(chart->out,
                 &(struct fl_shape){
                     .name = "init",
                     .x = LEFT + 48,
                     .y = lane_y(chart, lane < chart->lanes ? lane : 0) + 3,
                     .width = SETUP_WIDTH,
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
static void draw_held(const struct chart *chart, uint32_t i,
                      const struct fl_record_fault *hold,
                      const struct fl_shape *plain)
{
    int32_t left = box_end(chart, i, false);
    int32_t right = box_end(chart, i, true);
    int32_t from = fl_axis_at(&chart->axis, hold_begin(hold));
    int32_t to = fl_axis_at(&chart->axis, hold_end(hold));
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

    write_hold(hold, text);
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
static void draw_crash(const struct chart *chart, uint32_t i, int32_t y)
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

static void draw_operation(const struct chart *chart, uint32_t i)
{
    const struct fl_operation *op = &chart->record->history->operations[i];
    bool stuck = fl_scene_is_stuck(chart->record, i);
    const struct fl_record_fault *hold = find_hold(chart, i);
    int32_t left = box_end(chart, i, false);
    int32_t right = box_end(chart, i, true);
    int32_t y = lane_y(chart, op->client) + 3;
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
    } else if (is_open(chart, i)) {
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

/* Where a disc would best stand: the middle of its box, or where it could go
 * on again. */
static int32_t prefer_disc(const struct chart *chart, uint32_t i)
{
    const struct fl_record_fault *hold = find_hold(chart, i);
    if (hold != NULL) {
        return fl_axis_at(&chart->axis, hold_end(hold));
    }
    return (box_end(chart, i, false) + box_end(chart, i, true)) / 2;
}

/* Places discs from left to right: each within its box, and none after one
 * that must come later. */
static void place_discs(struct chart *chart)
{
    const struct fl_explanation *e = chart->record->explanation;
    int32_t high = chart->right;
    for (uint32_t k = chart->discs; k-- > 0;) {
        int32_t end = e->prefix[k] < chart->first
                          ? LEFT
                          : box_end(chart, e->prefix[k], true) - 14;
        high = end < high ? end : high;
        chart->disc_x[k] = high;
        high -= DISC_GAP;
    }
    int32_t low = 0;
    for (uint32_t k = 0; k < chart->discs; k++) {
        int32_t want = e->prefix[k] < chart->first
                           ? LEFT
                           : prefer_disc(chart, e->prefix[k]);
        want = want < low ? low : want;
        chart->disc_x[k] = want < chart->disc_x[k] ? want : chart->disc_x[k];
        low = chart->disc_x[k] + DISC_GAP;
    }
}

static void draw_disc(const struct chart *chart, uint32_t k)
{
    const struct fl_explanation *e = chart->record->explanation;
    uint32_t i = e->prefix[k];
    int32_t y = lane_y(chart, chart->record->history->operations[i].client);
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
static void draw_stuck(const struct chart *chart)
{
    const struct fl_explanation *e = chart->record->explanation;
    uint32_t client = chart->record->history->operations[e->stuck].client;
    int32_t x =
        (box_end(chart, e->stuck, false) + box_end(chart, e->stuck, true)) / 2;
    int32_t y = lane_y(chart, client);
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
static void draw_prefix(const struct chart *chart)
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

/* The axis with a number at each call and return that has room. */
static void draw_axis(const struct chart *chart)
{
    bool steps = chart->record->steps_count > 0;
    char name[24];
    char number[24];
    int32_t last = 0;
    fl_dot_line(chart->out, "axis",
                &(struct fl_line){.x1 = LEFT,
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
        snprintf(number, sizeof(number), "%llu",
                 (unsigned long long)(moment / 2 + (steps ? 1 : 0)));
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
static void draw_rest(const struct chart *chart)
{
    const struct fl_record *record = chart->record;
    uint32_t left_out = chart->first - fl_scene_setup(record);
    uint32_t lanes = record->lanes_count > chart->lanes
                         ? record->lanes_count - chart->lanes
                         : 0;
    if (left_out == 0 && lanes == 0) {
        return;
    }
    char text[FL_TEXT_MAX];
    snprintf(text, sizeof(text), "left out: the first %u operations, %u lanes",
             left_out, lanes);
    fl_dot_words(chart->out, &(struct fl_shape){.name = "rest",
                                                .x = LEFT + 160,
                                                .y = -16,
                                                .size = 10,
                                                .ink = FL_GREY,
                                                .label = text});
}

static uint32_t count_lanes(const struct fl_record *record)
{
    uint32_t lanes = 1;
    for (uint32_t i = fl_scene_setup(record); i < record->history->count; i++) {
        uint32_t client = record->history->operations[i].client;
        lanes = client + 1 > lanes ? client + 1 : lanes;
    }
    return lanes < LANES_MAX ? lanes : LANES_MAX;
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
    struct chart *chart = calloc(1, sizeof(*chart));
    uint32_t discs =
        record->explanation == NULL ? 0 : record->explanation->prefix_count;
    int32_t *disc_x = calloc((size_t)discs + 1, sizeof(*disc_x));
    if (chart != NULL && disc_x != NULL) {
        struct fl_label title;
        struct fl_label rest;
        *chart = (struct chart){.record = record,
                                .out = out,
                                .lanes = count_lanes(record),
                                .discs = discs,
                                .disc_x = disc_x};
        lay_axis(chart);
        place_discs(chart);
        fl_scene_title(record, &title, &rest);
        fl_dot_pinned(out, title.text, rest.text,
                      (int32_t)chart->lanes * LANE + 20);
        draw_lanes(chart);
        draw_setup(chart);
        for (uint32_t i = chart->first; i < record->history->count; i++) {
            if (record->history->operations[i].client < chart->lanes) {
                draw_operation(chart, i);
            }
        }
        draw_axis(chart);
        if (record->explanation != NULL) {
            draw_prefix(chart);
        }
        draw_rest(chart);
        fl_scene_why(record, LEFT + 2, -24, out);
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
