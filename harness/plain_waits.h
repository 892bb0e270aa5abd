/*
 * Plain waits: a warning for who passed, but waits for plain variables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_PLAIN_WAITS_H
#define HX_PLAIN_WAITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    PLAIN_WAITS_TEXT = 400
};

/* Says of a loop that reads at `pc` (runner_waits_plainly()) where it is and
 * what is wrong with it; nothing if that is 0. */
void plain_waits_tell(uintptr_t pc, char *text, size_t max);

#endif
