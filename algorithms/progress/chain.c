/*
 * The progress chain (v1): one stream of updates, many readers, bounded work.
 *
 * A chain of nodes holds what was sent.  A reader is *pinned* at a node: it
 * has folded everything up to and including that node.  A sender merges into
 * the newest node in place, unless a reader is pinned there.  A sweep merges
 * nodes that no reader can tell apart.
 *
 *     oldest                          newest
 *       v                                v
 *     [ 1 ] ---> [ 2 3 ] ---> [ 4 ] ---> [ 5 6 ] ---> null
 *       ^ pin                   ^ pin
 *
 * A node b may be absorbed into its predecessor a only if nobody is pinned at
 * a (a reader there has not folded b), nobody is pinned at b (it would fold
 * on from an unlinked node) and b is not the newest (senders write there).
 * Values only move backwards, so whoever has yet to fold b still meets them.
 *
 * Lock order: O, then N, then payloads, older before newer, at most two.
 * Nodes are counted by their owners: the next of the node before, the two
 * ends, and pins.  Blocking: who dies in send() holds N for ever.
 *
 * Atoms are numbers below 63; a set of them is a word.
 *
 * Linearization points: send, register and drop under N; receive at the load
 * of next that gave null.
 *
 * Deviation: the single writer's handle is shared under N, which every send
 * takes anyway, so that any client may send.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    BYPASS_PINNED,
    EARLY_CHECK,
    UNPIN_FIRST,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "1.2", "", "as designed"},
    [BYPASS_PINNED] = {"bypass_pinned", "1.B1", "schedule",
                       "a node is absorbed although a reader is pinned there"},
    [EARLY_CHECK] = {"early_check", "1.B2", "schedule",
                     "a sender looks for pins before it locks the payload"},
    [UNPIN_FIRST] = {"unpin_first", "1.B3", "schedule",
                     "a reader leaves the old node before it pins the new"},
    {0},
};

struct node {
    _Atomic(uint32_t) holders; /* readers pinned here */
    _Atomic(uint32_t) owners;  /* pointers to it */
    pthread_rwlock_t payload;
    uint64_t atoms;    /* guarded by payload */
    struct node *next; /* guarded by payload; null iff this is the newest */
};

/* What one client has to itself. */
struct client {
    struct node *pin; /* NULL: it is no reader */
    bool inside;      /* a call; for settle() */
};

struct chain {
    pthread_mutex_t newest_lock; /* N */
    pthread_mutex_t oldest_lock; /* O */
    struct node *newest;
    struct node *oldest;
    enum flaw flaw;
    uint32_t clients_count;
    struct client clients[];
};

static void own(struct node *node)
{
    /* Relaxed: the caller came by an owner that cannot go away meanwhile. */
    atomic_fetch_add_explicit(&node->owners, 1, memory_order_relaxed);
}

/* One owner less.  A loop, since the last owner takes its successor along. */
static void disown(struct node *node)
{
    while (node != NULL && atomic_fetch_sub(&node->owners, 1) == 1) {
        struct node *next = node->next;
        assert(atomic_load(&node->holders) == 0);
        pthread_rwlock_destroy(&node->payload);
        free(node);
        node = next;
    }
}

static struct node *new_node(uint64_t atoms, uint32_t owners)
{
    struct node *node = calloc(1, sizeof(*node));
    while (node == NULL) { /* send must not fail: wait for memory */
        sched_yield();
        node = calloc(1, sizeof(*node));
    }
    atomic_init(&node->owners, owners);
    pthread_rwlock_init(&node->payload, NULL);
    node->atoms = atoms;
    return node;
}

static void send_atom(struct chain *c, fl_value atom)
{
    assert(atom >= 0 && atom < 63);
    uint64_t atoms = (uint64_t)1 << atom;
    pthread_mutex_lock(&c->newest_lock);
    struct node *newest = c->newest;
    uint32_t holders = atomic_load(&newest->holders);
    pthread_rwlock_wrlock(&newest->payload);
    if (c->flaw != EARLY_CHECK) {
        holders = atomic_load(&newest->holders);
    }
    if (holders == 0) {
        newest->atoms |= atoms;
        pthread_rwlock_unlock(&newest->payload);
    } else {
        newest->next = new_node(atoms, 2); /* of next, and of c->newest */
        c->newest = newest->next;
        pthread_rwlock_unlock(&newest->payload);
        disown(newest);
    }
    pthread_mutex_unlock(&c->newest_lock);
}

/* The successor of `node`, owned for the caller; NULL: it is the newest. */
static struct node *next_of(struct node *node)
{
    pthread_rwlock_rdlock(&node->payload);
    struct node *next = node->next;
    if (next != NULL) {
        own(next);
    }
    pthread_rwlock_unlock(&node->payload);
    return next;
}

/* Drops the nodes that no reader is at or before. */
static void drop_prefix(struct chain *c, const struct node *newest)
{
    while (c->oldest != newest && atomic_load(&c->oldest->holders) == 0) {
        struct node *next = next_of(c->oldest);
        disown(c->oldest);
        c->oldest = next;
    }
}

/* Both payloads are locked for writing, and `b` follows `a`. */
static void absorb(struct node *a, struct node *b)
{
    a->atoms |= b->atoms;
    b->atoms = 0;
    a->next = b->next;
    own(a->next); /* b keeps its own share until it goes */
}

/* Merges the successor of `a` into it if it may.  Returns where to go on. */
static struct node *compact(struct chain *c, struct node *a,
                            const struct node *newest)
{
    struct node *absorbed = NULL;
    pthread_rwlock_wrlock(&a->payload);
    struct node *b = a->next;
    if (b != newest && atomic_load(&a->holders) == 0) {
        fl_point("chain.sweep.between_locks");
        pthread_rwlock_wrlock(&b->payload);
        if (atomic_load(&b->holders) == 0 || c->flaw == BYPASS_PINNED) {
            absorb(a, b);
            absorbed = b;
        }
        pthread_rwlock_unlock(&b->payload);
    }
    pthread_rwlock_unlock(&a->payload);
    disown(absorbed);
    return absorbed != NULL ? a : b;
}

static void sweep(struct chain *c)
{
    pthread_mutex_lock(&c->oldest_lock);
    pthread_mutex_lock(&c->newest_lock);
    struct node *newest = c->newest;
    own(newest);
    pthread_mutex_unlock(&c->newest_lock);
    drop_prefix(c, newest);
    struct node *cursor = c->oldest;
    while (cursor != newest) {
        cursor = compact(c, cursor, newest);
    }
    pthread_mutex_unlock(&c->oldest_lock);
    disown(newest);
}

static uint64_t receive(struct chain *c, struct client *reader)
{
    uint64_t atoms = 0;
    if (reader->pin == NULL) {
        return atoms;
    }
    sweep(c);
    struct node *next;
    while ((next = next_of(reader->pin)) != NULL) {
        struct node *old = reader->pin;
        if (c->flaw == UNPIN_FIRST) {
            atomic_fetch_sub(&old->holders, 1);
        }
        fl_point("chain.receive.before_pin");
        pthread_rwlock_rdlock(&next->payload);
        atomic_fetch_add(&next->holders, 1);
        atoms |= next->atoms;
        pthread_rwlock_unlock(&next->payload);
        if (c->flaw != UNPIN_FIRST) {
            atomic_fetch_sub(&old->holders, 1);
        }
        reader->pin = next;
        disown(old);
    }
    return atoms;
}

static void drop_reader(struct chain *c, struct client *reader)
{
    struct node *pin = reader->pin;
    if (pin != NULL) {
        reader->pin = NULL;
        atomic_fetch_sub(&pin->holders, 1);
        disown(pin);
        sweep(c);
    }
}

static void register_reader(struct chain *c, struct client *reader)
{
    drop_reader(c, reader);
    pthread_mutex_lock(&c->newest_lock);
    struct node *newest = c->newest;
    own(newest);
    atomic_fetch_add(&newest->holders, 1);
    reader->pin = newest;
    pthread_mutex_unlock(&c->newest_lock);
}

static void *create(const struct fl_setup *setup)
{
    struct chain *c =
        calloc(1, sizeof(*c) + setup->clients * sizeof(c->clients[0]));
    if (c == NULL) {
        return NULL;
    }
    c->flaw = (enum flaw)setup->variant;
    c->clients_count = setup->clients;
    pthread_mutex_init(&c->newest_lock, NULL);
    pthread_mutex_init(&c->oldest_lock, NULL);
    c->newest = new_node(0, 2); /* of both ends */
    c->oldest = c->newest;
    return c;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct chain *c = self;
    assert(client < c->clients_count);
    struct client *caller = &c->clients[client];
    fl_value result = FL_NONE;
    caller->inside = true;
    if (call->fn == FL_ACCUMULATOR_SEND) {
        send_atom(c, call->args[0]);
    } else if (call->fn == FL_ACCUMULATOR_RECEIVE) {
        result = (fl_value)receive(c, caller);
    } else if (call->fn == FL_ACCUMULATOR_REGISTER) {
        register_reader(c, caller);
    } else {
        assert(call->fn == FL_ACCUMULATOR_DROP);
        drop_reader(c, caller);
    }
    caller->inside = false;
    return result;
}

/* Whether `node` is in the chain. */
static bool is_linked(const struct chain *c, const struct node *node)
{
    const struct node *at = c->oldest;
    while (at != NULL && at != node) {
        at = at->next;
    }
    return at != NULL;
}

static const char *settle(void *self)
{
    struct chain *c = self;
    for (uint32_t i = 0; i < c->clients_count; i++) {
        if (c->clients[i].inside) {
            return NULL; /* cut off by a crash: nothing need hold */
        }
    }
    for (uint32_t i = 0; i < c->clients_count; i++) {
        const struct node *pin = c->clients[i].pin;
        if (pin != NULL && !is_linked(c, pin)) {
            return "a reader is pinned at a node that has left the chain";
        }
    }
    for (uint32_t i = 0; i < c->clients_count; i++) {
        receive(c, &c->clients[i]);
    }
    sweep(c);
    if (c->oldest != c->newest) {
        return "every reader has caught up, and more than one node is left";
    }
    return NULL;
}

static void destroy(void *self)
{
    struct chain *c = self;
    for (uint32_t i = 0; i < c->clients_count; i++) {
        struct node *pin = c->clients[i].pin;
        if (pin != NULL) {
            atomic_fetch_sub(&pin->holders, 1);
            disown(pin);
        }
    }
    disown(c->newest);
    disown(c->oldest);
    free(c);
}

static const struct fl_mix mix[] = {{FL_ACCUMULATOR_SEND, 40},
                                    {FL_ACCUMULATOR_RECEIVE, 40},
                                    {FL_ACCUMULATOR_REGISTER, 15},
                                    {FL_ACCUMULATOR_DROP, 5}};

static const char *const points[] = {"chain.sweep.between_locks",
                                     "chain.receive.before_pin", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "chain",
    .family = "progress",
    .row = "1.2",
    .source = "timely-dataflow, pull request 807, communication/src/chain.rs "
              "(v1)",
    .about = "broadcast chain that merges what no reader can tell apart",
    .model = "accumulator",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .create = create,
    .perform = perform,
    .settle = settle,
    .destroy = destroy,
};
