/*
 * Endless: registers, as a signal finds them, stack and memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/endless.h"

#include "harness/plugin.h"
#include "harness/sim/spin.h"
#include "harness/sim/world.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>
#include <xxhash.h>

#if defined(__x86_64__)
#include <asm/sigcontext.h>
#endif

/* Registers where a signal came. */
struct found {
    uintptr_t pc;
    uintptr_t sp;
    uint64_t all; /* a hash of all registers */
};

#if defined(__x86_64__)

enum {
    RED_ZONE = 128,        /* bytes below the stack pointer that are in use */
    SOFTWARE_BYTES = 464,  /* where the kernel says how much it has saved */
    GENERAL = REG_RIP + 1, /* registers: all, and where it is */
};

/* How many bytes of vector registers and their kin lie at `saved`. */
static size_t saved_size(const void *saved)
{
    struct _fpx_sw_bytes says;
    memcpy(&says, (const char *)saved + SOFTWARE_BYTES, sizeof(says));
    return says.magic1 == FP_XSTATE_MAGIC1 ? says.extended_size
                                           : sizeof(struct _libc_fpstate);
}

static struct found find_registers(const ucontext_t *at)
{
    const greg_t *registers = at->uc_mcontext.gregs;
    const void *saved = at->uc_mcontext.fpregs;
    uint64_t all = XXH3_64bits(registers, GENERAL * sizeof(registers[0]));
    if (saved != NULL) {
        all = XXH3_64bits_withSeed(saved, saved_size(saved), all);
    }
    return (struct found){.pc = (uintptr_t)registers[REG_RIP],
                          .sp = (uintptr_t)registers[REG_RSP],
                          .all = all ^ (uint64_t)registers[REG_EFL]};
}

#elif defined(__aarch64__)

enum {
    RED_ZONE = 0
};

static struct found find_registers(const ucontext_t *at)
{
    const mcontext_t *m = &at->uc_mcontext;
    uint64_t all = XXH3_64bits(m->regs, sizeof(m->regs));
    all = XXH3_64bits_withSeed(m->__reserved, sizeof(m->__reserved), all);
    return (struct found){
        .pc = m->pc, .sp = m->sp, .all = all ^ m->pc ^ m->pstate};
}

#else
#error "where does a signal leave the registers here?"
#endif

uint64_t endless_state(const struct world *w, const void *context)
{
    const struct fiber *f = w->current;
    const struct found found = find_registers(context);
    if (f == NULL || !plugin_runs(w->plugin, found.pc)) {
        return 0;
    }
    uintptr_t first = (uintptr_t)f->stack;
    uintptr_t end = first + f->stack_size;
    if (found.sp < first + RED_ZONE || found.sp >= end) {
        return 0;
    }
    uintptr_t used = found.sp - RED_ZONE - first;
    assert(used < f->stack_size);
    uint64_t state =
        XXH3_64bits_withSeed(f->stack + used, f->stack_size - used, found.all);
    return probe_memory(w, state);
}
