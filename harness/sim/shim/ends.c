/*
 * atexit() and its kin: handlers run when the program ends, in the thread that
 * ends it, while the others go on.
 *
 * The lists are the program's own memory, so that they are as at the start in
 * each run: what constructors asked for is there again.  Code that is not a
 * program never ends, and its handlers never run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/ends.h"

#include <errno.h>
#include <stdlib.h>

enum {
    ENDS_MAX = 64, /* of each list; POSIX promises 32 */
};

/* What a handler is given. */
enum end_kind {
    END_PLAIN,
    END_WITH_ARGUMENT,
    END_WITH_STATUS,
};

struct end {
    uintptr_t routine;
    void *argument;
    enum end_kind kind;
};

struct ends {
    uint32_t count;
    struct end list[ENDS_MAX];
};

/* Defined where the runtime library of C++ is linked. */
HIDDEN int __wrap_pthread_once(pthread_once_t *once, void (*routine)(void))
    __attribute__((weak));

/* mutable: the program's own memory, put back before each run */
static struct ends ordinary;
/* mutable: likewise */
static struct ends quick;

static int add(struct ends *ends, struct end end)
{
    if (ends->count == ENDS_MAX) {
        *fl_sim_table->errno_address() = ENOMEM;
        return -1;
    }
    ends->list[ends->count++] = end;
    return 0;
}

/* A handler may add others, which come next, or end the program itself, which
 * goes on with the rest. */
static void run(struct ends *ends, int status)
{
    while (ends->count > 0) {
        struct end end = ends->list[--ends->count];
        switch (end.kind) {
        case END_PLAIN:
            ((void (*)(void))end.routine)();
            break;
        case END_WITH_ARGUMENT:
            ((void (*)(void *))end.routine)(end.argument);
            break;
        case END_WITH_STATUS:
            ((void (*)(int, void *))end.routine)(status, end.argument);
            break;
        }
    }
}

void ends_run(int status)
{
    run(&ordinary, status);
}

void ends_run_quick(int status)
{
    run(&quick, status);
}

HIDDEN int atexit(void (*routine)(void))
{
    return add(&ordinary, (struct end){.routine = (uintptr_t)routine});
}

HIDDEN int on_exit(void (*routine)(int status, void *argument), void *argument)
{
    return add(&ordinary, (struct end){.routine = (uintptr_t)routine,
                                       .argument = argument,
                                       .kind = END_WITH_STATUS});
}

HIDDEN int at_quick_exit(void (*routine)(void))
{
    return add(&quick, (struct end){.routine = (uintptr_t)routine});
}

/* at_quick_exit() as libc's part in each program has it. */
HIDDEN int __cxa_at_quick_exit(void (*routine)(void *), void *object);
HIDDEN int __cxa_at_quick_exit(void (*routine)(void *), void *object)
{
    (void)object;
    return add(&quick, (struct end){.routine = (uintptr_t)routine,
                                    .kind = END_WITH_ARGUMENT});
}

/* Destructors of C++'s static objects do not run: some are of its library,
 * whose memory is put back as a whole. */
HIDDEN int __cxa_atexit(void (*routine)(void *), void *argument, void *object);
HIDDEN int __cxa_atexit(void (*routine)(void *), void *argument, void *object)
{
    (void)object;
    return __wrap_pthread_once != NULL
               ? 0
               : add(&ordinary, (struct end){.routine = (uintptr_t)routine,
                                             .argument = argument,
                                             .kind = END_WITH_ARGUMENT});
}
