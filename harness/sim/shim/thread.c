/*
 * Threads, keys and once: each thread is a fiber of the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

HIDDEN int pthread_create(pthread_t *restrict thread,
                          const pthread_attr_t *restrict attr,
                          void *(*start)(void *), void *restrict argument)
{
    struct sim_start what = {.posix = start, .argument = argument};
    return fl_sim_table->thread_create(thread, attr, &what, PC);
}

HIDDEN int pthread_join(pthread_t thread, void **result)
{
    return unwind_status(fl_sim_table->thread_join(thread, result, NULL, PC),
                         PC);
}

HIDDEN int pthread_timedjoin_np(pthread_t thread, void **result,
                                const struct timespec *moment)
{
    struct sim_limit limit = limit_of(moment);
    return unwind_status(fl_sim_table->thread_join(thread, result, &limit, PC),
                         PC);
}

HIDDEN int pthread_clockjoin_np(pthread_t thread, void **result,
                                clockid_t clock, const struct timespec *moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return unwind_status(fl_sim_table->thread_join(thread, result, &limit, PC),
                         PC);
}

HIDDEN int pthread_tryjoin_np(pthread_t thread, void **result)
{
    return fl_sim_table->thread_tryjoin(thread, result, PC);
}

HIDDEN int pthread_detach(pthread_t thread)
{
    return fl_sim_table->thread_detach(thread, PC);
}

HIDDEN pthread_t pthread_self(void)
{
    return fl_sim_table->thread_self();
}

HIDDEN int pthread_equal(pthread_t a, pthread_t b)
{
    return a == b;
}

HIDDEN int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
    return fl_sim_table->thread_attributes(thread, attr);
}

HIDDEN int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
    return fl_sim_table->key_create(key, destroy);
}

HIDDEN int pthread_key_delete(pthread_key_t key)
{
    return fl_sim_table->key_delete(key);
}

HIDDEN void *pthread_getspecific(pthread_key_t key)
{
    return fl_sim_table->key_get(key);
}

HIDDEN int pthread_setspecific(pthread_key_t key, const void *value)
{
    return fl_sim_table->key_set(key, (uintptr_t)value);
}
