/*
 * The same loops in a plug-in whose constructor allocates: what it got belongs
 * to no run, and is looked at all the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define FL_LULLS_EARLY 4
#include "tests/plugins/lulls.c" // NOLINT(bugprone-suspicious-include)
