/*
 * The survey: round robin by single points, taking notes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/survey.h"
#include "harness/sim/schedule/strategy.h"

#include <assert.h>
#include <string.h>

enum {
    SLICE = 5 /* points of a turn: long enough to get somewhere */
};

// cppcheck-suppress constParameter ; the port is the same for all strategies
static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    (void)profile;
    (void)choice;
    assert(self != NULL);
    return true;
}

static bool writes(const struct operation *o)
{
    return o->kind != FL_STEP_LOAD;
}

uint32_t survey_find(const struct survey *s, const struct operation *o)
{
    if (o->location == NULL || o->starts) {
        return s->count;
    }
    uintptr_t at = (uintptr_t)o->location;
    uint32_t size = o->size == 0 ? 1 : o->size;
    for (uint32_t i = 0; i < s->count; i++) {
        uintptr_t place = (uintptr_t)s->places[i].location;
        if (at < place + s->places[i].size && place < at + size) {
            return i;
        }
    }
    return s->count;
}

static void note(struct survey *s, const struct operation *o, uint32_t thread)
{
    assert(thread < STRATEGY_THREADS);
    if (o->location == NULL || o->starts) {
        return;
    }
    uint32_t place = survey_find(s, o);
    if (place == s->count) {
        if (s->count == SURVEY_PLACES) {
            return;
        }
        s->places[s->count++] = (struct surveyed){
            .location = o->location, .size = o->size == 0 ? 1 : o->size};
    }
    s->places[place].operations[thread]++;
    s->places[place].written |= writes(o);
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    (void)choice;
    struct survey *s = self;
    assert(moment->pending != NULL && moment->enabled != 0);
    uint32_t chosen = moment->running;
    bool stays = chosen < STRATEGY_THREADS && !moment->forced &&
                 moment->step % SLICE != 0;
    if (!stays) {
        uint64_t behind =
            chosen >= STRATEGY_THREADS - 1
                ? 0
                : moment->enabled & ~(((uint64_t)2 << chosen) - 1);
        chosen =
            (uint32_t)__builtin_ctzll(behind != 0 ? behind : moment->enabled);
    }
    s->points[chosen]++;
    s->steps++;
    note(s, &moment->pending[chosen], chosen);
    return (struct pick){.thread = chosen, .distance = 1};
}

static bool is_shared(const struct surveyed *place)
{
    uint32_t users = 0;
    for (uint32_t t = 0; t < STRATEGY_THREADS; t++) {
        users += place->operations[t] > 0 ? 1 : 0;
    }
    return users > 1 && place->written;
}

void survey_end(struct survey *s)
{
    s->runs++;
    s->shared_bits = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (is_shared(&s->places[i])) {
            s->shared_bits |= (uint64_t)1 << i;
        }
    }
    s->shared = (uint32_t)__builtin_popcountll(s->shared_bits);
}

bool survey_is_shared(const struct survey *s, uint32_t place)
{
    assert(place < s->count);
    return (s->shared_bits >> place & 1) != 0;
}

uint32_t survey_shared(const struct survey *s, uint32_t which)
{
    assert(which < s->shared);
    uint64_t bits = s->shared_bits;
    while (which-- > 0) {
        bits &= bits - 1;
    }
    return (uint32_t)__builtin_ctzll(bits);
}

uint32_t survey_mean(const struct survey *s, uint32_t place, uint32_t thread)
{
    assert(s->runs > 0 && thread < STRATEGY_THREADS);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (i == place || (place == s->count && survey_is_shared(s, i))) {
            sum += s->places[i].operations[thread];
        }
    }
    return (uint32_t)((sum + s->runs - 1) / s->runs);
}

const struct strategy strategy_survey = {
    .name = "survey",
    .about = "turns of some points, taking notes for other strategies",
    .size = sizeof(struct survey),
    .attentive = true,
    .begin = begin,
    .pick = pick,
};
