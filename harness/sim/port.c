/*
 * The port of nodes: what message-passing programs call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/rules.h"
#include "harness/sim/journal.h"
#include "harness/sim/post.h"
#include "harness/sim/seen.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The network, for the fiber that runs; a call from elsewhere is the end of
 * the run. */
static struct net *net_of(struct world *w, const char *function)
{
    if (w == NULL || w->net == NULL || w->current == NULL) {
        if (w != NULL) {
            world_fail(w, RUN_MISUSE, "%s() outside a node of a network",
                       function);
        }
        return NULL;
    }
    assert(w->current->process < w->net->all.count);
    return w->net;
}

static struct node *node_here(struct world *w)
{
    return &w->net->nodes[w->current->process];
}

uint32_t fl_node(void)
{
    struct world *w = world;
    return net_of(w, "fl_node") == NULL ? 0 : w->current->process;
}

uint64_t fl_now(void)
{
    struct world *w = world;
    if (net_of(w, "fl_now") == NULL) {
        return 0;
    }
    world_polls(w);
    return node_clock(node_here(w), w->now);
}

void fl_label(const char *text)
{
    struct world *w = world;
    if (net_of(w, "fl_label") != NULL && w->recording) {
        snprintf(node_here(w)->label, LABEL_MAX, "%s", text);
    }
}

void fl_show(const char *text)
{
    struct world *w = world;
    if (net_of(w, "fl_show") == NULL) {
        return;
    }
    struct log_value *value = journal_value(w);
    if (value != NULL) {
        value->thread = w->current->process;
        value->time = w->now;
        snprintf(value->text, sizeof(value->text), "%s", text);
    }
}

/* --- sending --------------------------------------------------------------*/

/* A message as it is on its way to becoming one or two in the queue. */
struct dispatch {
    uint32_t from;
    uint32_t to;
    uint32_t size;
    const void *bytes;
    struct passage passage;
    uint64_t extra; /* ns that faults added */
    uint32_t fault; /* the last one that acted, or UINT32_MAX */
    bool overtakes;
    bool dropped;
    bool again;     /* a fault wants a second copy, */
    uint64_t apart; /* so much later */
};

static struct site site_of(const struct world *w, const struct dispatch *d)
{
    const struct fiber *f = w->current;
    uint64_t own = world_own_step(w);
    return (struct site){
        .kind = SITE_SEND,
        .thread = d->from,
        .operation = f->operation,
        .own_step = (uint32_t)(own - f->place_start),
        .thread_step = own,
        .step = w->step,
        .time = w->now,
        .count = w->net->nodes[d->from].sends,
        .to = d->to,
        .size = d->size,
    };
}

/* Lets faults have their say about the message. */
static void ask_faults(struct world *w, struct dispatch *d)
{
    if ((w->sites >> SITE_SEND & 1) == 0) {
        return;
    }
    struct site site = site_of(w, d);
    struct action action;
    while (rules_ask(w->rules, &site, &action)) {
        d->fault = journal_fault(w, &action, &site);
        if (action.act == ACT_DROP) {
            d->dropped = true;
        } else if (action.act == ACT_DUPLICATE) {
            d->again = true;
            d->apart = action.amount;
        } else if (action.act == ACT_LATE) {
            d->extra += action.amount;
            d->overtakes = d->overtakes || action.overtake;
        }
    }
}

/* Writes the message into the log; returns its index there. */
static uint32_t log_message(struct world *w, const struct dispatch *d,
                            enum fl_message_fate fate)
{
    struct log_message *m = journal_message(w);
    if (m == NULL) {
        return NO_MESSAGE;
    }
    m->from = d->from;
    m->to = d->to;
    m->sent = w->now;
    m->arrived = UINT64_MAX;
    m->fate = (uint32_t)fate;
    m->fault = d->fault;
    m->extra = d->extra;
    snprintf(m->text, sizeof(m->text), "%s", w->net->nodes[d->from].label);
    return w->log->messages_count - 1;
}

static void log_send(struct world *w, const struct dispatch *d, uint32_t index,
                     uintptr_t pc)
{
    struct log_step *step = world_log(w, FL_STEP_SEND, pc);
    if (step != NULL) {
        step->name = "send";
        step->size = d->size;
        step->before = d->to;
        step->after = index;
    }
}

static void launch(struct world *w, const struct dispatch *d, uint64_t arrival,
                   uint32_t logged)
{
    struct net *net = w->net;
    uint32_t message = net_take_message(net);
    if (message == NO_MESSAGE) {
        world_fail(w, RUN_STEP_LIMIT, "more than %d messages on their way",
                   MESSAGES_MAX);
        return;
    }
    struct message *m = &net->messages[message];
    m->to = d->to;
    m->life = net->nodes[d->to].life;
    m->logged = logged;
    m->held = false;
    m->content.from = d->from;
    m->content.size = d->size;
    memcpy(m->content.bytes, d->bytes, d->size);
    net_launch(net, message, arrival);
}

/* Sends one copy that arrives at `arrival` and later by what faults add. */
static void send_copy(struct world *w, struct dispatch *d, uint64_t arrival,
                      bool copy, uintptr_t pc)
{
    struct link *link = net_link(w->net, d->from, d->to);
    uint64_t extra = d->extra < UINT64_MAX / 2 ? d->extra : UINT64_MAX / 2;
    arrival += extra;
    if (!d->overtakes) {
        arrival = link_order(link, arrival);
    }
    enum fl_message_fate fate = copy           ? FL_DUPLICATE
                                : d->extra > 0 ? FL_LATE
                                               : FL_IN_FLIGHT;
    uint32_t logged = log_message(w, d, fate);
    if (!copy) {
        log_send(w, d, logged, pc);
    }
    if (logged != NO_MESSAGE && fate != FL_IN_FLIGHT) {
        w->log->messages[logged].arrived = arrival; /* even after the end */
    }
    launch(w, d, arrival, logged);
}

static void dispatch(struct world *w, struct dispatch *d, uintptr_t pc)
{
    struct net *net = w->net;
    net->nodes[d->from].sends++;
    if (d->from == d->to) {
        d->passage = (struct passage){.arrival = w->now};
    } else {
        d->passage = link_send(net_link(net, d->from, d->to), &w->choice,
                               w->now, d->size);
        ask_faults(w, d);
    }
    const struct cut *cut = net_cut(net, d->from, d->to, w->now);
    d->fault = cut != NULL ? cut->fault : d->fault;
    if (d->passage.lost || d->dropped || cut != NULL) {
        log_send(w, d, log_message(w, d, FL_LOST), pc);
        return;
    }
    send_copy(w, d, d->passage.arrival, false, pc);
    if (d->passage.twice) {
        send_copy(w, d, d->passage.second, true, pc);
    }
    if (d->again) {
        send_copy(w, d, d->passage.arrival + d->apart, true, pc);
    }
}

void fl_send(uint32_t to, const void *bytes, size_t size)
{
    struct world *w = world;
    if (net_of(w, "fl_send") == NULL) {
        return;
    }
    if (to >= w->net->all.count || size > FL_MESSAGE_MAX) {
        world_fail(w, RUN_MISUSE, "fl_send() of %zu bytes to node %u", size,
                   to);
        return;
    }
    uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    world_point(w, FL_STEP_SEND, &w->net->nodes[to]);
    struct dispatch d = {.from = w->current->process,
                         .to = to,
                         .size = (uint32_t)size,
                         .bytes = bytes,
                         .fault = UINT32_MAX};
    dispatch(w, &d, pc);
    node_here(w)->label[0] = '\0';
    world_effect(w, NULL);
}

/* --- receiving ------------------------------------------------------------*/

static void log_receive(struct world *w, const struct message *m, uintptr_t pc)
{
    struct log_step *step = world_log(w, FL_STEP_RECEIVE, pc);
    if (step != NULL) {
        step->name = m->content.from == FL_TIMER ? "timer" : "receive";
        step->size = m->content.size;
        step->before = m->content.from;
        step->after = m->logged;
    }
}

static uint64_t later(uint64_t now, uint64_t by)
{
    return by >= UINT64_MAX - now ? UINT64_MAX : now + by;
}

bool fl_receive(struct fl_message *message, uint64_t timeout_ns)
{
    struct world *w = world;
    struct net *net = net_of(w, "fl_receive");
    if (net == NULL) {
        return false;
    }
    uintptr_t pc = (uintptr_t)__builtin_return_address(0);
    struct node *node = node_here(w);
    uint64_t deadline = later(w->now, node_true(node, timeout_ns));
    world_point(w, FL_STEP_RECEIVE, node);
    while (node->inbox_first == NO_MESSAGE) {
        if (deadline <= w->now) {
            return false;
        }
        world_wait(w, node, "message", NO_FIBER, deadline);
    }
    uint32_t first = node->inbox_first;
    struct message *m = &net->messages[first];
    node->inbox_first = m->next;
    if (node->inbox_first == NO_MESSAGE) {
        node->inbox_last = NO_MESSAGE;
    }
    log_receive(w, m, pc);
    message->from = m->content.from;
    message->size = m->content.size;
    if (m->content.from != FL_TIMER) {
        memcpy(message->bytes, m->content.bytes, m->content.size);
    }
    net_give_message(net, first);
    world_effect(w, NULL);
    return true;
}

/* --- time -----------------------------------------------------------------*/

void fl_timer(uint32_t number, uint64_t delay_ns)
{
    struct world *w = world;
    if (net_of(w, "fl_timer") == NULL) {
        return;
    }
    if (number >= TIMERS_MAX) {
        world_fail(w, RUN_MISUSE, "fl_timer(): number %u, and a node has %d",
                   number, TIMERS_MAX);
        return;
    }
    struct node *node = node_here(w);
    node->timers[number] = later(w->now, node_true(node, delay_ns));
    net_find_timer(node);
}

uint64_t fl_deadline(void)
{
    struct world *w = world;
    struct net *net = net_of(w, "fl_deadline");
    if (net == NULL || !net->scenario->workload.timeout.set ||
        w->current->ticket == FL_OPEN) {
        return UINT64_MAX;
    }
    struct node *node = node_here(w);
    if (node->ticket != w->current->ticket) {
        int64_t length = quantity_draw(&net->scenario->workload.timeout,
                                       &w->choice, STREAM_NETWORK);
        node->ticket = w->current->ticket;
        node->deadline = later(w->now, length < 0 ? 0 : (uint64_t)length);
    }
    uint64_t left = node->deadline > w->now ? node->deadline - w->now : 0;
    return later(node_clock(node, w->now), left);
}

/* --- stable storage -------------------------------------------------------*/

static struct stable *storage(size_t offset, size_t size, const char *function)
{
    struct world *w = world;
    if (net_of(w, function) == NULL) {
        return NULL;
    }
    if (!stable_fits(offset, size)) {
        world_fail(w, RUN_MISUSE, "%s(): bytes %zu to %zu of %d", function,
                   offset, offset + size, STABLE_MAX);
        return NULL;
    }
    return &node_here(w)->stable;
}

void fl_store_write(size_t offset, const void *bytes, size_t size)
{
    struct stable *stable = storage(offset, size, "fl_store_write");
    if (stable != NULL) {
        world_point(world, FL_STEP_POINT, stable);
        stable_write(stable, offset, bytes, size);
    }
}

void fl_store_sync(void)
{
    struct stable *stable = storage(0, 0, "fl_store_sync");
    if (stable != NULL) {
        world_point(world, FL_STEP_POINT, stable);
        stable_sync(stable);
    }
}

void fl_store_read(size_t offset, void *bytes, size_t size)
{
    const struct stable *stable = storage(offset, size, "fl_store_read");
    if (stable != NULL) {
        stable_read(stable, offset, bytes, size);
    }
}
