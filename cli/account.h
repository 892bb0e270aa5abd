/*
 * An account of a failing history that was read from a file: the record that
 * reports and drawings are read off, without a run behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include "checker/record.h"

/* A record and what it borrows. */
struct account {
    struct fl_record record;
    struct fl_history *history; /* minimised, clients numbered from 0 */
    struct fl_explanation *explanation;
    struct fl_lane *lanes;
    char (*names)[16];
    char reason[160];
    char more[2][400];
    const char *reasons[3];
};

/*
 * Minimises `h`, which fails under `options`, and explains it.  `name` stands
 * for the scenario and is borrowed, as is the model of `h`.  NULL when memory
 * ends.  Ended by account_free().
 */
struct account *account_new(const char *name, const struct fl_history *h,
                            const struct fl_options *options);

/*
 * Adds, to an account without an explanation, what the decision of the whole
 * history `h` said: the pattern that a monitor or a criterion found, and how
 * far a legal order went.
 */
void account_add_result(struct account *account, const struct fl_history *h,
                        const struct fl_result *result);

/* Ends an account.  NULL is allowed. */
void account_free(struct account *account);

#endif
