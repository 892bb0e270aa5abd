/*
 * Store buffers, and the threads that empty them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MEMORY_BUFFERS_H
#define HX_SIM_MEMORY_BUFFERS_H

#include "harness/sim/memory/model.h"

/* All of a thread's store buffer goes to memory; one entry does. */
void tso_drain(struct world *w, uint32_t thread);

/* The store buffer of `thread`, and its store number `i` from the oldest. */
struct buffer *buffer_of(struct weak *weak, uint32_t thread);
struct buffered *buffer_entry(struct buffer *b, uint32_t i);

/* The newest store in `b` that touches these bytes, or NULL; and whether it has
 * them all. */
struct buffered *buffer_find(struct buffer *b, uintptr_t address, size_t size);
bool buffer_covers(const struct buffered *e, uintptr_t address, size_t size);

/* Makes the thread that empties the buffer of `thread`.  False: there is no
 * room for one more. */
bool buffer_serve(struct world *w, uint32_t thread);

/* The oldest store in the buffer of `thread` goes to memory. */
void buffer_flush(struct world *w, uint32_t thread);

/* The thread that empties `b` has nothing to do. */
void buffer_rest(struct world *w, const struct buffer *b);

/* What the thread that empties `b` is about to do. */
void buffer_announce(struct world *w, struct buffer *b);
void tso_settle(struct world *w);

#endif
