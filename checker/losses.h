/*
 * Buffered durable linearizability: what a crash may lose.
 *
 * The run falls into eras E0, E1, ... at the crashes of everybody.  There must
 * be a part Pi of each era, closed under *precedes*, that survived the crash at
 * its end, such that P0 P1 ... P(i-1) Ei is linearizable for every i: all is
 * seen before the crash, the end of it may be gone afterwards (Izraelevitz,
 * Mendes, Scott 2016).  Two readings:
 *
 *     buffered_durable  as it stands there: each i has an order of its own, and
 *                       an operation that was cut off and is in Pi may take
 *                       effect in any later era
 *     buffered_strict   one order of each era; what is left after the crash is
 *                       the state after a beginning of it
 *
 * Strict implies the other.  Not local: the whole history at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_LOSSES_H
#define FL_LOSSES_H

#include "checker/criterion.h"
#include "checker/search.h"

struct fl_losses;

/* What a crash may lose of its era. */
struct fl_loss_bound {
    uint32_t most; /* operations that had returned */
    uint32_t safe; /* those that returned before this stamp survive */
};

/* A decision; its steps are counted in `search`, whose budget it keeps.  NULL:
 * no memory. */
struct fl_losses *fl_losses_new(const struct fl_history *h,
                                const struct fl_options *options,
                                struct fl_search *search);

/* Who wants to see every era as it is listed, for each choice of what survived
 * those before it. */
struct fl_loss_watch {
    void *context;
    bool (*listed)(void *context, const struct fl_losses *losses, uint32_t era);
};

/* Calls `watch` (borrowed) in fl_losses_run(); false ends it as without
 * memory. */
void fl_losses_watch(struct fl_losses *losses,
                     const struct fl_loss_watch *watch);

/* The bounds of each crash of everybody, in order, as the options and the syncs
 * of the history have them; they may be changed before fl_losses_run(). */
struct fl_loss_bound *fl_losses_bounds(struct fl_losses *losses);

/* Decides. */
enum fl_end fl_losses_run(struct fl_losses *losses);

/* Of a pass: an order of what survived and of the last era, into `order`,
 * which has room for all operations; returns how many.  Of a violation: the
 * same for the first era that could not be explained. */
uint32_t fl_losses_order(const struct fl_losses *losses, uint32_t *order);

/* Ends a decision.  NULL is allowed. */
void fl_losses_free(struct fl_losses *losses);

#endif
