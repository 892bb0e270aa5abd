/*
 * Modes: a counter whose clients round in different directions, and look
 * whether they still do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    SOUND,
    LEAVES /* crashes in the middle of it now and then */
};

struct counter {
    _Atomic(int64_t) value;
    _Atomic(bool) foreign; /* somebody rounded as somebody else */
    bool leaves;
};

static volatile int *volatile nowhere;

#if defined(__x86_64__) && defined(MODES_X87)

enum {
    ROUNDING = 3 << 10
};

static uint32_t read_modes(void)
{
    uint16_t modes = 0;
    __asm__ volatile("fnstcw %0" : "=m"(modes));
    return modes;
}

static void set_modes(uint32_t modes)
{
    uint16_t word = (uint16_t)modes;
    __asm__ volatile("fldcw %0" : : "m"(word));
}

#elif defined(__x86_64__)

enum {
    ROUNDING = 3 << 13
};

static uint32_t read_modes(void)
{
    uint32_t modes = 0;
    __asm__ volatile("stmxcsr %0" : "=m"(modes));
    return modes;
}

static void set_modes(uint32_t modes)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(modes));
}

#elif defined(__aarch64__) && !defined(MODES_X87)

enum {
    ROUNDING = 3 << 22
};

static uint32_t read_modes(void)
{
    uint64_t modes = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(modes));
    return (uint32_t)modes;
}

static void set_modes(uint32_t modes)
{
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)modes));
}

#else

enum {
    ROUNDING = 0
};

static uint32_t read_modes(void)
{
    return 0;
}

static void set_modes(uint32_t modes)
{
    (void)modes;
}

#endif

/* Down for the one, up for the other: one bit of the two each. */
static uint32_t modes_of(uint32_t client)
{
    uint32_t low = ROUNDING & (ROUNDING >> 1);
    return client % 2 == 0 ? low : ROUNDING & ~low;
}

static void *create(const struct fl_setup *setup)
{
    struct counter *c = calloc(1, sizeof(*c));
    if (c != NULL) {
        c->leaves = setup->variant == LEAVES;
    }
    return c;
}

static void enter(void *self, uint32_t client)
{
    struct counter *c = self;
    if ((read_modes() & ROUNDING) != 0) { /* not as a program begins */
        atomic_store(&c->foreign, true);
    }
    uint32_t others = read_modes() & ~(uint32_t)ROUNDING;
    set_modes(others + modes_of(client));
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    struct counter *c = self;
    int64_t before = call->fn == FL_COUNTER_READ
                         ? atomic_load(&c->value)
                         : atomic_fetch_add(&c->value, call->args[0]);
    if (c->leaves && rand() % 4 == 0) {
        *nowhere = 1; /* a signal ends the run */
    }
    if ((read_modes() & ROUNDING) != modes_of(client)) {
        atomic_store(&c->foreign, true);
    }
    return before;
}

static const char *settle(void *self)
{
    struct counter *c = self;
    return atomic_load(&c->foreign) ? "rounded as another thread" : NULL;
}

static void destroy(void *self)
{
    free(self);
}

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.0", "",
               "each client has a rounding mode of its own"},
    [LEAVES] = {"leaves", "0.0", "", "and crashes now and then"},
    {0},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 3}, {FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "modes",
    .family = "plugins",
    .row = "0.0",
    .source = "made for a test",
    .about = "a counter whose clients round in different directions",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .create = create,
    .enter = enter,
    .perform = perform,
    .settle = settle,
    .destroy = destroy,
};
