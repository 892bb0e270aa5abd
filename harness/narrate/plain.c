/*
 * Plain stores: the compiler's hook comes before the store, so the log holds
 * the old value.  What was stored is what the next access finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <string.h>

static bool is_plain_store(const struct teller *t, uint32_t i)
{
    const struct log_step *step = &t->log->steps[i];
    uint32_t site = t->site_of[i];
    return step->kind == FL_STEP_STORE && step->before == step->after &&
           (site == FL_NO_STEP || !t->sites[site].atomic);
}

/* What the next access after log step `i` found at its address. */
static bool find_next(const struct run_log *log, uint32_t i, uint64_t *value)
{
    const struct log_step *step = &log->steps[i];
    for (uint32_t k = i + 1; k < log->steps_count; k++) {
        const struct log_step *later = &log->steps[k];
        if (later->kind == FL_STEP_FREE && later->address <= step->address &&
            step->address - later->address < later->size) {
            return false;
        }
        if (steps_accesses(later) && later->address == step->address &&
            later->size == step->size) {
            *value = later->before;
            return true;
        }
    }
    return false;
}

void plain_read(struct teller *t)
{
    struct run_log *copy = arena_take(t->arena, sizeof(*copy));
    *copy = *t->log;
    size_t size = t->log->steps_count * sizeof(*copy->steps);
    copy->steps = arena_take(t->arena, size + 1);
    if (size > 0) {
        memcpy(copy->steps, t->log->steps, size);
    }
    for (uint32_t i = 0; i < copy->steps_count; i++) {
        struct log_step *step = &copy->steps[i];
        if (is_plain_store(t, i)) {
            step->racing = !find_next(t->log, i, &step->after);
        }
    }
    assert(copy->steps_count == t->log->steps_count);
    t->log = copy;
}
