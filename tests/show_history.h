/*
 * A history that was decided wrongly, as comments of TAP.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SHOW_HISTORY_H
#define TESTS_SHOW_HISTORY_H

#include "checker/model.h"

#include <stdio.h>

static inline void show_history(const struct fl_history *h, const char *what)
{
    printf("# %s: model %s\n", what, h->model->name);
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        char call[80];
        char result[80] = "?";
        fl_describe_call(h, op, call, sizeof(call));
        if (op->ret != FL_OPEN) {
            fl_describe_result(h, op->fn, op->result, result, sizeof(result));
        }
        printf("#   %u: client %u key %lld [%u, %d] %s = %s\n", i, op->client,
               (long long)op->key, op->call, (int)op->ret, call, result);
    }
    for (uint32_t e = 0; e < h->events_count; e++) {
        printf("#   event %d client %u at %u, %d\n", (int)h->events[e].kind,
               h->events[e].client, h->events[e].at,
               (int)h->events[e].resolved);
    }
}

#endif
