/*
 * What a plug-in asks of the world instead of libc: one table of functions.
 *
 * The shim (harness/sim/shim, an archive linked into each plug-in) defines the
 * names of libc and pthreads, hidden, so that only the plug-in's own calls
 * bind to them; each is a forward through this table, with the address that
 * its caller will return to.  The table itself belongs to the harness, and the
 * dynamic linker ties the two together before a plug-in's first constructor
 * runs, so there is no moment at which it is empty:
 *
 *     plug-in                                 harness
 *     pthread_mutex_lock(m)     hidden
 *       fl_sim_table->mutex_lock(m, pc)  -->  mutex_lock() in sync_mutex.c
 *
 * Shared by both sides: whoever changes it raises SIM_VERSION.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_TABLE_H
#define HX_SIM_TABLE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
    SIM_VERSION = 8 /* of this table; a plug-in says what it was built for */
};

/* What a new thread runs: one of the two, as pthreads or C11 have it. */
struct sim_start {
    void *(*posix)(void *argument);
    int (*c11)(void *argument);
    void *argument;
};

/* A time limit of a wait.  NULL pointers to one mean "for ever". */
struct sim_limit {
    struct timespec time;
    bool relative;   /* to now; otherwise a moment of `clock` */
    clockid_t clock; /* CLOCK_OF_OBJECT: as the object was initialised */
};

#define CLOCK_OF_OBJECT ((clockid_t)-1)

enum {
    SIM_CANCELLED = -1000 /* from a function that waits: it was cancelled, and
                           * the caller is to leave the thread */
};

/* A call of getopt(), or of its kin. */
struct option;
struct sim_options {
    int count;
    char *const *words;
    const char *letters;
    const struct option *names; /* NULL: it knows letters alone */
    int *index;
    bool only_long; /* names may come behind one '-' */
};

/* What it keeps for the next: optarg, optind, opterr, optopt. */
struct sim_option_state {
    char *argument;
    int next;
    int tells;
    int option;
    bool begun; /* this is not the first call */
};

/* Results are those of the functions whose names they bear: an error number,
 * or -1 and errno. */
struct sim_table {
    uint32_t version;

    /* per-fiber state */
    void *(*tls_address)(const size_t index[2]);
    int *(*errno_address)(void);

    /* heap */
    void *(*heap_malloc)(size_t size, uintptr_t pc);
    void *(*heap_calloc)(size_t count, size_t size, uintptr_t pc);
    void *(*heap_realloc)(void *block, size_t size, uintptr_t pc);
    void *(*heap_aligned)(size_t align, size_t size, uintptr_t pc);
    void (*heap_release)(void *block, uintptr_t pc);
    size_t (*heap_usable)(void *block, uintptr_t pc);
    char *(*heap_text)(const char *text, size_t max, uintptr_t pc);
    int (*heap_print)(char **text, const char *format, va_list arguments,
                      uintptr_t pc);

    /* for constructors: a zeroed room, on a page; NULL: there is none */
    void *(*early_room)(size_t *size);

    /* bytes and strings: the ranges are looked at, then libc acts */
    void *(*bytes_copy)(void *to, const void *from, size_t size, uintptr_t pc);
    void *(*bytes_move)(void *to, const void *from, size_t size, uintptr_t pc);
    void *(*bytes_set)(void *to, int byte, size_t size, uintptr_t pc);
    int (*bytes_compare)(const void *a, const void *b, size_t size,
                         uintptr_t pc);
    void *(*bytes_find)(const void *in, int byte, size_t size, uintptr_t pc);
    size_t (*text_length)(const char *text, size_t max, uintptr_t pc);
    int (*text_compare)(const char *a, const char *b, size_t max, uintptr_t pc);
    /* Copies the text and its end, at most `max` bytes; returns how many. */
    size_t (*text_copy)(char *to, const char *from, size_t max, uintptr_t pc);
    int (*text_print)(char *to, size_t max, const char *format,
                      va_list arguments, uintptr_t pc);
    char *(*text_find)(const char *text, int byte, bool last, uintptr_t pc);
    char *(*text_token)(char *text, const char *delimiters, char **rest,
                        uintptr_t pc);

    /* numbers from text, and errno */
    long (*text_long)(const char *text, char **end, int base, uintptr_t pc);
    unsigned long (*text_unsigned)(const char *text, char **end, int base,
                                   uintptr_t pc);
    float (*text_float)(const char *text, char **end, uintptr_t pc);
    double (*text_double)(const char *text, char **end, uintptr_t pc);
    long double (*text_wide)(const char *text, char **end, uintptr_t pc);

    /* threads */
    int (*thread_create)(pthread_t *thread, const pthread_attr_t *attr,
                         const struct sim_start *start, uintptr_t pc);
    int (*thread_join)(pthread_t thread, void **result,
                       const struct sim_limit *limit, uintptr_t pc);
    int (*thread_tryjoin)(pthread_t thread, void **result, uintptr_t pc);
    int (*thread_detach)(pthread_t thread, uintptr_t pc);
    /* Comes back to the first thread of a program, when it is the last. */
    void (*thread_exit)(void *result, uintptr_t pc);
    pthread_t (*thread_self)(void);
    int (*thread_attributes)(pthread_t thread, pthread_attr_t *attr);
    int (*thread_rename)(pthread_t thread, const char *name, uintptr_t pc);
    int (*thread_name)(pthread_t thread, char *to, size_t max, uintptr_t pc);
    /* Which signals were blocked; then `how` of sigprocmask(), or -1. */
    uint64_t (*thread_mask)(int how, uint64_t bits);
    int (*thread_cancel)(pthread_t thread, uintptr_t pc);
    int (*cancel_state)(int state, int *old, uintptr_t pc);
    /* Whether the caller is to leave, as it was cancelled. */
    bool (*cancel_due)(uintptr_t pc);
    void (*cancel_leave)(void); /* it leaves: no other call may end it */
    int (*key_create)(pthread_key_t *key, void (*destroy)(void *value));
    int (*key_delete)(pthread_key_t key);
    void *(*key_get)(pthread_key_t key);
    int (*key_set)(pthread_key_t key, uintptr_t value);
    int (*once_call)(pthread_once_t *once, void (*routine)(void), uintptr_t pc);
    /* the same in two halves, for a guard of C++: whether the caller is the
     * one to act; that it has, or could not */
    bool (*once_begin)(pthread_once_t *once, uintptr_t pc);
    void (*once_end)(pthread_once_t *once, bool done, uintptr_t pc);
    /* the hook of an atomic store, which is no access of the plug-in's code */
    void (*flag_store)(volatile uint8_t *flag, uint8_t value, int order);

    /* locks */
    int (*mutex_init)(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr,
                      uintptr_t pc);
    int (*mutex_destroy)(pthread_mutex_t *mutex, uintptr_t pc);
    int (*mutex_lock)(pthread_mutex_t *mutex, const struct sim_limit *limit,
                      uintptr_t pc);
    int (*mutex_trylock)(pthread_mutex_t *mutex, uintptr_t pc);
    int (*mutex_unlock)(pthread_mutex_t *mutex, uintptr_t pc);
    int (*mutex_consistent)(pthread_mutex_t *mutex, uintptr_t pc);
    int (*spin_init)(pthread_spinlock_t *spin, uintptr_t pc);
    int (*spin_destroy)(pthread_spinlock_t *spin, uintptr_t pc);
    int (*spin_lock)(pthread_spinlock_t *spin, uintptr_t pc);
    int (*spin_trylock)(pthread_spinlock_t *spin, uintptr_t pc);
    int (*spin_unlock)(pthread_spinlock_t *spin, uintptr_t pc);
    int (*rwlock_init)(pthread_rwlock_t *lock, const pthread_rwlockattr_t *attr,
                       uintptr_t pc);
    int (*rwlock_destroy)(pthread_rwlock_t *lock, uintptr_t pc);
    int (*rwlock_read)(pthread_rwlock_t *lock, const struct sim_limit *limit,
                       uintptr_t pc);
    int (*rwlock_tryread)(pthread_rwlock_t *lock, uintptr_t pc);
    int (*rwlock_write)(pthread_rwlock_t *lock, const struct sim_limit *limit,
                        uintptr_t pc);
    int (*rwlock_trywrite)(pthread_rwlock_t *lock, uintptr_t pc);
    int (*rwlock_unlock)(pthread_rwlock_t *lock, uintptr_t pc);

    /* other things to wait for */
    int (*cond_init)(pthread_cond_t *cond, const pthread_condattr_t *attr,
                     uintptr_t pc);
    int (*cond_destroy)(pthread_cond_t *cond, uintptr_t pc);
    int (*cond_wait)(pthread_cond_t *cond, pthread_mutex_t *mutex,
                     const struct sim_limit *limit, uintptr_t pc);
    int (*cond_signal)(pthread_cond_t *cond, uintptr_t pc);
    int (*cond_broadcast)(pthread_cond_t *cond, uintptr_t pc);
    int (*barrier_init)(pthread_barrier_t *barrier, unsigned count,
                        uintptr_t pc);
    int (*barrier_destroy)(pthread_barrier_t *barrier, uintptr_t pc);
    int (*barrier_wait)(pthread_barrier_t *barrier, uintptr_t pc);
    int (*semaphore_init)(sem_t *semaphore, unsigned value, uintptr_t pc);
    int (*semaphore_destroy)(sem_t *semaphore, uintptr_t pc);
    int (*semaphore_wait)(sem_t *semaphore, const struct sim_limit *limit,
                          uintptr_t pc);
    int (*semaphore_trywait)(sem_t *semaphore, uintptr_t pc);
    int (*semaphore_post)(sem_t *semaphore, uintptr_t pc);
    int (*semaphore_value)(sem_t *semaphore, int *value, uintptr_t pc);
    long (*system_call)(long number, const long arguments[6], uintptr_t pc);

    /* time */
    int (*clock_read)(clockid_t clock, struct timespec *now, uintptr_t pc);
    int (*clock_sleep)(const struct sim_limit *limit, uintptr_t pc);
    int (*thread_yield)(uintptr_t pc);
    bool (*calendar_split)(time_t moment, const char *zone, struct tm *parts);
    time_t (*calendar_join)(const char *zone, struct tm *parts);
    size_t (*calendar_print)(char *to, size_t max, const char *format,
                             const struct tm *parts, uintptr_t pc);

    /* the program as a process */
    pid_t (*process_self)(void);
    pid_t (*thread_number)(void);
    int (*process_signal)(pid_t pid, int signal, uintptr_t pc);
    uint64_t (*program_random)(void);
    /* NAME=VALUE, and a NULL; for constructors, who must copy it. */
    char *const *(*program_environment)(void);
    int (*program_options)(const struct sim_options *options,
                           struct sim_option_state *state);
    void (*program_abort)(uintptr_t pc);
    void (*program_exit)(int status, uintptr_t pc);
    void (*program_assert)(const char *expression, const char *file,
                           unsigned line, uintptr_t pc);
    int (*program_print)(FILE *stream, const char *format, va_list arguments);
    /* The function called `name` is not part of the simulated world. */
    void (*program_refuse)(const char *name, uintptr_t pc);
};

/* In each plug-in: the table, and the version for which it was built. */
extern const struct sim_table *const fl_sim_table;
extern const uint32_t fl_sim_version;

/* What the constructors of the plug-in allocate: one room, which like globals
 * is put back before each run, so nothing in it is ever given to others. */
struct sim_early {
    bool over;   /* the constructors have run: nothing is added any more */
    char *start; /* NULL: they allocated nothing */
    size_t used;
    size_t room;
};

extern struct sim_early fl_sim_early;

/* In the harness: the one table. */
extern const struct sim_table fl_sim_functions;

/* For programs with a main(): its arguments, argc of them and a NULL, as the
 * scenario gives them; and what it returned, which ends the run unless it is
 * 0.  Both are called by the fiber that runs it. */
int fl_program_arguments(char ***words);
void fl_program_returned(int status);

#endif
