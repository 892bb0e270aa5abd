/*
 * Boxes: blocks of the heap that go from thread to thread, for
 * small_programs.c.  Whoever takes one out of its slot has it alone, reads it
 * and frees it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_PLUGINS_BOXES_H
#define TESTS_PLUGINS_BOXES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct box {
    int value;
    _Atomic(int) opened;
};

static _Atomic(struct box *) slots[2];

static int box_open(struct box *box)
{
    if (box == NULL) {
        return 0;
    }
    int value = box->value;
    value +=
        10 * atomic_fetch_add_explicit(&box->opened, 1, memory_order_relaxed);
    free(box);
    return value;
}

/* A new one in place of what is in the slot. */
static int box_put(int slot, int value, memory_order order)
{
    struct box *box = malloc(sizeof(*box));
    if (box == NULL) {
        return -1;
    }
    box->value = value;
    atomic_store_explicit(&box->opened, value, memory_order_relaxed);
    return box_open(atomic_exchange_explicit(&slots[slot], box, order));
}

static int box_take(int slot, memory_order order)
{
    return box_open(atomic_exchange_explicit(&slots[slot], NULL, order));
}

/* Whether there is one; or, boldly, whether somebody has opened it, who may
 * have freed it by now. */
static int box_look(int slot, bool boldly)
{
    struct box *box = atomic_load_explicit(&slots[slot], memory_order_acquire);
    return box != NULL &&
           (!boldly ||
            atomic_load_explicit(&box->opened, memory_order_acquire) != 0);
}

/* What is in a slot in the end. */
static int box_left(int slot)
{
    struct box *box = atomic_load(&slots[slot]);
    return box == NULL ? 0 : box->value;
}

#endif
