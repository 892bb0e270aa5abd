/*
 * What rules_resolve() and net_resolve() have in common.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_RESOLVE_H
#define HX_RESOLVE_H

#include "harness/targets.h"

/* The names of all targets of a scenario, for matching before a run. */
struct cast {
    struct targets all;
    const char *names[TARGETS_MAX];
    char texts[TARGETS_MAX][TARGET_NAME_MAX];
};

/* Fills `cast`, which must not be moved afterwards. */
void cast_init(struct cast *cast, const struct scenario *scenario);

/* Writes "who there is" into `text`: "T0 to T3", "replica1 to replica5". */
const char *cast_describe(const struct cast *cast, char *text, size_t max);

#endif
