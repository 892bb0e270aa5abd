/*
 * Looking at one step of a recorded run: printed, or under gdb.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_DEBUG_H
#define CLI_DEBUG_H

#include "cli/retrace.h"
#include "harness/report/report.h"

/*
 * Makes the run in this process and prints it up to step `number` (0: its last)
 * as the report counts them; with `stop` it is made once more and passes
 * debugger_stop() at that step.
 */
enum code debug_here(const struct retrace *retrace, uint64_t number,
                     const struct report_style *style, bool stop);

/* The same in a child, since the program under test may crash. */
enum code debug_print(const struct retrace *retrace, uint64_t number,
                      const struct report_style *style);

/* Becomes gdb, with this program under it replaying `path` to step `number`.
 * Returns only if there is no gdb: says so. */
enum code debug_gdb(const char *path, uint64_t number);

#endif
