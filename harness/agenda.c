/*
 * The agenda of a replay.
 *
 * Entries are sorted by lane, then by place.  A lane is one stretch of places
 * that come in order: the steps of one thread, the messages of one replica,
 * the moments of the run.  Each lane has a cursor, which passes over places
 * that lie behind the run.
 *
 *     start | moments | steps of T0 | steps of T1 ... | sends of replica 0 ...
 *           | points of T0 | points of T1 ...
 *
 * A lenient agenda has no steps for points: it counts how often the thread came
 * to the point in that operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/agenda.h"

#include "harness/need.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LANE_START,
    LANE_TIME,
    LANE_OPS,   /* the moment after so many operations */
    LANE_STEPS, /* + thread */
    LANE_SENDS = LANE_STEPS + TARGETS_MAX,  /* + replica */
    LANE_POINTS = LANE_SENDS + TARGETS_MAX, /* + thread */
    LANES = LANE_POINTS + TARGETS_MAX,
};

struct entry {
    uint32_t lane;
    uint32_t index; /* in the trace */
    uint64_t major; /* operation, count, or moment */
    uint64_t minor; /* step in the operation */
    bool over;
};

struct agenda {
    const struct trace *trace;
    uint32_t replicas;
    bool lenient;
    uint32_t sites;
    uint32_t count;
    uint32_t max;
    struct entry *entries;
    uint32_t cursor[LANES];
    uint32_t end[LANES];
};

struct agenda *agenda_new(uint32_t replicas)
{
    struct agenda *agenda = need(calloc(1, sizeof(*agenda)), "fault rules");
    agenda->replicas = replicas;
    return agenda;
}

void agenda_free(struct agenda *agenda)
{
    if (agenda != NULL) {
        free(agenda->entries);
        free(agenda);
    }
}

static struct entry entry_at(const struct agenda *agenda,
                             const struct site *site)
{
    uint32_t thread = site->thread % TARGETS_MAX;
    if (site->kind == SITE_START) {
        return (struct entry){.lane = LANE_START};
    }
    if (site->kind == SITE_TIME && site->count > 0) {
        return (struct entry){.lane = LANE_OPS, .major = site->count};
    }
    if (site->kind == SITE_TIME) {
        return (struct entry){.lane = LANE_TIME, .major = site->time};
    }
    if (site->kind == SITE_SEND && thread < agenda->replicas) {
        return (struct entry){.lane = LANE_SENDS + thread,
                              .major = site->count};
    }
    if (site->kind == SITE_POINT) {
        return (struct entry){.lane = LANE_POINTS + thread,
                              .major = site->operation,
                              .minor = agenda->lenient ? 0 : site->own_step};
    }
    return (struct entry){.lane = LANE_STEPS + thread,
                          .major = site->operation,
                          .minor = site->own_step};
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const struct entry *a, const struct entry *b)
{
    int order = compare_u64(a->lane, b->lane);
    order = order != 0 ? order : compare_u64(a->major, b->major);
    return order != 0 ? order : compare_u64(a->minor, b->minor);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = compare_places(a, b);
    return order != 0 ? order : compare_u64(a->index, b->index);
}

static void grow(struct agenda *agenda, uint32_t count)
{
    if (count <= agenda->max) {
        return;
    }
    struct entry *entries =
        need(realloc(agenda->entries, count * sizeof(*entries)), "fault rules");
    agenda->entries = entries;
    agenda->max = count;
}

void agenda_begin(struct agenda *agenda, const struct trace *trace,
                  bool lenient)
{
    grow(agenda, trace->occurrences_count);
    agenda->lenient = lenient;
    agenda->trace = trace;
    agenda->count = trace->occurrences_count;
    agenda->sites = 0;
    for (uint32_t lane = 0; lane < LANES; lane++) {
        agenda->cursor[lane] = 0;
        agenda->end[lane] = 0;
    }
    for (uint32_t i = 0; i < agenda->count; i++) {
        const struct site *site = &trace->occurrences[i].site;
        assert(site->kind < SITES);
        agenda->entries[i] = entry_at(agenda, site);
        agenda->entries[i].index = i;
        agenda->sites |= 1u << site->kind;
    }
    if (agenda->count == 0) {
        return;
    }
    qsort(agenda->entries, agenda->count, sizeof(*agenda->entries),
          compare_entries);
    for (uint32_t i = 0; i < agenda->count; i++) {
        uint32_t lane = agenda->entries[i].lane;
        assert(lane < LANES);
        if (agenda->end[lane] == 0) {
            agenda->cursor[lane] = i;
        }
        agenda->end[lane] = i + 1;
    }
}

uint32_t agenda_sites(const struct agenda *agenda)
{
    return agenda->sites;
}

bool agenda_awaits(const struct agenda *agenda, uint32_t thread)
{
    assert(thread < TARGETS_MAX);
    uint32_t lane = LANE_STEPS + thread;
    return (agenda->sites >> SITE_STEP & 1) != 0 &&
           agenda->cursor[lane] < agenda->end[lane];
}

uint64_t agenda_moment(const struct agenda *agenda)
{
    uint32_t next = agenda->cursor[LANE_TIME];
    return next < agenda->end[LANE_TIME] ? agenda->entries[next].major
                                         : UINT64_MAX;
}

/* Whether they are the same point; traces may leave the name out. */
static bool is_same_point(const struct site *due, const struct site *site)
{
    return due->point == NULL || site->point == NULL ||
           strcmp(due->point, site->point) == 0;
}

/* Takes entry `i` if it is of this site's kind and not over. */
static const struct occurrence *take(struct agenda *agenda, uint32_t i,
                                     const struct site *site)
{
    struct entry *entry = &agenda->entries[i];
    const struct occurrence *due = &agenda->trace->occurrences[entry->index];
    bool same_link = site->kind != SITE_SEND || due->site.to == site->to;
    if (entry->over || due->site.kind != site->kind || !same_link ||
        (agenda->lenient &&
         (!is_same_point(&due->site, site) || site->visit < due->site.visit))) {
        return NULL;
    }
    entry->over = true;
    return due;
}

const struct occurrence *agenda_take(struct agenda *agenda,
                                     const struct site *site)
{
    if ((agenda->sites >> site->kind & 1) == 0) {
        return NULL;
    }
    struct entry here = entry_at(agenda, site);
    uint32_t *cursor = &agenda->cursor[here.lane];
    uint32_t end = agenda->end[here.lane];
    bool moment = here.lane == LANE_TIME;
    while (
        *cursor < end &&
        (agenda->entries[*cursor].over ||
         (!moment && compare_places(&agenda->entries[*cursor], &here) < 0))) {
        (*cursor)++;
    }
    for (uint32_t i = *cursor; i < end; i++) {
        if (compare_places(&agenda->entries[i], &here) > 0) {
            return NULL;
        }
        const struct occurrence *due = take(agenda, i, site);
        if (due != NULL) {
            if (i == *cursor) {
                (*cursor)++;
            }
            return due;
        }
    }
    return NULL;
}
