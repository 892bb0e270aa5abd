/*
 * A link: one direction between two nodes, and how it treats messages.
 *
 *     sent ──> lost? ──> queue full? ──> bandwidth ──> latency ──> in order?
 *
 * A message leaves when those before it have left (bandwidth), and arrives a
 * latency later.  A link that keeps order delivers no message before an
 * earlier one.  Loss is independent, or comes in bursts: Gilbert (1960) and
 * Elliott (1963), a good and a bad state with a loss probability each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_LINK_H
#define HX_SIM_LINK_H

#include "harness/scenario.h"

struct link {
    /* the model; quantities are borrowed from the scenario */
    const struct quantity *latency;
    const struct quantity *bandwidth; /* NULL: unlimited */
    uint32_t queue;                   /* messages; 0 = unbounded */
    enum loss_model loss_model;
    uint32_t loss_ppm;
    uint32_t ge_p_ppm;
    uint32_t ge_r_ppm;
    uint32_t ge_good_ppm;
    uint32_t ge_bad_ppm;
    uint32_t duplicate_ppm;
    bool in_order;

    /* the state of a run */
    bool bad;              /* Gilbert-Elliott */
    uint32_t in_flight;    /* messages sent and not yet arrived */
    uint64_t busy_until;   /* the last byte of the last message has left */
    uint64_t last_arrival; /* of those that keep order */
    uint64_t clog_from;    /* messages are held in [from, until) */
    uint64_t clog_until;
};

/* What a link makes of one message. */
struct passage {
    bool lost;
    bool twice;
    uint64_t arrival;
    uint64_t second; /* arrival of the copy */
};

/* The model of nobody's making: 0.1 to 1 ms, nothing lost, any order. */
void link_init(struct link *link);

/* Takes over what `model` says; what it leaves out stays. */
void link_model(struct link *link, const struct link_model *model);

/* Forgets the last run. */
void link_reset(struct link *link);

/* Sends `size` bytes at `now`; all draws come from STREAM_NETWORK. */
struct passage link_send(struct link *link, struct choice *choice, uint64_t now,
                         uint32_t size);

/* When a message that would arrive at `arrival` does so, if it may not
 * overtake earlier ones. */
uint64_t link_order(struct link *link, uint64_t arrival);

/* Holds messages that arrive in [from, until). */
void link_clog(struct link *link, uint64_t from, uint64_t until);

/* Are messages held at `now`? */
static inline bool link_is_clogged(const struct link *link, uint64_t now)
{
    return now >= link->clog_from && now < link->clog_until;
}

#endif
