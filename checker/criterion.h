/*
 * Crash criteria: what must become of an operation that was cut off.
 *
 * All are one search with two conditions more (rules (2) and (3)).  `x` may be
 * taken next, after the set C of operations, only if
 *
 *     deadline(x) > call(z) for all z in C, and succ(x) is not in C.
 *
 *     criterion       deadline                         succ
 *     linearizable    -                                -
 *     strict          the crash that cut it            -
 *     persistent      its client's next call           -
 *     recoverable     -                                its client's next
 *                                                      operation, same object
 *     durable         -                                -     (clients get new
 *     durable_strict  the end of its era               -      names each era)
 *
 * Strict implies persistent implies recoverable implies linearizable.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_CRITERION_H
#define FL_CRITERION_H

#include "checker/check.h"

/* Whether `criterion` puts a condition on any operation. */
bool fl_criterion_binds(enum fl_criterion criterion);

/* Whether `criterion` lets a crash lose what had returned (losses.h). */
bool fl_loses(enum fl_criterion criterion);

/* The deadline of operation `i`, or FL_OPEN if it has none. */
uint32_t fl_criterion_deadline(const struct fl_history *h,
                               enum fl_criterion criterion, uint32_t i);

/* The operation that open operation `i` must precede if both take effect, or
 * FL_OPEN.  If that one is open, too, `i` must precede its successor as well,
 * and so on. */
uint32_t fl_criterion_succ(const struct fl_history *h,
                           enum fl_criterion criterion, uint32_t i);

/* The name that the client of operation `i` goes by. */
uint32_t fl_criterion_client(const struct fl_history *h,
                             enum fl_criterion criterion, uint32_t i);

#endif
