/*
 * What the parts of the network view share.
 *
 * Private to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAW_NETWORK_PLAN_H
#define FL_DRAW_NETWORK_PLAN_H

#include "checker/draw/axis.h"
#include "checker/draw/scene.h"

enum {
    FL_NET_BOX = 30, /* an operation's height */
    FL_NET_LANE = 80 /* from lane to lane */
};

/* A drawing in the making. */
struct fl_net {
    const struct fl_record *record;
    FILE *out;
    struct fl_axis axis;
    uint32_t first;   /* messages before it are not drawn */
    uint32_t lanes;   /* clients, then replicas */
    uint32_t rows;    /* lanes that are drawn */
    uint32_t clients; /* of them */
    int32_t right;
};

/* Whether a lane is drawn: clients that did nothing are not. */
bool fl_net_draws(const struct fl_record *record, uint32_t thread);

/* The middle of a thread's lane: clients above, replicas below. */
int32_t fl_net_lane_y(const struct fl_net *net, uint32_t thread);

/* Whether a message arrived before the end. */
bool fl_net_arrives(const struct fl_record_message *message);

/* Whether message `k` is drawn: of many only those that an answer depended on
 * or a fault touched. */
bool fl_net_shows(const struct fl_net *net, uint32_t k);

/* Draws message `k`: an arrow, or a line that ends on its way. */
void fl_net_message(const struct fl_net *net, uint32_t k);

#endif
