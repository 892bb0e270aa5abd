/*
 * Threads and what is private to them, C11 threads, time, chance, bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/plugins/posix.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local int mine = 7;
static _Thread_local char zeroed[40];
static _Atomic(int) count;
static _Atomic(uint32_t) word;
static mtx_t c11_mutex;
static cnd_t c11_cond;
static once_flag c11_once = ONCE_FLAG_INIT;
static tss_t c11_key;

static void *give_back(void *argument)
{
    return argument;
}

static void *exit_with(void *argument)
{
    pthread_exit(argument);
}

/* A tree of threads, each joined by the one that made it. */
static void *branch(void *argument)
{
    intptr_t depth = (intptr_t)argument;
    atomic_fetch_add(&count, 1);
    if (depth > 0) {
        pthread_t left = start(branch, (void *)(depth - 1));
        pthread_t right = start(branch, (void *)(depth - 1));
        join(left);
        join(right);
    }
    return NULL;
}

static void create_and_join(void)
{
    assert(join(start(give_back, &count)) == &count);
    assert(join(start(exit_with, &word)) == &word);
    branch((void *)2);
    assert(atomic_load(&count) == 7);
    assert(pthread_join(pthread_self(), NULL) == EDEADLK);
    assert(pthread_equal(pthread_self(), pthread_self()));
}

static void detach_ends(void)
{
    pthread_t thread = start(branch, NULL);
    assert(pthread_detach(thread) == 0);
    while (atomic_load(&count) == 0) {
        sched_yield();
    }
}

static void count_once(void)
{
    int others = atomic_fetch_add(&count, 1);
    fl_point("once");
    assert(others == 0);
}

static void *call_once_only(void *argument)
{
    (void)argument;
    assert(pthread_once(&once, count_once) == 0);
    assert(atomic_load(&count) == 1);
    return NULL;
}

static void once_runs_once(void)
{
    pthread_t a = start(call_once_only, NULL);
    pthread_t b = start(call_once_only, NULL);
    call_once_only(NULL);
    join(a);
    join(b);
}

/* Sets the value again, as long as it is not small. */
static void destroy_value(void *value)
{
    intptr_t left = (intptr_t)value;
    atomic_fetch_add(&count, 1);
    if (left > 1) {
        pthread_setspecific(key, (void *)(left - 1));
    }
}

static void *set_value(void *argument)
{
    assert(pthread_getspecific(key) == NULL);
    assert(pthread_setspecific(key, argument) == 0);
    sched_yield();
    assert(pthread_getspecific(key) == argument);
    return NULL;
}

static void keys_are_private(void)
{
    assert(pthread_key_create(&key, destroy_value) == 0);
    pthread_t a = start(set_value, (void *)2);
    pthread_t b = start(set_value, (void *)1);
    join(a);
    join(b);
    assert(atomic_load(&count) == 3);
    join(start(set_value, (void *)100)); /* at most four rounds */
    assert(atomic_load(&count) == 7);
    assert(pthread_getspecific(key) == NULL);
    assert(pthread_key_delete(key) == 0);
    assert(pthread_setspecific(key, &key) == EINVAL);
}

static void *use_locals(void *argument)
{
    assert(mine == 7);
    for (size_t i = 0; i < sizeof(zeroed); i++) {
        assert(zeroed[i] == 0);
    }
    assert(&mine != argument);
    mine = 8;
    memset(zeroed, 1, sizeof(zeroed));
    errno = 5;
    sched_yield();
    assert(mine == 8 && errno == 5);
    return NULL;
}

static void locals_are_private(void)
{
    assert(mine == 7);
    mine = 9;
    errno = 0;
    pthread_t a = start(use_locals, &mine);
    pthread_t b = start(use_locals, &mine);
    join(a);
    join(b);
    assert(mine == 9 && errno == 0);
}

static int c11_body(void *argument)
{
    call_once(&c11_once, count_once);
    (void)tss_set(c11_key, argument);
    assert(mtx_lock(&c11_mutex) == thrd_success);
    atomic_fetch_add(&word, 1);
    (void)cnd_signal(&c11_cond);
    assert(mtx_unlock(&c11_mutex) == thrd_success);
    assert(tss_get(c11_key) == argument);
    thrd_yield();
    return 42;
}

static void c11_threads(void)
{
    assert(mtx_init(&c11_mutex, mtx_plain) == thrd_success);
    assert(cnd_init(&c11_cond) == thrd_success);
    assert(tss_create(&c11_key, NULL) == thrd_success);
    thrd_t threads[2];
    for (size_t i = 0; i < 2; i++) {
        assert(thrd_create(&threads[i], c11_body, &threads[i]) == thrd_success);
    }
    (void)mtx_lock(&c11_mutex);
    while (atomic_load(&word) < 2) {
        (void)cnd_wait(&c11_cond, &c11_mutex);
    }
    assert(mtx_trylock(&c11_mutex) == thrd_busy);
    (void)mtx_unlock(&c11_mutex);
    for (size_t i = 0; i < 2; i++) {
        int result = 0;
        assert(thrd_join(threads[i], &result) == thrd_success);
        assert(result == 42);
    }
    struct timespec moment = after_ms(5);
    (void)mtx_lock(&c11_mutex);
    assert(cnd_timedwait(&c11_cond, &c11_mutex, &moment) == thrd_timedout);
    (void)mtx_unlock(&c11_mutex);
    mtx_destroy(&c11_mutex);
}

static void *futex_waiter(void *argument)
{
    (void)argument;
    while (atomic_load(&word) == 0) {
        long status = syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
        assert(status == 0 || errno == EAGAIN);
    }
    return NULL;
}

static void futex_wakes(void)
{
    pthread_t a = start(futex_waiter, NULL);
    pthread_t b = start(futex_waiter, NULL);
    sched_yield();
    atomic_store(&word, 1);
    long woken = syscall(SYS_futex, &word, FUTEX_WAKE, 2, NULL, NULL, 0);
    assert(woken >= 0 && woken <= 2);
    join(a);
    join(b);
    struct timespec span = {.tv_sec = 1};
    assert(syscall(SYS_futex, &word, FUTEX_WAIT, 1, &span, NULL, 0) == -1);
    assert(errno == ETIMEDOUT);
}

static void time_is_virtual(void)
{
    time_t before = time(NULL);
    assert(sleep(30) == 0);
    usleep(500000);
    struct timespec span = {.tv_sec = 1, .tv_nsec = 500000000};
    assert(nanosleep(&span, NULL) == 0);
    assert(time(NULL) - before == 32);
    struct timespec moment = after_ms(0);
    moment.tv_sec += 8;
    assert(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL) == 0);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert(now.tv_sec == moment.tv_sec);
    span.tv_nsec = -1;
    assert(nanosleep(&span, NULL) == -1 && errno == EINVAL);
}

static void bytes_are_copied(void)
{
    char *text = strdup("some words");
    assert(text != NULL && strlen(text) == 10);
    char *made = NULL;
    assert(asprintf(&made, "%s, %d", text, 7) == 13);
    assert(strcmp(made, "some words, 7") == 0);
    assert(strncmp(made, text, 10) == 0 && strcmp(made, text) > 0);
    memmove(made + 1, made, 5);
    assert(memcmp(made, "ssome", 5) == 0);
    assert(strchr(made, 'm') == made + 3 && strrchr(made, 'q') == NULL);
    assert(memchr(made, 'e', 14) == made + 4);
    char small[8];
    memset(small, 1, sizeof(small));
    strncpy(small, "abc", sizeof(small));
    assert(small[3] == 0 && small[7] == 0);
    assert(stpcpy(small, "xyz") == small + 3);
    strncat(small, "12345", 2);
    assert(strcmp(small, "xyz12") == 0);
    int *numbers = calloc(4, sizeof(*numbers));
    assert(numbers != NULL && numbers[3] == 0);
    numbers = realloc(numbers, 8 * sizeof(*numbers));
    assert(numbers != NULL && numbers[3] == 0);
    void *aligned = NULL;
    assert(posix_memalign(&aligned, 64, 100) == 0);
    assert((uintptr_t)aligned % 64 == 0);
    free(aligned);
    free(numbers);
    free(made);
    free(text);
}

static void chance_and_names(void)
{
    srandom(1);
    long number = random();
    assert(number >= 0 && number <= 0x7fffffff);
    double part = drand48();
    assert(part >= 0 && part < 1);
    unsigned char bytes[16];
    assert(getrandom(bytes, sizeof(bytes), 0) == 16);
    assert(getpid() == syscall(SYS_getpid));
    assert(kill(getpid(), 0) == 0);
    errno = 0;
    assert(kill(4242, 0) == -1 && errno == ESRCH);
    assert(printf("%d\n", 12345) == 6); /* must not reach the report */
}

static void (*const programs[])(void) = {
    create_and_join,    detach_ends,      once_runs_once, keys_are_private,
    locals_are_private, c11_threads,      futex_wakes,    time_is_virtual,
    bytes_are_copied,   chance_and_names,
};

static const struct fl_variant variants[] = {
    PROGRAM(create_and_join),
    PROGRAM(detach_ends),
    PROGRAM(once_runs_once),
    PROGRAM(keys_are_private),
    PROGRAM(locals_are_private),
    PROGRAM(c11_threads),
    PROGRAM(futex_wakes),
    PROGRAM(time_is_virtual),
    PROGRAM(bytes_are_copied),
    PROGRAM(chance_and_names),
    {0},
};

POSIX_ALGORITHM("posix_threads")
