/*
 * The simulated network.
 *
 * A message waits in the queue for its arrival, then in its receiver's inbox.
 * What lies in the way is looked at on arrival: a clogged link puts it back
 * into the queue, to arrive when the clog ends; a cut link, a crashed receiver
 * or a receiver that was restarted meanwhile loses it.
 *
 *     fl_send ──> link ──> queue ── arrival ──> inbox ──> fl_receive
 *                  │                  │ clogged: back into the queue
 *                  └──── lost ────────┘ cut, crashed: lost
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/net.h"

#include "harness/need.h"
#include "harness/resolve.h"

#include "harness/sim/post.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUEUE_MAX = MESSAGES_MAX
};

/* Node clocks begin an hour in, so that a skew never takes one below 0. */
#define CLOCK_START UINT64_C(3600000000000)

/* --- making ---------------------------------------------------------------*/

static void model_links(struct net *net)
{
    const struct network_section *network = &net->scenario->network;
    uint32_t n = net->all.count;
    for (uint32_t i = 0; i < n * n; i++) {
        link_init(&net->links[i]);
        if (network->set) {
            link_model(&net->links[i], &network->all);
        }
    }
    for (uint32_t k = 0; k < network->links_count; k++) {
        uint64_t matching[TARGETS_MAX] = {0};
        targets_link(&net->all, network->links[k].target, matching);
        for (uint32_t i = 0; i < n * n; i++) {
            if ((matching[i / n] >> (i % n) & 1) != 0) {
                link_model(&net->links[i], &network->links[k]);
            }
        }
    }
}

struct net *net_new(const struct scenario *scenario, uint32_t nodes,
                    uint32_t replicas, const char *const *names)
{
    assert(nodes > 0 && nodes <= TARGETS_MAX);
    assert(replicas <= nodes);
    struct net *net = need(calloc(1, sizeof(*net)), "the network");
    net->scenario = scenario;
    net->all =
        (struct targets){.count = nodes, .replicas = replicas, .names = names};
    net->links =
        need(calloc((size_t)nodes * nodes, sizeof(*net->links)), "the network");
    net->nodes = need(calloc(nodes, sizeof(*net->nodes)), "the network");
    net->messages =
        need(calloc(MESSAGES_MAX, sizeof(*net->messages)), "the network");
    net->free = need(calloc(MESSAGES_MAX, sizeof(*net->free)), "the network");
    if (!queue_init(&net->queue, QUEUE_MAX)) {
        need(NULL, "the network");
    }
    model_links(net);
    return net;
}

void net_free(struct net *net)
{
    if (net == NULL) {
        return;
    }
    queue_release(&net->queue);
    free(net->free);
    free(net->messages);
    free(net->nodes);
    free(net->links);
    free(net);
}

/* Volatile state: what a crash takes. */
static void node_clear(struct node *node)
{
    for (uint32_t i = 0; i < TIMERS_MAX; i++) {
        node->timers[i] = UINT64_MAX;
    }
    node->timer_next = UINT64_MAX;
    node->inbox_first = NO_MESSAGE;
    node->inbox_last = NO_MESSAGE;
    node->ticket = FL_OPEN;
    node->label[0] = '\0';
}

void net_reset(struct net *net, struct world *w)
{
    const struct system_section *system = &net->scenario->system;
    net->healed = false;
    net->sequence = 0;
    net->queue.count = 0;
    net->messages_used = 0;
    net->free_count = 0;
    net->cuts_count = 0;
    for (uint32_t i = 0; i < net->all.count * net->all.count; i++) {
        link_reset(&net->links[i]);
    }
    for (uint32_t i = 0; i < net->all.count; i++) {
        struct node *node = &net->nodes[i];
        node_clear(node);
        node->life = 0;
        node->down = false;
        node->sends = 0;
        node->clock_offset = 0;
        node->clock_drift = 0;
        if (system->clock_skew.set) {
            node->clock_offset =
                quantity_draw(&system->clock_skew, &w->choice, STREAM_NETWORK);
        }
        if (system->clock_drift.set) {
            node->clock_drift =
                quantity_draw(&system->clock_drift, &w->choice, STREAM_NETWORK);
        }
        stable_reset(&node->stable);
    }
}

/* --- clocks ---------------------------------------------------------------*/

__extension__ typedef __int128 wide;

uint64_t node_clock(const struct node *node, uint64_t now)
{
    wide local = (wide)CLOCK_START + now + node->clock_offset +
                 (wide)now * node->clock_drift / 1000000;
    if (local < 0) {
        return 0;
    }
    return local > UINT64_MAX ? UINT64_MAX : (uint64_t)local;
}

uint64_t node_true(const struct node *node, uint64_t ns)
{
    if (ns == UINT64_MAX || node->clock_drift == 0) {
        return ns;
    }
    /* Rounded up: who waits until a moment must not wake before it. */
    wide rate = 1000000 + node->clock_drift;
    wide span = rate <= 0 ? UINT64_MAX : ((wide)ns * 1000000 + rate - 1) / rate;
    return span < 0 || span >= UINT64_MAX ? UINT64_MAX : (uint64_t)span;
}

/* --- messages -------------------------------------------------------------*/

uint32_t net_take_message(struct net *net)
{
    if (net->free_count > 0) {
        return net->free[--net->free_count];
    }
    return net->messages_used < MESSAGES_MAX ? net->messages_used++
                                             : NO_MESSAGE;
}

void net_give_message(struct net *net, uint32_t message)
{
    assert(message < MESSAGES_MAX && net->free_count < MESSAGES_MAX);
    net->free[net->free_count++] = message;
}

void net_launch(struct net *net, uint32_t message, uint64_t moment)
{
    const struct message *m = &net->messages[message];
    net_link(net, m->content.from, m->to)->in_flight++;
    queue_push(&net->queue, (struct queued){.moment = moment,
                                            .sequence = net->sequence++,
                                            .message = message});
}

void net_deliver(struct world *w, uint32_t node, uint32_t message)
{
    struct net *net = w->net;
    struct node *to = &net->nodes[node];
    struct message *m = &net->messages[message];
    m->next = NO_MESSAGE;
    if (to->inbox_first == NO_MESSAGE) {
        to->inbox_first = message;
    } else {
        net->messages[to->inbox_last].next = message;
    }
    to->inbox_last = message;
    world_digest(w, w->now << 8 ^ (uint64_t)node << 4 ^ m->content.from);
    world_wake_one(w, to);
}

const struct cut *net_cut(const struct net *net, uint32_t from, uint32_t to,
                          uint64_t now)
{
    for (uint32_t i = 0; i < net->cuts_count; i++) {
        if (net->cuts[i].until > now &&
            (net->cuts[i].links[from] >> to & 1) != 0) {
            return &net->cuts[i];
        }
    }
    return NULL;
}

static struct log_message *logged(struct world *w, const struct message *m)
{
    return w->log != NULL && m->logged < w->log->messages_count
               ? &w->log->messages[m->logged]
               : NULL;
}

/* A message has come to the end of its link. */
static void arrive(struct world *w, uint32_t message)
{
    struct net *net = w->net;
    struct message *m = &net->messages[message];
    uint32_t from = m->content.from;
    const struct node *to = &net->nodes[m->to];
    struct log_message *log = logged(w, m);
    net_link(net, from, m->to)->in_flight--;
    const struct cut *cut = net_cut(net, from, m->to, w->now);
    if (to->down || to->life != m->life || cut != NULL) {
        if (log != NULL) {
            log->fate = FL_LOST;
            log->arrived = UINT64_MAX;
            log->fault = cut != NULL ? cut->fault : log->fault;
        }
        net_give_message(net, message);
        return;
    }
    if (log != NULL) {
        log->arrived = w->now;
        log->fate = log->fate == FL_IN_FLIGHT ? FL_DELIVERED : log->fate;
    }
    net_deliver(w, m->to, message);
}

void net_find_timer(struct node *node)
{
    node->timer_next = UINT64_MAX;
    for (uint32_t i = 0; i < TIMERS_MAX; i++) {
        if (node->timers[i] < node->timer_next) {
            node->timer_next = node->timers[i];
        }
    }
}

/* Timers that have run out become messages. */
static void ring(struct world *w, uint32_t number)
{
    struct net *net = w->net;
    struct node *node = &net->nodes[number];
    for (uint32_t i = 0; i < TIMERS_MAX; i++) {
        if (node->timers[i] > w->now) {
            continue;
        }
        uint32_t message = net_take_message(net);
        if (message == NO_MESSAGE) {
            world_fail(w, RUN_STEP_LIMIT, "more than %d messages on their way",
                       MESSAGES_MAX);
            return;
        }
        node->timers[i] = UINT64_MAX;
        struct message *m = &net->messages[message];
        m->to = number;
        m->logged = NO_MESSAGE;
        m->content.from = FL_TIMER;
        m->content.size = i;
        net_deliver(w, number, message);
    }
    net_find_timer(node);
}

uint64_t net_moment(const struct net *net)
{
    uint64_t moment = queue_moment(&net->queue);
    for (uint32_t i = 0; i < net->all.count; i++) {
        if (net->nodes[i].timer_next < moment) {
            moment = net->nodes[i].timer_next;
        }
    }
    return moment;
}

void net_advance(struct world *w)
{
    struct net *net = w->net;
    while (queue_moment(&net->queue) <= w->now) {
        struct queued item = queue_pop(&net->queue);
        const struct message *m = &net->messages[item.message];
        const struct link *link = net_link(net, m->content.from, m->to);
        if (link_is_clogged(link, w->now)) {
            item.moment = link->clog_until; /* keeps its place in the order */
            net->messages[item.message].held = true;
            queue_push(&net->queue, item);
        } else {
            arrive(w, item.message);
        }
    }
    for (uint32_t i = 0; i < net->all.count; i++) {
        if (net->nodes[i].timer_next <= w->now) {
            ring(w, i);
        }
    }
}

/* --- faults ---------------------------------------------------------------*/

static uint64_t end_of(uint64_t now, uint64_t amount)
{
    return amount >= UINT64_MAX - now ? UINT64_MAX : now + amount;
}

static void cut_links(struct world *w, const struct action *action,
                      uint32_t fault)
{
    struct net *net = w->net;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < net->cuts_count; i++) {
        if (net->cuts[i].until > w->now) {
            net->cuts[kept++] = net->cuts[i];
        }
    }
    if (kept == CUTS_MAX) { /* the rules keep to fewer; a trace need not */
        kept--;
    }
    net->cuts_count = kept + 1;
    net->cuts[kept].fault = fault;
    net->cuts[kept].until = end_of(w->now, action->amount);
    memcpy(net->cuts[kept].links, action->cut, sizeof(net->cuts[kept].links));
}

/* The next number of a small generator: the order of a swizzle is a matter of
 * its own number alone, so that a replay needs nothing else. */
static uint32_t next_below(uint64_t *state, uint32_t below)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % below);
}

static void shuffle(uint16_t *order, uint32_t count, uint64_t *state)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = next_below(state, i);
        uint16_t moved = order[i - 1];
        order[i - 1] = order[other];
        order[other] = moved;
    }
}

/* In the first half of the time the links stop one by one; in the second they
 * are released one by one, in another order. */
static void swizzle(struct world *w, const struct action *action,
                    uint16_t *order, uint32_t count)
{
    uint64_t state = action->shape;
    uint64_t half = action->amount / 2;
    uint64_t from[TARGETS_MAX * TARGETS_MAX];
    shuffle(order, count, &state);
    for (uint32_t i = 0; i < count; i++) {
        from[order[i]] = w->now + half * i / count;
    }
    shuffle(order, count, &state);
    for (uint32_t i = 0; i < count; i++) {
        link_clog(&w->net->links[order[i]], from[order[i]],
                  w->now + half + half * (i + 1) / count);
    }
}

static void clog_links(struct world *w, const struct action *action)
{
    struct net *net = w->net;
    uint32_t n = net->all.count;
    uint16_t order[TARGETS_MAX * TARGETS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < n * n; i++) {
        uint64_t ends = UINT64_C(1) << (i / n) | UINT64_C(1) << (i % n);
        if ((ends & action->targets) != 0 && i / n != i % n) {
            order[count++] = (uint16_t)i;
        }
    }
    if (action->shape != 0 && action->amount < UINT64_MAX - w->now) {
        swizzle(w, action, order, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        link_clog(&net->links[order[i]], w->now,
                  end_of(w->now, action->amount));
    }
}

void net_act(struct world *w, const struct action *action, uint32_t fault)
{
    struct net *net = w->net;
    if (net->healed) {
        return;
    }
    if (action->act == ACT_CUT) {
        cut_links(w, action, fault);
    } else if (action->act == ACT_CLOG) {
        clog_links(w, action);
    } else if (action->act == ACT_CLOCK) {
        for (uint32_t i = 0; i < net->all.count; i++) {
            if ((action->targets >> i & 1) != 0) {
                net->nodes[i].clock_offset += (int64_t)action->amount;
            }
        }
    }
}

void net_crash(struct world *w, uint32_t number, const struct action *action)
{
    struct net *net = w->net;
    assert(number < net->all.count);
    struct node *node = &net->nodes[number];
    uint32_t next = node->inbox_first;
    while (next != NO_MESSAGE) {
        uint32_t message = next;
        next = net->messages[message].next;
        net_give_message(net, message);
    }
    node_clear(node);
    node->down = true;
    node->life++;
    if (action->lose_unsynced) {
        stable_lose(&node->stable, action->torn_bytes, &w->choice);
    }
}

void net_restart(struct world *w, uint32_t number)
{
    assert(number < w->net->all.count);
    assert(w->net->nodes[number].inbox_first == NO_MESSAGE);
    w->net->nodes[number].down = false;
}

void net_heal(struct world *w)
{
    struct net *net = w->net;
    net->healed = true;
    net->cuts_count = 0;
    for (uint32_t i = 0; i < net->all.count * net->all.count; i++) {
        net->links[i].clog_from = 0;
        net->links[i].clog_until = 0;
    }
    /* Held messages go on now, in the order in which they were sent. */
    struct queue held = net->queue;
    uint32_t count = held.count;
    net->queue.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct queued item = held.items[i];
        const struct message *m = &net->messages[item.message];
        item.moment = m->held ? w->now : item.moment;
        queue_push(&net->queue, item);
    }
}

uint32_t net_resolve(const struct scenario *scenario, FILE *errors)
{
    struct cast cast;
    cast_init(&cast, scenario);
    uint32_t count = 0;
    for (uint32_t i = 0; i < scenario->network.links_count; i++) {
        const struct link_model *model = &scenario->network.links[i];
        uint64_t links[TARGETS_MAX] = {0};
        if (!targets_link(&cast.all, model->target, links)) {
            char who[96];
            count++;
            scenario_complain(scenario, model->place, errors,
                              "no link matches '%s': there are %s",
                              model->target,
                              cast_describe(&cast, who, sizeof(who)));
        }
    }
    return count;
}
