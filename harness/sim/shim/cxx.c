/*
 * What the runtime library of C++ asks of libc, where libc's answer would be
 * about the harness.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/ends.h"

/* Of libc: whether there is one thread only.  Then reference counts would be
 * raised without atomics, and nothing of them would be seen. */
HIDDEN extern char __libc_single_threaded;
HIDDEN char __libc_single_threaded = 0;

/* A thread_local variable of the thread that made it. */
struct ending {
    struct ending *before;
    void (*routine)(void *object);
    void *object;
};

/* mutable: the program's own memory, put back before each run */
static pthread_once_t endings_once = PTHREAD_ONCE_INIT;
/* mutable: likewise */
static pthread_key_t endings_key;

/* Ends a thread's variables, the last first. */
static void end_all(void *list)
{
    struct ending *ending = list;
    while (ending != NULL) {
        struct ending *before = ending->before;
        ending->routine(ending->object);
        fl_sim_table->heap_release(ending, PC);
        ending = before;
    }
}

void cxx_leave(void)
{
    void *list = fl_sim_table->key_get(endings_key);
    if (endings_once != PTHREAD_ONCE_INIT && list != NULL) {
        (void)fl_sim_table->key_set(endings_key, 0);
        end_all(list);
    }
}

static void make_key(void)
{
    (void)fl_sim_table->key_create(&endings_key, end_all);
}

HIDDEN int __cxa_thread_atexit_impl(void (*routine)(void *), void *object,
                                    void *library);
HIDDEN int __cxa_thread_atexit_impl(void (*routine)(void *), void *object,
                                    void *library)
{
    (void)library;
    (void)fl_sim_table->once_call(&endings_once, make_key, PC);
    struct ending *ending = fl_sim_early.over
                                ? fl_sim_table->heap_malloc(sizeof(*ending), PC)
                                : early_take(1, sizeof(*ending));
    if (ending == NULL) {
        return -1;
    }
    ending->before = fl_sim_table->key_get(endings_key);
    ending->routine = routine;
    ending->object = object;
    return fl_sim_table->key_set(endings_key, (uintptr_t)ending);
}

/*
 * Variables of functions, which whoever comes first initialises (the C++ ABI
 * of Itanium, 3.3.2).  The compiled code looks at the first byte of the guard,
 * by an atomic acquire load, and calls these if it is 0; what waits for the
 * other is a once control in the second half.
 */
struct guard {
    uint8_t made;
    uint8_t unused[3];
    pthread_once_t once;
};

HIDDEN int __cxa_guard_acquire(struct guard *guard);
HIDDEN int __cxa_guard_acquire(struct guard *guard)
{
    return fl_sim_table->once_begin(&guard->once, PC) ? 1 : 0;
}

HIDDEN void __cxa_guard_release(struct guard *guard);
HIDDEN void __cxa_guard_release(struct guard *guard)
{
    fl_sim_table->once_end(&guard->once, true, PC);
    /* Release: pairs with the acquire load of the compiled code. */
    fl_sim_table->flag_store(&guard->made, 1, __ATOMIC_RELEASE);
}

HIDDEN void __cxa_guard_abort(struct guard *guard);
HIDDEN void __cxa_guard_abort(struct guard *guard)
{
    fl_sim_table->once_end(&guard->once, false, PC);
}

HIDDEN char *gettext(const char *text);
HIDDEN char *gettext(const char *text)
{
    union {
        const char *given;
        char *wanted;
    } cast = {.given = text};
    return cast.wanted;
}
