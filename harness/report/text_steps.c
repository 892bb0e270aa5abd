/*
 * HOW IT HAPPENED: the steps, a column for each thread.
 *
 * The source location stands in a column of its own at the left, so that
 * thread columns stay narrow.  Operations that ran alone and explain nothing
 * are folded to one line; what is still too much is thinned out by weight.
 * --full shows every step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "harness/report/text.h"
#include "harness/report/text_folds.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACE_AT = 8,   /* where source locations begin */
    PLACE_MAX = 30, /* columns of one */
    LANE_MAX = 25,
    HINT_COLUMNS = 32 /* of "(--full shows every step)", with its gap */
};

/* The table in the making. */
struct table {
    struct page *page;
    const struct fl_record *record;
    struct cast cast;
    enum fold *folds; /* of each step */
    bool times;       /* virtual times instead of step numbers */
    bool beside;
    uint32_t lanes_at;
    uint32_t lane_width;
};

static size_t widest_place(const struct fl_record *record)
{
    size_t widest = 10;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        if (record->steps[s].file != NULL) {
            size_t columns = fl_text_columns(record->steps[s].file) +
                             (record->steps[s].inner_line != 0 ? 10 : 6);
            widest = columns > widest ? columns : widest;
        }
    }
    return widest < PLACE_MAX ? widest : PLACE_MAX;
}

static void lay_table(struct table *table)
{
    const struct fl_record *record = table->record;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        cast_add(&table->cast, record->steps[s].thread);
    }
    uint32_t count = table->cast.count;
    table->lanes_at = PLACE_AT + (table->times ? 3U : 0U) +
                      (uint32_t)widest_place(record) + 2;
    uint32_t room = table->page->columns > table->lanes_at
                        ? table->page->columns - table->lanes_at
                        : 0;
    table->lane_width = room / count < LANE_MAX ? room / count : LANE_MAX;
    table->beside = count <= LANES_BESIDE_MAX && table->lane_width >= 22;
}

static void write_head(struct table *table)
{
    struct page *page = table->page;
    char name[16];
    page_heading(page, "HOW IT HAPPENED");
    for (uint32_t k = 0; k < table->cast.count && table->beside; k++) {
        page_at(page, table->lanes_at + k * table->lane_width);
        page_paint(page, PAINT_BOLD,
                   fl_scene_lane(table->record, table->cast.thread[k], name));
    }
    page_end(page);
}

/* "~~~ F1 delay T0, 13 steps ~~~" for each fault that acts before `s`. */
static void write_faults(struct table *table, uint32_t s)
{
    const struct fl_record *record = table->record;
    char text[2 * FL_TEXT_MAX];
    char name[16];
    for (uint32_t k = 0; k < record->faults_count; k++) {
        const struct fl_record_fault *fault = &record->faults[k];
        if (fold_fault_place(record, fault) != s) {
            continue;
        }
        struct fl_phrase phrase;
        fl_phrase_init(&phrase, text, sizeof(text));
        fl_phrase_print(&phrase, "~~~ %s %s", fault->label, fault->kind);
        if (fault->thread != FL_OPEN) {
            fl_phrase_add(&phrase, " ");
            fl_phrase_add(&phrase, fl_scene_lane(record, fault->thread, name));
        }
        if (fault->until != FL_NO_STEP && fault->until > fault->before) {
            fl_phrase_print(&phrase, ", %u steps",
                            fault->until - fault->before);
        } else if (fault->text != NULL && fault->text[0] != '\0') {
            fl_phrase_add(&phrase, fl_scene_is_crash(fault) ? " " : ", ");
            fl_phrase_add(&phrase, fault->text);
        }
        fl_phrase_add(&phrase, " ~~~");
        page_at(table->page, PLACE_AT);
        page_paint(table->page, PAINT_AMBER, text);
        page_end(table->page);
    }
}

/* The step's number or time, marked if it is the decisive one. */
static void write_number(struct table *table, uint32_t s)
{
    const struct fl_step *step = &table->record->steps[s];
    struct page *page = table->page;
    char text[32];
    uint32_t right = table->times ? PLACE_AT + 1 : PLACE_AT - 2;
    if (table->times) {
        fl_scene_time(step->time, text);
    } else {
        snprintf(text, sizeof(text), "%u", s + 1);
    }
    uint32_t columns = (uint32_t)strlen(text);
    if (step->decisive) {
        page_at(page, table->times || columns > 3 ? 0 : 2);
        page_paint(page, PAINT_RED, ">");
    }
    uint32_t at = columns < right ? right - columns : 0;
    if (page->column < at) {
        page_at(page, at);
    }
    page_paint(page, PAINT_GREY, text);
}

static enum paint paint_of(const struct fl_record *record,
                           const struct fl_step *step)
{
    bool guilty = step->kind == FL_STEP_RETURN && step->operation != FL_OPEN &&
                  fl_scene_is_stuck(record, step->operation);
    if (step->decisive || guilty || step->kind == FL_STEP_CRASH) {
        return PAINT_RED;
    }
    return step->kind == FL_STEP_REFUSE ? PAINT_GREY : PAINT_PLAIN;
}

static void write_place(struct table *table, const struct fl_step *step)
{
    char text[FL_TEXT_MAX];
    struct page *page = table->page;
    if (step->file == NULL) {
        return;
    }
    page_at(page, PLACE_AT + (table->times ? 3U : 0U));
    if (step->inner_line != 0) { /* ":205>130": line 205 calls what line 130
                                  * does */
        snprintf(text, sizeof(text), "%.60s:%u>%u", step->file, step->line,
                 step->inner_line);
    } else {
        snprintf(text, sizeof(text), step->line != 0 ? "%.60s:%u" : "%.60s",
                 step->file, step->line);
    }
    page_paint(page, PAINT_GREY, text);
}

/* ", s2, s3": to whom the steps joined to step `s` send the same. */
static void write_receivers(struct table *table, uint32_t s)
{
    const struct fl_record *record = table->record;
    for (uint32_t k = s + 1;
         k < record->steps_count && table->folds[k] == FOLD_JOINED; k++) {
        page_text(table->page, ", ");
        page_text(table->page,
                  record->steps[k].text + fold_receiver(&record->steps[k]));
    }
}

/* The text itself, with its note; notes that begin with "<" are loud. */
static void write_text(struct table *table, const struct fl_step *step)
{
    struct page *page = table->page;
    bool inner = step->operation != FL_OPEN && step->kind != FL_STEP_CALL &&
                 step->kind != FL_STEP_RETURN;
    bool guilty = step->kind == FL_STEP_RETURN && step->operation != FL_OPEN &&
                  fl_scene_is_stuck(table->record, step->operation);
    uint32_t lane = cast_find(&table->cast, step->thread);
    if (table->beside) {
        page_at(page, table->lanes_at + lane * table->lane_width);
    } else {
        char name[16];
        page_at(page, table->lanes_at);
        page_paint(page, PAINT_BOLD,
                   fl_scene_lane(table->record, step->thread, name));
        page_at(page, table->lanes_at +
                          text_name_columns(table->record, &table->cast));
    }
    page_text(page, inner ? "  " : "");
    page_paint(page, paint_of(table->record, step), step->text);
    write_receivers(table, (uint32_t)(step - table->record->steps));
    if (step->note != NULL) {
        bool loud = step->note[0] == '<';
        page_text(page, loud ? "   " : "   (");
        page_paint(page, loud ? PAINT_RED : PAINT_AMBER, step->note);
        page_text(page, loud ? "" : ")");
    }
    if (guilty) {
        page_text(page, "   ");
        page_paint(page, PAINT_RED, "<== STUCK");
    }
}

static void write_step(struct table *table, uint32_t s)
{
    write_number(table, s);
    write_place(table, &table->record->steps[s]);
    write_text(table, &table->record->steps[s]);
    page_end(table->page);
}

/* "CAS head n2->n3 ok, frees n2": what a folded operation did to memory, as
 * much of it as the line holds. */
static void add_effects(const struct table *table, uint32_t from, uint32_t to,
                        struct fl_phrase *phrase)
{
    const struct fl_record *record = table->record;
    uint32_t told = 0;
    for (uint32_t s = from; s <= to && told < 4; s++) {
        const struct fl_step *step = &record->steps[s];
        bool frees = step->kind == FL_STEP_FREE && step->text != NULL &&
                     strncmp(step->text, "free ", 5) == 0;
        if (!frees && step->kind != FL_STEP_ALLOC &&
            step->kind != FL_STEP_UPDATE) {
            continue;
        }
        if (told == 3 || PLACE_AT + fl_text_columns(phrase->text) +
                                 fl_text_columns(step->text) + 7 >=
                             table->page->columns) {
            fl_phrase_add(phrase, ", ...");
            return;
        }
        fl_phrase_add(phrase, frees ? ", frees " : ", ");
        fl_phrase_add(phrase, step->text + (frees ? 5 : 0));
        told++;
    }
}

/* "... 8 to 11: T1 pop() = 2, frees n2": a whole operation in one line. */
static void describe_operation(const struct table *table, uint32_t from,
                               uint32_t to, struct fl_phrase *phrase)
{
    const struct fl_record *record = table->record;
    const struct fl_step *first = &record->steps[from];
    char name[16];
    fl_phrase_add(phrase, fl_scene_lane(record, first->thread, name));
    fl_phrase_add(phrase, " ");
    if (record->history != NULL && first->operation < record->history->count) {
        const struct fl_history *h = record->history;
        const struct fl_operation *op = &h->operations[first->operation];
        char text[FL_TEXT_MAX];
        fl_phrase_add(phrase, fl_describe_call(h, op, text, sizeof(text)));
        if (h->model->types[op->fn].result != FL_KIND_VOID) {
            fl_phrase_add(phrase, " = ");
            fl_phrase_add(phrase, fl_describe_result(h, op->fn, op->result,
                                                     text, sizeof(text)));
        }
    }
    add_effects(table, from, to, phrase);
}

/* Writes the fold that begins at `from`; returns its last step. */
static uint32_t write_fold(struct table *table, uint32_t from)
{
    const struct fl_record *record = table->record;
    bool operation = table->folds[from] == FOLD_OPERATION;
    uint32_t to = from;
    while (to + 1 < record->steps_count &&
           table->folds[to + 1] == table->folds[from] &&
           !fold_fault_before(record, to + 1) &&
           !(operation && record->steps[to].kind == FL_STEP_RETURN)) {
        to++;
    }
    char text[3 * FL_TEXT_MAX];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    if (to > from) {
        fl_phrase_print(&phrase, "... %u to %u: ", from + 1, to + 1);
    } else {
        fl_phrase_print(&phrase, "... %u: ", from + 1);
    }
    if (operation) {
        describe_operation(table, from, to, &phrase);
    } else {
        fl_phrase_print(&phrase, to > from ? "%u steps" : "%u step",
                        to - from + 1);
    }
    page_at(table->page, PLACE_AT);
    page_paint(table->page, PAINT_GREY, text);
    return to;
}

static void write_rows(struct table *table)
{
    const struct fl_record *record = table->record;
    bool folded = false;
    bool told = false;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        write_faults(table, s);
        if (table->folds[s] == FOLD_NONE) {
            write_step(table, s);
            continue;
        }
        if (table->folds[s] == FOLD_JOINED) {
            continue; /* told with the first */
        }
        s = write_fold(table, s);
        folded = true;
        if (!told &&
            table->page->column + HINT_COLUMNS < table->page->columns) {
            page_at(table->page, table->page->column + 6);
            page_paint(table->page, PAINT_GREY, "(--full shows every step)");
            told = true;
        }
        page_end(table->page);
    }
    write_faults(table, record->steps_count); /* after the last step */
    if (folded && !told) {
        page_at(table->page, PLACE_AT);
        page_paint(table->page, PAINT_GREY, "(--full shows every step)");
        page_end(table->page);
    }
}

void text_steps(struct page *page, const struct fl_record *record, bool full)
{
    if (record->steps_count == 0) {
        return;
    }
    struct table *table = calloc(1, sizeof(*table));
    enum fold *folds = calloc(record->steps_count, sizeof(*folds));
    if (table == NULL || folds == NULL) {
        abort(); /* the harness ends without memory */
    }
    table->page = page;
    table->record = record;
    table->folds = folds;
    table->times = text_clock(record) == CLOCK_TIMES;
    if (!full) {
        fold_steps(record, folds);
    }
    lay_table(table);
    write_head(table);
    write_rows(table);
    page_gap(page);
    free(folds);
    free(table);
}
