/*
 * The same with the control word of the x87, which each fiber has without being
 * asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define MODES_X87 1
#include "tests/plugins/modes.c" // NOLINT(bugprone-suspicious-include)
