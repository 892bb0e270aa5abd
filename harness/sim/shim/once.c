/*
 * What is to be run once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

#include <threads.h>

static int run_once(pthread_once_t *once, void (*routine)(void), uintptr_t pc)
{
    if (unwind_top == NULL) {
        return fl_sim_table->once_call(once, routine, pc);
    }
    if (fl_sim_table->once_begin(once, pc)) {
        __pthread_unwind_buf_t **top = unwind_top();
        __pthread_unwind_buf_t place;
        place.__pad[PLACE_BEFORE] = *top;
        place.__pad[PLACE_ONCE] = once;
        *top = &place;
        routine();
        *top = place.__pad[PLACE_BEFORE];
        fl_sim_table->once_end(once, true, pc);
    }
    return 0;
}

HIDDEN int pthread_once(pthread_once_t *once, void (*routine)(void))
{
    return run_once(once, routine, PC);
}

HIDDEN void call_once(once_flag *once, void (*routine)(void))
{
    (void)run_once((pthread_once_t *)once, routine, PC);
}
