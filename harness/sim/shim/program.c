/*
 * The program as a process: its numbers, its chance, and its end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/ends.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

HIDDEN pid_t getpid(void)
{
    return fl_sim_table->process_self();
}

HIDDEN pid_t gettid(void)
{
    return fl_sim_table->thread_number();
}

HIDDEN int kill(pid_t pid, int signal)
{
    return fl_sim_table->process_signal(pid, signal, PC);
}

/* What a seed would choose, the seed of the run has chosen. */

enum {
    DRAW_MAX = 0x7fffffff
};

HIDDEN int draw_number(void) __asm__("rand");
HIDDEN void set_seed(unsigned seed) __asm__("srand");

HIDDEN int draw_number(void)
{
    return (int)(fl_sim_table->program_random() & DRAW_MAX);
}

HIDDEN void set_seed(unsigned seed)
{
    (void)seed;
}

HIDDEN long random(void)
{
    return (long)(fl_sim_table->program_random() & DRAW_MAX);
}

HIDDEN void srandom(unsigned seed)
{
    (void)seed;
}

/* There is no state that could be another. */
HIDDEN char *initstate(unsigned seed, char *state, size_t size)
{
    (void)seed;
    (void)size;
    return state;
}

HIDDEN char *setstate(char *state)
{
    return state;
}

HIDDEN long lrand48(void)
{
    return (long)(fl_sim_table->program_random() & DRAW_MAX);
}

HIDDEN long mrand48(void)
{
    return (int32_t)(uint32_t)fl_sim_table->program_random();
}

HIDDEN double drand48(void)
{
    const double steps = 281474976710656.0; /* 2^48 */
    return (double)(fl_sim_table->program_random() >> 16) / steps;
}

HIDDEN void srand48(long seed)
{
    (void)seed;
}

static void fill_random(void *to, size_t size)
{
    unsigned char *bytes = to;
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++) {
        if (i % 8 == 0) {
            word = fl_sim_table->program_random();
        }
        bytes[i] = (unsigned char)(word >> (i % 8 * 8));
    }
}

HIDDEN ssize_t getrandom(void *to, size_t size, unsigned options)
{
    (void)options; /* never blocks */
    fill_random(to, size);
    return (ssize_t)size;
}

HIDDEN int getentropy(void *to, size_t size)
{
    fill_random(to, size);
    return 0;
}

HIDDEN uint32_t arc4random(void)
{
    return (uint32_t)fl_sim_table->program_random();
}

HIDDEN uint32_t arc4random_uniform(uint32_t below)
{
    return below == 0 ? 0 : (uint32_t)(fl_sim_table->program_random() % below);
}

HIDDEN void arc4random_buf(void *to, size_t size)
{
    fill_random(to, size);
}

/* The end is a verdict on the run; no line of the program comes after it. */

HIDDEN void abort(void)
{
    fl_sim_table->program_abort(PC);
    __builtin_trap();
}

/* With the handlers of atexit(). */
HIDDEN void exit(int status)
{
    ends_all(status);
    fl_sim_table->program_exit(status, PC);
    __builtin_trap();
}

HIDDEN void _exit(int status)
{
    fl_sim_table->program_exit(status, PC);
    __builtin_trap();
}

HIDDEN void _Exit(int status)
{
    fl_sim_table->program_exit(status, PC);
    __builtin_trap();
}

HIDDEN void quick_exit(int status)
{
    if (ends_run_quick != NULL) {
        ends_run_quick(status);
    }
    fl_sim_table->program_exit(status, PC);
    __builtin_trap();
}

HIDDEN void __assert_fail(const char *expression, const char *file,
                          unsigned line, const char *function)
{
    (void)function; /* the stack names it */
    fl_sim_table->program_assert(expression, file, line, PC);
    __builtin_trap();
}
