/*
 * Exit codes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CODE_H
#define CLI_CODE_H

/* sysexits.h where it has a number; automake's 77 for what did not run. */
enum code {
    CODE_PASS = 0,
    CODE_VIOLATION = 1,
    CODE_INCONCLUSIVE = 2,
    CODE_DIVERGED = 3, /* a replay, or a run made twice */
    CODE_NOTHING = 4,  /* nothing was selected */
    CODE_USAGE = 64,
    CODE_INPUT = 65,
    CODE_INTERNAL = 70,
    CODE_IO = 74,
    CODE_SKIPPED = 77,
    CODE_INTERRUPTED = 130, /* a partial report was written */
};

/* The more severe of two codes: it is the one to exit with. */
enum code code_worse(enum code a, enum code b);

#endif
