/*
 * A program's beginning and its end: the environment that it is given, and what
 * it has asked to be called when it ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SHIM_ENDS_H
#define HX_SIM_SHIM_ENDS_H

#include "harness/sim/shim/shim.h"

/* The list of its variables, and a NULL; defined if the program looks at it, or
 * the scenario gives variables. */
HIDDEN char **environment_list(void) __attribute__((weak));

/* Calls what atexit() and its kin were given, the last first; defined if the
 * program calls any of them. */
HIDDEN void ends_run(int status) __attribute__((weak));

/* Ends the variables of the thread, as C++ has them; defined where it has. */
HIDDEN void cxx_leave(void) __attribute__((weak));

/* What comes before the end of the program. */
static inline void ends_all(int status)
{
    if (cxx_leave != NULL) {
        cxx_leave();
    }
    if (ends_run != NULL) {
        ends_run(status);
    }
}

/* The same of at_quick_exit(). */
HIDDEN void ends_run_quick(int status) __attribute__((weak));

#endif
