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
    SLICE = 5, /* points of a turn: long enough to get somewhere */
    CELL = 8,  /* bytes of memory in a cell of the index */
    FULL = SURVEY_CELLS / 4 * 3,
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

static uint32_t size_of(const struct operation *o)
{
    return o->size == 0 ? 1 : o->size;
}

static bool overlaps(const struct surveyed *place, const struct operation *o)
{
    uintptr_t at = (uintptr_t)o->location;
    uintptr_t from = (uintptr_t)place->location;
    return at < from + place->size && from < at + size_of(o);
}

static bool writes(const struct operation *o)
{
    return o->kind != FL_STEP_LOAD;
}

uint32_t survey_find_slowly(const struct survey *s, const struct operation *o)
{
    if (o->location == NULL || o->starts) {
        return s->count;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (overlaps(&s->places[i], o)) {
            return i;
        }
    }
    return s->count;
}

/* The entry of a cell, or the free one that it would have. */
static uint32_t entry_of(const struct survey *s, uintptr_t cell)
{
    uint32_t i = (uint32_t)(cell * 0x9e3779b97f4a7c15u >> 32) % SURVEY_CELLS;
    while (s->cells[i].places != 0 && s->cells[i].cell != cell) {
        i = (i + 1) % SURVEY_CELLS;
    }
    return i;
}

uint32_t survey_find(const struct survey *s, const struct operation *o)
{
    if (!s->indexed) {
        return survey_find_slowly(s, o);
    }
    if (o->location == NULL || o->starts) {
        return s->count;
    }
    uintptr_t cell = (uintptr_t)o->location / CELL;
    uintptr_t last = ((uintptr_t)o->location + size_of(o) - 1) / CELL;
    uint64_t near = s->cells[entry_of(s, cell)].places;
    while (cell++ < last) {
        near |= s->cells[entry_of(s, cell)].places;
    }
    for (; near != 0; near &= near - 1) {
        uint32_t place = (uint32_t)__builtin_ctzll(near);
        if (overlaps(&s->places[place], o)) {
            return place;
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
    uint32_t place = survey_find_slowly(s, o);
    if (place == s->count) {
        if (s->count == SURVEY_PLACES) {
            return;
        }
        s->places[s->count++] =
            (struct surveyed){.location = o->location, .size = size_of(o)};
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

/* What survey_find() looks into.  Without room for all it looks at every place
 * instead. */
static void make_index(struct survey *s)
{
    memset(s->cells, 0, sizeof(s->cells));
    uint32_t used = 0;
    for (uint32_t i = 0; i < s->count && used <= FULL; i++) {
        uintptr_t at = (uintptr_t)s->places[i].location;
        uintptr_t last = (at + s->places[i].size - 1) / CELL;
        for (uintptr_t cell = at / CELL; cell <= last && used <= FULL; cell++) {
            struct survey_cell *c = &s->cells[entry_of(s, cell)];
            used += c->places == 0 ? 1 : 0;
            c->cell = cell;
            c->places |= (uint64_t)1 << i;
        }
    }
    s->indexed = used <= FULL;
}

void survey_end(struct survey *s)
{
    s->runs++;
    s->shared_bits = 0;
    memset(s->operations, 0, sizeof(s->operations));
    for (uint32_t i = 0; i < s->count; i++) {
        if (!is_shared(&s->places[i])) {
            continue;
        }
        s->shared_bits |= (uint64_t)1 << i;
        for (uint32_t t = 0; t < STRATEGY_THREADS; t++) {
            s->operations[t] += s->places[i].operations[t];
        }
    }
    s->shared = (uint32_t)__builtin_popcountll(s->shared_bits);
    s->threads = STRATEGY_THREADS;
    while (s->threads > 0 && s->points[s->threads - 1] == 0) {
        s->threads--;
    }
    make_index(s);
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
    assert(s->runs > 0 && thread < STRATEGY_THREADS && place <= s->count);
    uint64_t sum = place == s->count ? s->operations[thread]
                                     : s->places[place].operations[thread];
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
