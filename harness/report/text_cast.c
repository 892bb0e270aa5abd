/*
 * The cast: the threads of a report, their names, and how time is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/phrase.h"
#include "harness/report/text.h"

#include <assert.h>
#include <string.h>

void cast_add(struct cast *cast, uint32_t thread)
{
    uint32_t at = 0;
    while (at < cast->count && cast->thread[at] < thread) {
        at++;
    }
    bool known = at < cast->count && cast->thread[at] == thread;
    if (known || cast->count == REPORT_CLIENTS_MAX) {
        return;
    }
    memmove(cast->thread + at + 1, cast->thread + at,
            (cast->count - at) * sizeof(cast->thread[0]));
    cast->thread[at] = thread;
    cast->count++;
}

uint32_t cast_find(const struct cast *cast, uint32_t thread)
{
    assert(cast->count > 0);
    for (uint32_t k = 0; k < cast->count; k++) {
        if (cast->thread[k] == thread) {
            return k;
        }
    }
    return cast->count - 1;
}

uint32_t text_name_columns(const struct fl_record *record,
                           const struct cast *cast)
{
    uint32_t widest = 5;
    char name[16];
    for (uint32_t k = 0; k < cast->count; k++) {
        size_t columns =
            fl_text_columns(fl_scene_lane(record, cast->thread[k], name));
        widest = columns > widest ? (uint32_t)columns : widest;
    }
    return (widest < 16 ? widest : 16) + 2;
}

enum clock_kind text_clock(const struct fl_record *record)
{
    if (record->steps_count == 0 || record->call_steps == NULL) {
        return CLOCK_EVENTS;
    }
    return record->messages_count > 0 ? CLOCK_TIMES : CLOCK_STEPS;
}
