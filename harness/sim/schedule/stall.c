/*
 * Stall: threads that rest at the worst place, while the others go on finely.
 *
 * Most flaws need two things at once: that somebody stands still between two of
 * his accesses for as long as the others have anything to do (a stale pointer,
 * an announcement that comes late), and that those others meet in an unusual
 * order.  Bounded strategies (pct.c, delay.c) have the first without the
 * second, samplers of orders (pos.c, urw.c, surw.c) the second without the
 * first: their chance of keeping one at rest falls with every step.
 *
 *     T0  ---|  held before its access no. 3 ............  |------
 *     T1     -- - --- --  POS                        - ---
 *     T2     - --- - -    POS                       --- --
 *
 * Up to HOLDS_MAX holds are drawn for a run: a thread, and which of its
 * operations on shared locations (as the survey has them) it is held before, or
 * the next one that is not the first of a call: who has looked at nothing yet
 * does no harm by resting.  Half of them tend to the beginning, since who rests
 * early rests longest.  Where nobody else can go on, or gets anywhere, the
 * oldest hold ends.
 *
 * The others are scheduled by POS; one run in SELECTIVE_EVERY lets the law of
 * SURW decide about the operations on what it selects.  One choice in
 * NOISE_EVERY is uniform, which gives many short alternations, of which POS has
 * few, and leaves nobody waiting for a turn that never comes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"
#include "harness/sim/schedule/selection.h"

#include <assert.h>

enum {
    HOLDS_MAX = 3,
    SELECTIVE_EVERY = 4,
    NOISE_EVERY = 8,
    PATIENCE = 4, /* lengths of a profile run, in which others go on */
};

struct hold {
    uint32_t thread;
    uint32_t before; /* which of its operations on shared locations */
    uint64_t until;  /* step, when it has begun; 0: it has not */
    bool over;
};

struct stall {
    const struct survey *survey;
    struct priorities priorities;
    struct selection selection;
    uint64_t patience; /* steps */
    uint32_t holds_count;
    struct hold holds[HOLDS_MAX];
    uint32_t made[STRATEGY_THREADS]; /* operations on shared locations */
    uint64_t inside; /* bits: has made one since its last call began */
};

static void draw_hold(struct stall *s, const struct profile *profile,
                      struct choice *choice)
{
    assert(s->holds_count < HOLDS_MAX && profile->threads > 0);
    uint32_t thread = (uint32_t)strategy_below(choice, profile->threads);
    uint64_t most = survey_mean(s->survey, s->survey->count, thread);
    bool early = strategy_below(choice, 2) == 0;
    if (most == 0) {
        return; /* it shares nothing */
    }
    uint64_t before = strategy_below(choice, most);
    before = early ? strategy_below(choice, before + 1) : before;
    s->holds[s->holds_count++] =
        (struct hold){.thread = thread, .before = (uint32_t)before};
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct stall *s = self;
    *s = (struct stall){.survey = profile->survey,
                        .patience = PATIENCE * profile->steps};
    bool shared = s->survey != NULL && s->survey->shared > 0;
    bool selective = strategy_below(choice, SELECTIVE_EVERY) == 0;
    selection_begin(&s->selection, selective ? s->survey : NULL, choice);
    uint64_t wanted = shared ? strategy_below(choice, HOLDS_MAX + 1) : 0;
    while (wanted-- > 0) {
        draw_hold(s, profile, choice);
    }
    return true;
}

static bool is_shared(const struct stall *s, const struct operation *o)
{
    uint32_t place = survey_find(s->survey, o);
    return place < s->survey->count && survey_is_shared(s->survey, place);
}

/* Whether the thread of `h` is to rest now. */
static bool holds(const struct stall *s, struct hold *h,
                  const struct moment *moment)
{
    assert(h->thread < STRATEGY_THREADS);
    if (h->until == 0 && !h->over && (moment->enabled >> h->thread & 1) != 0 &&
        s->made[h->thread] >= h->before && (s->inside >> h->thread & 1) != 0 &&
        is_shared(s, &moment->pending[h->thread])) {
        h->until = moment->step + s->patience;
    }
    h->over |= h->until != 0 && moment->step >= h->until;
    return h->until != 0 && !h->over;
}

/* Who rests now, as bits; *longest is the hold that began first, or NULL. */
static uint64_t resting(struct stall *s, const struct moment *moment,
                        struct hold **longest)
{
    uint64_t resting = 0;
    *longest = NULL;
    for (uint32_t i = 0; i < s->holds_count; i++) {
        struct hold *h = &s->holds[i];
        if (!holds(s, h, moment)) {
            continue;
        }
        resting |= (uint64_t)1 << h->thread;
        if (*longest == NULL || h->until < (*longest)->until) {
            *longest = h;
        }
    }
    return resting;
}

/* Who of `free` may run; not empty. */
static uint64_t unstalled(struct stall *s, const struct moment *moment,
                          uint64_t free)
{
    assert(free != 0);
    struct hold *longest = NULL;
    uint64_t held = resting(s, moment, &longest);
    while ((free & ~held) == 0) {
        assert(longest != NULL);
        longest->over = true;
        held = resting(s, moment, &longest);
    }
    return free & ~held;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct stall *s = self;
    assert(moment->pending != NULL && moment->enabled != 0);
    if (moment->done != NULL && moment->done->returned &&
        moment->running < STRATEGY_THREADS) {
        s->inside &= ~((uint64_t)1 << moment->running);
    }
    uint64_t free = moment->enabled & ~moment->blocked;
    free = unstalled(s, moment, free != 0 ? free : moment->enabled);
    uint64_t found = selection_find(&s->selection, moment, free);
    uint64_t among = free & ~selection_held(&s->selection, found);
    among = among != 0 ? among : free;
    priorities_draw(&s->priorities, moment, choice);
    uint32_t chosen = strategy_below(choice, NOISE_EVERY) == 0
                          ? strategy_any(free, choice)
                          : priorities_highest(&s->priorities, among);
    const struct operation *next = &moment->pending[chosen];
    s->priorities.done = *next;
    if ((found >> chosen & 1) != 0) {
        selection_take(&s->selection, chosen, choice);
    }
    if (s->holds_count > 0 && is_shared(s, next)) {
        s->made[chosen]++;
        s->inside |= (uint64_t)1 << chosen;
    }
    return (struct pick){.thread = chosen, .distance = 1};
}

const struct strategy strategy_stall = {
    .name = "stall",
    .about = "POS, while up to 3 threads are held before a shared access",
    .size = sizeof(struct stall),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
