/*
 * The strategies, one declaration each: what strategies.c lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCHEDULE_LIST_H
#define HX_SCHEDULE_LIST_H

#include "harness/sim/schedule/strategy.h"

extern const struct strategy strategy_random;
extern const struct strategy strategy_sticky;
extern const struct strategy strategy_pct;
extern const struct strategy strategy_round_robin;
extern const struct strategy strategy_exhaustive;

#endif
