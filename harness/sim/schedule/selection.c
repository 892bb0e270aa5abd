/*
 * A selection: the operations of a run whose order is drawn, and their order.
 *
 * The turn is drawn by how many selected operations each thread has left, as
 * the survey counted them: then all orders are alike (surw.c has the paper).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/selection.h"

#include <assert.h>

enum {
    ALL_EVERY = 4 /* one run in so many selects all shared locations */
};

/* Whose turn is next: by what is left. */
static void intend(struct selection *s, struct choice *choice)
{
    uint64_t sum = 0;
    for (uint32_t t = 0; t < s->survey->threads; t++) {
        sum += s->left[t];
    }
    s->intended = STRATEGY_THREADS;
    if (sum == 0) {
        return;
    }
    uint64_t at = strategy_below(choice, sum);
    uint32_t t = 0;
    while (at >= s->left[t]) {
        at -= s->left[t];
        t++;
    }
    assert(t < STRATEGY_THREADS);
    s->intended = t;
}

void selection_begin(struct selection *s, const struct survey *survey,
                     struct choice *choice)
{
    *s = (struct selection){.survey = survey, .intended = STRATEGY_THREADS};
    if (survey == NULL || survey->shared == 0) {
        s->survey = NULL;
        return;
    }
    bool all = strategy_below(choice, ALL_EVERY) == 0;
    uint32_t which = (uint32_t)strategy_below(choice, survey->shared);
    s->place = all ? survey->count : survey_shared(survey, which);
    for (uint32_t t = 0; t < survey->threads; t++) {
        s->left[t] = survey_mean(survey, s->place, t);
    }
    intend(s, choice);
}

static bool is_selected(const struct selection *s, const struct operation *o)
{
    uint32_t place = survey_find(s->survey, o);
    if (place == s->survey->count) {
        return false;
    }
    return s->place == s->survey->count ? survey_is_shared(s->survey, place)
                                        : place == s->place;
}

uint64_t selection_find(const struct selection *s, const struct moment *moment,
                        uint64_t among)
{
    assert(moment->pending != NULL);
    uint64_t found = 0;
    for (uint64_t left = s->survey == NULL ? 0 : among; left != 0;
         left &= left - 1) {
        if (is_selected(s, &moment->pending[__builtin_ctzll(left)])) {
            found |= left & (~left + 1);
        }
    }
    return found;
}

uint64_t selection_held(const struct selection *s, uint64_t found)
{
    return s->intended >= STRATEGY_THREADS
               ? found
               : found & ~((uint64_t)1 << s->intended);
}

void selection_take(struct selection *s, uint32_t thread, struct choice *choice)
{
    assert(thread < STRATEGY_THREADS);
    s->left[thread] -= s->left[thread] > 0 ? 1 : 0;
    intend(s, choice);
}
