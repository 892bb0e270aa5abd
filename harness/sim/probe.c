/*
 * The state of a fiber, as one number.
 *
 * If a fiber is twice at the same call in the same state, and had no effect
 * that others see in between, it will come there again for ever, unless
 * somebody else changes what it reads.  Its state is what its code can depend
 * on: the registers that calls preserve, its stack, and all memory of the
 * program.  All of it is compared, so a loop that counts its rounds anywhere is
 * not taken for one that spins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/spin.h"

#include "harness/plugin.h"
#include "harness/runner.h"
#include "harness/sim/heap.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include <assert.h>
#include <string.h>
#include <xxhash.h>

enum {
    FRAMES_MAX = 16 /* of ours, between the probe and the program */
};

#if defined(__x86_64__)
static const unw_regnum_t preserved[] = {
    UNW_X86_64_RBX, UNW_X86_64_RBP, UNW_X86_64_R12,
    UNW_X86_64_R13, UNW_X86_64_R14, UNW_X86_64_R15,
};
#elif defined(__aarch64__)
static const unw_regnum_t preserved[] = {
    UNW_AARCH64_X19, UNW_AARCH64_X20, UNW_AARCH64_X21, UNW_AARCH64_X22,
    UNW_AARCH64_X23, UNW_AARCH64_X24, UNW_AARCH64_X25, UNW_AARCH64_X26,
    UNW_AARCH64_X27, UNW_AARCH64_X28, UNW_AARCH64_X29,
};
#else
#error "which registers do calls preserve here?"
#endif

enum {
    PRESERVED = sizeof(preserved) / sizeof(preserved[0])
};

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    return size == 0 ? hash : XXH3_64bits_withSeed(bytes, size, hash);
}

/* Registers and stack of the frame that runs on at `pc`; 0 if there is none. */
static uint64_t mix_frame(const struct fiber *f, uintptr_t pc)
{
    unw_context_t context;
    unw_cursor_t cursor;
    if (unw_getcontext(&context) != 0 ||
        unw_init_local(&cursor, &context) != 0) {
        return 0;
    }
    unw_word_t at = 0;
    for (uint32_t i = 0; i < FRAMES_MAX && at != pc; i++) {
        if (unw_step(&cursor) <= 0 ||
            unw_get_reg(&cursor, UNW_REG_IP, &at) != 0) {
            return 0;
        }
    }
    unw_word_t words[PRESERVED + 1] = {0};
    for (uint32_t i = 0; i < PRESERVED; i++) {
        unw_get_reg(&cursor, preserved[i], &words[i]);
    }
    unw_word_t top = (uintptr_t)f->stack + f->stack_size;
    unw_word_t *sp = &words[PRESERVED];
    if (at != pc || unw_get_reg(&cursor, UNW_REG_SP, sp) != 0 ||
        *sp < (uintptr_t)f->stack || *sp >= top) {
        return 0;
    }
    uint64_t hash = mix(pc, words, sizeof(words));
    return mix(hash, f->stack + (*sp - (uintptr_t)f->stack), top - *sp);
}

uint64_t probe_own_state(const struct world *w, uintptr_t pc)
{
    const struct fiber *f = w->current;
    assert(f != NULL && pc != 0);
    uint64_t hash = mix_frame(f, pc);
    if (hash == 0) {
        return 0;
    }
    bool own = f->process < plugin_copies(w->plugin);
    hash = mix(hash, f->tls, plugin_tls(w->plugin, own ? f->process : 0).size);
    return mix(hash, &f->errno_value, sizeof(f->errno_value));
}

uint64_t probe_state(const struct world *w, uintptr_t pc)
{
    uint64_t hash = probe_own_state(w, pc);
    if (hash == 0) {
        return 0;
    }
    const struct runner *r = w->runner;
    struct span spans[SPANS_MAX];
    uint32_t count = plugin_spans(w->plugin, spans);
    for (uint32_t i = 0; i < count; i++) {
        hash = mix(hash, spans[i].first, spans[i].size);
    }
    struct span used = heap_used(w->heap);
    hash = mix(hash, used.first, used.size);
    if (r->shared != NULL) {
        hash = mix(hash, r->shared, r->algorithm->shared_size);
    }
    return hash == 0 ? 1 : hash;
}
