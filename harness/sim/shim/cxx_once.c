/*
 * pthread_once() as std::call_once() needs it: a routine that ends by an
 * exception has not been done, and the next caller tries.
 *
 * Compiled with -fexceptions and linked into plug-ins of C++ alone, in place of
 * the other (-Wl,--wrap): those of C have no library that unwinds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

struct turn {
    pthread_once_t *once;
    uintptr_t pc;
    bool done;
};

static void leave(struct turn *turn)
{
    fl_sim_table->once_end(turn->once, turn->done, turn->pc);
}

HIDDEN int __wrap_pthread_once(pthread_once_t *once, void (*routine)(void));
HIDDEN int __wrap_pthread_once(pthread_once_t *once, void (*routine)(void))
{
    if (fl_sim_table->once_begin(once, PC)) {
        __attribute__((cleanup(leave))) struct turn turn = {.once = once,
                                                            .pc = PC};
        routine();
        // cppcheck-suppress unreadVariable ; leave() reads it
        turn.done = true;
    }
    return 0;
}
