/*
 * The order of events, for writers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/write.h"

#include "checker/model.h"

#include <assert.h>
#include <stdlib.h>

struct fl_moment *fl_moments_list(const struct fl_history *h)
{
    struct fl_moment *moments = calloc(h->stamps + 1ul, sizeof(*moments));
    if (moments == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        assert(op->call < h->stamps);
        moments[op->call] = (struct fl_moment){FL_MOMENT_CALL, i};
        if (op->ret != FL_OPEN) {
            moments[op->ret] = (struct fl_moment){FL_MOMENT_RETURN, i};
        }
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        assert(h->events[i].at < h->stamps);
        moments[h->events[i].at] = (struct fl_moment){FL_MOMENT_EVENT, i};
    }
    return moments;
}

enum fl_status fl_write_end(FILE *file)
{
    return fflush(file) == 0 && !ferror(file) ? FL_OK : FL_IO;
}

uint32_t fl_write_args(const struct fl_operation_type *type)
{
    uint32_t count = 0;
    while (count < FL_ARGS_MAX && type->args[count] != FL_KIND_VOID) {
        count++;
    }
    return count;
}
