/*
 * Signals: none ever comes, so that to ignore or to block one is easily done.
 *
 * A handler is refused where it is set, for it would never be called.  What was
 * set is remembered, as programs put back what they found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
    SIGNALS = 65 /* their numbers, and 0 */
};

/* mutable: the program's own memory, put back before each run */
static bool ignored[SIGNALS];

static int fail(int error)
{
    *fl_sim_table->errno_address() = error;
    return -1;
}

static int refuse(const char *name, uintptr_t pc)
{
    fl_sim_table->program_refuse(name, pc);
    return fail(ENOSYS);
}

static bool may_change(int number)
{
    return number > 0 && number < SIGNALS && number != SIGKILL &&
           number != SIGSTOP;
}

static __sighandler_t found(int number)
{
    return ignored[number] ? SIG_IGN : SIG_DFL;
}

static __sighandler_t set_signal(int number, __sighandler_t routine,
                                 uintptr_t pc)
{
    if (!may_change(number)) {
        fail(EINVAL);
        return SIG_ERR;
    }
    if (routine != SIG_IGN && routine != SIG_DFL) {
        refuse("signal", pc);
        return SIG_ERR;
    }
    __sighandler_t old = found(number);
    ignored[number] = routine == SIG_IGN;
    return old;
}

HIDDEN __sighandler_t signal(int number, __sighandler_t routine)
{
    return set_signal(number, routine, PC);
}

HIDDEN __sighandler_t __sysv_signal(int number, __sighandler_t routine)
{
    return set_signal(number, routine, PC);
}

HIDDEN int sigaction(int number, const struct sigaction *restrict action,
                     struct sigaction *restrict old)
{
    if (!may_change(number)) {
        return fail(EINVAL);
    }
    struct sigaction new = {.sa_handler = found(number)};
    struct sigaction before = new;
    if (action != NULL) {
        fl_sim_table->bytes_copy(&new, action, sizeof(new), PC);
    }
    if ((new.sa_flags &SA_SIGINFO) != 0 ||
        (new.sa_handler != SIG_IGN &&new.sa_handler != SIG_DFL)) {
        return refuse("sigaction", PC);
    }
    ignored[number] = new.sa_handler == SIG_IGN;
    if (old != NULL) {
        fl_sim_table->bytes_copy(old, &before, sizeof(before), PC);
    }
    return 0;
}

/* Only the first word of a set has signals in it. */
static int mask(int how, const sigset_t *set, sigset_t *old, uintptr_t pc)
{
    sigset_t given;
    uint64_t bits = 0;
    if (set != NULL) {
        if (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK) {
            return EINVAL;
        }
        fl_sim_table->bytes_copy(&given, set, sizeof(given), pc);
        bits = given.__val[0];
    }
    uint64_t before = fl_sim_table->thread_mask(set == NULL ? -1 : how, bits);
    if (old != NULL) {
        sigset_t kept = {.__val = {before}};
        fl_sim_table->bytes_copy(old, &kept, sizeof(kept), pc);
    }
    return 0;
}

HIDDEN int sigprocmask(int how, const sigset_t *restrict set,
                       sigset_t *restrict old)
{
    int error = mask(how, set, old, PC);
    return error == 0 ? 0 : fail(error);
}

HIDDEN int pthread_sigmask(int how, const sigset_t *restrict set,
                           sigset_t *restrict old)
{
    return mask(how, set, old, PC);
}

HIDDEN int sigpending(sigset_t *set)
{
    const sigset_t none = {0};
    fl_sim_table->bytes_copy(set, &none, sizeof(none), PC);
    return 0;
}

/* Signals that the program sends itself: one that it ignores does nothing. */

HIDDEN int raise(int number)
{
    if (number == SIGABRT && !ignored[number]) {
        fl_sim_table->program_abort(PC);
    }
    if (number < 0 || number >= SIGNALS) {
        return fail(EINVAL);
    }
    return number == 0 || ignored[number] ? 0 : refuse("raise", PC);
}

HIDDEN int pthread_kill(pthread_t thread, int number)
{
    (void)thread;
    if (number < 0 || number >= SIGNALS) {
        return EINVAL;
    }
    if (number != 0 && !ignored[number]) {
        refuse("pthread_kill", PC);
        return ENOSYS;
    }
    return 0;
}

HIDDEN unsigned alarm(unsigned seconds)
{
    if (seconds != 0) {
        refuse("alarm", PC);
    }
    return 0; /* none was set */
}

/* Nobody forks. */
HIDDEN int pthread_atfork(void (*prepare)(void), void (*parent)(void),
                          void (*child)(void))
{
    (void)prepare;
    (void)parent;
    (void)child;
    return 0;
}

/* The part of libc in each program calls it so. */
HIDDEN int __register_atfork(void (*prepare)(void), void (*parent)(void),
                             void (*child)(void), void *object);
HIDDEN int __register_atfork(void (*prepare)(void), void (*parent)(void),
                             void (*child)(void), void *object)
{
    (void)prepare;
    (void)parent;
    (void)child;
    (void)object;
    return 0;
}
