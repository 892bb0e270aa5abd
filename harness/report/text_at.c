/*
 * A run as it stands at one step: how it came there, and where everybody is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/report.h"
#include "harness/report/text.h"

#include <assert.h>

enum {
    NAME_AT = 4,
    STATE_AT = 10,
    PLACE_AT = 22,
    TEXT_AT = 52
};

/* The first step of `thread` behind the first `count`, or FL_NO_STEP. */
static uint32_t find_next(const struct fl_record *record, uint32_t thread,
                          uint32_t count)
{
    for (uint32_t s = count; s < record->steps_count; s++) {
        if (record->steps[s].thread == thread) {
            return s;
        }
    }
    return FL_NO_STEP;
}

static bool has_begun(const struct fl_record *record, uint32_t thread,
                      uint32_t count)
{
    for (uint32_t s = 0; s < count; s++) {
        if (record->steps[s].thread == thread) {
            return true;
        }
    }
    return false;
}

/* "T1    at step 12    treiber_stack.c:141    CAS head n3->n2 ok" */
static void write_thread(struct page *page, const struct fl_record *record,
                         uint32_t thread, uint32_t count)
{
    char name[16];
    page_at(page, NAME_AT);
    page_paint(page, PAINT_BOLD, fl_scene_lane(record, thread, name));
    uint32_t next = find_next(record, thread, count);
    page_at(page, STATE_AT);
    if (next == FL_NO_STEP) {
        page_text(page, has_begun(record, thread, count)
                            ? "takes no further step"
                            : "takes no step");
        page_end(page);
        return;
    }
    const struct fl_step *step = &record->steps[next];
    page_print(page, "next: %u", next + 1);
    if (step->file != NULL) {
        page_at(page, PLACE_AT);
        page_print(page, "%s:%u", step->file, step->line);
    }
    page_at(page, TEXT_AT);
    page_text(page, step->text);
    page_end(page);
}

static const char *last_memory(const struct fl_record *record, uint32_t count)
{
    while (count-- > 0) {
        if (record->steps[count].memory != NULL) {
            return record->steps[count].memory;
        }
    }
    return NULL;
}

void report_at(const struct fl_record *record, uint32_t number,
               const struct report_style *style, FILE *out)
{
    assert(record != NULL && style != NULL && out != NULL);
    struct page page;
    struct cast cast = {0};
    struct fl_record until = *record;
    uint32_t count =
        number < record->steps_count ? number : record->steps_count;
    until.steps_count = count;
    page_init(&page, style, out);
    page_print(&page, "%s at step %u of %u",
               record->scenario == NULL ? "run" : record->scenario, count,
               record->steps_count);
    page_end(&page);
    page_gap(&page);
    if (count > 0) {
        text_steps(&page, &until, true);
    }
    page_heading(&page, "EVERYBODY, AT THIS STEP");
    page_end(&page);
    for (uint32_t s = 0; s < record->steps_count; s++) {
        cast_add(&cast, record->steps[s].thread);
    }
    for (uint32_t k = 0; k < cast.count; k++) {
        write_thread(&page, record, cast.thread[k], count);
    }
    const char *memory = last_memory(record, count);
    if (memory != NULL) {
        page_at(&page, NAME_AT);
        page_print(&page, "shared state: %s", memory);
        page_end(&page);
    }
}
