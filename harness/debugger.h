/*
 * The place where a debugger stops.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_DEBUGGER_H
#define HX_DEBUGGER_H

#include <stdint.h>

/* Called by a replay at the step that a person wants to look at.  Does nothing:
 * `faultline replay --gdb` sets a breakpoint here, from where the frames of the
 * program under test are its callers. */
void debugger_stop(uint32_t step) __attribute__((noinline, used));

#endif
