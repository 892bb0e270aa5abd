/*
 * A network in a world made by hand, whose nodes are moved by the test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_NET_FIXTURE_H
#define TESTS_NET_FIXTURE_H

#include "harness/sim/post.h"
#include "tests/tap.h"

#include <assert.h>
#include <string.h>

/* ns */
#define US INT64_C(1000)
#define MS INT64_C(1000000)

enum {
    MILLION = 1000000,
    NODES = 7,
    REPLICAS = 5,
};

static const char *const names[] = {
    "replica1", "replica2", "replica3", "replica4",
    "replica5", "client1",  "client2",
};

struct stage {
    struct scenario scenario;
    struct world world;
};

static inline struct quantity constant(enum unit unit, int64_t value)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_CONSTANT,
                             .a = value,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

static inline struct stage *stage_new(void)
{
    struct stage *s = calloc(1, sizeof(*s));
    assert(s != NULL);
    s->scenario.system.kind = SYSTEM_NETWORK;
    s->scenario.system.replicas = REPLICAS;
    s->scenario.system.clients = NODES - REPLICAS;
    s->scenario.network.set = true;
    s->scenario.network.all.latency = constant(UNIT_NS, MS);
    return s;
}

static inline void open_net(struct stage *s, uint64_t seed)
{
    struct world *w = &s->world;
    choice_begin(&w->choice, CHOICE_EXPLORE, seed);
    w->net = net_new(&s->scenario, NODES, REPLICAS, names);
    w->until = UINT64_MAX;
    w->scenario = &s->scenario;
    w->fibers_count = NODES;
    for (uint32_t i = 0; i < NODES; i++) {
        w->fibers[i].id = i;
        w->fibers[i].process = i;
        w->fibers[i].process_target = i;
        w->fibers[i].ticket = FL_OPEN;
    }
    net_reset(w->net, w);
    world = w;
}

static inline void stage_free(struct stage *s)
{
    world = NULL;
    net_free(s->world.net);
    choice_release(&s->world.choice);
    free(s);
}

/* Node `node` runs from here on. */
static inline void become(struct stage *s, uint32_t node)
{
    s->world.current = &s->world.fibers[node];
}

static inline void send_number(struct stage *s, uint32_t from, uint32_t to,
                               uint32_t number)
{
    become(s, from);
    fl_send(to, &number, sizeof(number));
}

/* Lets everything happen that is due by `time`. */
static inline void advance(struct stage *s, uint64_t time)
{
    struct world *w = &s->world;
    w->current = NULL;
    while (net_moment(w->net) <= time) {
        w->now = net_moment(w->net) > w->now ? net_moment(w->net) : w->now;
        net_advance(w);
    }
    w->now = time;
}

/* The next number in the inbox of `node`, or -1. */
static inline int64_t next_number(struct stage *s, uint32_t node)
{
    struct fl_message message;
    become(s, node);
    if (!fl_receive(&message, 0)) {
        return -1;
    }
    uint32_t number = 0;
    assert(message.size == sizeof(number));
    memcpy(&number, message.bytes, sizeof(number));
    return number;
}

static inline uint32_t count_inbox(struct stage *s, uint32_t node)
{
    uint32_t count = 0;
    while (next_number(s, node) >= 0) {
        count++;
    }
    return count;
}

#endif
