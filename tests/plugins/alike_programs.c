/*
 * Random small programs whose clients are alike: see small_programs.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define ALIKE 1
#include "tests/plugins/small_programs.c" // NOLINT(bugprone-suspicious-include)
