/*
 * What of a network is drawn, and in which row.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/network_plan.h"

#include <assert.h>

enum {
    ALL_MAX = 12 /* messages that may be drawn whoever needed them */
};

bool fl_net_draws(const struct fl_record *record, uint32_t thread)
{
    if (!record->lanes[thread].client) {
        return true;
    }
    for (uint32_t s = 0; s < record->steps_count; s++) {
        if (record->steps[s].thread == thread) {
            return true;
        }
    }
    for (uint32_t i = 0; record->history != NULL && i < record->history->count;
         i++) {
        if (record->history->operations[i].client == thread) {
            return true;
        }
    }
    return false;
}

/* The row of a thread: clients above, replicas below, in their order. */
static uint32_t row_of(const struct fl_net *net, uint32_t thread)
{
    uint32_t row = 0;
    bool client =
        thread < net->record->lanes_count && net->record->lanes[thread].client;
    for (uint32_t k = 0; k < net->record->lanes_count && k < thread; k++) {
        row += net->record->lanes[k].client == client &&
               fl_net_draws(net->record, k);
    }
    return client ? row : net->clients + row;
}

bool fl_net_shows(const struct fl_net *net, uint32_t k)
{
    const struct fl_record *record = net->record;
    return k >= net->first &&
           (record->messages_count <= ALL_MAX || !record->messages[k].idle);
}

int32_t fl_net_lane_y(const struct fl_net *net, uint32_t thread)
{
    uint32_t row = row_of(net, thread);
    int32_t y = (int32_t)(net->rows - row) * FL_NET_LANE - FL_NET_LANE / 2;
    return row < net->clients ? y + 30 : y;
}
