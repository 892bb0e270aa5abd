/*
 * The same loops in a plug-in whose constructor allocates more than is kept
 * account of: nobody can tell whether all is as it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define FL_LULLS_EARLY 40
#include "tests/plugins/lulls.c" // NOLINT(bugprone-suspicious-include)
