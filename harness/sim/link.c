/*
 * One direction between two nodes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/link.h"

#include <assert.h>

#define FOR_EVER UINT64_MAX

enum {
    SECOND_NS = 1000000000
};

/* Latency where no scenario says anything: 0.1 to 1 ms. */
static const struct quantity plain_latency = {
    .set = true,
    .unit = UNIT_NS,
    .kind = DIST_UNIFORM,
    .a = 100000,
    .b = 1000000,
    .min = INT64_MIN,
    .max = INT64_MAX,
};

void link_init(struct link *link)
{
    *link = (struct link){.latency = &plain_latency};
}

void link_model(struct link *link, const struct link_model *model)
{
    if (model->latency.set) {
        link->latency = &model->latency;
    }
    if (model->bandwidth.set) {
        link->bandwidth = &model->bandwidth;
    }
    if (model->queue != 0) {
        link->queue = model->queue;
    }
    if (model->loss_set) {
        link->loss_model = model->loss_model;
        link->loss_ppm = model->loss_ppm;
        link->ge_p_ppm = model->ge_p_ppm;
        link->ge_r_ppm = model->ge_r_ppm;
        link->ge_good_ppm = model->ge_good_ppm;
        link->ge_bad_ppm = model->ge_bad_ppm;
    }
    if (model->duplicate_set) {
        link->duplicate_ppm = model->duplicate_ppm;
    }
    if (model->reorder_set) {
        link->in_order = !model->reorder;
    }
}

void link_reset(struct link *link)
{
    link->bad = false;
    link->in_flight = 0;
    link->busy_until = 0;
    link->last_arrival = 0;
    link->clog_from = 0;
    link->clog_until = 0;
}

static uint64_t draw(const struct quantity *q, struct choice *choice)
{
    int64_t drawn = q->kind == DIST_CONSTANT
                        ? q->a
                        : quantity_draw(q, choice, STREAM_NETWORK);
    return drawn < 0 ? 0 : (uint64_t)drawn;
}

static bool chance(struct choice *choice, uint32_t ppm)
{
    return ppm > 0 && choice_chance(choice, STREAM_NETWORK, ppm);
}

static bool is_lost(struct link *link, struct choice *choice)
{
    switch (link->loss_model) {
    case LOSS_INDEPENDENT:
        return chance(choice, link->loss_ppm);
    case LOSS_GILBERT_ELLIOTT:
        if (chance(choice, link->bad ? link->ge_r_ppm : link->ge_p_ppm)) {
            link->bad = !link->bad;
        }
        return chance(choice, link->bad ? link->ge_bad_ppm : link->ge_good_ppm);
    }
    return false;
}

static uint64_t later(uint64_t moment, uint64_t by)
{
    return by >= FOR_EVER - moment ? FOR_EVER - 1 : moment + by;
}

/* When the last byte of a message has left the sender. */
static uint64_t departure(struct link *link, struct choice *choice,
                          uint64_t now, uint32_t size)
{
    if (link->bandwidth == NULL) {
        return now;
    }
    uint64_t rate = draw(link->bandwidth, choice);
    rate = rate > 0 ? rate : 1;
    uint64_t start = link->busy_until > now ? link->busy_until : now;
    link->busy_until = later(start, size * (uint64_t)SECOND_NS / rate);
    return link->busy_until;
}

uint64_t link_order(struct link *link, uint64_t arrival)
{
    if (!link->in_order) {
        return arrival;
    }
    if (arrival < link->last_arrival) {
        arrival = link->last_arrival;
    }
    link->last_arrival = arrival;
    return arrival;
}

struct passage link_send(struct link *link, struct choice *choice, uint64_t now,
                         uint32_t size)
{
    struct passage passage = {.lost = is_lost(link, choice)};
    if (link->queue != 0 && link->in_flight >= link->queue) {
        passage.lost = true; /* the tail is dropped */
    }
    if (passage.lost) {
        return passage;
    }
    uint64_t left = departure(link, choice, now, size);
    assert(left >= now);
    passage.twice = chance(choice, link->duplicate_ppm);
    passage.arrival = later(left, draw(link->latency, choice));
    if (passage.twice) {
        passage.second = later(left, draw(link->latency, choice));
    }
    return passage;
}

void link_clog(struct link *link, uint64_t from, uint64_t until)
{
    assert(from <= until);
    bool before = link->clog_until > 0 && link->clog_until >= from;
    link->clog_from = before && link->clog_from < from ? link->clog_from : from;
    link->clog_until =
        before && link->clog_until > until ? link->clog_until : until;
}
