/*
 * The state of a fiber, as one number.
 *
 * If a fiber is twice at the same call in the same state, and had no effect
 * that others see in between, it will come there again for ever, unless
 * somebody else changes what it reads.  Its state is what its code can depend
 * on: the registers that calls preserve, its stack, all memory of the program,
 * and what the heap and the memory model will answer.  All of it is compared,
 * so a loop that counts its rounds anywhere is not taken for one that spins.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/spin.h"

#include "harness/plugin.h"
#include "harness/rules.h"
#include "harness/runner.h"
#include "harness/sim/heap.h"
#include "harness/sim/memory.h"
#include "harness/sim/sync.h"

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

/* What `cursor` knows of the registers of its frame; the last is its stack
 * pointer.  False: it is not on the stack of `f`. */
static bool read_words(unw_cursor_t *cursor, const struct fiber *f,
                       unw_word_t words[PRESERVED + 1])
{
    for (uint32_t i = 0; i < PRESERVED; i++) {
        words[i] = 0;
        unw_get_reg(cursor, preserved[i], &words[i]);
    }
    unw_word_t top = (uintptr_t)f->stack + f->stack_size;
    unw_word_t *sp = &words[PRESERVED];
    return unw_get_reg(cursor, UNW_REG_SP, sp) == 0 &&
           *sp >= (uintptr_t)f->stack && *sp < top;
}

/* Goes up from here to the frame that runs on at `pc`, or, if that is 0, to the
 * first one of the program.  False: there is none. */
static bool find_frame(const struct world *w, uintptr_t *pc,
                       unw_word_t words[PRESERVED + 1])
{
    unw_context_t context;
    unw_cursor_t cursor;
    if (unw_getcontext(&context) != 0 ||
        unw_init_local(&cursor, &context) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < FRAMES_MAX; i++) {
        unw_word_t at = 0;
        if (unw_step(&cursor) <= 0 ||
            unw_get_reg(&cursor, UNW_REG_IP, &at) != 0) {
            return false;
        }
        bool found = *pc != 0 ? at == *pc : plugin_runs(w->plugin, at);
        if (found) {
            *pc = at;
            return read_words(&cursor, w->current, words);
        }
    }
    return false;
}

/* Registers and stack of the frame that runs on at `pc`; 0 if there is none. */
static uint64_t mix_frame(const struct world *w, uintptr_t pc)
{
    const struct fiber *f = w->current;
    unw_word_t words[PRESERVED + 1];
    if (!find_frame(w, &pc, words)) {
        return 0;
    }
    uint64_t hash = mix(pc, words, sizeof(words));
    size_t below = words[PRESERVED] - (uintptr_t)f->stack;
    return mix(hash, f->stack + below, f->stack_size - below);
}

/* What `f` keeps beside its stack. */
static uint64_t mix_local(const struct world *w, const struct fiber *f,
                          uint64_t hash)
{
    bool own = f->process < plugin_copies(w->plugin);
    hash = mix(hash, f->tls, plugin_tls(w->plugin, own ? f->process : 0).size);
    return mix(hash, &f->errno_value, sizeof(f->errno_value));
}

uint64_t probe_own_state(const struct world *w, uintptr_t pc)
{
    const struct fiber *f = w->current;
    assert(f != NULL && pc != 0);
    uint64_t hash = mix_frame(w, pc);
    if (hash == 0) {
        return 0;
    }
    return mix_local(w, f, hash);
}

/* All memory of the program but stacks and thread-locals. */
static uint64_t mix_memory(const struct world *w, uint64_t hash)
{
    const struct runner *r = w->runner;
    struct span span;
    for (uint32_t i = 0; plugin_span(w->plugin, i, &span); i++) {
        hash = mix(hash, span.first, span.size);
    }
    struct span used = heap_used(w->heap);
    hash = mix(hash, used.first, used.size);
    const uint64_t models[] = {heap_state(w->heap), memory_state(w)};
    hash = mix(hash, models, sizeof(models));
    if (r->shared != NULL) {
        hash = mix(hash, r->shared, r->algorithm->shared_size);
    }
    return hash;
}

uint64_t probe_memory(const struct world *w, uint64_t hash)
{
    const struct fiber *f = w->current;
    assert(f != NULL);
    hash = mix_memory(w, mix_local(w, f, hash));
    return hash == 0 ? 1 : hash;
}

uint64_t probe_state(const struct world *w, uintptr_t pc)
{
    uint64_t hash = probe_own_state(w, pc);
    if (hash == 0) {
        return 0;
    }
    hash = mix_memory(w, hash);
    return hash == 0 ? 1 : hash;
}

struct probe_frame probe_frame(const struct world *w)
{
    const struct fiber *f = w->current;
    unw_word_t words[PRESERVED + 1];
    uintptr_t pc = 0;
    if (!find_frame(w, &pc, words)) { /* between two operations */
        return (struct probe_frame){.registers = 1,
                                    .top = (uintptr_t)f->stack + f->stack_size};
    }
    return (struct probe_frame){.registers = mix(pc, words, sizeof(words)) | 1,
                                .top = words[PRESERVED]};
}

/* A fiber that stands still: where, for what, and all that is its own. */
static uint64_t mix_fiber(const struct world *w, const struct fiber *f,
                          struct probe_frame frame, uint64_t hash)
{
    const struct operation *next = &w->pending[f->id];
    uintptr_t first = (uintptr_t)f->stack;
    uintptr_t end = first + f->stack_size;
    uintptr_t top = frame.registers != 0 ? frame.top : (uintptr_t)f->context;
    const uint64_t words[] = {
        frame.registers,
        f->state,
        (uintptr_t)f->wait_object,
        (uintptr_t)f->then_locks,
        f->operation,
        f->ticket,
        f->holds,
        f->retval,
        f->detached,
        (uint64_t)f->errno_value,
        next->kind,
        (uintptr_t)next->location,
        next->resumes,
        next->awaits,
    };
    hash = mix(hash, words, sizeof(words));
    if (top >= first && top < end) {
        hash = mix(hash, f->stack + (top - first), end - top);
    }
    bool own = f->process < plugin_copies(w->plugin);
    return mix(hash, f->tls, plugin_tls(w->plugin, own ? f->process : 0).size);
}

uint64_t probe_all(const struct world *w, const struct probe_frame *frames)
{
    assert(w->current != NULL && frames[w->current->id].registers != 0);
    uint64_t hash = w->current->id;
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        /* The thread of a store buffer has nothing but the buffer. */
        bool bare =
            f->state == FIBER_DONE || f->state == FIBER_CRASHED || f->pseudo;
        hash = bare ? hash * 31 + (uint64_t)f->state
                    : mix_fiber(w, f, frames[i], hash);
    }
    uint32_t acted = 0;
    (void)rules_occurrences(w->rules, &acted);
    const uint64_t words[] = {acted, w->frozen, (uint64_t)w->retired,
                              heap_live(w->heap), sync_state(w->sync)};
    hash = mix_memory(w, mix(hash, words, sizeof(words)));
    return hash == 0 ? 1 : hash;
}
