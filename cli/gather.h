/*
 * Gathering: one result directory into another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_GATHER_H
#define CLI_GATHER_H

#include "cli/code.h"
#include "harness/results.h"

/*
 * Adds what lies in `from` to `results`, the file in `out`: its rows, and the
 * directories of its failures, of which one with a name that `out` has already
 * is the same failure and stays as it is.  CODE_PASS, or another code and a
 * message to `errors`.
 */
enum code gather(struct results *results, const char *out, const char *from,
                 FILE *errors);

#endif
