/*
 * The threads of C11, and semaphores.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <stddef.h>
#include <threads.h>

static mtx_t mutex;
static cnd_t cond;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static sem_t full, empty;
static thread_local int mine = 3;
static int began, told, slot;

static void begin(void)
{
    began++;
}

static int take_part(void *x)
{
    call_once(&once, begin);
    assert(began == 1 && mine++ == 3);
    assert(tss_set(key, x) == thrd_success && tss_get(key) == x);
    (void)mtx_lock(&mutex);
    told = 1;
    (void)cnd_signal(&cond);
    (void)mtx_unlock(&mutex);
    for (int i = 1; i <= 3; i++) {
        sem_wait(&empty);
        slot = i;
        sem_post(&full);
    }
    thrd_yield();
    return 41 + began;
}

int main(void)
{
    thrd_t thread;
    int result = 0;
    int value = 0;
    assert(mtx_init(&mutex, mtx_plain | mtx_recursive) == thrd_success);
    assert(cnd_init(&cond) == thrd_success);
    assert(tss_create(&key, NULL) == thrd_success);
    sem_init(&full, 0, 0);
    sem_init(&empty, 0, 1);
    assert(sem_trywait(&full) == -1 && errno == EAGAIN);
    assert(thrd_create(&thread, take_part, &value) == thrd_success);
    (void)mtx_lock(&mutex);
    while (told == 0) {
        (void)cnd_wait(&cond, &mutex);
    }
    (void)mtx_unlock(&mutex);
    for (int i = 1; i <= 3; i++) {
        sem_wait(&full);
        assert(slot == i);
        sem_post(&empty);
    }
    assert(thrd_join(thread, &result) == thrd_success && result == 42);
    assert(sem_getvalue(&empty, &value) == 0 && value == 1);
    assert(tss_get(key) == NULL && mine == 3);
    return 0;
}
