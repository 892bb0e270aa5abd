/*
 * Spinning: a loop that waits for somebody else must not burn steps.
 *
 * A fiber that reads the same value from the same place, by the same code, for
 * a second time without having had an effect in between, and finds all that it
 * read in between as it was, may go on doing so until one of these locations
 * changes.  So it leaves the enabled
 * set until somebody stores to one of them.  A failed compare-and-swap is a
 * read, and so is a lock that was not to be had.
 *
 * That is a guess: the loop may count its rounds, or be no loop at all.  So
 *
 *   - runs differ in their patience: 0, 1, 3 or 15 repeated reads;
 *   - before time passes for want of somebody who can run, each spinner gets
 *     further rounds, until its state is seen to come back (probe.c), which
 *     proves that it spins, or there were enough;
 *   - a run is called a livelock only if all its spinners are proved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/spin.h"

#include "harness/sim/access.h"
#include "harness/sim/decide.h"
#include "harness/sim/journal.h"
#include "harness/sim/memory.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/sim/seen.h"
#include "harness/sim/twins.h"
#include "harness/sim/wait.h"

#include <assert.h>
#include <string.h>

enum {
    PATIENCES = 8,
    SEARCHING = 5,    /* what an exhaustive search takes */
    DOUBLINGS = 32,   /* of the time that passes in a round */
    PLAIN_STEPS = 64, /* of others, before plain memory is read again */
    GRANULE_BITS = 4  /* the widest access covers 16 bytes */
};

/* Drawn when it is first asked for, since most runs never do. */
static void draw_patience(struct world *w)
{
    static const uint8_t patience[PATIENCES] = {0, 0, 0, 0, 0, 1, 3, 15};
    bool searches = w->replay == NULL && w->strategy->choose != NULL;
    uint64_t drawn = searches
                         ? choice_settle(&w->choice, STREAM_WAKE, SEARCHING)
                         : choice_below(&w->choice, STREAM_WAKE, PATIENCES);
    w->patience = patience[drawn < PATIENCES ? drawn : 0];
}

static bool is_patient(struct world *w, struct fiber *f)
{
    if (f->probing) {
        return false;
    }
    if (w->patience == PATIENCE_NOT_DRAWN) {
        draw_patience(w);
    }
    if (f->repeats >= w->patience) {
        return false;
    }
    f->repeats++;
    return true;
}

/* Until somebody stores to what it reads; `until` that step at most. */
static void park(struct world *w, struct fiber *f, const struct seen_read *read,
                 uint64_t until)
{
    if (f->probing) {
        uint64_t state = probe_state(w, read->pc);
        w->probed += world_own_step(w) - f->proof;
        f->proof = w->step - w->probed;
        f->proven = !f->polls && state != 0 && state == f->probe;
        f->probe = state;
        f->probing = false;
    }
    f->state = FIBER_SPINNING;
    f->rest_until_step = until;
    w->next_rest = moment_sooner(w->next_rest, until);
    f->wait_what = "change of a value it reads";
    f->wait_owner = NO_FIBER;
    w->enabled &= ~fiber_bit(f->id);
    w->spinning |= fiber_bit(f->id);
    wait_announce(w, FL_STEP_LOAD, NULL);
    journal_wait(w);
    world_reschedule(w);
    journal_wait_over(w, f);
    /* What it read is still what it goes on with. */
    f->reads[0] = *read;
    f->reads_count = 1;
}

/* Whether all that `f` remembers is as it read it; if not, it will find a
 * change, and does not spin. */
static bool is_current(const struct world *w, const struct fiber *f)
{
    for (uint32_t i = 0; i < f->reads_count; i++) {
        const struct seen_read *r = &f->reads[i];
        uint64_t value = 0;
        size_t size = r->size < sizeof(value) ? r->size : sizeof(value);
        if (w->memory == NULL || size == 0) {
            memcpy(&value, r->address, size);
        } else {
            value = memory_peek(w, f->id, r->address, size);
        }
        if (size > 0 && value != r->value) {
            return false;
        }
    }
    return true;
}

static bool is_same(const struct seen_read *a, const struct seen_read *b)
{
    return a->pc == b->pc && a->address == b->address && a->value == b->value;
}

/* Its bytes may wake the fiber, as far as world_stored() looks. */
static void touch_read(struct world *w, const struct seen_read *read)
{
    uintptr_t granule = (uintptr_t)read->address >> GRANULE_BITS
                                                        << GRANULE_BITS;
    world_touch(w, (const void *)granule, 1 << GRANULE_BITS, false);
}

/* Keeps the reads in `round` alone. */
static void keep_round(struct fiber *f, uint16_t round)
{
    uint8_t kept = 0;
    for (uint32_t i = 0; i < f->reads_count; i++) {
        if ((round >> i & 1) != 0) {
            f->reads[kept++] = f->reads[i];
        }
    }
    f->reads_count = kept;
}

/*
 * A search over operations must be told by what a fiber itself has read and
 * holds whether it spins, for only that is the same in equivalent runs: it does
 * if a whole round of reads brought nothing new, and left its registers, stack
 * and thread-local memory as they were.  `i`: of the read it repeats.
 */
static void repeat(struct world *w, struct fiber *f, uint32_t i)
{
    const struct seen_read read = f->reads[i];
    bool only = f->last_read == i; /* nothing in between: a loop of one read */
    uint16_t bit = (uint16_t)(1u << i);
    uint16_t round = f->round;
    f->last_read = (uint8_t)i;
    f->round |= bit;
    if (!only && (round & bit) == 0) {
        return;
    }
    uint64_t state = probe_own_state(w, read.pc);
    if (state == 0 || state != f->probe) {
        f->probe = state;
        f->round = bit;
        return;
    }
    w->offer.loops = true;
    keep_round(f, only ? bit : round);
    for (uint32_t k = 0; k < f->reads_count; k++) {
        touch_read(w, &f->reads[k]);
    }
    f->round = 0;
    f->probe = 0;
    if (is_current(w, f)) {
        f->proven = !f->polls;
        f->probing = false;
        park(w, f, &read, UINT64_MAX);
        f->last_read = 0; /* the read that it goes on with */
    } else {
        f->reads_count = 0;
    }
}

void world_saw_again(struct world *w, const struct seen_read *read)
{
    struct fiber *f = w->current;
    for (uint32_t i = 0; i < f->reads_count; i++) {
        if (!is_same(&f->reads[i], read)) {
            continue;
        }
        if (w->by_operations) {
            repeat(w, f, i);
            return;
        }
        if (!is_current(w, f)) {
            f->reads_count = 0;
            f->repeats = 0;
            break;
        }
        if (!is_patient(w, f)) {
            park(w, f, read, UINT64_MAX);
        }
        return;
    }
    /* A loop over more reads than this is not noticed here; the step limit
     * ends it. */
    f->round = 0;
    f->last_read = f->reads_count;
    if (f->reads_count < READS_MAX) {
        f->seen |= seen_bit(read);
        f->reads[f->reads_count++] = *read;
    }
}

/* Whether the plain loop of `f` would find all that it looks at as it was. */
static bool is_plainly_current(const struct fiber *f)
{
    for (uint32_t i = 0; i < f->reads_all; i++) {
        const struct seen_read *r = &f->reads[i];
        uint64_t value = 0;
        memcpy(&value, r->address,
               r->size < sizeof(value) ? r->size : sizeof(value));
        if (value != r->value) {
            return false;
        }
    }
    return true;
}

void spin_plainly(struct world *w, const struct plain_loop *loop)
{
    struct fiber *f = w->current;
    const struct seen_read first = loop->reads[0];
    assert(loop->waited > 0 && loop->waited <= loop->count);
    assert(loop->count <= READS_MAX);
    memcpy(f->reads, loop->reads, loop->count * sizeof(first));
    f->seen = UINT64_MAX;
    f->reads_all = (uint8_t)loop->count;
    f->reads_count = (uint8_t)loop->waited;
    f->polls = false; /* whoever does has a point in its loop */
    world_point_of(w, (struct operation){.kind = FL_STEP_LOAD,
                                         .location = first.address,
                                         .size = first.size,
                                         .plain = true});
    if (w->recording) {
        access_log(w, FL_STEP_LOAD, first.pc, first.address,
                   (struct accessed){.size = first.size,
                                     .before = first.value,
                                     .after = first.value});
    }
    if (is_plainly_current(f)) {
        park(w, f, &first, w->step + PLAIN_STEPS);
    }
    if (!is_plainly_current(f)) {
        uintptr_t *least = &w->rounds.waited_pc;
        *least = *least == 0 || first.pc < *least ? first.pc : *least;
    }
    f->reads_all = 0;
    f->reads_count = 0;
}

/* What was proved of plain loops held for what they looked at. */
static void doubt_plain(struct world *w)
{
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (f->reads_all > 0 && !is_plainly_current(f)) {
            f->proven = false;
            f->spin_rounds = 0;
        }
    }
}

/* Whether `f` reads some of what an access to `address` may have covered. */
static bool reads(const struct fiber *f, const void *address)
{
    uintptr_t granule = (uintptr_t)address >> GRANULE_BITS;
    for (uint32_t i = 0; i < f->reads_count; i++) {
        if ((uintptr_t)f->reads[i].address >> GRANULE_BITS == granule) {
            return true;
        }
    }
    return false;
}

void world_stored(struct world *w, const void *address)
{
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (!f->cut && (address == NULL || reads(f, address))) {
            f->spin_rounds = 0;
            f->proven = false;
            wait_ready(w, f, true);
        }
    }
}

bool spin_is_guess(const struct world *w)
{
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        if (!w->fibers[__builtin_ctzll(left)].proven) {
            return true;
        }
    }
    return false;
}

bool spin_doubts(struct world *w)
{
    bool any = false;
    if (w->by_operations) {
        return false;
    }
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (f->proven && !f->cut && f->proof != w->step - w->probed) {
            f->proven = false;
            f->spin_rounds = 1; /* one more shows whether it is as it was */
            any = true;
        }
    }
    return any;
}

/* For one that looks at the clock each round takes twice as long. */
static void pass_time(struct world *w, const struct fiber *f, uint64_t moment)
{
    uint32_t doublings =
        f->spin_rounds < DOUBLINGS ? f->spin_rounds : (uint32_t)DOUBLINGS;
    uint64_t now = w->now + ((uint64_t)POINT_NS << doublings);
    uint64_t latest = moment < w->time_max ? moment : w->time_max;
    if (latest > w->now) {
        w->now = now < latest ? now : latest;
    }
}

bool spin_again(struct world *w, uint32_t most, uint64_t moment)
{
    struct fiber *least = NULL;
    uint64_t like_it = 0;
    doubt_plain(w);
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (f->proven || f->spin_rounds >= most) {
            continue;
        }
        if (least == NULL || f->spin_rounds < least->spin_rounds) {
            least = f;
            like_it = 0;
        }
        if (f->spin_rounds == least->spin_rounds) {
            like_it |= fiber_bit(f->id);
        }
    }
    if (least == NULL) {
        return false;
    }
    twins_ordered(w, like_it);
    assert(least->state == FIBER_SPINNING);
    if (least->spin_rounds == 0) {
        least->probe = 0; /* what it was before it did or saw something */
    }
    if (least->spin_rounds < UINT16_MAX) {
        least->spin_rounds++;
    }
    least->probing = true;
    least->proof = least->steps;
    if (least->polls) {
        pass_time(w, least, moment);
    }
    wait_ready(w, least, false);
    return true;
}

void world_yield(struct world *w)
{
    if (w->current != NULL) {
        decide_yield(w);
        world_point(w, FL_STEP_TIME, NULL);
    }
}
