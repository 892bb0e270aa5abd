/*
 * The inside of the network: messages, nodes and cuts, shared by net.c, which
 * moves messages, and port.c, which programs call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_POST_H
#define HX_SIM_POST_H

#include "harness/algorithm.h"
#include "harness/sim/link.h"
#include "harness/sim/net.h"
#include "harness/sim/queue.h"
#include "harness/sim/stable.h"
#include "harness/targets.h"

enum {
    MESSAGES_MAX = 4096, /* sent or duplicated, and not yet received */
    TIMERS_MAX = 16,     /* of a node */
    CUTS_MAX = 32,       /* partitions at a time */
    LABEL_MAX = 40,      /* bytes of a label */
};

#define NO_MESSAGE UINT32_MAX

struct message {
    uint32_t to;
    uint32_t life;   /* of the receiver when it was sent */
    uint32_t logged; /* index in the log, or NO_MESSAGE */
    uint32_t next;   /* in an inbox */
    bool held;       /* by a clogged link */
    struct fl_message content;
};

struct node {
    uint32_t life; /* counts crashes */
    bool down;
    int64_t clock_offset;        /* ns */
    int64_t clock_drift;         /* ppm */
    uint64_t sends;              /* in this run */
    uint64_t timers[TIMERS_MAX]; /* moments, UINT64_MAX if not set */
    uint64_t timer_next;         /* the least of them */
    uint32_t inbox_first;
    uint32_t inbox_last;
    uint32_t ticket;   /* of the operation that `deadline` is of */
    uint64_t deadline; /* true time */
    char label[LABEL_MAX];
    struct stable stable;
};

/* Links that carry nothing until a moment. */
struct cut {
    uint64_t until;
    uint32_t fault;              /* in the log */
    uint64_t links[TARGETS_MAX]; /* bit b of links[a]: a->b */
};

struct net {
    const struct scenario *scenario;
    struct targets all;
    bool healed;
    uint64_t sequence;
    struct queue queue;
    uint32_t messages_used; /* ever used in this run: the rest is free */
    uint32_t free_count;
    uint32_t *free; /* freed ones */
    struct message *messages;
    struct link *links; /* all.count * all.count, by sender */
    struct node *nodes;
    uint32_t cuts_count;
    struct cut cuts[CUTS_MAX];
};

/* The link from `a` to `b`. */
static inline struct link *net_link(struct net *net, uint32_t a, uint32_t b)
{
    return &net->links[a * net->all.count + b];
}

/* A free message, or NO_MESSAGE if MESSAGES_MAX are on their way. */
uint32_t net_take_message(struct net *net);
void net_give_message(struct net *net, uint32_t message);

/* Message `message` sets out and arrives at `moment`. */
void net_launch(struct net *net, uint32_t message, uint64_t moment);

/* Puts a message into the inbox of `node`. */
void net_deliver(struct world *w, uint32_t node, uint32_t message);

/* What cuts the link at `now`, or NULL. */
const struct cut *net_cut(const struct net *net, uint32_t from, uint32_t to,
                          uint64_t now);

/* Finds the least timer of `node` anew. */
void net_find_timer(struct node *node);

/* The clock of `node` when the true time is `now`. */
uint64_t node_clock(const struct node *node, uint64_t now);

/* The true duration of `ns` on the clock of `node`. */
uint64_t node_true(const struct node *node, uint64_t ns);

#endif
