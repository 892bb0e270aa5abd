/*
 * Reach: accesses and pairs, noted and joined.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach.h"

#include <assert.h>
#include <string.h>

static uint64_t hash(uintptr_t at)
{
    return (uint64_t)at * 0x9e3779b97f4a7c15u >> 32;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t word = (a ^ b >> 32 ^ b << 32) * 0x9e3779b97f4a7c15u;
    word = (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
    return word ^ word >> 32;
}

/* Keeps a way, unless there is no room: half of it stays empty. */
static void note_way(struct reach *reach, uint64_t way)
{
    uint32_t at = (uint32_t)way % REACH_WAYS;
    while (reach->ways[at] != 0 && reach->ways[at] != way) {
        at = (at + 1) % REACH_WAYS;
    }
    if (reach->ways[at] == 0 && reach->ways_count == REACH_WAYS / 2) {
        reach->full = true;
    } else if (reach->ways[at] == 0) {
        reach->ways[at] = way;
        reach->ways_count++;
    }
}

/* The run in hand is over. */
static void end_run(struct reach *reach)
{
    if (reach->way != 0) {
        note_way(reach, reach->way);
    }
    reach->way = 0;
    memset(reach->accesses, 0, sizeof(reach->accesses));
}

void reach_begin(struct reach *reach, uint64_t index)
{
    end_run(reach);
    reach->looked++;
    reach->index = index;
}

/* Where the number of `pc` is, or would be. */
static uint32_t slot_of(const struct reach *reach, uintptr_t pc)
{
    uint32_t slot = (uint32_t)hash(pc) % (2 * REACH_SITES);
    while (reach->numbers[slot] != 0 &&
           reach->sites[reach->numbers[slot] - 1].pc != pc) {
        slot = (slot + 1) % (2 * REACH_SITES);
    }
    return slot;
}

/* The number of the access at `pc`, which run `index` made; REACH_SITES: there
 * is no room. */
static uint32_t note_site(struct reach *reach, uintptr_t pc, uint64_t index)
{
    uint32_t slot = slot_of(reach, pc);
    uint32_t number = reach->numbers[slot];
    if (number == 0) {
        if (reach->sites_count == REACH_SITES) {
            reach->full = true;
            return REACH_SITES;
        }
        reach->sites[reach->sites_count++] =
            (struct reach_site){.pc = pc, .index = index};
        number = reach->sites_count;
        reach->numbers[slot] = (uint16_t)number;
    }
    struct reach_site *site = &reach->sites[number - 1];
    site->index = index < site->index ? index : site->index;
    return number - 1;
}

/* Run `index` showed the pair: it is looked for only where that is new, or an
 * earlier run than those before. */
static void note_pair(struct reach *reach, uint32_t writer, uint32_t reader,
                      uint64_t index)
{
    assert(writer < REACH_SITES && reader < REACH_SITES);
    uint64_t *met = &reach->met[writer][reader / 64];
    uint64_t bit = (uint64_t)1 << reader % 64;
    if ((*met & bit) == 0) {
        if (reach->pairs_count == REACH_PAIRS) {
            reach->full = true;
            return;
        }
        *met |= bit;
        reach->pairs[reach->pairs_count++] =
            (struct reach_pair){.writer = (uint16_t)writer,
                                .reader = (uint16_t)reader,
                                .index = index};
    }
}

/* What is known of a location in the run in hand; NULL: there are too many. */
static struct reach_place *place_of(struct reach *reach, const void *location)
{
    uint32_t at = (uint32_t)hash((uintptr_t)location >> 2);
    for (uint32_t i = 0; i < REACH_PLACES; i++) {
        struct reach_place *p = &reach->places[(at + i) % REACH_PLACES];
        if (p->run != reach->looked) {
            *p = (struct reach_place){.location = location,
                                      .run = reach->looked,
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
    uint32_t site = note_site(reach, access->pc, reach->index);
    struct reach_place *place = place_of(reach, access->location);
    if (site == REACH_SITES || place == NULL) {
        return;
    }
    uint64_t when = (uint64_t)thread << 32 | ++reach->accesses[thread];
    if (reads) {
        /* What threads do in between is in no order: so is the sum. */
        reach->way += mix(mix(when, access->pc), place->when);
    }
    if (reads && place->writer != REACH_SITES) {
        note_pair(reach, place->writer, site, reach->index);
    }
    if (writes) {
        place->writer = site;
        place->when = when;
    }
}

/* The pair, if it is known. */
static struct reach_pair *find_pair(struct reach *reach, uint32_t writer,
                                    uint32_t reader)
{
    for (uint32_t i = 0; i < reach->pairs_count; i++) {
        struct reach_pair *p = &reach->pairs[i];
        if (p->writer == writer && p->reader == reader) {
            return p;
        }
    }
    return NULL;
}

void reach_join(struct reach *all, struct reach *others)
{
    uint16_t number[REACH_SITES] = {0};
    end_run(others);
    assert(others->sites_count <= REACH_SITES);
    all->looked += others->looked;
    all->full = all->full || others->full;
    for (uint32_t i = 0; i < others->sites_count; i++) {
        const struct reach_site *s = &others->sites[i];
        number[i] = (uint16_t)note_site(all, s->pc, s->index);
    }
    for (uint32_t i = 0; i < REACH_WAYS; i++) {
        if (others->ways[i] != 0) {
            note_way(all, others->ways[i]);
        }
    }
    for (uint32_t i = 0; i < others->pairs_count; i++) {
        const struct reach_pair *p = &others->pairs[i];
        uint32_t writer = number[p->writer];
        uint32_t reader = number[p->reader];
        if (writer == REACH_SITES || reader == REACH_SITES) {
            continue;
        }
        struct reach_pair *known = find_pair(all, writer, reader);
        if (known == NULL) {
            note_pair(all, writer, reader, p->index);
        } else if (p->index < known->index) {
            known->index = p->index;
        }
    }
}

uint64_t reach_new_until(const struct reach *reach)
{
    uint64_t until = 0;
    for (uint32_t i = 0; i < reach->sites_count; i++) {
        uint64_t index = reach->sites[i].index;
        until = index >= until ? index + 1 : until;
    }
    for (uint32_t i = 0; i < reach->pairs_count; i++) {
        uint64_t index = reach->pairs[i].index;
        until = index >= until ? index + 1 : until;
    }
    return until;
}

bool reach_has(const struct reach *reach, uintptr_t pc)
{
    return reach->numbers[slot_of(reach, pc)] != 0;
}
