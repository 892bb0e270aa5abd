/*
 * Treiber's stack: a linked list whose head is swapped by compare-and-swap.
 *
 * The textbook trap is ABA.  A popper reads the head A and its successor B and
 * is then stalled; others pop A and B and push A again; the popper's swap
 * succeeds and makes B, which is no longer in the stack, its head.  So the
 * head carries a tag that every successful swap raises.
 *
 *     head:  | tag : 16 | address of the top node : 48 |        0 = empty
 *
 * Nodes are type-stable: a popper may read the link of a node that has left
 * the stack, so none is freed before the stack is.  A client recycles the
 * nodes that it popped.
 *
 * Linearization points: push at its successful swap; pop at its successful
 * swap, or at the load that found the stack empty.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum flaw {
    SOUND,
    ABA,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.9", "", "every swap of the head raises its tag"},
    [ABA] = {"aba", "0.B4", "schedule",
             "the tag stands still: a head that came back passes for one that "
             "stayed"},
    {0},
};

enum {
    TAG_SHIFT = 48
};

struct node {
    _Atomic(struct node *) next;
    fl_value value;
    struct node *made;  /* the node that its maker made before */
    struct node *spare; /* the next of its recycler's spare nodes */
};

/* What one client has to itself. */
struct client {
    struct node *made;   /* every node that it ever made, for the end */
    struct node *oldest; /* spare nodes in the order of their pops: the first
                          * to come back is the one that a stalled popper may
                          * still have in mind */
    struct node *newest;
};

struct treiber_stack {
    _Atomic(uint64_t) head;
    enum flaw flaw;
    uint32_t clients_count;
    struct client clients[];
};

static struct node *node_of(uint64_t word)
{
    uint64_t address = word & (((uint64_t)1 << TAG_SHIFT) - 1);
    return (struct node *)address; /* NOLINT(performance-no-int-to-ptr) */
}

/* `node` with the tag that follows the one of `seen`. */
static uint64_t word_after(const struct treiber_stack *s, uint64_t seen,
                           const struct node *node)
{
    uint64_t tag = (seen >> TAG_SHIFT) + (s->flaw == ABA ? 0 : 1);
    assert((uintptr_t)node >> TAG_SHIFT == 0);
    return tag << TAG_SHIFT | (uintptr_t)node;
}

/* Makes `node` the head if the head is still `*seen`; else updates `*seen`. */
static bool swap_head(struct treiber_stack *s, uint64_t *seen,
                      const struct node *node)
{
    /* Release: whoever finds this node as head must find its value and link.
     * Acquire, also on failure: so that we do. */
    return atomic_compare_exchange_weak_explicit(
        &s->head, seen, word_after(s, *seen, node), memory_order_acq_rel,
        memory_order_acquire);
}

static struct node *take_node(struct client *mine)
{
    struct node *node = mine->oldest;
    if (node != NULL) {
        mine->oldest = node->spare;
        return node;
    }
    node = calloc(1, sizeof(*node));
    while (node == NULL) { /* push must not fail: wait for memory */
        sched_yield();
        node = calloc(1, sizeof(*node));
    }
    node->made = mine->made;
    mine->made = node;
    return node;
}

static void recycle_node(struct client *mine, struct node *node)
{
    node->spare = NULL;
    if (mine->oldest == NULL) {
        mine->oldest = node;
    } else {
        mine->newest->spare = node;
    }
    mine->newest = node;
}

static void push(struct treiber_stack *s, struct client *mine, fl_value value)
{
    struct node *node = take_node(mine);
    node->value = value;
    /* Pairs with the release in swap_head(), here and in pop(). */
    uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire);
    do {
        /* Relaxed: published by the release in swap_head(); a popper that
         * still reads this node's old place fails its swap. */
        atomic_store_explicit(&node->next, node_of(head), memory_order_relaxed);
    } while (!swap_head(s, &head, node));
}

static fl_value pop(struct treiber_stack *s, struct client *mine)
{
    uint64_t head = atomic_load_explicit(&s->head, memory_order_acquire);
    struct node *top = node_of(head);
    while (top != NULL) {
        struct node *below =
            atomic_load_explicit(&top->next, memory_order_relaxed);
        if (swap_head(s, &head, below)) {
            fl_value value = top->value;
            recycle_node(mine, top);
            return value;
        }
        top = node_of(head);
    }
    return FL_NONE;
}

static void *create(const struct fl_setup *setup)
{
    uint32_t count = setup->clients;
    struct treiber_stack *s =
        calloc(1, sizeof(*s) + count * sizeof(s->clients[0]));
    if (s == NULL) {
        return NULL;
    }
    s->flaw = (enum flaw)setup->variant;
    s->clients_count = count;
    return s;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct treiber_stack *s = self;
    assert(client < s->clients_count);
    if (call->fn == FL_STACK_PUSH) {
        push(s, &s->clients[client], call->args[0]);
        return FL_NONE;
    }
    assert(call->fn == FL_STACK_POP);
    return pop(s, &s->clients[client]);
}

static void destroy(void *self)
{
    struct treiber_stack *s = self;
    for (uint32_t i = 0; i < s->clients_count; i++) {
        struct node *node = s->clients[i].made;
        while (node != NULL) {
            struct node *before = node->made;
            free(node);
            node = before;
        }
    }
    free(s);
}

static const struct fl_mix mix[] = {{FL_STACK_PUSH, 45}, {FL_STACK_POP, 55}};

const struct fl_algorithm fl_algorithm = {
    .name = "treiber_stack",
    .family = "stack",
    .row = "0.9",
    .source = "R. K. Treiber, Systems Programming: Coping with Parallelism, "
              "IBM RJ 5118, 1986",
    .about = "lock-free stack with a tagged head",
    .model = "stack",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
