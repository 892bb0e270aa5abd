/*
 * The stack of the report's example: what an excerpt is taken from.
 *
 * Not compiled.  Line 37 is the decisive one; keep it there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdatomic.h>
#include <stdlib.h>

struct node {
    int value;
    _Atomic(struct node *) next;
};

struct stack {
    _Atomic(struct node *) head;
};

static void stack_push(struct stack *s, int value)
{
    struct node *n = malloc(sizeof(*n)), *h = atomic_load(&s->head);
    n->value = value;
    do atomic_store(&n->next, h);
    while (!atomic_compare_exchange_strong(&s->head, &h, n));

}

/* Frees what another thread may still hold: the flaw. */

static int stack_pop(struct stack *s)
{
    struct node *h, *n;
    h = atomic_load(&s->head);
    do {
        n = atomic_load(&h->next);
    } while (!atomic_compare_exchange_strong(&s->head, &h, n));
    int value = h->value;
    free(h);
    return value;
}
