/*
 * Victims: whom one occurrence of a fault is about.
 *
 * What is due at a site of a thread is about that thread.  What is due at a
 * moment is about those whom the rule's target picks now, of those that are
 * up, and no more of them than the budget has room for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_VICTIMS_H
#define HX_VICTIMS_H

#include "harness/budget.h"
#include "harness/trigger.h"

/*
 * Picks for an occurrence of the rule of `t` at `site`; 0: it must not happen.
 * context->targets holds the candidates; its `down` and `room` are filled in.
 */
uint64_t victims_pick(const struct trigger *t, const struct site *site,
                      struct budget *budget, struct fault_context *context);

#endif
