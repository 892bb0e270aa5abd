/*
 * Views, clocks, and the messages in which they travel.
 *
 * Relaxed stores share one message by reference, so only releases copy.  A
 * message is as long as what there was to know when it was made: locations and
 * threads that come later are unknown to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"

#include <string.h>

enum {
    ARENA_WORDS = 1 << 24, /* of address space; touched as far as needed */
    HEADER_WORDS = sizeof(struct message) / sizeof(uint32_t),
    CHUNK = 4, /* clocks that are dealt with at once: messages have a multiple
                * of it, and those of no thread are 0 */
};

_Static_assert(FIBERS_MAX % CHUNK == 0, "clocks come in chunks");

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* So many clocks. */
typedef int32_t chunk __attribute__((vector_size(CHUNK * sizeof(int32_t))));

static inline chunk chunk_at(const uint32_t *clock)
{
    chunk got;
    memcpy(&got, clock, sizeof(got));
    return got;
}

/* Element-wise maximum into `clock`.  Clocks are small: signed comparisons say
 * the same, and those all machines have. */
static inline void join_clocks(uint32_t *clock, const uint32_t *from,
                               uint32_t count)
{
    assert(count % CHUNK == 0);
    for (uint32_t i = 0; i < count; i += CHUNK) {
        chunk a = chunk_at(&clock[i]);
        chunk b = chunk_at(&from[i]);
        chunk more = a > b;
        chunk joined = (a & more) | (b & ~more);
        memcpy(&clock[i], &joined, sizeof(joined));
    }
}

static inline void copy_clocks(uint32_t *clock, const uint32_t *from,
                               uint32_t count)
{
    assert(count % CHUNK == 0);
    for (uint32_t i = 0; i < count; i += CHUNK) {
        memcpy(&clock[i], &from[i], CHUNK * sizeof(uint32_t));
    }
}

void view_raise(uint32_t *view, uint32_t *count, uint32_t id, uint32_t ts)
{
    assert(id < LOCATIONS_MAX);
    while (*count <= id) {
        view[(*count)++] = 0;
    }
    view[id] = larger(view[id], ts);
}

void view_join(uint32_t *view, uint32_t *count, const uint32_t *from,
               uint32_t from_count)
{
    assert(from_count <= LOCATIONS_MAX);
    while (*count < from_count) {
        view[(*count)++] = 0;
    }
    for (uint32_t i = 0; i < from_count; i++) {
        view[i] = larger(view[i], from[i]);
    }
}

/* Clears a clock.  Entries beyond the lanes are 0 as long as there were few
 * threads. */
static void begin_clock(const struct weak *weak, uint32_t *clock)
{
    memset(clock, 0, LANES * sizeof(*clock));
    if (weak->many) {
        memset(&clock[LANES], 0, (FIBERS_MAX - LANES) * sizeof(*clock));
    }
}

struct knowledge *knowledge_begin(struct weak *weak, uint32_t id)
{
    struct knowledge *k = &weak->threads[id];
    k->stamp = weak->stamp;
    weak->threads_used = larger(weak->threads_used, id + 1);
    k->views = 0;
    if (id >= LANES) {
        lanes_end(weak);
        weak->many = true;
    }
    begin_clock(weak, weak->clock[id]);
    begin_clock(weak, weak->seen[id]);
    weak->clock[id][id] = 1;
    k->released = NULL;
    k->seen_views = 0;
    k->idled = false;
    if (!weak->newest_only) { /* or nothing is stale */
        memset(k->stale, 0, weak->locations_most);
    }
    return k;
}

/* A new message with room for so many words; one reference. */
static struct message *make(struct world *w, uint32_t clocks, uint32_t views)
{
    struct weak *weak = w->weak;
    uint32_t words = HEADER_WORDS + clocks + views;
    uint32_t units = (words + UNIT_WORDS - 1) / UNIT_WORDS;
    assert(units < UNITS_MAX);
    struct message *m = NULL;
    if ((weak->lists_used >> units & 1) != 0) {
        m = weak->lists[units];
        memcpy(&weak->lists[units], m->words, sizeof(void *));
        if (weak->lists[units] == NULL) {
            weak->lists_used &= ~((uint64_t)1 << units);
        }
    } else {
        if (weak->arena_used + units * UNIT_WORDS > ARENA_WORDS) {
            world_fail(w, RUN_STEP_LIMIT,
                       "the memory model has no room for more stores");
        }
        void *at = weak->arena + weak->arena_used;
        m = at;
        weak->arena_used += units * UNIT_WORDS;
    }
    m->refs = 1;
    m->units = (uint16_t)units;
    m->clocks = (uint16_t)clocks;
    m->views = views;
    return m;
}

struct message *message_hold(struct message *message)
{
    if (message != NULL) {
        assert(message->refs > 0);
        message->refs++;
    }
    return message;
}

void message_drop(struct weak *weak, struct message *message)
{
    if (message == NULL) {
        return;
    }
    assert(message->refs > 0);
    message->refs--;
    if (message->refs > 0) {
        return;
    }
    uint32_t units = message->units;
    struct message *next =
        (weak->lists_used >> units & 1) != 0 ? weak->lists[units] : NULL;
    memcpy(message->words, &next, sizeof(void *));
    weak->lists[units] = message;
    weak->lists_used |= (uint64_t)1 << units;
}

struct message *message_capture(struct world *w, uint32_t thread,
                                const struct message *more)
{
    struct knowledge *k = knowledge_of(w->weak, thread);
    uint32_t clocks = (w->fibers_count + CHUNK - 1) / CHUNK * CHUNK;
    uint32_t views = k->views;
    if (more != NULL) {
        clocks = larger(clocks, more->clocks);
        views = larger(views, more->views);
    }
    struct message *m = make(w, clocks, views);
    uint32_t *clock = w->weak->clock[thread];
    copy_clocks(m->words, clock, clocks);
    uint32_t *view = m->words + clocks;
    if (k->views > 0) {
        memcpy(view, k->view, k->views * sizeof(uint32_t));
    }
    if (more != NULL) {
        join_clocks(m->words, more->words, more->clocks);
        uint32_t count = k->views;
        view_join(view, &count, more->words + more->clocks, more->views);
    }
    /* What the thread does from now on is not in it. */
    if (clock[thread] < ((uint32_t)1 << CLOCK_BITS) - 1) {
        clock[thread]++;
    }
    return m;
}

struct message *message_from(struct world *w, const uint32_t *clocks,
                             uint32_t count)
{
    struct message *m = make(w, count, 0);
    copy_clocks(m->words, clocks, count);
    return m;
}

struct message *message_join(struct world *w, struct message *a,
                             struct message *b)
{
    if (a == NULL || b == NULL || a == b) {
        return message_hold(a == NULL ? b : a);
    }
    uint32_t clocks = larger(a->clocks, b->clocks);
    uint32_t views = larger(a->views, b->views);
    struct message *m = make(w, clocks, views);
    const struct message *longer = a->clocks > b->clocks ? a : b;
    const struct message *other = longer == a ? b : a;
    copy_clocks(m->words, longer->words, clocks);
    join_clocks(m->words, other->words, other->clocks);
    uint32_t count = 0;
    view_join(m->words + clocks, &count, a->words + a->clocks, a->views);
    view_join(m->words + clocks, &count, b->words + b->clocks, b->views);
    return m;
}

void message_acquire(struct weak *weak, uint32_t thread,
                     const struct message *message)
{
    if (message == NULL) {
        return;
    }
    assert(message->clocks <= FIBERS_MAX);
    struct knowledge *k = knowledge_of(weak, thread);
    join_clocks(weak->clock[thread], message->words, message->clocks);
    view_join(k->view, &k->views, message->words + message->clocks,
              message->views);
}

void message_see(struct weak *weak, uint32_t thread,
                 const struct message *message)
{
    if (message == NULL) {
        return;
    }
    struct knowledge *k = knowledge_of(weak, thread);
    join_clocks(weak->seen[thread], message->words, message->clocks);
    view_join(k->seen_view, &k->seen_views, message->words + message->clocks,
              message->views);
}
