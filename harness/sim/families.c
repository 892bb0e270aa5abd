/*
 * Families: who is of one, and what tells its members apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/families.h"

#include "harness/sim/sync/objects.h"
#include "harness/sim/twins.h"

#include <assert.h>
#include <string.h>

void families_begin(struct families *f, bool kept)
{
    memset(f, 0, offsetof(struct families, seen));
    f->seen.count = f->written.count = 0;
    f->read.count = f->stored.count = 0;
    f->kept = kept;
}

/* What is known of families in this run; NULL: nobody asks. */
static struct families *families_of(const struct world *w)
{
    bool kept = w != NULL && w->twins != NULL && w->current != NULL &&
                w->twins->families.kept;
    return kept ? &w->twins->families : NULL;
}

/* The family of `thread`, or NULL. */
static struct family *find_family(struct families *f, uint32_t thread)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if ((f->list[i].members & fiber_bit(thread)) != 0) {
            return &f->list[i];
        }
    }
    return NULL;
}

/* More than one thread: they have twins. */
static bool is_many(const struct family *family)
{
    return (family->members & (family->members - 1)) != 0;
}

static bool has_many(const struct families *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (is_many(&f->list[i])) {
            return true;
        }
    }
    return false;
}

/* Some were joined, and some not. */
static bool is_partly_joined(const struct family *family)
{
    return family->joined != 0 && family->joined != family->members;
}

static bool has_done_nothing(const struct world *w, const struct families *f)
{
    uint32_t self = w->current->id;
    return f->step[self] == world_own_step(w) &&
           (f->touched & fiber_bit(self)) == 0;
}

/* The current fiber has made or joined a thread. */
static void note_moment(const struct world *w, struct families *f)
{
    uint32_t self = w->current->id;
    f->step[self] = world_own_step(w);
    f->touched &= ~fiber_bit(self);
    f->makers |= fiber_bit(self);
}

bool family_goes_on(const struct world *w)
{
    const struct families *f = families_of(w);
    return f != NULL && f->latest[w->current->id] != 0 &&
           has_done_nothing(w, f);
}

/* Whether one of the ranges overlaps these bytes, or may. */
static bool overlaps(const struct ranges *r, const struct range *range)
{
    for (uint32_t i = 0; i < r->count && i < FAMILIES_SEEN_MAX; i++) {
        const struct range *one = &r->list[i];
        if (one->at < range->at + range->size &&
            range->at < one->at + one->size) {
            return true;
        }
    }
    return r->count > FAMILIES_SEEN_MAX;
}

static void add_range(struct ranges *r, const struct range *range)
{
    for (uint32_t i = 0; i < r->count && i < FAMILIES_SEEN_MAX; i++) {
        const struct range *one = &r->list[i];
        if (one->at <= range->at &&
            range->at + range->size <= one->at + one->size) {
            return;
        }
    }
    if (r->count < FAMILIES_SEEN_MAX) {
        r->list[r->count] = *range;
    }
    r->count += r->count <= FAMILIES_SEEN_MAX ? 1 : 0;
}

static bool is_same_start(const struct sim_start *a, const struct sim_start *b)
{
    return a->posix == b->posix && a->c11 == b->c11 &&
           a->argument == b->argument;
}

void family_add(struct world *w, uint32_t thread, const void *slot,
                const void *attributes, bool at_once)
{
    struct families *f = families_of(w);
    if (f == NULL) {
        return;
    }
    uint32_t maker = w->current->id;
    const struct sim_start *start = &w->sync->threads[thread].start;
    struct family *family = at_once ? &f->list[f->latest[maker] - 1] : NULL;
    const struct range range = {.at = (uintptr_t)slot,
                                .size = sizeof(pthread_t)};
    f->slot[thread] = slot;
    note_moment(w, f);
    bool alike = family != NULL && family->joined == 0 &&
                 is_same_start(&family->start, start) &&
                 family->attributes == attributes &&
                 (family->members & (w->twins->named | f->handled)) == 0 &&
                 (w->twins->members & fiber_bit(maker)) == 0 && !f->spoiled &&
                 !overlaps(&f->seen, &range);
    if (alike) {
        twins_pair(w->twins, thread, family->members);
        family->members |= fiber_bit(thread);
        return;
    }
    f->latest[maker] = 0;
    if (f->count < FAMILIES_MAX) {
        f->list[f->count] = (struct family){.maker = maker,
                                            .members = fiber_bit(thread),
                                            .start = *start,
                                            .attributes = attributes};
        f->latest[maker] = ++f->count;
    }
}

/* Whether the current fiber has joined a family in part. */
static bool is_in_between(const struct world *w, const struct families *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        const struct family *family = &f->list[i];
        if (family->maker == w->current->id && is_partly_joined(family)) {
            return true;
        }
    }
    return false;
}

void family_handle(struct world *w, uint32_t thread)
{
    struct families *f = families_of(w);
    if (f == NULL || thread >= FIBERS_MAX) {
        return;
    }
    f->handled |= fiber_bit(thread);
    const struct family *family = find_family(f, thread);
    if (family != NULL && is_many(family)) {
        twins_tell_apart(w->twins, APART_HANDLED);
    }
}

void family_join(struct world *w, uint32_t thread)
{
    struct families *f = families_of(w);
    if (f == NULL) {
        return;
    }
    const struct family *family = find_family(f, thread);
    if (family == NULL || family->maker != w->current->id) {
        family_handle(w, thread);
    }
    if (is_in_between(w, f) && !has_done_nothing(w, f)) {
        twins_tell_apart(w->twins, APART_JOINED);
    }
    f->joining |= fiber_bit(w->current->id);
}

void family_joined(struct world *w, uint32_t thread, void *result, bool looks)
{
    struct families *f = families_of(w);
    if (f == NULL) {
        return;
    }
    f->joining &= ~fiber_bit(w->current->id);
    note_moment(w, f);
    struct family *family = find_family(f, thread);
    if (family == NULL) {
        return;
    }
    if (family->joined == 0) {
        family->result = result;
    }
    family->joined |= fiber_bit(thread);
    family->differs = family->differs || family->result != result;
    family->looks = family->looks || looks;
    if (is_many(family) && family->differs && family->looks) {
        twins_tell_apart(w->twins, APART_JOINED);
    }
}

/* Whose handle lies where the access is; NO_FIBER: nobody's. */
static uint32_t find_slot(const struct world *w, const struct families *f,
                          const struct range *range)
{
    for (uint32_t i = 0; i < w->fibers_count && i < FIBERS_MAX; i++) {
        uintptr_t slot = (uintptr_t)f->slot[i];
        if (slot != 0 && range->at < slot + sizeof(pthread_t) &&
            slot < range->at + range->size) {
            return i;
        }
    }
    return NO_FIBER;
}

/* A maker accesses memory, perhaps between two threads that it makes or joins:
 * that is nothing to others if they do not meet it. */
static void pass(struct families *f, uint32_t self, const struct range *range,
                 bool writes)
{
    struct ranges *own = writes ? &f->stored : &f->read;
    add_range(own, range);
    if (overlaps(writes ? &f->seen : &f->written, range) ||
        own->count > FAMILIES_SEEN_MAX) {
        f->touched |= fiber_bit(self);
    }
}

/* Somebody else accesses memory. */
static void meet(struct world *w, struct families *f, const struct range *range,
                 bool writes)
{
    add_range(&f->seen, range);
    if (writes) {
        add_range(&f->written, range);
    }
    if (overlaps(&f->stored, range) || (writes && overlaps(&f->read, range))) {
        f->spoiled = true;
        if (has_many(f)) {
            twins_tell_apart(w->twins, APART_MADE);
        }
    }
}

void family_touch(struct world *w, const void *address, size_t size,
                  bool writes)
{
    struct families *f = families_of(w);
    if (f == NULL || f->makers == 0 || size == 0) {
        return;
    }
    uint32_t self = w->current->id;
    const struct range range = {.at = (uintptr_t)address, .size = size};
    uint32_t owner = find_slot(w, f, &range);
    bool makes = (f->makers & fiber_bit(self)) != 0;
    if (makes && (owner == NO_FIBER || writes)) { /* else it reads a handle */
        pass(f, self, &range, writes);
    }
    if (f->makers != fiber_bit(self)) { /* not the only maker */
        meet(w, f, &range, writes);
    }
    if (owner != NO_FIBER && find_family(f, self) != NULL) {
        family_handle(w, owner);
    }
}

void family_act(struct world *w)
{
    struct families *f = families_of(w);
    if (f != NULL) {
        f->touched |= f->makers & fiber_bit(w->current->id);
    }
}

/* Whether the end of the run has stopped a member, which may have waited for a
 * twin: what the search did not let it do is lost. */
static bool is_stopped(const struct world *w, const struct family *family)
{
    for (uint64_t left = family->members; left != 0; left &= left - 1) {
        const struct fiber *f = &w->fibers[__builtin_ctzll(left)];
        if (w->clients_left == 0 && f->state != FIBER_DONE) {
            return true;
        }
    }
    return false;
}

void families_end(struct world *w)
{
    struct families *f = w->twins == NULL ? NULL : &w->twins->families;
    for (uint32_t i = 0; f != NULL && f->kept && i < f->count; i++) {
        const struct family *family = &f->list[i];
        /* Who is in a join has done nothing since the last. */
        if (is_many(family) && is_partly_joined(family) &&
            (f->joining & fiber_bit(family->maker)) == 0) {
            twins_tell_apart(w->twins, APART_JOINED);
        }
        if (is_many(family) && is_stopped(w, family)) {
            twins_tell_apart(w->twins, APART_STOPPED);
        }
    }
}
