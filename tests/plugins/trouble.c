/*
 * Trouble: a counter whose variants end a run in every way there is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum trouble {
    SOUND,
    RACY,           /* load, then store */
    SEGV,           /* follows a null pointer */
    DIVIDE,         /* by zero */
    ABORT,          /* calls abort() */
    ASSERTION,      /* a failed assert() */
    OVERFLOW_STACK, /* recursion without an end */
    ENDLESS,        /* a loop without a point */
    PLAINLY,        /* waits for a plain value that nobody stores */
    STEPS,          /* a loop with points, and effects that add up */
    SPIN,           /* waits for a value that nobody stores */
    DEADLOCK,       /* two locks in two orders */
    FREED,          /* reads a freed block */
    TWICE,          /* frees twice */
    OUTSIDE,        /* writes behind its block */
    UNWRITTEN,      /* follows a pointer never written */
    LEAK,           /* forgets a block */
    INVARIANT,      /* settle() complains */
    UNDO,           /* a loop with effects that undo each other */
    LATE,           /* destroy() reads what it freed */
    TRAP,           /* an instruction that is there to end the program */
};

struct counter {
    _Atomic(int64_t) value;
    enum trouble trouble;
    pthread_mutex_t locks[2];
    char *block;
};

static int64_t calls; /* a global: it must start anew in every run */
static volatile int zero;
static char *volatile alias; /* so that no compiler sees the trouble coming */

static int dig(volatile char *above)
{
    volatile char room[512];
    if (zero != 0) {
        return 0;
    }
    room[0] = *above;
    return dig(room) + room[0];
}

static void lock_both(struct counter *c, uint32_t client)
{
    uint32_t first = client & 1;
    pthread_mutex_lock(&c->locks[first]);
    pthread_mutex_lock(&c->locks[1 - first]);
    pthread_mutex_unlock(&c->locks[1 - first]);
    pthread_mutex_unlock(&c->locks[first]);
}

static void read_freed(struct counter *c, uint32_t client)
{
    (void)client;
    char *block = calloc(1, 24);
    alias = block;
    free(block);
    c->value += alias[3];
}

static void free_twice(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    char *block = malloc(24);
    alias = block;
    free(block);
    free(alias);
}

static void write_outside(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    char *block = malloc(24);
    alias = block;
    alias[24] = 1;
    free(block);
}

static void read_unwritten(struct counter *c, uint32_t client)
{
    (void)client;
    char **block = malloc(24);
    alias = (char *)block;
    c->block = ((char **)(void *)alias)[1];
    free(block);
}

static void forget_block(struct counter *c, uint32_t client)
{
    (void)client;
    c->block = NULL;
    alias = malloc(24);
    alias[0] = 1;
    alias = NULL;
}

static void follow_null(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    *(volatile int *)(uintptr_t)zero = 1;
}

static void divide_by_zero(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    calls = calls / zero;
}

/* SIGILL on x86-64, SIGTRAP on aarch64. */
static void trap(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    if (zero == 0) {
        __builtin_trap();
    }
}

static void give_up(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    abort();
}

static void assert_wrongly(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    assert(calls < 0);
}

static void dig_deep(struct counter *c, uint32_t client)
{
    (void)c;
    char here = (char)client;
    dig(&here);
}

static void loop_silently(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    for (;;) {
        __asm__ volatile("" ::: "memory");
    }
}

static void wait_plainly(struct counter *c, uint32_t client)
{
    (void)c;
    (void)client;
    while (zero == 0) {
    }
}

static void loop_with_effects(struct counter *c, uint32_t client)
{
    (void)client;
    for (;;) {
        atomic_fetch_add(&c->value, 2);
    }
}

static void undo_each_other(struct counter *c, uint32_t client)
{
    (void)client;
    for (;;) {
        atomic_fetch_add(&c->value, 2);
        atomic_fetch_sub(&c->value, 2);
    }
}

static void wait_for_ever(struct counter *c, uint32_t client)
{
    (void)client;
    while (atomic_load(&c->value) >= 0) {
    }
}

static void (*const troubles[])(struct counter *c, uint32_t client) = {
    [SEGV] = follow_null,
    [DIVIDE] = divide_by_zero,
    [ABORT] = give_up,
    [ASSERTION] = assert_wrongly,
    [OVERFLOW_STACK] = dig_deep,
    [ENDLESS] = loop_silently,
    [PLAINLY] = wait_plainly,
    [STEPS] = loop_with_effects,
    [SPIN] = wait_for_ever,
    [DEADLOCK] = lock_both,
    [FREED] = read_freed,
    [TWICE] = free_twice,
    [OUTSIDE] = write_outside,
    [UNWRITTEN] = read_unwritten,
    [LEAK] = forget_block,
    [INVARIANT] = NULL,
    [UNDO] = undo_each_other,
    [LATE] = NULL,
    [TRAP] = trap,
};

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct counter *c = self;
    if (call->fn == FL_COUNTER_READ) {
        return atomic_load(&c->value);
    }
    fl_point("trouble.add");
    calls++;
    assert(calls <= 64); /* restored between runs */
    if (c->trouble == RACY) {
        int64_t seen = atomic_load(&c->value);
        atomic_store(&c->value, seen + call->args[0]);
        return seen;
    }
    if (troubles[c->trouble] != NULL) {
        troubles[c->trouble](c, client);
    }
    return atomic_fetch_add(&c->value, call->args[0]);
}

static void *create(const struct fl_setup *setup)
{
    struct counter *c = calloc(1, sizeof(*c));
    if (c != NULL) {
        c->trouble = (enum trouble)setup->variant;
        pthread_mutex_init(&c->locks[0], NULL);
        pthread_mutex_init(&c->locks[1], NULL);
        c->block = c->trouble == LATE ? calloc(1, 24) : NULL;
    }
    return c;
}

static const char *settle(void *self)
{
    const struct counter *c = self;
    return c->trouble == INVARIANT ? "the counter is not amused" : NULL;
}

static void destroy(void *self)
{
    struct counter *c = self;
    if (c->trouble == LATE) {
        alias = c->block;
        free(c->block);
        c->value += alias[3];
    }
    free(self);
}

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "t", "", "adds atomically"},
    [RACY] = {"racy", "t", "schedule", "loads, then stores"},
    [SEGV] = {"segv", "t", "", "a null pointer"},
    [DIVIDE] = {"divide", "t", "", "a division by zero"},
    [ABORT] = {"abort", "t", "", "abort()"},
    [ASSERTION] = {"assertion", "t", "", "assert()"},
    [OVERFLOW_STACK] = {"overflow", "t", "", "too deep"},
    [ENDLESS] = {"endless", "t", "", "no point"},
    [PLAINLY] = {"plainly", "t", "", "nobody stores"},
    [STEPS] = {"steps", "t", "", "too many points"},
    [SPIN] = {"spin", "t", "", "nobody stores"},
    [DEADLOCK] = {"deadlock", "t", "schedule", "two orders"},
    [FREED] = {"freed", "t", "", "use after free"},
    [TWICE] = {"twice", "t", "", "double free"},
    [OUTSIDE] = {"outside", "t", "", "out of bounds"},
    [UNWRITTEN] = {"unwritten", "t", "", "uninitialised"},
    [LEAK] = {"leak", "t", "", "forgets"},
    [INVARIANT] = {"invariant", "t", "", "settle() complains"},
    [UNDO] = {"undo", "t", "", "for ever, and nothing comes of it"},
    [LATE] = {"late", "t", "", "destroy() reads what it freed"},
    [TRAP] = {"trap", "t", "", "a trap"},
    {NULL, NULL, NULL, NULL},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 3}, {FL_COUNTER_READ, 1}};
static const char *const points[] = {"trouble.add", NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "trouble",
    .family = "test",
    .row = "t",
    .source = "the tests",
    .about = "a counter that gets into every trouble",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = 2,
    .points = points,
    .create = create,
    .perform = perform,
    .settle = settle,
    .destroy = destroy,
};
