/*
 * The environment of the code under test, while it is loaded.
 *
 * Its constructors, and with them the shim that keeps the variables, run in the
 * process that loads it; meanwhile that process has the environment which the
 * scenario gives, and afterwards its own again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ENVIRONMENT_H
#define HX_ENVIRONMENT_H

#include "harness/scenario.h"

struct environment {
    char **own; /* of the process, to be put back */
    char *given[NAMES_MAX + 1];
};

/* From here to environment_leave() the process has the variables of `names`
 * ("NAME=VALUE") alone; *environment and they must live until then. */
void environment_enter(struct environment *environment,
                       const struct names *names);
void environment_leave(const struct environment *environment);

#endif
