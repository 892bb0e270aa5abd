/*
 * The plan of a timeline: where everything stands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/timeline_plan.h"

#include "checker/draw/told.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

enum {
    GAP = 22,      /* between two moments */
    DISC_GAP = 30, /* between two discs */
    OPERATIONS_MAX = 120,
    LANES_MAX = 32
};

/* Moments are doubled, so that a fault fits between two steps. */
static uint64_t moment_of(const struct fl_chart *chart, uint32_t i, bool ret)
{
    const struct fl_record *record = chart->record;
    const struct fl_operation *op = &record->history->operations[i];
    const uint32_t *steps = ret ? record->return_steps : record->call_steps;
    if (steps != NULL && steps[i] != FL_NO_STEP) {
        return 2 * (uint64_t)steps[i];
    }
    return 2 * (uint64_t)(ret ? op->ret : op->call);
}

bool fl_chart_is_open(const struct fl_chart *chart, uint32_t i)
{
    return chart->record->history->operations[i].ret == FL_OPEN;
}

int32_t fl_chart_lane_y(const struct fl_chart *chart, uint32_t lane)
{
    return (int32_t)(chart->lanes - lane) * FL_CHART_LANE - 39;
}

/* Whether `fault` held the client of operation `i` while that ran. */
static bool is_held(const struct fl_chart *chart,
                    const struct fl_record_fault *fault, uint32_t i)
{
    const struct fl_operation *op = &chart->record->history->operations[i];
    bool lasts =
        strcmp(fault->kind, "delay") == 0 || strcmp(fault->kind, "pause") == 0;
    return lasts && chart->record->steps_count > 0 &&
           !fl_chart_is_open(chart, i) && fault->thread == op->client &&
           fault->until != FL_NO_STEP && fault->until > fault->before &&
           2 * (uint64_t)fault->before > moment_of(chart, i, false) &&
           2 * (uint64_t)fault->until <= moment_of(chart, i, true);
}

uint64_t fl_hold_begin(const struct fl_record_fault *fault)
{
    return 2 * (uint64_t)fault->before - 1;
}

uint64_t fl_hold_end(const struct fl_record_fault *fault)
{
    return 2 * (uint64_t)fault->until - 1;
}

/* The last fault that held operation `i`, or NULL. */
const struct fl_record_fault *fl_chart_hold(const struct fl_chart *chart,
                                            uint32_t i)
{
    const struct fl_record_fault *found = NULL;
    for (uint32_t k = 0; k < chart->record->faults_count; k++) {
        if (is_held(chart, &chart->record->faults[k], i)) {
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

void fl_hold_describe(const struct fl_record_fault *fault,
                      char text[FL_TEXT_MAX])
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

/* The operation that event `e` tells of, if both are drawn; else FL_OPEN. */
static uint32_t find_told(const struct fl_chart *chart, uint32_t e)
{
    const struct fl_history *h = chart->record->history;
    uint32_t i = fl_told_of(chart->record, e);
    bool drawn = i != FL_OPEN && i >= chart->first &&
                 h->operations[i].client < chart->lanes;
    return drawn ? i : FL_OPEN;
}

bool fl_chart_told(const struct fl_chart *chart, uint32_t e,
                   struct fl_chart_mark *mark)
{
    const struct fl_history *h = chart->record->history;
    uint32_t i = find_told(chart, e);
    if (i == FL_OPEN) {
        return false;
    }
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, mark->text, sizeof(mark->text));
    fl_told_describe(chart->record, &h->operations[i], &h->events[e], &phrase);
    mark->operation = i;
    mark->width = (int32_t)fl_text_columns(mark->text) * 6 + 12;
    mark->moment = fl_told_at(chart->record, e);
    return true;
}

/* Demands room for what clients were told: between it and whatever precedes,
 * and behind the last of them. */
static void reserve_told(struct fl_chart *chart)
{
    const struct fl_history *h = chart->record->history;
    struct fl_chart_mark mark;
    for (uint32_t e = 0; e < h->events_count; e++) {
        if (fl_chart_told(chart, e, &mark)) {
            uint64_t call = moment_of(chart, mark.operation, false);
            fl_axis_span(&chart->axis, call, mark.moment,
                         mono_points(mark.text) + mark.width);
        }
    }
}

/* Where lanes must end for those marks to lie within them, and beside the badge
 * of a crash. */
static int32_t find_end(const struct fl_chart *chart)
{
    int32_t end = 0;
    struct fl_chart_mark mark;
    for (uint32_t e = 0; e < chart->record->history->events_count; e++) {
        if (fl_chart_told(chart, e, &mark)) {
            int32_t right =
                fl_axis_at(&chart->axis, mark.moment) + mark.width / 2 + 76;
            end = right > end ? right : end;
        }
    }
    return end;
}

/* Demands the room that operation `i` needs for its texts. */
static void reserve_operation(struct fl_chart *chart, uint32_t i)
{
    char text[FL_TEXT_MAX];
    uint64_t call = moment_of(chart, i, false);
    int32_t points = mono_points(fl_scene_operation(chart->record, i, text));
    fl_axis_add(&chart->axis, call);
    if (fl_chart_is_open(chart, i)) {
        return;
    }
    uint64_t ret = moment_of(chart, i, true);
    const struct fl_record_fault *hold = fl_chart_hold(chart, i);
    if (hold == NULL) {
        fl_axis_span(&chart->axis, call, ret, points);
        return;
    }
    fl_hold_describe(hold, text);
    int32_t held = (int32_t)fl_text_columns(text) * 6 + 16;
    fl_axis_span(&chart->axis, fl_hold_begin(hold), fl_hold_end(hold),
                 held < 300 ? held : 300);
    fl_axis_span(&chart->axis, fl_hold_end(hold), ret, points + 20);
}

/* The moments of the crashes of everybody that are drawn. */
static uint32_t list_crashes(const struct fl_chart *chart, uint64_t *moments)
{
    const struct fl_history *h = chart->record->history;
    uint32_t count = 0;
    if (chart->record->steps_count > 0 || chart->first >= h->count) {
        return 0;
    }
    for (uint32_t e = 0; e < h->events_count && count < FL_CHART_CRASHES; e++) {
        const struct fl_event *event = &h->events[e];
        if (event->kind == FL_EVENT_CRASH_ALL &&
            event->at > h->operations[chart->first].call) {
            moments[count] = 2 * (uint64_t)event->at;
            count++;
        }
    }
    return count;
}

uint32_t fl_chart_crashes(const struct fl_chart *chart, int32_t *places)
{
    uint64_t moments[FL_CHART_CRASHES];
    uint32_t count = list_crashes(chart, moments);
    for (uint32_t k = 0; k < count; k++) {
        places[k] = fl_axis_at(&chart->axis, moments[k]);
    }
    return count;
}

/* The operations before the window are left out: the end explains. */
void fl_chart_lay(struct fl_chart *chart)
{
    const struct fl_record *record = chart->record;
    uint32_t setup = fl_scene_setup(record);
    uint32_t count = record->history->count;
    chart->first =
        count - setup > OPERATIONS_MAX ? count - OPERATIONS_MAX : setup;
    char text[FL_TEXT_MAX];
    for (uint32_t i = chart->first; i < count; i++) {
        reserve_operation(chart, i);
    }
    uint64_t crashes[FL_CHART_CRASHES];
    for (uint32_t k = list_crashes(chart, crashes); k-- > 0;) {
        fl_axis_add(&chart->axis, crashes[k]);
    }
    reserve_told(chart);
    bool room = setup > 0 || record->setup != NULL;
    fl_axis_lay(&chart->axis, FL_CHART_LEFT + 34 + (room ? FL_CHART_SETUP : 0),
                GAP, 0);
    chart->right = fl_axis_end(&chart->axis) + 66;
    for (uint32_t i = chart->first; i < count; i++) {
        if (fl_chart_is_open(chart, i)) {
            int32_t open =
                fl_axis_at(&chart->axis, moment_of(chart, i, false)) +
                mono_points(fl_scene_operation(record, i, text)) + 90;
            chart->right = open > chart->right ? open : chart->right;
        }
    }
    int32_t told = find_end(chart);
    chart->right = told > chart->right ? told : chart->right;
}

/* The left or right end of operation `i`'s box. */
int32_t fl_chart_edge(const struct fl_chart *chart, uint32_t i, bool right)
{
    if (right && fl_chart_is_open(chart, i)) {
        return chart->right - 30;
    }
    return fl_axis_at(&chart->axis, moment_of(chart, i, right));
}

/* Where a disc would best stand: the middle of its box, or where it could go
 * on again. */
static int32_t prefer_disc(const struct fl_chart *chart, uint32_t i)
{
    const struct fl_record_fault *hold = fl_chart_hold(chart, i);
    if (hold != NULL) {
        return fl_axis_at(&chart->axis, fl_hold_end(hold));
    }
    return (fl_chart_edge(chart, i, false) + fl_chart_edge(chart, i, true)) / 2;
}

/* Places discs from left to right: each within its box, and none after one
 * that must come later. */
void fl_chart_place(struct fl_chart *chart)
{
    const struct fl_explanation *e = chart->record->explanation;
    int32_t high = chart->right;
    for (uint32_t k = chart->discs; k-- > 0;) {
        int32_t end = e->prefix[k] < chart->first
                          ? FL_CHART_LEFT
                          : fl_chart_edge(chart, e->prefix[k], true) - 14;
        high = end < high ? end : high;
        chart->disc_x[k] = high;
        high -= DISC_GAP;
    }
    int32_t low = 0;
    for (uint32_t k = 0; k < chart->discs; k++) {
        int32_t want = e->prefix[k] < chart->first
                           ? FL_CHART_LEFT
                           : prefer_disc(chart, e->prefix[k]);
        want = want < low ? low : want;
        chart->disc_x[k] = want < chart->disc_x[k] ? want : chart->disc_x[k];
        low = chart->disc_x[k] + DISC_GAP;
    }
}

uint32_t fl_chart_lanes(const struct fl_record *record)
{
    uint32_t lanes = 1;
    for (uint32_t i = fl_scene_setup(record); i < record->history->count; i++) {
        uint32_t client = record->history->operations[i].client;
        lanes = client + 1 > lanes ? client + 1 : lanes;
    }
    return lanes < LANES_MAX ? lanes : LANES_MAX;
}
