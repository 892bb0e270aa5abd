/*
 * Threads that end from within: pthread_exit(), and cancelling.
 *
 * What is to be done on the way is a list on the thread's own stack, in the
 * bytes that libc's headers have there: of each handler of
 * pthread_cleanup_push() as C without exceptions has it, and of each routine
 * that runs once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SHIM_UNWIND_H
#define HX_SIM_SHIM_UNWIND_H

#include "harness/sim/shim/shim.h"

/* Of the words that libc leaves in each. */
enum {
    PLACE_BEFORE, /* the next one outwards; NULL: it is the last */
    PLACE_ONCE    /* a pthread_once_t; NULL: a handler */
};

/* The innermost; defined where the program can end a thread from within. */
HIDDEN __pthread_unwind_buf_t **unwind_top(void) __attribute__((weak));

/* The thread was cancelled: runs its handlers, and ends it. */
HIDDEN void unwind_cancelled(uintptr_t pc) __attribute__((weak, noreturn));

/* What a function has returned that may have been cancelled. */
static inline int unwind_status(int status, uintptr_t pc)
{
    if (__builtin_expect(status == SIM_CANCELLED, 0)) {
        unwind_cancelled(pc);
    }
    return status;
}

#endif
