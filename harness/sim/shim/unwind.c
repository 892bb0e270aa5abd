/*
 * Leaving a thread: its handlers run, the innermost first, and then it ends.
 *
 * Where exceptions are part of the program (C++, or C with -fexceptions), the
 * frames are unwound as by an exception that nobody catches, so that handlers
 * in that form run, too, and destructors.  A handler in the other form jumps
 * back into its frame, and from there says that it is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unwind.h>

/* How a thread leaves. */
struct leaving {
    __pthread_unwind_buf_t *top;
    void *result;
    uintptr_t pc; /* 0: it does not leave */
    struct _Unwind_Exception exception;
};

/* mutable: the program's own memory, and of each of its threads */
static _Thread_local struct leaving leaving;

/* Defined where frames can be unwound. */
#pragma weak _Unwind_ForcedUnwind
#pragma weak _Unwind_GetCFA

__pthread_unwind_buf_t **unwind_top(void)
{
    return &leaving.top;
}

/* To the handler at `place`.  What follows the registers of a jump_buf is read
 * only if it says that signals were saved. */
static __attribute__((noreturn)) void jump(__pthread_unwind_buf_t *place)
{
    void *registers = place->__cancel_jmp_buf;
    __asm__("" : "+r"(registers)); /* of which the compiler knows the size */
    _longjmp(registers, 1);
}

/* Outwards: the next handler takes over, or the thread ends. */
static __attribute__((noreturn)) void go_out(struct leaving *l)
{
    while (l->top != NULL) {
        __pthread_unwind_buf_t *place = l->top;
        l->top = place->__pad[PLACE_BEFORE];
        if (place->__pad[PLACE_ONCE] == NULL) {
            jump(place);
        }
        fl_sim_table->once_end(place->__pad[PLACE_ONCE], false, l->pc);
    }
    fl_sim_table->thread_exit(l->result, l->pc);
    exit(0); /* it was the first thread of the program, and the last */
}

/* Before each frame is left: the innermost place may be inwards of it. */
static _Unwind_Reason_Code stop(int version, _Unwind_Action actions,
                                _Unwind_Exception_Class kind,
                                struct _Unwind_Exception *exception,
                                struct _Unwind_Context *context, void *argument)
{
    (void)version;
    (void)kind;
    (void)exception;
    struct leaving *l = argument;
    if ((actions & _UA_END_OF_STACK) != 0 ||
        (l->top != NULL && (uintptr_t)l->top < _Unwind_GetCFA(context))) {
        go_out(l);
    }
    return _URC_NO_REASON;
}

/* A catch (...) that does not throw again: libc, too, ends the program. */
static void refuse_end(_Unwind_Reason_Code reason,
                       struct _Unwind_Exception *exception)
{
    (void)reason;
    (void)exception;
    fl_sim_table->program_abort(leaving.pc);
}

static __attribute__((noreturn)) void leave(struct leaving *l)
{
    if (_Unwind_ForcedUnwind != NULL) {
        l->exception = (struct _Unwind_Exception){
            .exception_class = 0, .exception_cleanup = refuse_end};
        (void)_Unwind_ForcedUnwind(&l->exception, stop, l);
    }
    go_out(l); /* frames cannot be unwound */
}

static __attribute__((noreturn)) void begin(void *result, uintptr_t pc)
{
    struct leaving *l = &leaving;
    fl_sim_table->cancel_leave();
    l->result = result;
    l->pc = pc;
    leave(l);
}

void unwind_cancelled(uintptr_t pc)
{
    begin(PTHREAD_CANCELED, pc);
}

HIDDEN void pthread_exit(void *result)
{
    begin(result, PC);
}

HIDDEN void thrd_exit(int result);
HIDDEN void thrd_exit(int result)
{
    begin((void *)(intptr_t)result, PC);
}

HIDDEN void __pthread_register_cancel(__pthread_unwind_buf_t *place)
{
    place->__pad[PLACE_BEFORE] = leaving.top;
    place->__pad[PLACE_ONCE] = NULL;
    leaving.top = place;
}

HIDDEN void __pthread_unregister_cancel(__pthread_unwind_buf_t *place)
{
    leaving.top = place->__pad[PLACE_BEFORE];
}

/* The handler at `place` has run. */
HIDDEN void __pthread_unwind_next(__pthread_unwind_buf_t *place)
{
    leaving.top = place->__pad[PLACE_BEFORE];
    leave(&leaving);
}

HIDDEN int pthread_cancel(pthread_t thread)
{
    return fl_sim_table->thread_cancel(thread, PC);
}

HIDDEN void pthread_testcancel(void)
{
    if (fl_sim_table->cancel_due(PC)) {
        unwind_cancelled(PC);
    }
}

HIDDEN int pthread_setcancelstate(int state, int *old)
{
    return fl_sim_table->cancel_state(state, old, PC);
}

HIDDEN int pthread_setcanceltype(int type, int *old)
{
    const int deferred = PTHREAD_CANCEL_DEFERRED;
    if (type != PTHREAD_CANCEL_DEFERRED) {
        fl_sim_table->program_refuse("pthread_setcanceltype", PC);
    }
    if (old != NULL) {
        fl_sim_table->bytes_copy(old, &deferred, sizeof(deferred), PC);
    }
    return 0;
}
