/*
 * What is on its way: a binary heap of messages by (moment, sequence).
 *
 * Two that arrive at one moment do so in the order in which they were sent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_QUEUE_H
#define HX_SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct queued {
    uint64_t moment;
    uint64_t sequence;
    uint32_t message;
};

struct queue {
    uint32_t count;
    uint32_t max;
    struct queued *items; /* owned; a heap, the least first */
};

/* Makes room for `max` messages; false if there is no memory. */
bool queue_init(struct queue *queue, uint32_t max);
void queue_release(struct queue *queue);

/* The queue must not be full. */
void queue_push(struct queue *queue, struct queued item);

/* Removes the least one; the queue must not be empty. */
struct queued queue_pop(struct queue *queue);

/* The least moment, or UINT64_MAX. */
uint64_t queue_moment(const struct queue *queue);

#endif
