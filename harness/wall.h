/*
 * Wall time, for budgets and reports only: no decision of a run reads it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_WALL_H
#define HX_WALL_H

#include <stdint.h>

/* No deadline. */
#define WALL_NEVER UINT64_MAX

/* Nanoseconds, and milliseconds, of a clock that never jumps. */
uint64_t wall_ns(void);
uint64_t wall_ms(void);

/* Milliseconds until `deadline` (of wall_ms()); at most `most`, at least 0. */
int wall_left(uint64_t deadline, int most);

#endif
