/*
 * Userspace RCU's hash table, as its source has it: lock-free, and it grows and
 * shrinks beside everything else.
 *
 *     bucket 0 -> bucket 2 -> a -> bucket 1 -> b -> c -> bucket 3 -> end
 *
 * All buckets are nodes of one list, in the order of their hashes' bits
 * reversed, so that a table of twice the size has new buckets amid the old
 * nodes, and none moves.  A removed node is flagged first, then unlinked by
 * whoever passes; who flags it second as its owner has removed it.  It is freed
 * after a grace period of RCU (rcu.h), for which the remover waits here.
 *
 * Values are hashed to three places, so that some share a chain.  With `resize`
 * an insertion is followed by a change of the table's size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/libraries/rcu.h"
#include <urcu/rculfhash.h>

#include "algorithms/libraries/twice.h"

#include <stddef.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    PATCHED_SOURCE,
    HASTY,
};

enum param {
    RESIZE,
};

enum {
    HASHES = 3, /* places that values are hashed to */
    SIZES = 3,  /* sizes that the table has in turn: 1, 2, 4 */
};

struct node {
    struct cds_lfht_node link; /* first: a link is its node */
    struct rcu_head head;
    fl_value value;
};

struct subject {
    struct cds_lfht *table;
    enum flaw flaw;
    bool resizes;
};

static int is_same(struct cds_lfht_node *link, const void *key)
{
    const fl_value *value = key;
    return ((struct node *)link)->value == *value;
}

static unsigned long hash(fl_value value)
{
    return (unsigned long)value % HASHES;
}

static void free_node(struct rcu_head *head)
{
    free((char *)head - offsetof(struct node, head));
}

static bool insert(struct subject *s, fl_value value)
{
    struct node *node = malloc(sizeof(*node));
    if (node == NULL) {
        abort();
    }
    node->value = value;
    cds_lfht_node_init(&node->link);
    urcu_mb_read_lock();
    bool added = cds_lfht_add_unique(s->table, hash(value), is_same, &value,
                                     &node->link) == &node->link;
    urcu_mb_read_unlock();
    if (!added) {
        free(node);
    } else if (s->resizes) {
        cds_lfht_resize(s->table, 1UL << ((unsigned long)value % SIZES));
    }
    return added;
}

static bool drop(struct subject *s, fl_value value)
{
    struct cds_lfht_iter iter;
    urcu_mb_read_lock();
    cds_lfht_lookup(s->table, hash(value), is_same, &value, &iter);
    struct cds_lfht_node *link = cds_lfht_iter_get_node(&iter);
    bool removed = cds_lfht_del(s->table, link) == 0;
    urcu_mb_read_unlock();
    if (removed && s->flaw == HASTY) {
        free(link);
    } else if (removed) {
        rcu_after(&((struct node *)link)->head, free_node);
        rcu_pay(1);
    }
    return removed;
}

static bool contains(struct subject *s, fl_value value)
{
    struct cds_lfht_iter iter;
    urcu_mb_read_lock();
    cds_lfht_lookup(s->table, hash(value), is_same, &value, &iter);
    bool found = cds_lfht_iter_get_node(&iter) != NULL;
    urcu_mb_read_unlock();
    return found;
}

fl_value PERFORM(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    if (call->fn == FL_SET_INSERT) {
        return insert(self, call->args[0]);
    }
    return call->fn == FL_SET_REMOVE ? drop(self, call->args[0])
                                     : contains(self, call->args[0]);
}

#ifndef PATCHED

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "5.7", "", "as the library has it"},
    [PATCHED_SOURCE] = {"patched", "5.B10", "schedule",
                        "who unlinks a removed node stores the link"},
    [HASTY] = {"hasty", "5.B11", "schedule",
               "who removes a node frees it at once, against the header"},
    {0},
};

static const struct fl_param params[] = {
    [RESIZE] = {.name = "resize",
                .initial = 0,
                .min = 0,
                .max = 1,
                .about = "1: the table's size changes all the time"},
    {0},
};

static void *create(const struct fl_setup *setup)
{
    struct subject *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return NULL;
    }
    s->flaw = (enum flaw)setup->variant;
    s->resizes = setup->params[RESIZE] != 0;
    s->table =
        _cds_lfht_new(2, 1, 0, 0, &cds_lfht_mm_order, &urcu_mb_flavor, NULL);
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct subject *s = self;
    return s->flaw == PATCHED_SOURCE ? perform_patched(self, client, call)
                                     : perform_sound(self, client, call);
}

static void enter(void *self, uint32_t client)
{
    (void)self;
    (void)client;
    urcu_mb_register_thread();
}

static void leave(void *self, uint32_t client)
{
    (void)self;
    (void)client;
    urcu_mb_unregister_thread();
}

static void destroy(void *self)
{
    struct subject *s = self;
    struct cds_lfht_iter iter;
    cds_lfht_first(s->table, &iter);
    struct cds_lfht_node *link = cds_lfht_iter_get_node(&iter);
    while (link != NULL) {
        (void)cds_lfht_del(s->table, link);
        cds_lfht_next(s->table, &iter);
        free(link);
        link = cds_lfht_iter_get_node(&iter);
    }
    (void)cds_lfht_destroy(s->table, NULL);
    free(s);
}

static const struct fl_mix mix[] = {
    {FL_SET_INSERT, 2}, {FL_SET_REMOVE, 2}, {FL_SET_CONTAINS, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "urcu_table",
    .family = "libraries",
    .row = "5.7",
    .source = "Userspace RCU 0.13.2, src/rculfhash.c",
    .about = "lock-free hash table that can be resized",
    .model = "set",
    .kind = FL_THREADS,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = 3,
    .create = create,
    .perform = perform,
    .enter = enter,
    .leave = leave,
    .destroy = destroy,
};

#endif
