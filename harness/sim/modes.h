/*
 * The control words of floating point: rounding, exceptions, and which of these
 * have happened.  Each thread has its own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_MODES_H
#define HX_SIM_MODES_H

#include <stdint.h>

#if defined(__x86_64__)

struct modes {
    uint32_t sse;
    uint16_t x87;
};

/* Those of now. */
static inline struct modes modes_now(void)
{
    struct modes now;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(now.sse), "=m"(now.x87));
    return now;
}

static inline void modes_set(struct modes modes)
{
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1"
                     :
                     : "m"(modes.sse), "m"(modes.x87));
}

#elif defined(__aarch64__)

struct modes {
    uint64_t control;
    uint64_t status;
};

static inline struct modes modes_now(void)
{
    struct modes now;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr"
                     : "=r"(now.control), "=r"(now.status));
    return now;
}

/* To set one waits for what is under way, so it is done only if it differs. */
static inline void modes_set(struct modes modes)
{
    struct modes now = modes_now();
    if (now.control != modes.control) {
        __asm__ volatile("msr fpcr, %0" : : "r"(modes.control));
    }
    if (now.status != modes.status) {
        __asm__ volatile("msr fpsr, %0" : : "r"(modes.status));
    }
}

#else
#error "which are the control words of floating point here?"
#endif

#endif
