/*
 * Operations that are compiled twice: as they are, and with PATCHED over a
 * header of the library in which one line is changed (patches.txt).  Both go
 * into one plug-in, whose variant says which of them is called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ALGORITHMS_LIBRARIES_TWICE_H
#define ALGORITHMS_LIBRARIES_TWICE_H

#include "harness/algorithm.h"

#ifdef PATCHED
#define PERFORM perform_patched
#else
#define PERFORM perform_sound
#endif

/* fl_algorithm.perform, over the library's header and over the changed one. */
__attribute__((visibility("hidden"))) fl_value
perform_sound(void *self, uint32_t client, const struct fl_call *call);
__attribute__((visibility("hidden"))) fl_value
perform_patched(void *self, uint32_t client, const struct fl_call *call);

#endif
