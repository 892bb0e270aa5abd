/*
 * What queues, stacks and priority queues have in common: operation 0 adds
 * args[0], operation 1 removes a value, operation 2 looks at it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"

#include "checker/operations.h"

#include <assert.h>

/* The three tables agree, so that this file can serve all. */
static_assert((int)FL_QUEUE_ENQUEUE == (int)FL_STACK_PUSH &&
                  (int)FL_STACK_PUSH == (int)FL_PRIORITY_INSERT,
              "0 adds");
static_assert((int)FL_QUEUE_PEEK == (int)FL_STACK_PEEK &&
                  (int)FL_STACK_PEEK == (int)FL_PRIORITY_PEEK,
              "2 peeks");

bool fl_container_inert(const struct fl_operation *op)
{
    if (op->fn == FL_QUEUE_ENQUEUE) {
        return op->result == 0; /* bounded and full; others give no result */
    }
    return op->fn == FL_QUEUE_PEEK || op->result == FL_NONE;
}

bool fl_container_takes_first(const struct fl_operation *op)
{
    return op->fn == FL_QUEUE_DEQUEUE;
}

void fl_container_values(const struct fl_operation *op,
                         struct fl_values *values)
{
    bool is_open = op->ret == FL_OPEN;
    *values = (struct fl_values){.given = FL_NONE, .taken = FL_NONE};
    if (op->fn == FL_QUEUE_ENQUEUE) {
        values->misses = !is_open && op->result == 0;
        values->gives = !values->misses;
        values->given = op->args[0];
        return;
    }
    values->takes = !is_open && op->result != FL_NONE;
    values->taken = op->result;
}

/*
 * Without a value nobody took, a container is still legal; "empty" only gets
 * easier.  "Full" gets harder, so it goes with every value.  An open removal
 * cannot be dropped: nobody knows which value it made room for.
 */
void fl_container_unit(const struct fl_history *h, uint32_t i, bool *drop)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    bool is_open = op->ret == FL_OPEN;
    if (op->fn == FL_QUEUE_PEEK || (!is_open && fl_container_inert(op))) {
        drop[i] = true;
        return;
    }
    if (is_open && op->fn == FL_QUEUE_DEQUEUE) {
        return;
    }
    fl_value value = op->fn == FL_QUEUE_ENQUEUE ? op->args[0] : op->result;
    for (uint32_t k = 0; k < h->count; k++) {
        struct fl_values about;
        fl_container_values(&h->operations[k], &about);
        drop[k] = (about.gives && about.given == value) ||
                  (about.takes && about.taken == value) || about.misses;
    }
}
