/*
 * C11 threads, in the words of pthreads.
 *
 * libc's types have the same bytes under both names, so one pointer serves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/unwind.h"

#include <errno.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "one mutex");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "one condition");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "one once");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "one thread");
_Static_assert(sizeof(tss_t) == sizeof(pthread_key_t), "one key");

static int c11_status(int error)
{
    switch (error) {
    case 0:
        return thrd_success;
    case EBUSY:
        return thrd_busy;
    case ETIMEDOUT:
        return thrd_timedout;
    case ENOMEM:
    case EAGAIN:
        return thrd_nomem;
    default:
        return thrd_error;
    }
}

static pthread_mutex_t *mutex_of(mtx_t *mutex)
{
    return (pthread_mutex_t *)mutex;
}

static pthread_cond_t *cond_of(cnd_t *cond)
{
    return (pthread_cond_t *)cond;
}

HIDDEN int thrd_create(thrd_t *thread, thrd_start_t start, void *argument)
{
    struct sim_start what = {.c11 = start, .argument = argument};
    return c11_status(fl_sim_table->thread_create(thread, NULL, &what, PC));
}

HIDDEN int thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;
    int error = fl_sim_table->thread_join(
        thread, result == NULL ? NULL : &value, NULL, PC);
    int status = c11_status(unwind_status(error, PC));
    if (result != NULL) {
        *result = (int)(intptr_t)value;
    }
    return status;
}

HIDDEN int thrd_detach(thrd_t thread)
{
    return c11_status(fl_sim_table->thread_detach(thread, PC));
}

HIDDEN thrd_t thrd_current(void)
{
    return fl_sim_table->thread_self();
}

HIDDEN int thrd_equal(thrd_t a, thrd_t b)
{
    return a == b;
}

HIDDEN int thrd_sleep(const struct timespec *span, struct timespec *remaining)
{
    struct sim_limit limit = {.time = *span, .relative = true};
    if (remaining != NULL) {
        *remaining = (struct timespec){0};
    }
    int error = fl_sim_table->clock_sleep(&limit, PC);
    return unwind_status(error, PC) == 0 ? 0 : -2;
}

HIDDEN void thrd_yield(void)
{
    fl_sim_table->thread_yield(PC);
}

HIDDEN int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    if ((type & mtx_recursive) != 0) {
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    }
    int error = fl_sim_table->mutex_init(mutex_of(mutex), &attr, PC);
    pthread_mutexattr_destroy(&attr);
    return c11_status(error);
}

HIDDEN void mtx_destroy(mtx_t *mutex)
{
    fl_sim_table->mutex_destroy(mutex_of(mutex), PC);
}

HIDDEN int mtx_lock(mtx_t *mutex)
{
    return c11_status(fl_sim_table->mutex_lock(mutex_of(mutex), NULL, PC));
}

HIDDEN int mtx_timedlock(mtx_t *restrict mutex,
                         const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    return c11_status(fl_sim_table->mutex_lock(mutex_of(mutex), &limit, PC));
}

HIDDEN int mtx_trylock(mtx_t *mutex)
{
    return c11_status(fl_sim_table->mutex_trylock(mutex_of(mutex), PC));
}

HIDDEN int mtx_unlock(mtx_t *mutex)
{
    return c11_status(fl_sim_table->mutex_unlock(mutex_of(mutex), PC));
}

HIDDEN int cnd_init(cnd_t *cond)
{
    return c11_status(fl_sim_table->cond_init(cond_of(cond), NULL, PC));
}

HIDDEN void cnd_destroy(cnd_t *cond)
{
    fl_sim_table->cond_destroy(cond_of(cond), PC);
}

HIDDEN int cnd_wait(cnd_t *cond, mtx_t *mutex)
{
    int error =
        fl_sim_table->cond_wait(cond_of(cond), mutex_of(mutex), NULL, PC);
    return c11_status(unwind_status(error, PC));
}

HIDDEN int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex,
                         const struct timespec *restrict moment)
{
    struct sim_limit limit = limit_of(moment);
    int error =
        fl_sim_table->cond_wait(cond_of(cond), mutex_of(mutex), &limit, PC);
    return c11_status(unwind_status(error, PC));
}

HIDDEN int cnd_signal(cnd_t *cond)
{
    return c11_status(fl_sim_table->cond_signal(cond_of(cond), PC));
}

HIDDEN int cnd_broadcast(cnd_t *cond)
{
    return c11_status(fl_sim_table->cond_broadcast(cond_of(cond), PC));
}

HIDDEN int tss_create(tss_t *key, tss_dtor_t destroy)
{
    return c11_status(fl_sim_table->key_create(key, destroy));
}

HIDDEN void tss_delete(tss_t key)
{
    fl_sim_table->key_delete(key);
}

HIDDEN void *tss_get(tss_t key)
{
    return fl_sim_table->key_get(key);
}

HIDDEN int tss_set(tss_t key, void *value)
{
    return c11_status(fl_sim_table->key_set(key, (uintptr_t)value));
}
