/*
 * Mortal: a counter whose variants take the whole process with them, in ways
 * that no simulated world can see.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    SOUND,
    RACY,   /* load, then store: an answer may be wrong */
    LEAVES, /* ends the process when it meets a race */
    KILLED, /* is killed when it meets one */
};

struct counter {
    _Atomic(int64_t) value;
    uint32_t variant;
};

/* Linux's own calls: what a wild program may do behind every library. */
static void call_kernel(long number, long a, long b)
{
#if defined(__x86_64__)
    __asm__ volatile("syscall"
                     : "+a"(number)
                     : "D"(a), "S"(b)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
#endif
}

static void die(uint32_t variant)
{
#if defined(__x86_64__)
    const long exit_group = 231;
    const long getpid_kill = 62;
    long own = 39;
    __asm__ volatile("syscall" : "+a"(own) : : "rcx", "r11", "memory");
#else
    const long exit_group = 94;
    const long getpid_kill = 129;
    register long x8 __asm__("x8") = 172;
    register long x0 __asm__("x0") = 0;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8) : "memory");
    long own = x0;
#endif
    if (variant == LEAVES) {
        call_kernel(exit_group, 7, 0);
    } else if (variant == KILLED) {
        call_kernel(getpid_kill, own, 9);
    }
}

static void *create(const struct fl_setup *setup)
{
    struct counter *c = calloc(1, sizeof(*c));
    if (c != NULL) {
        c->variant = setup->variant;
    }
    return c;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct counter *c = self;
    if (call->fn == FL_COUNTER_READ) {
        return atomic_load(&c->value);
    }
    if (c->variant == SOUND) {
        return atomic_fetch_add(&c->value, call->args[0]);
    }
    int64_t before = atomic_load(&c->value);
    int64_t now = atomic_load(&c->value);
    if (now != before) { /* a race: somebody came in between */
        die(c->variant);
    }
    atomic_store(&c->value, before + call->args[0]);
    return before;
}

static void destroy(void *self)
{
    free(self);
}

static const struct fl_variant variants[] = {
    {"sound", "0.0", "", "adds at once"},
    {"racy", "0.0", "schedule", "loads, then stores"},
    {"leaves", "0.0", "schedule", "ends the process"},
    {"killed", "0.0", "schedule", "is killed"},
    {0},
};

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 3}, {FL_COUNTER_READ, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "mortal",
    .family = "plugins",
    .row = "0.0",
    .source = "made for a test",
    .about = "a counter that takes its process along",
    .model = "counter",
    .kind = FL_THREADS,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .create = create,
    .perform = perform,
    .destroy = destroy,
};
