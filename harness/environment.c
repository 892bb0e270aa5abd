/*
 * The environment of the code under test, while it is loaded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/environment.h"

#include <assert.h>
#include <unistd.h>

void environment_enter(struct environment *environment,
                       const struct names *names)
{
    assert(environment != NULL && names->count <= NAMES_MAX);
    for (uint32_t i = 0; i < names->count; i++) {
        /* Nobody writes there: the shim copies them. */
        environment->given[i] = (char *)(uintptr_t)names->name[i];
    }
    environment->given[names->count] = NULL;
    environment->own = environ;
    environ = environment->given;
}

void environment_leave(const struct environment *environment)
{
    assert(environment->own != environment->given);
    environ = environment->own;
}
