/*
 * Loops without a point that look at plain memory: those that wait, and those
 * that compute.
 *
 * The first client waits, or computes; the second one is whom it waits for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum kind {
    FLAG,    /* a loop that does nothing */
    COUNTS,  /* ... counts in a register, */
    GLOBAL,  /* or in memory */
    TURNS,   /* waits for each other, again and again */
    SLEEPER, /* waits for one that sleeps, who then waits for it */
    SUMS,    /* sums the same few numbers, and the other one waits for that */
    BESIDE,  /* waits for a plain variable or an atomic one; the plain one comes
              * late */
    NEVER,   /* nobody stores */
    ENDLESS, /* likewise, and it counts */
};

enum {
    NUMBERS = 8,
    SUMS_MADE = 20000,
    TURNS_MADE = 50
};

struct waits {
    _Atomic(int64_t) value;
    enum kind kind;
};

static atomic_int raised;
static volatile int flag;
static volatile int answer;
static volatile long counted;
static volatile long numbers[NUMBERS];

static void wait_for(const volatile int *at, int value)
{
    while (*at < value) {
    }
}

static void count_until(const volatile int *at)
{
    long count = 0;
    while (*at == 0) {
        count++;
    }
    counted = count;
}

static void sum(void)
{
    long all = 0;
    for (uint32_t round = 0; round < SUMS_MADE; round++) {
        for (uint32_t i = 0; i < NUMBERS; i++) {
            all += numbers[i];
        }
    }
    counted = all;
    flag = 1;
}

static void take_turns(volatile int *mine, volatile int *theirs)
{
    for (int i = 1; i <= TURNS_MADE; i++) {
        *mine = i;
        wait_for(theirs, i);
    }
}

static void begin(enum kind kind)
{
    switch (kind) {
    case FLAG:
    case NEVER:
        wait_for(&flag, 1);
        break;
    case COUNTS:
    case ENDLESS:
        count_until(&flag);
        break;
    case GLOBAL:
        while (flag == 0) {
            counted++;
        }
        break;
    case TURNS:
        take_turns(&flag, &answer);
        break;
    case SLEEPER:
        count_until(&flag);
        answer = 1;
        break;
    case SUMS:
        sum();
        break;
    case BESIDE:
        while (atomic_load(&raised) == 0 && flag == 0) {
        }
        break;
    }
}

static void answer_it(enum kind kind)
{
    switch (kind) {
    case FLAG:
    case COUNTS:
    case GLOBAL:
        flag = 1;
        break;
    case TURNS:
        take_turns(&answer, &flag);
        break;
    case SLEEPER:
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        flag = 1;
        wait_for(&answer, 1);
        break;
    case SUMS:
        while (flag == 0) {
            sched_yield();
        }
        break;
    case BESIDE:
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        flag = 1;
        break;
    case NEVER:
    case ENDLESS:
        break;
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct waits *w = self;
    if (client == 0) {
        begin(w->kind);
    } else {
        answer_it(w->kind);
    }
    return atomic_fetch_add(&w->value, call->args[0]);
}

static void *create(const struct fl_setup *setup)
{
    struct waits *w = calloc(1, sizeof(*w));
    w->kind = (enum kind)setup->variant;
    return w;
}

#define VARIANT(name)                     \
    {                                     \
        name, "", "", "one plain waiting" \
    }

static const struct fl_variant variants[] = {
    [FLAG] = VARIANT("flag"),       [COUNTS] = VARIANT("counts"),
    [GLOBAL] = VARIANT("global"),   [TURNS] = VARIANT("turns"),
    [SLEEPER] = VARIANT("sleeper"), [SUMS] = VARIANT("sums"),
    [BESIDE] = VARIANT("beside"),   [NEVER] = VARIANT("never"),
    [ENDLESS] = VARIANT("endless"), {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "plain_waits",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "loops over plain memory",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 1,
    .create = create,
    .perform = perform,
    .destroy = free,
};
