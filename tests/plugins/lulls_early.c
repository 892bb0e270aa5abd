/*
 * The same loops in a plug-in whose constructor allocates: what it got belongs
 * to no run, so nobody can tell whether all is as it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define FL_LULLS_EARLY 1
#include "tests/plugins/lulls.c" // NOLINT(bugprone-suspicious-include)
