/*
 * The terminal report of one failure.
 *
 * Verdict and seed; what shrinking removed; HISTORY; WHY; HOW IT HAPPENED; the
 * decisive line of source; NEXT, the commands to paste.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/text.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

/* "34 ms", "3.1 s" */
static void add_duration(struct fl_phrase *phrase, uint32_t milliseconds)
{
    uint32_t tenths = milliseconds / 100 + (milliseconds % 100 >= 50);
    if (milliseconds < 100) {
        fl_phrase_print(phrase, "%u ms", milliseconds);
    } else {
        fl_phrase_print(phrase, "%u.%u s", tenths / 10, tenths % 10);
    }
}

/* "seed 0x5eed1a   schedule 412/10000 by pct   3.1 s" */
static void describe_run(const struct fl_record *record, char *text, size_t max)
{
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, max);
    if (record->seed != NULL) {
        fl_phrase_add(&phrase, "seed ");
        fl_phrase_add(&phrase, record->seed);
    }
    if (record->schedule != 0) {
        fl_phrase_print(&phrase, "   schedule %llu",
                        (unsigned long long)record->schedule);
        if (record->schedules != 0) {
            fl_phrase_print(&phrase, "/%llu",
                            (unsigned long long)record->schedules);
        }
        if (record->strategy != NULL) {
            fl_phrase_add(&phrase, " by ");
            fl_phrase_add(&phrase, record->strategy);
        }
    }
    if (record->milliseconds != 0) {
        fl_phrase_add(&phrase, "   ");
        add_duration(&phrase, record->milliseconds);
    }
}

static void write_verdict(struct page *page, const struct fl_record *record)
{
    char text[200];
    page_paint(page, PAINT_RED, record->open ? "open" : "FAIL");
    page_at(page, 6);
    page_paint(page, PAINT_BOLD,
               record->scenario != NULL ? record->scenario : "history");
    page_text(page, "   ");
    page_paint(page, PAINT_RED, record->verdict);
    describe_run(record, text, sizeof(text));
    uint32_t columns = (uint32_t)fl_text_columns(text);
    if (columns > 0) {
        if (page->column + columns + 3 >= page->columns) {
            page_end(page);
        }
        uint32_t edge = page->columns < 100 ? page->columns : 100;
        page_at(page, edge > columns + 2 ? edge - columns - 2 : 6);
        page_text(page, text);
    }
    page_end(page);
    if (record->subject != NULL) {
        page_at(page, 6);
        page_paint(page, PAINT_GREY, record->subject);
        page_end(page);
    }
    page_gap(page);
}

static void add_count(struct fl_phrase *phrase, uint32_t before, uint32_t after,
                      const char *noun)
{
    if (before == 0) {
        return;
    }
    fl_phrase_print(phrase, "%s%u -> %u %s", phrase->size > 0 ? "    " : "",
                    before, after, noun);
}

static void add_tried(struct fl_phrase *phrase, uint64_t count, const char *one,
                      const char *more)
{
    if (count > 0) {
        fl_phrase_print(phrase, "%s%llu %s", phrase->size > 0 ? ", " : "",
                        (unsigned long long)count, count == 1 ? one : more);
    }
}

/* "tried: without 41 sets of operations, 2 of faults; ..." */
static void write_tried(struct page *page, const struct fl_record_tried *tried)
{
    char parts[240];
    char text[400];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, parts, sizeof(parts));
    add_tried(&phrase, tried->threads, "whole thread", "whole threads");
    add_tried(&phrase, tried->operations, "set of operations",
              "sets of operations");
    add_tried(&phrase, tried->faults, "set of faults", "sets of faults");
    add_tried(&phrase, tried->preemptions, "set of switches",
              "sets of switches");
    add_tried(&phrase, tried->stale, "set of stale reads",
              "sets of stale reads");
    add_tried(&phrase, tried->decisions, "set of other decisions",
              "sets of other decisions");
    if (parts[0] == '\0' && tried->enumerated == 0) {
        return;
    }
    fl_phrase_init(&phrase, text, sizeof(text));
    fl_phrase_print(&phrase, "tried: %s%s", parts[0] == '\0' ? "" : "without ",
                    parts);
    if (tried->schedules > 0) {
        fl_phrase_print(&phrase, " (up to %u schedules each)",
                        tried->schedules);
    }
    if (tried->enumerated > 0) {
        fl_phrase_print(&phrase, "%s%llu schedules by number of preemptions",
                        parts[0] == '\0' ? "" : "; ",
                        (unsigned long long)tried->enumerated);
    }
    page_wrap(page, 14, text);
}

static void write_shrink(struct page *page, const struct fl_record *record)
{
    const struct fl_record_shrink *shrink = &record->shrink;
    char text[200];
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, sizeof(text));
    add_count(&phrase, shrink->operations_before, shrink->operations_after,
              "operations");
    add_count(&phrase, shrink->faults_before, shrink->faults_after, "faults");
    add_count(&phrase, shrink->preemptions_before, shrink->preemptions_after,
              "preemptions");
    add_count(&phrase, shrink->stale_before, shrink->stale_after,
              "stale reads");
    if (text[0] == '\0') {
        return;
    }
    if (shrink->replays > 0) { /* a history from a file is not replayed */
        fl_phrase_print(&phrase, "    (%llu replays, ",
                        (unsigned long long)shrink->replays);
        add_duration(&phrase, shrink->milliseconds);
        fl_phrase_add(&phrase, ")");
    }
    page_at(page, 2);
    page_text(page, "minimised");
    page_wrap(page, 14, text);
    write_tried(page, &shrink->tried);
    if (shrink->stale_before > 0 && shrink->stale_after == 0) {
        page_at(page, 14);
        page_text(page, "fails with every load reading the newest store, too: "
                        "no matter of weak memory");
        page_end(page);
    }
    if (shrink->fewest_proved) {
        page_at(page, 14);
        page_text(page, "no schedule with fewer preemptions fails");
        page_end(page);
    }
    if (!shrink->complete) {
        page_at(page, 14);
        page_text(page, "the budget ran out before nothing more could be "
                        "removed");
        page_end(page);
    }
    if (record->nearest != NULL) {
        page_at(page, 2);
        page_text(page, "nearest");
        page_wrap(page, 14, record->nearest);
    }
    page_gap(page);
}

/* Of a run without a verdict there is no smaller one. */
static const char *trace_of(const struct fl_record *record)
{
    return record->open ? "original.trace.json" : "trace.json";
}

/* "graph     faultline graph DIR/trace.json --view timeline -T svg", for the
 * first view; the others by name. */
static void write_graph(struct page *page, const struct fl_record *record,
                        uint32_t edge)
{
    char others[128];
    struct fl_phrase phrase;
    const struct fl_view *first = NULL;
    fl_phrase_init(&phrase, others, sizeof(others));
    for (uint32_t k = 0; fl_views[k] != NULL; k++) {
        if (fl_views[k]->lacks(record) != NULL) {
            continue;
        }
        if (first == NULL) {
            first = fl_views[k];
            continue;
        }
        fl_phrase_add(&phrase, others[0] == '\0' ? "" : ", ");
        fl_phrase_add(&phrase, fl_views[k]->name);
    }
    if (first == NULL) {
        return;
    }
    page_at(page, 4);
    page_text(page, "graph");
    page_at(page, 14);
    page_print(page, "faultline graph %s/%s --view %s -T svg > %s.svg",
               record->directory, trace_of(record), first->name, first->name);
    page_end(page);
    if (others[0] != '\0') {
        uint32_t wide = page->columns;
        page->columns = edge;
        page_at(page, 14);
        page_print(page, "other views: %s", others);
        page_end(page);
        page->columns = wide;
    }
}

/* Commands are to be pasted, so they are never cut at the right edge. */
static void write_next(struct page *page, const struct fl_record *record)
{
    uint32_t edge = page->columns;
    if (record->directory == NULL) {
        return;
    }
    page_heading(page, "NEXT");
    page_end(page);
    page->columns = PAGE_LINE_MAX / 2;
    page_at(page, 4);
    page_text(page, "replay");
    page_at(page, 14);
    page_print(page, "faultline replay %s/%s", record->directory,
               trace_of(record));
    page_end(page);
    write_graph(page, record, edge);
    page_at(page, 4);
    page_text(page, "all files");
    page_at(page, 14);
    page_text(page, record->directory);
    page_end(page);
    page->columns = edge;
    page_gap(page);
}

void report_failure(const struct fl_record *record,
                    const struct report_style *style, FILE *out)
{
    assert(record != NULL && record->verdict != NULL);
    struct page page;
    page_init(&page, style, out);
    write_verdict(&page, record);
    write_shrink(&page, record);
    text_history(&page, record, style->full);
    text_why(&page, record);
    text_steps(&page, record, style->full);
    text_source(&page, record);
    write_next(&page, record);
}
