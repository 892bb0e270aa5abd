/*
 * SURW: uniform over the orders of a few operations that matter.
 *
 * Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing",
 * ASPLOS 2025.  Each run chooses what is interesting: the operations on one
 * shared location, or (one run in four) on all of them.  The thread whose turn
 * it is in their order is drawn by how many of them it has left, and whoever
 * comes to one out of turn is held back; all else goes on at random.  If the
 * counts of the profile hold and nothing blocks, every order of the interesting
 * operations is equally likely, however many others there are.
 *
 * Counts that do not hold only make the law an approximation: when nobody else
 * can go on, those held back do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>

enum {
    ALL_EVERY = 4 /* one run in so many finds all shared locations
                   * interesting */
};

struct surw {
    const struct survey *survey;
    uint32_t place;                  /* of the survey; its count: all of them */
    uint32_t left[STRATEGY_THREADS]; /* interesting operations to come */
    uint32_t intended;               /* whose turn it is in their order */
    uint32_t running; /* who is doing one now, or STRATEGY_THREADS */
};

/* Whose turn is next: by what is left. */
static void intend(struct surw *s, uint64_t among, struct choice *choice)
{
    uint64_t sum = 0;
    for (uint64_t left = among; left != 0; left &= left - 1) {
        sum += s->left[__builtin_ctzll(left)];
    }
    s->intended = STRATEGY_THREADS;
    if (sum == 0) {
        return;
    }
    uint64_t at = strategy_below(choice, sum);
    for (uint64_t left = among; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        if (at < s->left[t]) {
            s->intended = t;
            return;
        }
        at -= s->left[t];
    }
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct surw *s = self;
    const struct survey *survey = profile->survey;
    *s = (struct surw){.survey = survey, .running = STRATEGY_THREADS};
    if (survey == NULL || survey->shared == 0) {
        s->survey = NULL;
        return true;
    }
    bool all = strategy_below(choice, ALL_EVERY) == 0;
    uint32_t which = (uint32_t)strategy_below(choice, survey->shared);
    s->place = all ? survey->count : survey_shared(survey, which);
    for (uint32_t t = 0; t < STRATEGY_THREADS; t++) {
        s->left[t] = survey_mean(survey, s->place, t);
    }
    intend(s, UINT64_MAX, choice);
    return true;
}

static bool is_interesting(const struct surw *s, const struct operation *o)
{
    uint32_t place = survey_find(s->survey, o);
    if (place == s->survey->count) {
        return false;
    }
    return s->place == s->survey->count ? survey_is_shared(s->survey, place)
                                        : place == s->place;
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct surw *s = self;
    assert(moment->pending != NULL);
    uint64_t free = moment->enabled & ~moment->blocked;
    free = free != 0 ? free : moment->enabled;
    if (s->survey == NULL) {
        return (struct pick){.thread = strategy_any(free, choice),
                             .distance = 1};
    }
    uint64_t held = 0;
    uint64_t interesting = 0;
    for (uint64_t left = free; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        uint64_t bit = left & (~left + 1);
        if (is_interesting(s, &moment->pending[t])) {
            interesting |= bit;
            held |= t != s->intended ? bit : 0;
        }
    }
    uint64_t among = (free & ~held) != 0 ? free & ~held : free;
    uint32_t chosen = strategy_any(among, choice);
    if ((interesting >> chosen & 1) != 0) {
        s->left[chosen] -= s->left[chosen] > 0 ? 1 : 0;
        intend(s, UINT64_MAX, choice);
    }
    return (struct pick){.thread = chosen, .distance = 1};
}

const struct strategy strategy_surw = {
    .name = "surw",
    .about = "all orders of the operations on one shared location alike",
    .size = sizeof(struct surw),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
