/*
 * The plan of an interleaving: its columns and rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/steps_plan.h"
#include "checker/phrase.h"

#include <assert.h>

enum {
    COLUMN_MIN = 130
};

/* The column of thread `thread`, a new one if it has none. */
uint32_t fl_steps_lane(struct fl_steps_plan *table, uint32_t thread)
{
    assert(table->lanes <= FL_STEPS_LANES);
    for (uint32_t k = 0; k < table->lanes; k++) {
        if (table->thread[k] == thread) {
            return k;
        }
    }
    if (table->lanes == FL_STEPS_LANES) {
        return FL_STEPS_LANES - 1; /* the rest shares the last column */
    }
    table->thread[table->lanes] = thread;
    table->lanes++;
    return table->lanes - 1;
}

static void sort_lanes(struct fl_steps_plan *table)
{
    for (uint32_t i = 1; i < table->lanes; i++) {
        uint32_t thread = table->thread[i];
        uint32_t k = i;
        for (; k > 0 && table->thread[k - 1] > thread; k--) {
            table->thread[k] = table->thread[k - 1];
        }
        table->thread[k] = thread;
    }
}

static int32_t columns_of(const char *text)
{
    return text == NULL ? 0 : (int32_t)fl_text_columns(text);
}

/* Widths by the longest text in each column. */
static void measure(struct fl_steps_plan *table)
{
    const struct fl_record *record = table->record;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        if (!table->shown[s]) {
            continue;
        }
        const struct fl_step *step = &record->steps[s];
        uint32_t lane = fl_steps_lane(table, step->thread);
        assert(lane < table->lanes);
        int32_t width = (columns_of(step->text) + 2) * 8 + 44;
        width += step->inner_line != 0 ? 20 : 0;
        width = width < 380 ? width : 380;
        table->width[lane] =
            width > table->width[lane] ? width : table->width[lane];
        width = columns_of(step->memory) * 7 + 24;
        width = width < 420 ? width : 420;
        if (step->memory != NULL && width > table->memory_width) {
            table->memory_width = width;
        }
    }
}

void fl_steps_columns(struct fl_steps_plan *table)
{
    assert(table->record->steps_count > 0);
    fl_steps_lane(table, table->record->steps[0].thread);
    for (uint32_t s = 0; s < table->record->steps_count; s++) {
        if (table->shown[s]) {
            fl_steps_lane(table, table->record->steps[s].thread);
        }
    }
    sort_lanes(table);
    measure(table);
    assert(table->lanes > 0);
    int32_t left = 24;
    for (uint32_t k = 0; k < table->lanes; k++) {
        table->width[k] =
            table->width[k] > COLUMN_MIN ? table->width[k] : COLUMN_MIN;
        table->middle[k] = left + table->width[k] / 2;
        left += table->width[k] + 14;
    }
    if (table->memory_width > 0) {
        int32_t title = columns_of(table->record->memory_title) * 8 + 20;
        table->memory_width =
            title > table->memory_width ? title : table->memory_width;
        table->memory = left + 4 + table->memory_width / 2;
    }
}

/* Gives each shown step, and each fault and fold before it, a row. */
void fl_steps_rows(struct fl_steps_plan *table)
{
    const struct fl_record *record = table->record;
    int32_t y = 0;
    bool folded = false;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        for (uint32_t k = 0; k < record->faults_count; k++) {
            y -= record->faults[k].before == s ? FL_STEPS_ROW : 0;
        }
        if (!table->shown[s]) {
            y -= folded ? 0 : FL_STEPS_ROW;
            folded = true;
            continue;
        }
        folded = false;
        table->place[s] = y;
        y -= FL_STEPS_ROW;
    }
    bool late = false; /* faults after the last step share a row */
    for (uint32_t k = 0; k < record->faults_count; k++) {
        late = late || record->faults[k].before >= record->steps_count;
    }
    table->bottom = y + (late ? -FL_STEPS_ROW : 0) + 9;
}
