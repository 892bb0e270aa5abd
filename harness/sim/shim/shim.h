/*
 * What the members of the shim share.
 *
 * A member must not call libc: its own names would answer.  Nor may it be
 * instrumented, or its hooks would be hooks of the program under test.  So
 * each function is one forward, and all decisions are made on the other side.
 *
 * Functions whose names must not appear in this repository as calls (strcpy
 * and the like are refused everywhere else) are given them by an assembler
 * label.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SHIM_H
#define HX_SIM_SHIM_H

/* libc's headers must not bring bodies of the functions defined here. */
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1
#endif

#include "harness/sim/table.h"

/* Only the plug-in that this is linked into binds to it. */
#define HIDDEN __attribute__((visibility("hidden")))

/* Where the caller goes on: what reports call the place of the call. */
#define PC ((uintptr_t)__builtin_return_address(0))

/* No limit of a string function. */
#define UNBOUNDED SIZE_MAX

/* A zeroed block for a constructor, or NULL. */
HIDDEN void *early_take(size_t align, size_t size);

/* Whether a constructor allocated it; nobody can free it for good. */
HIDDEN bool early_owns(const void *block);

/* The limit that `moment` of `clock` sets. */
static inline struct sim_limit limit_on(clockid_t clock,
                                        const struct timespec *moment)
{
    return (struct sim_limit){
        .time = *moment, .relative = false, .clock = clock};
}

/* The same where POSIX means the clock on the wall. */
static inline struct sim_limit limit_of(const struct timespec *moment)
{
    return limit_on(CLOCK_REALTIME, moment);
}

#endif
