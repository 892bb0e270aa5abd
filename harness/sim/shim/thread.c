/*
 * Threads, keys and once: each thread is a fiber of the simulated world.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <errno.h>
#include <stdlib.h>

HIDDEN int pthread_create(pthread_t *restrict thread,
                          const pthread_attr_t *restrict attr,
                          void *(*start)(void *), void *restrict argument)
{
    struct sim_start what = {.posix = start, .argument = argument};
    return fl_sim_table->thread_create(thread, attr, &what, PC);
}

HIDDEN int pthread_join(pthread_t thread, void **result)
{
    return fl_sim_table->thread_join(thread, result, NULL, PC);
}

HIDDEN int pthread_timedjoin_np(pthread_t thread, void **result,
                                const struct timespec *moment)
{
    struct sim_limit limit = limit_of(moment);
    return fl_sim_table->thread_join(thread, result, &limit, PC);
}

HIDDEN int pthread_clockjoin_np(pthread_t thread, void **result,
                                clockid_t clock, const struct timespec *moment)
{
    struct sim_limit limit = limit_on(clock, moment);
    return fl_sim_table->thread_join(thread, result, &limit, PC);
}

HIDDEN int pthread_tryjoin_np(pthread_t thread, void **result)
{
    return fl_sim_table->thread_tryjoin(thread, result, PC);
}

HIDDEN int pthread_detach(pthread_t thread)
{
    return fl_sim_table->thread_detach(thread, PC);
}

HIDDEN void pthread_exit(void *result)
{
    fl_sim_table->thread_exit(result, PC);
    exit(0);
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

HIDDEN int pthread_once(pthread_once_t *once, void (*routine)(void))
{
    return fl_sim_table->once_call(once, routine, PC);
}

/* Nothing can be cancelled here, so these have nothing to do. */

HIDDEN void pthread_testcancel(void)
{
}

HIDDEN int pthread_setcancelstate(int state, int *old)
{
    if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) {
        return EINVAL;
    }
    if (old != NULL) {
        *old = PTHREAD_CANCEL_ENABLE;
    }
    return 0;
}
