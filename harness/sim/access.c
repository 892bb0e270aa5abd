/*
 * The log of accesses, filled when a run is recorded or replayed.
 *
 * The digest takes in what is the same in every process: values, sizes and
 * kinds.  Values that point into a plug-in differ from load to load of it, and
 * enter as "some pointer"; heap and stacks lie at fixed addresses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/access.h"

#include "harness/sim/await.h"
#include "harness/sim/families.h"

#include "harness/plugin.h"
#include "harness/reach.h"
#include "harness/sim/memory.h"

#include <string.h>

static uint64_t portable(const struct world *w, uint64_t value)
{
    const void *address = (const void *)(uintptr_t)value;
    return value > 0xffff && plugin_owner(w->plugin, address) != UINT32_MAX
               ? 1
               : value;
}

/* Which store was read, if the memory model knows. */
static void note_source(const struct world *w, struct log_step *step)
{
    if (w->memory != NULL && step->kind != FL_STEP_STORE) {
        memory_tell(w, step);
    }
}

/* The loop of the current fiber may be cut before its next read. */
static __attribute__((noinline)) void due_in_loop(struct world *w)
{
    struct operation *pending = &w->pending[w->current->id];
    const struct operation next = *pending;
    await_point(w, &next);
    *pending = next;
}

void access_due(struct world *w, const void *address, struct access_word word,
                uintptr_t pc)
{
    w->pending[w->current->id] = (struct operation){
        .kind = (enum fl_step_kind)word.kind,
        .location = address,
        .size = word.size,
        .pc = pc,
        .order = word.order,
        .compares = word.compares,
    };
    bool reads = word.kind == FL_STEP_LOAD || word.compares;
    if (reads && w->awaits != NULL) {
        due_in_loop(w);
    }
    if (w->twins != NULL) {
        family_touch(w, address, word.size, word.kind != FL_STEP_LOAD);
    }
    world_point_due(w);
    if (__builtin_expect(w->reach != NULL, 0)) {
        reach_access(
            w->reach, w->current->id,
            &(const struct operation){.kind = (enum fl_step_kind)word.kind,
                                      .location = address,
                                      .pc = pc});
    }
}

void access_log(struct world *w, enum fl_step_kind kind, uintptr_t pc,
                const volatile void *address, struct accessed accessed)
{
    world_digest(w, (uint64_t)kind << 32 | accessed.size);
    world_digest(w, portable(w, accessed.after));
    struct log_step *step = world_log(w, kind, pc);
    if (step != NULL) {
        step->address = (uintptr_t)address;
        step->size = (uint32_t)accessed.size;
        step->before = accessed.before;
        step->after = accessed.after;
        note_source(w, step);
    }
}

void access_log_compare(struct world *w, uintptr_t pc,
                        const volatile void *address, size_t size,
                        struct compared compared)
{
    if (!w->recording) {
        return;
    }
    enum fl_step_kind kind = compared.swapped ? FL_STEP_UPDATE : FL_STEP_REFUSE;
    world_digest(w, (uint64_t)kind << 32 | size);
    world_digest(w, portable(w, compared.found));
    struct log_step *step = world_log(w, kind, pc);
    if (step != NULL) {
        step->address = (uintptr_t)address;
        step->size = (uint32_t)size;
        step->before = compared.found;
        step->after = compared.swapped ? compared.desired : compared.found;
        step->expected = compared.expected;
        step->name = "cas";
        note_source(w, step);
    }
}

enum {
    PLAIN_MAX = TOUCHES_MAX - 4, /* the operation itself needs some */
    GAP_MAX = 1 << 16            /* bytes that two of them may lie apart */
};

/* How much longer `t` gets if it covers the bytes up to `end`, too; its begin
 * stays, for by that it is known; SIZE_MAX: it cannot. */
static size_t growth(const struct touch *t, uintptr_t at, uintptr_t end)
{
    uintptr_t last = t->at + t->size;
    if (at < t->at || t->entry != 0 || end > last + GAP_MAX) {
        return SIZE_MAX;
    }
    return end > last ? end - last : 0;
}

/* Makes one touch of two that adjoin.  What is of one byte may be an object,
 * which is known by its begin, and is kept. */
static bool join_neighbours(struct footprint *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        for (uint32_t k = 0; k < f->count; k++) {
            struct touch *below = &f->touches[i];
            const struct touch *above = &f->touches[k];
            if (i != k && above->size > 1 && above->writes == below->writes &&
                above->entry == 0 && below->entry == 0 &&
                above->at == below->at + below->size) {
                below->size += above->size;
                f->count--;
                memmove(&f->touches[k], &f->touches[k + 1],
                        (f->count - k) * sizeof(f->touches[0]));
                return true;
            }
        }
    }
    return false;
}

/* Many accesses of one piece are kept as ranges: what lies between is taken to
 * be touched as well, which makes too much dependent, and never too little. */
void access_touch(struct world *w, const void *address, size_t size,
                  bool writes)
{
    struct footprint *f = w->footprint;
    uintptr_t at = (uintptr_t)address;
    struct touch *nearest = NULL;
    size_t least = SIZE_MAX;
    for (uint32_t i = 0; i < f->count; i++) {
        struct touch *t = &f->touches[i];
        size_t grows = growth(t, at, at + size);
        if (grows == 0 && (t->writes || !writes)) {
            return;
        }
        if (grows < least && t->writes == writes) {
            nearest = t;
            least = grows;
        }
    }
    bool adjoins = nearest != NULL && at <= nearest->at + nearest->size;
    bool full = f->count >= PLAIN_MAX;
    if (nearest != NULL && (adjoins || (full && !join_neighbours(f)))) {
        nearest->size += (uint32_t)least;
    } else {
        footprint_add(f, address, (uint32_t)size, writes);
    }
}
