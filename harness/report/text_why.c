/*
 * WHY: the reason in words and required values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "harness/report/text.h"

#include <assert.h>
#include <string.h>

enum {
    PREFIX_SHOWN = 24 /* operations of the prefix that are listed */
};

/* "T1 pop()" */
static const char *name_call(const struct fl_record *record, uint32_t i,
                             char text[FL_TEXT_MAX])
{
    const struct fl_operation *op = &record->history->operations[i];
    char part[FL_TEXT_MAX];
    char name[16];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, FL_TEXT_MAX);
    fl_phrase_add(&phrase, fl_scene_lane(record, op->client, name));
    fl_phrase_add(&phrase, " ");
    fl_phrase_add(&phrase,
                  fl_describe_call(record->history, op, part, sizeof(part)));
    return text;
}

/* "#1 T1 pop()=1", with no answer where there is none to tell. */
static void add_numbered(struct fl_phrase *phrase,
                         const struct fl_record *record, uint32_t k)
{
    uint32_t i = record->explanation->prefix[k];
    const struct fl_history *h = record->history;
    const struct fl_operation *op = &h->operations[i];
    char text[FL_TEXT_MAX];
    fl_phrase_print(phrase, "#%u ", k + 1);
    fl_phrase_add(phrase, name_call(record, i, text));
    if (op->ret != FL_OPEN && h->model->types[op->fn].result != FL_KIND_VOID) {
        fl_phrase_add(phrase, "=");
        fl_phrase_add(phrase, fl_describe_result(h, op->fn, op->result, text,
                                                 sizeof(text)));
    }
}

/* The prefix, several operations a line, and the state at its end. */
static void write_prefix(struct page *page, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    char text[2 * FL_TEXT_MAX];
    uint32_t first =
        e->prefix_count > PREFIX_SHOWN ? e->prefix_count - PREFIX_SHOWN : 0;
    page_at(page, 4);
    page_print(page, "Longest legal prefix, %u of %u completed operations:",
               e->prefix_returned, e->returned_count);
    page_end(page);
    page_at(page, 6);
    if (first > 0) {
        page_print(page, "(#1 to #%u left out)    ", first);
    }
    for (uint32_t k = first; k < e->prefix_count; k++) {
        struct fl_phrase phrase;
        fl_phrase_init(&phrase, text, sizeof(text));
        add_numbered(&phrase, record, k);
        if (page->column + fl_text_columns(text) + 4 >= page->columns) {
            page_end(page);
            page_at(page, 6);
        }
        page_text(page, text);
        page_text(page, "    ");
    }
    if (e->prefix_count == 0) {
        page_text(page, "(none)    ");
    }
    const char *state = e->prefix_count == 0
                            ? e->start_state
                            : e->prefix_states[e->prefix_count - 1];
    if (page->column + fl_text_columns(state) + 7 >= page->columns) {
        page_end(page);
        page_at(page, 6);
    }
    page_text(page, "state ");
    page_text(page, state);
    page_end(page);
}

/* "The crash at event 9, after #2, lost T0 push(2): [1] is left." */
static void write_crashes(struct page *page, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    for (uint32_t k = 0; k < e->crashes_count; k++) {
        const struct fl_crash_loss *crash = &e->crashes[k];
        char text[4 * FL_TEXT_MAX];
        char after[32] = "";
        if (crash->before > 0) {
            snprintf(after, sizeof(after), ", after #%u,", crash->before);
        }
        snprintf(text, sizeof(text), "The crash at event %u%s lost %s%s %s.",
                 crash->at, after,
                 crash->lost > 0 ? crash->what : "nothing that had returned",
                 ": what is left is", crash->state);
        page_wrap(page, 4, text);
    }
}

/* "Next, T1 pop() must return 3. It returned 2." */
static void write_stuck(struct page *page, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    char text[FL_TEXT_MAX];
    page_at(page, 4);
    page_text(page, "Next, ");
    page_paint(page, PAINT_BOLD, name_call(record, e->stuck, text));
    if (e->must[0] == '\0') {
        page_text(page, " is not possible");
        page_text(page, e->must_all[0] == '\0' ? " in any reachable state."
                                               : " here.");
    } else {
        page_text(page, " must return ");
        page_paint(page, PAINT_BOLD, e->must);
        page_text(page, ".");
    }
    page_text(page, " It returned ");
    page_paint(page, PAINT_RED, e->got);
    page_text(page, ".");
    page_end(page);
}

static void write_reason(struct page *page, const struct fl_record *record,
                         const struct fl_reason *reason, uint32_t when_at)
{
    char text[FL_TEXT_MAX];
    uint32_t must_at = when_at + 42;
    page_at(page, 6);
    page_text(page, reason->state);
    if (!reason->enabled) {
        page_text(page, "   too early: ");
        page_text(page, name_call(record, reason->by, text));
        page_text(page, " had not been called yet");
        page_end(page);
        return;
    }
    page_at(page, when_at);
    page_text(page, reason->when);
    name_call(record, reason->by, text);
    size_t columns = fl_text_columns(text) + fl_text_columns(reason->must) + 14;
    if (page->column > must_at || must_at + columns >= page->columns) {
        page_text(page, ": ");
    } else {
        page_at(page, must_at);
    }
    if (page->column + columns >= page->columns) {
        page_end(page);
        page_at(page, when_at + 2);
    }
    page_text(page, text);
    if (reason->must[0] != '\0') {
        page_text(page, " must return ");
        page_text(page, reason->must);
    } else {
        page_text(page, " is not possible");
    }
    page_end(page);
}

static void write_reasons(struct page *page, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    uint32_t others = e->configurations_count - 1;
    size_t widest = 6;
    if (others == 0) {
        return;
    }
    page_at(page, 4);
    page_print(page,
               e->crashes_count > 0
                   ? "What else may have survived does not help:"
               : others == 1 ? "The other reachable state does not help:"
                             : "The other %u reachable states do not "
                               "help:",
               others);
    page_end(page);
    for (uint32_t k = 0; k < e->reasons_count; k++) {
        size_t columns = fl_text_columns(e->reasons[k].state);
        if (e->reasons[k].enabled && columns > widest) {
            widest = columns < 30 ? columns : 30;
        }
    }
    for (uint32_t k = 0; k < e->reasons_count; k++) {
        write_reason(page, record, &e->reasons[k], 6 + (uint32_t)widest + 3);
    }
    if (e->reasons_others > 0) {
        page_at(page, 6);
        page_print(page, "or %u others", e->reasons_others);
        page_end(page);
    }
    if (!e->complete) {
        page_at(page, 4);
        page_text(page, "More states were reachable than are kept: this is "
                        "not a complete proof.");
        page_end(page);
    }
}

/* The moment of operation `i`'s return as the tables tell it. */
static bool find_moment(const struct fl_record *record, uint32_t i,
                        char text[32])
{
    if (i == FL_OPEN || record->history->operations[i].ret == FL_OPEN) {
        return false;
    }
    enum clock_kind clock = text_clock(record);
    if (clock == CLOCK_EVENTS) {
        snprintf(text, 32, "%u", record->history->operations[i].ret);
        return true;
    }
    uint32_t step = record->return_steps[i];
    if (step == FL_NO_STEP || step >= record->steps_count) {
        return false;
    }
    if (clock == CLOCK_STEPS) {
        snprintf(text, 32, "%u", step + 1);
    } else {
        fl_scene_time(record->steps[step].time, text);
    }
    return true;
}

/* "Hint: the value 2 was pushed once but popped twice, at steps 11 and 21." */
static void write_hint(struct page *page, const struct fl_record *record)
{
    static const char *const nouns[] = {
        [CLOCK_STEPS] = "step", [CLOCK_TIMES] = "", [CLOCK_EVENTS] = "event"};
    const struct fl_explanation *e = record->explanation;
    char hint[3 * FL_TEXT_MAX];
    char at[2][32];
    struct fl_phrase phrase;
    if (e->hint[0] == '\0') {
        return;
    }
    const char *noun = nouns[text_clock(record)];
    fl_phrase_init(&phrase, hint, sizeof(hint));
    fl_phrase_add(&phrase, "Hint: ");
    fl_phrase_add(&phrase, e->hint);
    bool first = find_moment(record, e->hint_operations[0], at[0]);
    bool second = find_moment(record, e->hint_operations[1], at[1]);
    if (first && second) {
        fl_phrase_print(&phrase, ", at %s%s%s and %s", noun,
                        noun[0] != '\0' ? "s " : "", at[0], at[1]);
    } else if (first) {
        fl_phrase_print(&phrase, ", at %s%s%s", noun,
                        noun[0] != '\0' ? " " : "", at[0]);
    }
    fl_phrase_add(&phrase, ".");
    page_wrap(page, 4, hint);
}

void text_why(struct page *page, const struct fl_record *record)
{
    if (record->explanation != NULL && record->history != NULL) {
        page_heading(page, record->explanation->crashes_count > 0
                               ? "WHY NOTHING THAT MAY HAVE SURVIVED EXPLAINS "
                                 "THE ANSWERS"
                               : "WHY NO LINEARIZATION EXISTS");
        page_end(page);
        write_prefix(page, record);
        write_crashes(page, record);
        write_stuck(page, record);
        write_reasons(page, record);
        write_hint(page, record);
        page_gap(page);
    } else if (record->reason_count > 0) {
        page_heading(page, "WHAT HAPPENED");
        page_end(page);
        for (uint32_t k = 0; k < record->reason_count; k++) {
            page_wrap(page, 4, record->reason[k]);
        }
        page_gap(page);
    }
}
