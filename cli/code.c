/*
 * Exit codes, by severity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/code.h"

#include <assert.h>
#include <stdbool.h>

/* 130 > 70 > 74 > 65 > 64 > 3 > 1 > 2 > 77 > 4 > 0: our own trouble hides an
 * answer, an answer hides that there was none. */
static int severity(enum code code)
{
    switch (code) {
    case CODE_PASS:
        return 0;
    case CODE_NOTHING:
        return 1;
    case CODE_SKIPPED:
        return 2;
    case CODE_INCONCLUSIVE:
        return 3;
    case CODE_VIOLATION:
        return 4;
    case CODE_DIVERGED:
        return 5;
    case CODE_USAGE:
        return 6;
    case CODE_INPUT:
        return 7;
    case CODE_IO:
        return 8;
    case CODE_INTERNAL:
        return 9;
    case CODE_INTERRUPTED:
        return 10;
    }
    assert(false); /* all codes are in the table */
    return 9;
}

enum code code_worse(enum code a, enum code b)
{
    return severity(a) >= severity(b) ? a : b;
}
