/*
 * Spinning: a loop that waits for somebody else must not burn steps.
 *
 * A fiber that reads the same value from the same place, by the same code, for
 * a second time without having had an effect in between, will go on doing so
 * until one of the locations that it reads changes.  So it leaves the enabled
 * set until somebody stores to one of them.  That is a guess: a loop may count
 * its rounds.  Therefore a spinner is given further rounds when nobody else
 * can run (wait.c).  A failed compare-and-swap is a read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/decide.h"
#include "harness/sim/journal.h"
#include "harness/sim/wait.h"
#include "harness/sim/world.h"

#include <assert.h>

static void park(struct world *w, struct fiber *f)
{
    f->state = FIBER_SPINNING;
    f->wait_what = "change of a value it reads";
    f->wait_owner = NO_FIBER;
    w->enabled &= ~fiber_bit(f->id);
    w->spinning |= fiber_bit(f->id);
    journal_wait(w);
    world_reschedule(w);
    journal_wait_over(w, f);
}

void world_saw(struct world *w, const void *address, uint64_t value,
               uintptr_t pc)
{
    struct fiber *f = w->current;
    for (uint32_t i = 0; i < f->reads_count; i++) {
        const struct seen_read *r = &f->reads[i];
        if (r->pc == pc && r->address == address && r->value == value) {
            park(w, f);
            return;
        }
    }
    /* A loop over more reads than this is not noticed here; the step limit
     * ends it. */
    if (f->reads_count < READS_MAX) {
        f->reads[f->reads_count++] =
            (struct seen_read){.pc = pc, .address = address, .value = value};
    }
}

static bool reads(const struct fiber *f, const void *address)
{
    for (uint32_t i = 0; i < f->reads_count; i++) {
        if (f->reads[i].address == address) {
            return true;
        }
    }
    return false;
}

void world_stored(struct world *w, const void *address)
{
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (address == NULL || reads(f, address)) {
            f->spin_rounds = 0;
            wait_ready(w, f, true);
        }
    }
}

void world_yield(struct world *w)
{
    if (w->current != NULL) {
        decide_yield(w);
        world_point(w, FL_STEP_TIME, NULL);
    }
}
