/*
 * The place where a debugger stops.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/debugger.h"

#include <assert.h>

void debugger_stop(uint32_t step)
{
    assert(step > 0);
    __asm__ volatile("" : : "r"(step) : "memory"); /* or it would vanish */
}
