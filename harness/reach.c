/*
 * Reach: accesses, pairs and ways, noted and joined.
 *
 * Members are written before they are counted: a count is stored with release,
 * and loaded with acquire by whoever joins the sets of a worker that goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach.h"

#include "harness/reach_book.h"

#include <assert.h>
#include <string.h>

enum {
    WORD_BITS = 64
};

static uint64_t hash(uint64_t at)
{
    return at * 0x9e3779b97f4a7c15u >> 32;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t word = (a ^ b >> 32 ^ b << 32) * 0x9e3779b97f4a7c15u;
    word = (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
    return word ^ word >> 32;
}

/* What this worker counted: nobody else stores it. */
static uint32_t own(const _Atomic uint32_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

/* A member was written.  Pairs with seen(). */
static void count_member(_Atomic uint32_t *count)
{
    atomic_store_explicit(count, own(count) + 1, memory_order_release);
}

/* The members that can be read.  Pairs with count_member(). */
static uint32_t seen(const _Atomic uint32_t *count)
{
    return atomic_load_explicit(count, memory_order_acquire);
}

/* A fact that needs no other one: relaxed. */
static void set_flag(_Atomic bool *flag)
{
    atomic_store_explicit(flag, true, memory_order_relaxed);
}

static bool is_set(const _Atomic bool *flag)
{
    return atomic_load_explicit(flag, memory_order_relaxed);
}

static uint64_t word_of(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void set_word(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

uint32_t reach_sample(uint64_t first, uint64_t index)
{
    assert(index >= first);
    if (index - first < REACH_FIRST) {
        return (uint32_t)(index - first);
    }
    uint64_t sample = REACH_FIRST + index / REACH_EVERY - first / REACH_EVERY;
    return index % REACH_EVERY == 0 && sample < REACH_SAMPLES ? (uint32_t)sample
                                                              : REACH_SAMPLES;
}

/* How many numbers runs below `next` may have. */
static uint64_t samples_below(uint64_t first, uint64_t next)
{
    if (next <= first) {
        return 0;
    }
    if (next - first < REACH_FIRST) {
        return next - first;
    }
    uint64_t rounds = next / REACH_EVERY + (next % REACH_EVERY != 0);
    uint64_t samples = REACH_FIRST + rounds - first / REACH_EVERY;
    return samples < REACH_SAMPLES ? samples : REACH_SAMPLES;
}

void reach_next(struct reach *reach, uint64_t index, uint32_t sample)
{
    assert(sample <= REACH_SAMPLES);
    if (sample == REACH_SAMPLES) {
        set_word(&reach->searched, word_of(&reach->searched) + 1);
    } else {
        _Atomic uint64_t *word = &reach->looked[sample / WORD_BITS];
        set_word(word, word_of(word) | (uint64_t)1 << sample % WORD_BITS);
    }
    reach->index = index;
    reach->searches = sample == REACH_SAMPLES;
}

void reach_begin(struct reach *reach, uint64_t index)
{
    assert(reach->searches || reach->index == index);
    (void)index;
    reach->runs++;
    reach->way = 0; /* of a run in which a worker died */
    memset(reach->accesses, 0, sizeof(reach->accesses));
}

void reach_add_way(struct reach *reach, struct reach_way way)
{
    assert(way.way != 0);
    uint32_t at = (uint32_t)way.way % (2 * REACH_WAYS);
    while (reach->way_numbers[at] != 0 &&
           reach->ways[reach->way_numbers[at] - 1].way != way.way) {
        at = (at + 1) % (2 * REACH_WAYS);
    }
    uint32_t number = reach->way_numbers[at];
    if (number != 0) {
        struct reach_way *known = &reach->ways[number - 1];
        known->index = way.index < known->index ? way.index : known->index;
        return;
    }
    number = own(&reach->ways_count);
    if (number == REACH_WAYS) {
        set_flag(&reach->ways_full);
        return;
    }
    reach->ways[number] = way;
    reach->way_numbers[at] = (uint16_t)(number + 1);
    count_member(&reach->ways_count);
}

void reach_end(struct reach *reach)
{
    if (reach->way != 0) {
        reach_add_way(reach, (struct reach_way){.way = reach->way,
                                                .index = reach->index});
    }
    reach->way = 0;
}

/* Where the number of `code` is, or would be. */
static uint32_t slot_of(const struct reach *reach, uint64_t code)
{
    uint32_t slot = (uint32_t)hash(code) % (2 * REACH_SITES);
    while (reach->numbers[slot] != 0 &&
           reach->sites[reach->numbers[slot] - 1].code != code) {
        slot = (slot + 1) % (2 * REACH_SITES);
    }
    return slot;
}

uint32_t reach_add_site(struct reach *reach, uint64_t code, uint64_t index)
{
    uint32_t slot = slot_of(reach, code);
    uint32_t number = reach->numbers[slot];
    if (number == 0) {
        number = own(&reach->sites_count);
        if (number == REACH_SITES) {
            set_flag(&reach->full);
            return REACH_SITES;
        }
        reach->sites[number] =
            (struct reach_site){.code = code, .index = index};
        reach->numbers[slot] = (uint16_t)(number + 1);
        count_member(&reach->sites_count);
        return number;
    }
    struct reach_site *site = &reach->sites[number - 1];
    if (index < site->index) {
        site->index = index;
    }
    return number - 1;
}

/* The pair, which is known. */
static struct reach_pair *find_pair(struct reach *reach, uint32_t writer,
                                    uint32_t reader)
{
    for (uint32_t i = 0; i < own(&reach->pairs_count); i++) {
        struct reach_pair *p = &reach->pairs[i];
        if (p->writer == writer && p->reader == reader) {
            return p;
        }
    }
    return NULL;
}

/* Notes the pair.  False: it was noted before. */
static bool note_pair(struct reach *reach, struct reach_pair pair)
{
    assert(pair.writer < REACH_SITES && pair.reader < REACH_SITES);
    uint64_t *met = &reach->met[pair.writer][pair.reader / WORD_BITS];
    uint64_t bit = (uint64_t)1 << pair.reader % WORD_BITS;
    if ((*met & bit) != 0) {
        return false;
    }
    uint32_t count = own(&reach->pairs_count);
    if (count == REACH_PAIRS) {
        set_flag(&reach->full);
        return true;
    }
    *met |= bit;
    reach->pairs[count] = pair;
    count_member(&reach->pairs_count);
    return true;
}

void reach_add_pair(struct reach *reach, struct reach_pair pair)
{
    if (!note_pair(reach, pair)) {
        struct reach_pair *known = find_pair(reach, pair.writer, pair.reader);
        assert(known != NULL);
        known->index = pair.index < known->index ? pair.index : known->index;
    }
}

/* What is known of a location in the run in hand; NULL: there are too many. */
static struct reach_place *place_of(struct reach *reach, const void *location)
{
    uint32_t at = (uint32_t)hash((uintptr_t)location >> 2);
    for (uint32_t i = 0; i < REACH_PLACES; i++) {
        struct reach_place *p = &reach->places[(at + i) % REACH_PLACES];
        if (p->run != reach->runs) {
            *p = (struct reach_place){.location = location,
                                      .run = reach->runs,
                                      .writer = REACH_SITES};
        }
        if (p->location == location) {
            return p;
        }
    }
    return NULL;
}

void reach_access(struct reach *reach, uint32_t thread,
                  const struct operation *access)
{
    bool writes =
        access->kind == FL_STEP_STORE || access->kind == FL_STEP_UPDATE;
    bool reads = access->kind == FL_STEP_LOAD || access->kind == FL_STEP_UPDATE;
    assert(thread < sizeof(reach->accesses) / sizeof(reach->accesses[0]));
    if (!reads && !writes) {
        return;
    }
    uint64_t code = reach_code_of(reach->book, access->pc);
    uint32_t site = reach_add_site(reach, code, reach->index);
    struct reach_place *place = place_of(reach, access->location);
    if (place == NULL) {
        set_flag(&reach->full);
    }
    if (site == REACH_SITES || place == NULL) {
        return;
    }
    uint64_t when = (uint64_t)thread << 32 | ++reach->accesses[thread];
    if (reads) {
        /* What threads do in between is in no order: so is the sum. */
        reach->way += mix(mix(when, code), place->when);
    }
    if (reads && place->writer != REACH_SITES) {
        (void)note_pair(reach,
                        (struct reach_pair){.writer = (uint16_t)place->writer,
                                            .reader = (uint16_t)site,
                                            .index = reach->index});
    }
    if (writes) {
        place->writer = site;
        place->when = when;
    }
}

/* The runs that were looked at. */
static void join_looked(struct reach *all, const struct reach *others,
                        uint64_t next)
{
    uint64_t below = samples_below(others->first, next);
    for (uint64_t i = 0; i * WORD_BITS < below; i++) {
        uint64_t left = below - i * WORD_BITS;
        uint64_t mask =
            left < WORD_BITS ? ((uint64_t)1 << left) - 1 : UINT64_MAX;
        set_word(&all->looked[i], word_of(&all->looked[i]) |
                                      (word_of(&others->looked[i]) & mask));
    }
    uint64_t searched = word_of(&others->searched);
    if (searched > word_of(&all->searched)) {
        set_word(&all->searched, searched);
    }
}

void reach_join(struct reach *all, const struct reach *others, uint64_t next)
{
    uint16_t number[REACH_SITES];
    /* Backwards: a pair that is there has its sites there. */
    uint32_t ways = seen(&others->ways_count);
    uint32_t pairs = seen(&others->pairs_count);
    uint32_t sites = seen(&others->sites_count);
    assert(sites <= REACH_SITES && pairs <= REACH_PAIRS && ways <= REACH_WAYS);
    join_looked(all, others, next);
    if (is_set(&others->full)) {
        set_flag(&all->full);
    }
    if (is_set(&others->ways_full)) {
        set_flag(&all->ways_full);
    }
    for (uint32_t i = 0; i < sites; i++) {
        const struct reach_site *s = &others->sites[i];
        number[i] = s->index < next
                        ? (uint16_t)reach_add_site(all, s->code, s->index)
                        : REACH_SITES;
    }
    for (uint32_t i = 0; i < ways; i++) {
        if (others->ways[i].index < next) {
            reach_add_way(all, others->ways[i]);
        }
    }
    for (uint32_t i = 0; i < pairs; i++) {
        struct reach_pair pair = others->pairs[i];
        pair.writer = number[pair.writer];
        pair.reader = number[pair.reader];
        if (pair.index < next && pair.writer != REACH_SITES &&
            pair.reader != REACH_SITES) {
            reach_add_pair(all, pair);
        }
    }
}

uint64_t reach_looked(const struct reach *reach)
{
    uint64_t looked = word_of(&reach->searched);
    for (uint32_t i = 0; i < REACH_SAMPLES / WORD_BITS; i++) {
        looked += (uint64_t)__builtin_popcountll(word_of(&reach->looked[i]));
    }
    return looked;
}

uint64_t reach_new_until(const struct reach *reach)
{
    uint64_t until = 0;
    for (uint32_t i = 0; i < own(&reach->sites_count); i++) {
        uint64_t index = reach->sites[i].index;
        until = index >= until ? index + 1 : until;
    }
    for (uint32_t i = 0; i < own(&reach->pairs_count); i++) {
        uint64_t index = reach->pairs[i].index;
        until = index >= until ? index + 1 : until;
    }
    return until;
}

bool reach_has(const struct reach *reach, uint64_t code)
{
    return reach->numbers[slot_of(reach, code)] != 0;
}
