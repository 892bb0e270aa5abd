/*
 * The scene: what the drawings of one record have in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"

#include "checker/draw/told.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

enum {
    WHY_LINES_MAX = 4,
    WHY_COLUMNS = 118, /* of a line of the explanation box */
    WHY_CELL_BYTES = 5 * FL_LABEL_BYTES
};

uint32_t fl_scene_setup(const struct fl_record *record)
{
    uint32_t count = 0;
    if (record->history == NULL) {
        return 0;
    }
    if (record->explanation != NULL) {
        return record->explanation->setup_count;
    }
    while (record->setup != NULL && record->call_steps != NULL &&
           count < record->history->count &&
           record->call_steps[count] == FL_NO_STEP) {
        count++;
    }
    return count;
}

const char *fl_scene_lane(const struct fl_record *record, uint32_t lane,
                          char text[16])
{
    if (lane < record->lanes_count && record->lanes[lane].name != NULL) {
        return record->lanes[lane].name;
    }
    struct fl_phrase name;
    fl_phrase_init(&name, text, 16);
    fl_phrase_print(&name, "T%u", lane);
    return text;
}

const char *fl_scene_operation(const struct fl_record *record, uint32_t i,
                               char text[FL_TEXT_MAX])
{
    const struct fl_history *h = record->history;
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    char part[FL_TEXT_MAX];
    struct fl_phrase label;
    fl_phrase_init(&label, text, FL_TEXT_MAX);
    fl_phrase_add(&label, fl_describe_call(h, op, part, sizeof(part)));
    uint32_t told = op->ret == FL_OPEN ? fl_told_last(record, i) : FL_OPEN;
    if (told != FL_OPEN) {
        fl_phrase_add(&label, "  ");
        fl_told_describe(record, op, &h->events[told], &label);
    } else if (op->ret == FL_OPEN) {
        fl_phrase_add(&label, "  no response");
    } else if (h->model->types[op->fn].result != FL_KIND_VOID) {
        fl_phrase_add(&label, " \u2192 ");
        fl_phrase_add(&label, fl_describe_result(h, op->fn, op->result, part,
                                                 sizeof(part)));
    }
    return text;
}

uint32_t fl_scene_number(const struct fl_record *record, uint32_t i)
{
    const struct fl_explanation *e = record->explanation;
    for (uint32_t k = 0; e != NULL && k < e->prefix_count; k++) {
        if (e->prefix[k] == i) {
            return k + 1;
        }
    }
    return 0;
}

bool fl_scene_is_stuck(const struct fl_record *record, uint32_t i)
{
    return record->explanation != NULL && record->explanation->stuck == i;
}

bool fl_scene_is_crash(const struct fl_record_fault *fault)
{
    return strncmp(fault->kind, "crash", 5) == 0 ||
           strncmp(fault->kind, "kill", 4) == 0;
}

const struct fl_record_fault *fl_scene_crash(const struct fl_record *record,
                                             uint32_t i)
{
    const struct fl_operation *op = &record->history->operations[i];
    const struct fl_record_fault *found = NULL;
    for (uint32_t k = 0; k < record->faults_count && op->ret == FL_OPEN; k++) {
        const struct fl_record_fault *fault = &record->faults[k];
        if (fault->thread == op->client && fl_scene_is_crash(fault)) {
            found = fault;
        }
    }
    return found;
}

/* "41 → 6 operations": a count that shrinking changed. */
static void add_shrunk(struct fl_phrase *rest, const char *lead,
                       uint32_t before, uint32_t after)
{
    fl_phrase_print(rest, "%s%u \u2192 %u", lead, before, after);
}

void fl_scene_title(const struct fl_record *record, struct fl_label *title,
                    struct fl_label *rest)
{
    char text[256];
    char number[32];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_add(&phrase, record->verdict);
    if (record->seed != NULL) {
        fl_phrase_print(&phrase, " \u00b7 seed %s", record->seed);
    }
    if (record->schedule != 0) {
        fl_phrase_add(&phrase, " \u00b7 schedule ");
        fl_phrase_add(&phrase, fl_scene_count(record->schedule, number));
    }
    if (record->schedules != 0) {
        fl_phrase_add(&phrase, " of ");
        fl_phrase_add(&phrase, fl_scene_count(record->schedules, number));
    }
    const struct fl_record_shrink *shrink = &record->shrink;
    if (shrink->operations_before != 0) {
        add_shrunk(&phrase, " \u00b7 minimised ", shrink->operations_before,
                   shrink->operations_after);
        fl_phrase_add(&phrase, " operations");
    }
    if (shrink->faults_before != 0) {
        add_shrunk(&phrase, ", ", shrink->faults_before, shrink->faults_after);
        fl_phrase_add(&phrase, " faults");
    }
    fl_dot_html(title, record->scenario != NULL ? record->scenario : "history",
                60);
    fl_dot_html(rest, text, 160);
}

/* The rows of the explanation box, as a table of HTML-like labels. */
struct why {
    char cells[WHY_LINES_MAX][WHY_CELL_BYTES];
    uint32_t count;
    size_t columns; /* of the longest */
};

static void add_row(struct why *why, const char *html, size_t columns)
{
    if (why->count == WHY_LINES_MAX) {
        return;
    }
    snprintf(why->cells[why->count], WHY_CELL_BYTES, "%s", html);
    why->count++;
    why->columns = columns > why->columns ? columns : why->columns;
}

/* A row that is a plain sentence. */
static void add_sentence(struct why *why, const char *text, const char *dot)
{
    struct fl_label escaped;
    char cell[WHY_CELL_BYTES];
    size_t columns = fl_text_columns(text);
    snprintf(cell, sizeof(cell), "%s%s",
             fl_dot_html(&escaped, text, WHY_COLUMNS), dot);
    add_row(why, cell, columns < WHY_COLUMNS ? columns : WHY_COLUMNS);
}

static void explain_stuck(const struct fl_record *record, struct why *why)
{
    const struct fl_explanation *e = record->explanation;
    const struct fl_operation *op = &record->history->operations[e->stuck];
    struct fl_label lane;
    struct fl_label call;
    struct fl_label got;
    struct fl_label must;
    char text[FL_TEXT_MAX];
    char name[16];
    char cell[WHY_CELL_BYTES];
    fl_describe_call(record->history, op, text, sizeof(text));
    fl_dot_html(&lane, fl_scene_lane(record, op->client, name), 16);
    fl_dot_html(&call, text, 40);
    fl_dot_html(&got, e->got, 40);
    fl_dot_html(&must, e->must_all, 60);
    size_t columns = fl_text_columns(text) + fl_text_columns(e->got) + 60 +
                     fl_text_columns(e->must_all);
    if (e->must_all[0] == '\0') {
        snprintf(cell, sizeof(cell),
                 "%s <b>%s</b> with answer <font color=\"" FL_RED
                 "\"><b>%s</b></font> is not possible in any reachable state.",
                 lane.text, call.text, got.text);
    } else {
        snprintf(cell, sizeof(cell),
                 "%s <b>%s</b> returned <font color=\"" FL_RED
                 "\"><b>%s</b></font>; after every legal prefix it had to "
                 "return <b>%s</b>.",
                 lane.text, call.text, got.text, must.text);
    }
    add_row(why, cell, columns);
}

/* What the crashes on the prefix lost, in a line each. */
static void explain_crashes(const struct fl_explanation *e, struct why *why)
{
    for (uint32_t k = 0; k < e->crashes_count; k++) {
        const struct fl_crash_loss *crash = &e->crashes[k];
        char text[3 * FL_TEXT_MAX];
        snprintf(text, sizeof(text),
                 "The crash at event %u lost %s; %s is left", crash->at,
                 crash->lost > 0 ? crash->what : "nothing that had returned",
                 crash->state);
        add_sentence(why, text, ".");
    }
}

static void explain_history(const struct fl_record *record, struct why *why)
{
    const struct fl_explanation *e = record->explanation;
    char cell[WHY_CELL_BYTES];
    int columns = snprintf(cell, sizeof(cell),
                           "<b>%s</b>  Longest legal "
                           "prefix: %u of %u completed operations.",
                           e->crashes_count > 0
                               ? "Nothing that may have survived explains it."
                               : "No linearization exists.",
                           e->prefix_returned, e->returned_count);
    add_row(why, cell, (size_t)columns);
    explain_crashes(e, why);
    explain_stuck(record, why);
    if (e->hint[0] != '\0') {
        char hint[2 * FL_TEXT_MAX];
        memcpy(hint, e->hint, sizeof(hint));
        if (strncmp(hint, "the ", 4) == 0) {
            hint[0] = 'T';
        }
        add_sentence(why, hint, ".");
    }
    if (!e->complete) {
        add_sentence(why,
                     "More states were reachable than are kept: this is "
                     "not a complete proof.",
                     "");
    }
}

static void explain_otherwise(const struct fl_record *record, struct why *why)
{
    struct fl_label verdict;
    char cell[WHY_CELL_BYTES];
    fl_dot_html(&verdict, record->verdict, 80);
    snprintf(cell, sizeof(cell), "<b>%s</b>", verdict.text);
    add_row(why, cell, strlen(record->verdict));
    for (uint32_t k = 0; k < record->reason_count && k < 3; k++) {
        add_sentence(why, record->reason[k], "");
    }
}

void fl_scene_why(const struct fl_record *record, int32_t x, int32_t y,
                  FILE *out)
{
    struct why why = {.count = 0};
    if (record->explanation != NULL && record->history != NULL) {
        explain_history(record, &why);
    } else {
        explain_otherwise(record, &why);
    }
    int32_t width = (int32_t)why.columns * 6 + 48;
    int32_t height = (int32_t)why.count * 19 + 14;
    fprintf(out,
            "  why [shape=\"box\", style=\"filled,rounded\", "
            "fillcolor=\"" FL_RED_PALE "\", color=\"" FL_RED
            "\", penwidth=\"1.3\", "
            "fontname=\"" FL_SANS "\", fontsize=\"12\", fontcolor=\"" FL_INK
            "\", pos=\"%d,%d!\", fixedsize=\"true\"",
            x + width / 2, y - height / 2);
    fl_dot_inches(out, "width", width);
    fl_dot_inches(out, "height", height);
    fprintf(out, ", label=<<table border=\"0\" cellborder=\"0\" "
                 "cellspacing=\"1\">");
    for (uint32_t k = 0; k < why.count; k++) {
        fprintf(out, "<tr><td align=\"left\">%s</td></tr>", why.cells[k]);
    }
    fprintf(out, "</table>>];\n");
}

const char *fl_scene_count(uint64_t count, char text[32])
{
    char digits[24];
    int size =
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    assert(size > 0 && size < 24);
    size_t used = 0;
    for (int k = 0; k < size; k++) {
        if (k > 0 && (size - k) % 3 == 0 && size > 4) {
            text[used] = ' ';
            used++;
        }
        text[used] = digits[k];
        used++;
    }
    text[used] = '\0';
    return text;
}

const char *fl_scene_circled(uint32_t number, char text[16])
{
    if (number >= 1 && number <= 20) {
        /* U+2460 and on, three bytes each in UTF-8 */
        text[0] = '\xe2';
        text[1] = '\x91';
        text[2] = (char)(0x9f + number);
        text[3] = '\0';
    } else {
        snprintf(text, 16, "#%u", number);
    }
    return text;
}

const char *fl_scene_time(uint64_t nanoseconds, char text[32])
{
    static const struct unit {
        const char *name;
        uint64_t size;
    } units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
    uint32_t k = 0;
    while (k < 3 && nanoseconds < units[k].size) {
        k++;
    }
    if (nanoseconds == 0) {
        k = 1;
    }
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, 32);
    uint64_t whole = nanoseconds / units[k].size;
    uint64_t tenth = nanoseconds % units[k].size * 10 / units[k].size;
    if (tenth == 0 || k == 3) {
        fl_phrase_print(&phrase, "%llu %s", (unsigned long long)whole,
                        units[k].name);
    } else {
        fl_phrase_print(&phrase, "%llu.%llu %s", (unsigned long long)whole,
                        (unsigned long long)tenth, units[k].name);
    }
    return text;
}

/* How telling a step is: 0 (a load like others) to 4 (the reason itself). */
static uint32_t weigh_step(const struct fl_record *record, uint32_t s)
{
    const struct fl_step *step = &record->steps[s];
    bool guilty = step->operation != FL_OPEN &&
                  fl_scene_is_stuck(record, step->operation);
    if (step->decisive || step->cause != FL_NO_STEP) {
        return 4;
    }
    switch (step->kind) {
    case FL_STEP_CRASH:
        return 4;
    case FL_STEP_CALL:
    case FL_STEP_RETURN:
        return guilty ? 4 : 3;
    case FL_STEP_FREE:
    case FL_STEP_ALLOC:
    case FL_STEP_UPDATE:
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
        return 2;
    case FL_STEP_STORE:
    case FL_STEP_REFUSE:
    case FL_STEP_SYNC:
    case FL_STEP_POINT:
        return 1;
    case FL_STEP_LOAD:
    case FL_STEP_FENCE:
    case FL_STEP_TIME:
        break;
    }
    return step->note != NULL ? 1 : 0;
}

/* Marks steps of weight `least` or more, the last ones first, until `rows`
 * are marked. */
static uint32_t mark_steps(const struct fl_record *record, uint32_t least,
                           uint32_t rows, bool *shown)
{
    uint32_t count = 0;
    for (uint32_t s = record->steps_count; s-- > 0;) {
        count += shown[s];
    }
    for (uint32_t s = record->steps_count; s-- > 0 && count < rows;) {
        if (!shown[s] && weigh_step(record, s) >= least) {
            shown[s] = true;
            count++;
        }
    }
    return count;
}

uint32_t fl_scene_steps(const struct fl_record *record, uint32_t rows,
                        bool *shown)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        shown[s] = false;
    }
    for (uint32_t s = 0; s < record->steps_count; s++) {
        uint32_t cause = record->steps[s].cause;
        bool in = cause != FL_NO_STEP && cause < record->steps_count;
        if (in && count < rows && !shown[cause]) {
            shown[cause] = true;
            count++;
        }
    }
    for (uint32_t least = 5; least-- > 0;) {
        count = mark_steps(record, least, rows, shown);
    }
    return count;
}
