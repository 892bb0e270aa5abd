/*
 * The binary heap of messages on their way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/queue.h"

#include <assert.h>
#include <stdlib.h>

bool queue_init(struct queue *queue, uint32_t max)
{
    assert(max > 0);
    *queue = (struct queue){.max = max};
    queue->items = malloc(max * sizeof(*queue->items));
    return queue->items != NULL;
}

void queue_release(struct queue *queue)
{
    free(queue->items);
    *queue = (struct queue){0};
}

static bool comes_before(const struct queued *a, const struct queued *b)
{
    return a->moment != b->moment ? a->moment < b->moment
                                  : a->sequence < b->sequence;
}

void queue_push(struct queue *queue, struct queued item)
{
    assert(queue->count < queue->max);
    uint32_t at = queue->count++;
    while (at > 0 && comes_before(&item, &queue->items[(at - 1) / 2])) {
        queue->items[at] = queue->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->items[at] = item;
}

struct queued queue_pop(struct queue *queue)
{
    assert(queue->count > 0);
    struct queued least = queue->items[0];
    struct queued last = queue->items[--queue->count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= queue->count) {
            break;
        }
        if (child + 1 < queue->count &&
            comes_before(&queue->items[child + 1], &queue->items[child])) {
            child++;
        }
        if (!comes_before(&queue->items[child], &last)) {
            break;
        }
        queue->items[at] = queue->items[child];
        at = child;
    }
    queue->items[at] = last;
    assert(queue->count == 0 || !comes_before(&queue->items[0], &least));
    return least;
}

uint64_t queue_moment(const struct queue *queue)
{
    return queue->count == 0 ? UINT64_MAX : queue->items[0].moment;
}
