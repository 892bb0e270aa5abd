/*
 * Children: work that may crash, hang or exit, kept away from the command.
 *
 * Whatever runs the program under test outside a campaign (shrinking, replay)
 * does so in a forked child.  Results come back through memory that both
 * share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_CHILD_H
#define HX_CHILD_H

#include "harness/interrupt.h"

#include <stddef.h>
#include <sys/types.h>

/* How a child ended. */
struct child_end {
    bool exited;   /* in order, with `code`; else by `signal` */
    bool too_late; /* it was killed at its deadline */
    bool stopped;  /* it was killed because the user asked twice */
    int code;
    int signal;
};

/*
 * Runs work(argument) in a child and waits for it.  The child is killed at
 * `deadline` (of wall_ms()), and when `interrupt` (which may be NULL) was asked
 * a second time.  What work returns is the child's exit code.
 */
struct child_end child_run(int (*work)(void *argument), void *argument,
                           uint64_t deadline, struct interrupt *interrupt);

/* A byte that is 1 in this process, and 0 in those that fork() makes of it. */
const volatile unsigned char *child_mark(void);

/* Zeroed memory that children share with their parent; ends the program if
 * there is none. */
void *child_share(size_t size);

/* Gives it back.  NULL is allowed. */
void child_unshare(void *shared, size_t size);

/*
 * Runs the program `arguments` (NULL-ended; [0] is looked up in PATH) with
 * output to `output` (-1: nowhere), and waits for it.  Returns its exit code,
 * or 127 if there is no such program, or 128 + signal.
 */
int child_spawn(const char *const *arguments, int output);

/* The same with what it says of errors to `errors` (-1: nowhere). */
int child_call(const char *const *arguments, int output, int errors);

#endif
