/*
 * Endless: loops without a point that nothing can end.
 *
 * The watch for such loops (signals.c) looks at them by the clock, so it must
 * not accuse a long computation.  But a thread that is twice at the same
 * instruction with the same registers, the same stack and the same memory, and
 * has made no step in between, goes round for ever: that is so whenever it is
 * noticed, and needs no patience.  `while (!done) { }` of which the compiler
 * read `done` once is such a loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ENDLESS_H
#define HX_ENDLESS_H

#include <stdint.h>

struct world;

/* All that the code under test goes on with, as one number, where the signal
 * with `context` (a ucontext_t) interrupted it.  0: not known, for it was not
 * its own code that was interrupted, or not that of a thread. */
uint64_t endless_state(const struct world *w, const void *context);

#endif
