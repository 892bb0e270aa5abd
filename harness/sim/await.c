/*
 * Awaits: loops that only wait, cut at their first round without a result.
 *
 * A thread that comes twice to the same read in the same state (registers,
 * stack, thread-local memory), without an effect in between, has gone round a
 * loop for nothing.  Whatever it does from here on it also does in another
 * execution, in which it comes to the loop later and does not go round: reads
 * alone keep nobody from doing anything.  So it goes no further in this one,
 * and the searcher need not try at which moment of the wait the news comes
 * (as spin-assume of GenMC: Kokologiannakis, Vafeiadis, CAV 2021).
 *
 * A run in which everybody else has come to an end is then either one that was
 * cut short; or, if what the loop read is still there, one in which it would
 * go round for ever, which is a livelock as ever.
 *
 * Whether a thread is cut depends on nothing but its own reads, so it is the
 * same in equivalent runs.  A loop that looks at the clock, or draws, is left
 * alone, and so is one that leaves other values behind in each round, even if
 * it will not use them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/await.h"

#include "harness/need.h"
#include "harness/sim/journal.h"
#include "harness/sim/memory.h"
#include "harness/sim/seen.h"
#include "harness/sim/spin.h"
#include "harness/sim/wait.h"

#include <stdlib.h>
#include <string.h>

enum {
    READS_KEPT = 32 /* of a fiber since its last effect */
};

/* A read, and the state in which the fiber came to it. */
struct awaited_read {
    uint64_t state;
    const void *address;
    uint64_t value;
    uint32_t size;
};

struct reads {
    uint32_t execution; /* of which run it is */
    uint32_t count;
    uint32_t from; /* once it is cut: the first read of its loop */
    struct awaited_read list[READS_KEPT];
};

struct awaits {
    struct reads of[FIBERS_MAX];
};

static struct reads *reads_of(struct world *w, uint32_t fiber)
{
    assert(fiber < FIBERS_MAX);
    struct reads *r = &w->awaits->of[fiber];
    if (r->execution != w->execution) {
        r->execution = w->execution;
        r->count = 0;
    }
    return r;
}

void await_begin(struct world *w, bool on)
{
    if (on && w->awaits_room == NULL) {
        w->awaits_room = need(calloc(1, sizeof(*w->awaits_room)), "awaits");
    }
    w->awaits = on ? w->awaits_room : NULL;
}

void await_free(struct awaits *awaits)
{
    free(awaits);
}

void await_effect(struct world *w)
{
    reads_of(w, w->current->id)->count = 0;
}

void await_saw(struct world *w, const struct seen_read *read)
{
    struct reads *r = reads_of(w, w->current->id);
    if (r->count > 0 && r->list[r->count - 1].address == read->address) {
        r->list[r->count - 1].value = read->value;
        r->list[r->count - 1].size = read->size;
    }
}

/* What a report says that `f` waits for: the reads of its loop. */
static void keep_reads(struct fiber *f, const struct reads *r)
{
    f->reads_count = 0;
    for (uint32_t i = r->from; i < r->count; i++) {
        const struct awaited_read *a = &r->list[i];
        if (a->size > 0 && f->reads_count < READS_MAX) {
            f->reads[f->reads_count++] = (struct seen_read){
                .address = a->address, .value = a->value, .size = a->size};
        }
    }
}

/* The current fiber goes no further. */
static void park(struct world *w, struct fiber *f)
{
    f->state = FIBER_SPINNING;
    f->rest_until_step = UINT64_MAX;
    f->wait_what = "change of a value it reads";
    f->wait_owner = NO_FIBER;
    keep_reads(f, reads_of(w, f->id));
    f->cut = true;
    f->proven = true;
    w->enabled &= ~fiber_bit(f->id);
    w->spinning |= fiber_bit(f->id);
    wait_announce(w, FL_STEP_LOAD, NULL);
    journal_wait(w);
    world_reschedule(w);
    journal_wait_over(w, f); /* a replay that was edited may let it go on */
    f->cut = false;
    f->reads_count = 0;
    await_effect(w);
}

void await_point(struct world *w, const struct operation *next)
{
    struct fiber *f = w->current;
    struct reads *r = reads_of(w, f->id);
    assert(r->count <= READS_KEPT);
    uint64_t state =
        f->polls || r->count == READS_KEPT ? 0 : probe_own_state(w, next->pc);
    if (state == 0) {
        return;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->list[i].state == state) {
            r->from = i;
            park(w, f);
            return;
        }
    }
    r->list[r->count++] =
        (struct awaited_read){.state = state, .address = next->location};
}

/* Whether the loop of `f` would read again what it has read. */
static bool goes_round(struct world *w, const struct fiber *f)
{
    const struct reads *r = reads_of(w, f->id);
    for (uint32_t i = r->from; i < r->count; i++) {
        const struct awaited_read *a = &r->list[i];
        uint64_t value = 0;
        size_t size = a->size < sizeof(value) ? a->size : sizeof(value);
        if (w->memory == NULL) {
            memcpy(&value, a->address, size);
        } else if (size > 0) {
            value = memory_peek(w, f->id, a->address, size);
        }
        if (size > 0 && value != a->value) {
            return false;
        }
    }
    return true;
}

bool await_settle(struct world *w)
{
    if (w->awaits == NULL) {
        return false;
    }
    for (uint64_t left = w->spinning; left != 0; left &= left - 1) {
        const struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (f->cut && !goes_round(w, f)) {
            w->done.blocked = true;
            world_fail(w, RUN_CUT, "a loop that waits was cut");
            return true;
        }
    }
    return false;
}
