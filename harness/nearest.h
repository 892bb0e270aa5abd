/*
 * The nearest passing run: what a failing run would have to do otherwise.
 *
 * The smallest changes of a trace are tried: a switch left out or moved by a
 * few steps, a fault left out, the newest store read instead of an older one.
 * Of those under which the run passes, the nearest is the one that goes the
 * failing run's way for longest; where the two part is where to look.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_NEAREST_H
#define HX_NEAREST_H

#include "harness/run.h"

/* How the passing run differs. */
enum nearest_change {
    NEAREST_NONE,   /* no change tried lets it pass */
    NEAREST_SWITCH, /* a switch left out, or moved */
    NEAREST_FAULT,  /* a fault left out */
    NEAREST_CHOICE, /* the plainest of another choice: newest store, ... */
};

struct nearest {
    enum nearest_change change;
    uint32_t step;    /* of the log: the first that is another one there */
    uint32_t fails;   /* thread of that step in the failing run */
    uint32_t passes;  /* and in the passing run; NO_THREAD: it has ended */
    uint32_t tried;   /* changes */
    uint32_t passing; /* of those */
};

#define NEAREST_NO_THREAD UINT32_MAX

/*
 * Tries changes of `trace`, which fails when `runner` replays it; none more
 * once `deadline` (of wall_ms()) has passed.
 */
struct nearest nearest_find(struct runner *runner, const struct trace *trace,
                            uint64_t deadline);

#endif
