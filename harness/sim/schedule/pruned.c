/*
 * Exhaustive search that goes into no state twice.
 *
 * Registers and stacks cannot be hashed usefully: what a thread is about to
 * store lies where no hook can see it, and a monitor of races or of weak memory
 * has a state of its own.  So a state is named by what led to it (Musuvathi,
 * Qadeer, "Partial-order reduction for context-bounded state exploration",
 * MSR-TR-2007-12): the happens-before order of its events.  Two prefixes with
 * the same events in the same order but for independent ones end in the same
 * memory, the same stacks, the same history but for the order of what is
 * concurrent in it, and so with the same verdicts ahead.  Each event
 * contributes a hash of its thread, its number, its decisions, and its vector
 * clock, that is all that it depends on; the sum does not depend on the order
 * in which they are added, and the clocks say what order there was.  No address
 * is part of it.
 *
 * Dependence is that of the search without redundancy (dpor_events.h), and of
 * plain accesses as well, for schedules are tried here that race; what uses the
 * clock or draws a number comes before or after everything.
 *
 * A prefix whose state was met before, by whoever runs now, with at least as
 * many preemptions to go, is cut: depth first, all that follows was tried then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/dpor.h"
#include "harness/sim/schedule/exhaustive.h"
#include "harness/sim/schedule/list.h"
#include "harness/sim/schedule/states.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct sum {
    uint64_t low;
    uint64_t high;
};

struct pruned {
    struct exhaustive schedules;
    struct dpor order; /* the events of the run in hand */
    struct states states;
    struct sum sums[DPOR_DEPTH + 1];  /* of so many events */
    uint16_t begun[EXHAUSTIVE_DEPTH]; /* events that stay as they are if this
                                       * decision becomes another one */
    bool lost; /* the run is too long to be followed: nothing is cut */
    uint64_t met;
};

/* The events of the run before that come again: those before the decision that
 * is now another one. */
static uint32_t find_same(const struct pruned *p)
{
    uint32_t last = p->schedules.count;
    return last == 0 ? 0 : p->begun[last - 1];
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)choice;
    struct pruned *p = self;
    struct dpor *d = &p->order;
    if (d->events == NULL) {
        dpor_make_room(d);
    }
    bool other = exhaustive_begin(&p->schedules, profile);
    if (other) {
        states_clear(&p->states);
        p->met = 0;
        d->weak = profile->weak;
        d->ordered = profile->ordered;
        d->placed = profile->placed;
        d->buffers = profile->buffers;
        d->moments = true;
    }
    d->valid = other ? 0 : find_same(p);
    d->lost = false;
    d->count = 0;
    d->depth = 0;
    d->decided_count = 0;
    d->done = NULL;
    for (uint32_t t = 0; t < DPOR_THREADS; t++) {
        d->last[t] = NO_EVENT;
    }
    p->lost = false;
    return true;
}

/* Adds the event that is over to those before it. */
static void add_event(struct pruned *p)
{
    const struct dpor *d = &p->order;
    uint32_t i = d->depth - 1;
    if (i < d->valid) {
        return;
    }
    const struct event *e = &d->events[i];
    struct {
        uint32_t thread;
        uint32_t own;
        uint32_t choices;
        uint32_t kind;
        uint16_t clock[DPOR_THREADS];
    } about = {.thread = e->thread,
               .own = e->own,
               .choices = e->choices,
               .kind = (uint32_t)e->next.kind};
    memcpy(about.clock, e->clock, sizeof(about.clock));
    XXH128_hash_t hash = XXH3_128bits(&about, sizeof(about));
    p->sums[i + 1] = (struct sum){.low = p->sums[i].low + hash.low64,
                                  .high = p->sums[i].high + hash.high64};
}

/* Whether the search was here before, with as much still to spend. */
static bool is_met(struct pruned *p, const struct moment *moment)
{
    const struct sum *sum = &p->sums[p->order.depth];
    bool stays = exhaustive_stays(moment);
    const uint64_t words[] = {sum->low, sum->high,
                              stays ? moment->running : DPOR_NOBODY};
    XXH128_hash_t hash = XXH3_128bits(words, sizeof(words));
    struct state state = {
        .low = hash.low64, .high = hash.high64, .spent = p->schedules.spent};
    return states_met(&p->states, &state);
}

/* What is known of the run before the next event. */
static void look(struct pruned *p, const struct moment *moment)
{
    struct dpor *d = &p->order;
    d->done = moment->done;
    if (d->depth > 0) {
        dpor_finish(d, moment->enabled);
        add_event(p);
    }
    d->enabled = moment->enabled;
    d->runnable = moment->enabled & ~moment->blocked;
    memcpy(d->pending, moment->pending, sizeof(d->pending));
    d->nodes[d->depth].enabled = moment->enabled;
    d->nodes[d->depth].runnable = d->runnable;
    footprint_clear(&d->nodes[d->depth].chosen);
    d->count = d->depth + 1;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    struct pruned *p = self;
    struct dpor *d = &p->order;
    p->lost = p->lost || d->depth + 1 >= DPOR_DEPTH ||
              p->schedules.depth >= EXHAUSTIVE_DEPTH ||
              d->decided_count == DPOR_DECISIONS;
    struct moment now = *moment;
    if ((moment->enabled & ~moment->blocked) != 0) {
        now.enabled &= ~moment->blocked; /* they would only wait */
    }
    if (!p->lost) {
        look(p, moment);
        if (p->schedules.depth == p->schedules.count && is_met(p, &now)) {
            p->met++;
            return (struct pick){.thread = DPOR_NOBODY, .distance = 1};
        }
        p->begun[p->schedules.depth] = (uint16_t)d->depth;
    }
    uint32_t thread = exhaustive_pick(&p->schedules, &now);
    if (!p->lost) {
        dpor_start(d, thread);
    }
    return (struct pick){.thread = thread, .distance = 1};
}

static uint32_t choose(void *self, uint32_t below)
{
    struct pruned *p = self;
    struct dpor *d = &p->order;
    p->lost = p->lost || p->schedules.depth >= EXHAUSTIVE_DEPTH ||
              d->decided_count == DPOR_DECISIONS;
    if (p->lost) {
        return exhaustive_choose(&p->schedules, below);
    }
    p->begun[p->schedules.depth] = (uint16_t)(d->depth == 0 ? 0 : d->depth - 1);
    uint32_t value = exhaustive_choose(&p->schedules, below);
    d->decided[d->decided_count++] =
        (struct decided){.event = d->depth == 0 ? NO_EVENT : d->depth - 1,
                         .below = (uint8_t)below,
                         .value = (uint8_t)value};
    return value;
}

static bool end(void *self)
{
    struct pruned *p = self;
    if (p->lost) { /* what it did is not known event by event */
        memset(p->begun, 0, sizeof(p->begun));
    }
    return exhaustive_end(&p->schedules);
}

static bool complete(const void *self)
{
    const struct pruned *p = self;
    return exhaustive_complete(&p->schedules);
}

static void tell(const void *self, struct search_tally *tally)
{
    const struct pruned *p = self;
    tally->saved.met = p->met;
    tally->saved.full = p->states.full;
}

static void release(void *self)
{
    struct pruned *p = self;
    dpor_release(&p->order);
    states_release(&p->states);
}

const struct strategy strategy_pruned = {
    .name = "exhaustive, pruned",
    .about = "the same, but for what follows a state met before",
    .size = sizeof(struct pruned),
    .attentive = true,
    .searches = true,
    .begin = begin,
    .pick = pick,
    .end = end,
    .complete = complete,
    .tally = tell,
    .release = release,
    .choose = choose,
};
