/*
 * HISTORY: the operations as brackets in a column for each thread.
 *
 * A row for each call, return and crash; on the right the number of the
 * operation in the longest legal prefix and the state after it.  From four
 * threads on, all share one column and each row names its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/told.h"
#include "checker/phrase.h"
#include "harness/report/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT = 9,      /* where lanes begin */
    LANE_MAX = 22, /* columns of a lane */
    LANE_MIN = 14,
    NUMBER_COLUMNS = 16,
    STATE_MIN = 8,
    STATE_MAX = 30,
    ROWS_MAX = 48,
    NOTES_MAX = 8 /* of a lane that wait for a free row */
};

enum moment_kind {
    MOMENT_CALL,
    MOMENT_RETURN,
    MOMENT_CUT,  /* by a crash, or the end of the run */
    MOMENT_TOLD, /* its client learnt what became of it */
};

struct moment {
    uint64_t at; /* doubled, so that a crash fits between two steps */
    uint32_t operation;
    enum moment_kind kind;
    const struct fl_event *told; /* MOMENT_TOLD */
};

/* Texts that stand beside the line of an operation that goes on. */
struct notes {
    char text[NOTES_MAX][40];
    uint64_t from[NOTES_MAX];
    uint32_t count;
    uint32_t told;
};

enum lane_state {
    LANE_IDLE,
    LANE_BUSY,
    LANE_CUT,
};

/* The table in the making. */
struct table {
    struct page *page;
    const struct fl_record *record;
    struct cast cast;
    struct moment *moments;
    uint32_t count;
    struct notes notes[REPORT_CLIENTS_MAX];
    enum lane_state lanes[REPORT_CLIENTS_MAX];
    bool beside; /* a column for each lane */
    uint32_t lane_width;
    uint32_t number_at;
    uint32_t state_at;
};

static uint64_t moment_at(const struct fl_record *record, uint32_t i, bool ret)
{
    const struct fl_operation *op = &record->history->operations[i];
    const uint32_t *steps = ret ? record->return_steps : record->call_steps;
    if (text_clock(record) != CLOCK_EVENTS && steps != NULL) {
        return steps[i] == FL_NO_STEP ? UINT64_MAX - 1 : 2 * (uint64_t)steps[i];
    }
    return 2 * (uint64_t)(ret ? op->ret : op->call);
}

/* When operation `i` was cut off: just before the step of its crash, else at
 * the end. */
static uint64_t cut_at(const struct fl_record *record, uint32_t i)
{
    const struct fl_record_fault *crash = fl_scene_crash(record, i);
    if (crash != NULL && crash->before != FL_NO_STEP && crash->before > 0) {
        return 2 * (uint64_t)crash->before - 1;
    }
    uint32_t cut = fl_history_cut(record->history, i);
    if (cut != FL_OPEN && text_clock(record) == CLOCK_EVENTS) {
        return 2 * (uint64_t)cut;
    }
    return UINT64_MAX;
}

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a;
    const struct moment *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    return x->operation < y->operation ? -1 : x->operation > y->operation;
}

static void collect_moments(struct table *table)
{
    const struct fl_record *record = table->record;
    for (uint32_t i = fl_scene_setup(record); i < record->history->count; i++) {
        const struct fl_operation *op = &record->history->operations[i];
        cast_add(&table->cast, op->client);
        table->moments[table->count] = (struct moment){
            .at = moment_at(record, i, false),
            .operation = i,
            .kind = MOMENT_CALL,
        };
        table->count++;
        bool open = op->ret == FL_OPEN;
        table->moments[table->count] = (struct moment){
            .at = open ? cut_at(record, i) : moment_at(record, i, true),
            .operation = i,
            .kind = open ? MOMENT_CUT : MOMENT_RETURN,
        };
        table->count++;
    }
    for (uint32_t e = 0; e < record->history->events_count; e++) {
        uint32_t operation = fl_told_of(record, e);
        if (operation != FL_OPEN) {
            table->moments[table->count] =
                (struct moment){.at = fl_told_at(record, e),
                                .operation = operation,
                                .kind = MOMENT_TOLD,
                                .told = &record->history->events[e]};
            table->count++;
        }
    }
    qsort(table->moments, table->count, sizeof(table->moments[0]),
          compare_moments);
}

/* "F1 delay", "13 steps": told in the lane that was held. */
static void collect_notes(struct table *table)
{
    const struct fl_record *record = table->record;
    for (uint32_t k = 0; k < record->faults_count; k++) {
        const struct fl_record_fault *fault = &record->faults[k];
        bool lasts = fault->until != FL_NO_STEP && fault->until > fault->before;
        if (fault->thread == FL_OPEN || !lasts || table->cast.count == 0) {
            continue;
        }
        struct notes *notes =
            &table->notes[cast_find(&table->cast, fault->thread)];
        if (notes->count + 2 > NOTES_MAX) {
            continue;
        }
        snprintf(notes->text[notes->count], sizeof(notes->text[0]),
                 "%.8s %.20s", fault->label, fault->kind);
        snprintf(notes->text[notes->count + 1], sizeof(notes->text[0]),
                 "%u steps", fault->until - fault->before);
        notes->from[notes->count] = 2 * (uint64_t)fault->before;
        notes->from[notes->count + 1] = 2 * (uint64_t)fault->before;
        notes->count += 2;
    }
}

static size_t widest_state(const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    if (e == NULL) {
        return 0;
    }
    size_t widest = fl_text_columns(e->start_state);
    size_t must = fl_text_columns(e->must) + 8;
    widest = must > widest ? must : widest;
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        size_t columns = fl_text_columns(e->prefix_states[k]);
        widest = columns > widest ? columns : widest;
    }
    widest = widest < STATE_MIN ? STATE_MIN : widest;
    return widest > STATE_MAX ? STATE_MAX : widest;
}

static void lay_table(struct table *table)
{
    bool explained = table->record->explanation != NULL;
    uint32_t right =
        explained ? NUMBER_COLUMNS + 1 + (uint32_t)widest_state(table->record)
                  : 0;
    uint32_t room = table->page->columns > right + LEFT
                        ? table->page->columns - right - LEFT
                        : 0;
    uint32_t lanes = table->cast.count > 0 ? table->cast.count : 1;
    table->lane_width = room / lanes < LANE_MAX ? room / lanes : LANE_MAX;
    table->beside = lanes <= LANES_BESIDE_MAX && table->lane_width >= LANE_MIN;
    uint32_t width = table->beside ? table->lane_width * lanes
                     : room < 44   ? room
                                   : 44;
    table->number_at = LEFT + width;
    table->state_at = table->number_at + NUMBER_COLUMNS;
}

static void write_head(struct table *table)
{
    struct page *page = table->page;
    char name[16];
    page_heading(page, "HISTORY");
    if (table->record->explanation != NULL) {
        page_at(page, table->number_at);
        page_paint(page, PAINT_GREY, "linearization");
        page_at(page, table->state_at);
        page_paint(page, PAINT_GREY, "state");
    }
    page_end(page);
    enum clock_kind clock = text_clock(table->record);
    page_at(page, 2);
    page_paint(page, PAINT_GREY,
               clock == CLOCK_STEPS   ? "step"
               : clock == CLOCK_TIMES ? "time"
                                      : "event");
    for (uint32_t k = 0; k < table->cast.count && table->beside; k++) {
        page_at(page, LEFT + k * table->lane_width);
        page_paint(page, PAINT_BOLD,
                   fl_scene_lane(table->record, table->cast.thread[k], name));
    }
    if (!table->beside) {
        page_at(page, LEFT);
        page_paint(page, PAINT_GREY, "thread");
    }
    page_end(page);
}

/* "---- setup: push(3) push(2) push(1) ----   [1 2 3]" */
static void write_setup(struct table *table)
{
    struct page *page = table->page;
    const struct fl_record *record = table->record;
    if (record->setup == NULL) {
        return;
    }
    uint32_t width = table->number_at - LEFT - 2;
    uint32_t columns = (uint32_t)fl_text_columns(record->setup) + 9;
    uint32_t dashes = width > columns ? width - columns : 0;
    page_at(page, LEFT);
    for (uint32_t k = 0; k < dashes / 3; k++) {
        page_text(page, "-");
    }
    page_text(page, " setup: ");
    page_text(page, record->setup);
    page_text(page, " ");
    for (uint32_t k = 0; k < dashes - dashes / 3; k++) {
        page_text(page, "-");
    }
    if (record->explanation != NULL) {
        page_at(page, table->state_at);
        page_text(page, record->explanation->start_state);
    }
    page_end(page);
}

/* The step, time or rank at the left edge. */
static void write_clock(struct table *table, const struct moment *moment)
{
    struct page *page = table->page;
    const struct fl_record *record = table->record;
    char text[32] = "end";
    uint64_t at = moment->at / 2;
    if (moment->at < UINT64_MAX - 1) {
        switch (text_clock(record)) {
        case CLOCK_STEPS:
            /* A cut at 2s - 1 follows step number s. */
            snprintf(text, sizeof(text), "%llu", (unsigned long long)at + 1);
            break;
        case CLOCK_TIMES:
            if (at < record->steps_count) {
                fl_scene_time(record->steps[at].time, text);
            }
            break;
        case CLOCK_EVENTS:
            snprintf(text, sizeof(text), "%llu", (unsigned long long)at);
            break;
        }
    }
    uint32_t columns = (uint32_t)strlen(text);
    page_at(page, columns < 6 ? 6 - columns : 0);
    page_paint(page, PAINT_GREY, text);
}

/* Whether the program itself failed in operation `i`. */
static bool failed_in(const struct fl_record *record, uint32_t i)
{
    for (uint32_t s = record->steps_count;
         s-- > 0 && record->explanation == NULL;) {
        const struct fl_step *step = &record->steps[s];
        if (step->decisive) {
            return step->kind == FL_STEP_CRASH && step->operation == i;
        }
    }
    return false;
}

/* What a row says in its own lane. */
static void describe_moment(const struct table *table,
                            const struct moment *moment, char *text)
{
    const struct fl_record *record = table->record;
    const struct fl_history *h = record->history;
    const struct fl_operation *op = &h->operations[moment->operation];
    const struct fl_record_fault *crash =
        fl_scene_crash(record, moment->operation);
    char part[FL_TEXT_MAX];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, FL_TEXT_MAX);
    switch (moment->kind) {
    case MOMENT_CALL:
        fl_phrase_add(&phrase, "\u250c ");
        fl_phrase_add(&phrase, fl_describe_call(h, op, part, sizeof(part)));
        break;
    case MOMENT_RETURN:
        fl_phrase_add(&phrase, "\u2514 ");
        fl_phrase_add(&phrase, fl_describe_result(h, op->fn, op->result, part,
                                                  sizeof(part)));
        if (fl_scene_is_stuck(record, moment->operation)) {
            fl_phrase_add(&phrase, "   <== STUCK");
        }
        break;
    case MOMENT_CUT:
        fl_phrase_add(&phrase, "\u2717 ");
        if (crash == NULL && failed_in(record, moment->operation)) {
            fl_phrase_add(&phrase, record->verdict);
            break;
        }
        if (crash != NULL) {
            fl_phrase_print(&phrase, "%s %s, ", crash->label, crash->kind);
        }
        fl_phrase_add(&phrase, "no reply");
        break;
    case MOMENT_TOLD:
        fl_phrase_add(&phrase, "\u2514 ");
        fl_told_describe(record, op, moment->told, &phrase);
        if (fl_scene_is_stuck(record, moment->operation)) {
            fl_phrase_add(&phrase, "   <== STUCK");
        }
        break;
    }
}

/* Number and state, in the row where the operation ended. */
static void write_verdict(struct table *table, const struct moment *moment)
{
    struct page *page = table->page;
    const struct fl_explanation *e = table->record->explanation;
    char text[2 * FL_TEXT_MAX];
    bool is_told = fl_told_last(table->record, moment->operation) != FL_OPEN;
    if (e == NULL || moment->kind == MOMENT_CALL ||
        (is_told && moment->kind == MOMENT_CUT)) {
        return;
    }
    uint32_t number = fl_scene_number(table->record, moment->operation);
    page_at(page, table->number_at);
    if (number != 0) {
        snprintf(text, sizeof(text), "#%u", number);
        page_paint(page, PAINT_BLUE, text);
        page_at(page, table->state_at);
        page_text(page, e->prefix_states[number - 1]);
    } else if (moment->operation == e->stuck) {
        page_paint(page, PAINT_RED, "\u2717");
        page_at(page, table->state_at);
        snprintf(text, sizeof(text), "must be %s", e->must);
        page_paint(page, PAINT_RED, e->must[0] != '\0' ? text : "not possible");
    } else {
        page_text(page, moment->kind == MOMENT_CUT ? "maybe" : "-");
    }
}

/* What an idle, busy or cut lane shows in another thread's row. */
static void write_other(struct table *table, uint32_t lane, uint64_t at)
{
    struct page *page = table->page;
    struct notes *notes = &table->notes[lane];
    if (table->lanes[lane] == LANE_IDLE) {
        return;
    }
    page_at(page, LEFT + lane * table->lane_width);
    if (table->lanes[lane] == LANE_CUT) {
        page_paint(page, PAINT_GREY, ":");
        return;
    }
    page_text(page, "\u2502");
    if (notes->told < notes->count && notes->from[notes->told] <= at) {
        page_text(page, " ");
        page_paint(page, PAINT_AMBER, notes->text[notes->told]);
        notes->told++;
    }
}

static void write_row(struct table *table, const struct moment *moment)
{
    struct page *page = table->page;
    uint32_t client =
        table->record->history->operations[moment->operation].client;
    uint32_t own = cast_find(&table->cast, client);
    bool stuck = fl_scene_is_stuck(table->record, moment->operation);
    char text[FL_TEXT_MAX];
    describe_moment(table, moment, text);
    write_clock(table, moment);
    enum paint paint = moment->kind == MOMENT_CUT               ? PAINT_RED
                       : stuck && moment->kind >= MOMENT_RETURN ? PAINT_RED
                                                                : PAINT_PLAIN;
    if (table->beside) {
        for (uint32_t k = 0; k < table->cast.count; k++) {
            if (k == own) {
                page_at(page, LEFT + k * table->lane_width);
                page_paint(page, paint, text);
            } else {
                write_other(table, k, moment->at);
            }
        }
    } else {
        char name[16];
        page_at(page, LEFT);
        page_paint(page, PAINT_BOLD,
                   fl_scene_lane(table->record, client, name));
        page_at(page, LEFT + text_name_columns(table->record, &table->cast));
        page_paint(page, paint, text);
    }
    write_verdict(table, moment);
    page_end(page);
}

/* What the rows before leave in each lane. */
static void follow_moment(struct table *table, const struct moment *moment)
{
    static const enum lane_state after[] = {
        [MOMENT_CALL] = LANE_BUSY,
        [MOMENT_RETURN] = LANE_IDLE,
        [MOMENT_CUT] = LANE_CUT,
        [MOMENT_TOLD] = LANE_IDLE,
    };
    uint32_t client =
        table->record->history->operations[moment->operation].client;
    table->lanes[cast_find(&table->cast, client)] = after[moment->kind];
}

static void write_rows(struct table *table, bool full)
{
    uint32_t first =
        full || table->count <= ROWS_MAX ? 0 : table->count - ROWS_MAX;
    for (uint32_t k = 0; k < table->count; k++) {
        if (k == first && first > 0) {
            page_at(table->page, LEFT);
            page_print(table->page,
                       "... %u earlier calls and returns    (--full shows "
                       "them)",
                       first);
            page_end(table->page);
        }
        if (k >= first) {
            write_row(table, &table->moments[k]);
        }
        follow_moment(table, &table->moments[k]);
    }
}

void text_history(struct page *page, const struct fl_record *record, bool full)
{
    if (record->history == NULL || record->history->count == 0) {
        return;
    }
    struct table *table = calloc(1, sizeof(*table));
    struct moment *moments = calloc(2 * (size_t)record->history->count +
                                        record->history->events_count,
                                    sizeof(*moments));
    if (table == NULL || moments == NULL) {
        abort(); /* the harness ends without memory */
    }
    table->page = page;
    table->record = record;
    table->moments = moments;
    collect_moments(table);
    collect_notes(table);
    lay_table(table);
    write_head(table);
    write_setup(table);
    write_rows(table, full);
    page_gap(page);
    free(moments);
    free(table);
}
