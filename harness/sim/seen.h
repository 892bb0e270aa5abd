/*
 * What the running fiber reads and what effects it has: so it is noticed that
 * it spins, and spinners are woken (spin.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_SEEN_H
#define HX_SIM_SEEN_H

#include "harness/sim/world.h"

/* The slow way of world_saw(): `read` may have been made before. */
void world_saw_again(struct world *w, const struct seen_read *read);

/* One bit for the place and value of a read. */
static inline uint64_t seen_bit(const struct seen_read *read)
{
    uint64_t mixed = (read->pc ^ read->value) * 0x9e3779b97f4a7c15u;
    return (uint64_t)1 << (mixed >> 58);
}

/*
 * Notes for `f` a read that it has certainly not made since its last effect, or
 * with `effect` (0 or 1) that it has had one: then none counts.  False, and
 * nothing is noted: it may have made it.  Without a branch on `effect`, which
 * is chance where it is no constant.
 */
static inline bool fiber_notes(struct fiber *f, const struct seen_read *read,
                               uint64_t effect)
{
    uint64_t bit = seen_bit(read);
    uint32_t count = f->reads_count;
    uint64_t stays = world_mask(effect ^ 1);
    /* Bits of reads long forgotten only cost a look. */
    uint64_t seen = count == 0 ? 0 : f->seen;
    uint64_t full = count >= READS_MAX;
    if (__builtin_expect((((seen & bit) | full) & stays) != 0, 0)) {
        return false;
    }
    f->seen = seen | bit;
    f->round = 0;
    f->last_read = (uint8_t)count;
    /* Member by member: they were just written so, and a load of two of them
     * at once would wait for both stores. */
    struct seen_read *kept = &f->reads[count % READS_MAX];
    kept->pc = read->pc;
    kept->address = read->address;
    kept->value = read->value;
    kept->size = read->size;
    f->reads_count = (uint8_t)((count + 1) & stays);
    f->spin_rounds = (uint16_t)(f->spin_rounds & stays);
    f->repeats = (uint8_t)(f->repeats & stays);
    f->polls = f->polls & (stays & 1);
    f->proven = f->proven & (stays & 1);
    f->probing = f->probing & (stays & 1);
    return true;
}

/* The same of a read of the current fiber. */
static inline bool world_saw_new(struct world *w, const struct seen_read *read)
{
    return fiber_notes(w->current, read, 0);
}

void await_saw(struct world *w, const struct seen_read *read); /* await.h */

/* The current fiber was just seen to make this read: spinning is noticed here.
 * May park the fiber until somebody stores to what it reads. */
static inline void world_saw(struct world *w, const struct seen_read *read)
{
    if (__builtin_expect(w->awaits != NULL, 0)) {
        await_saw(w, read);
    }
    if (!world_saw_new(w, read)) {
        world_saw_again(w, read);
    }
}

/* Somebody stored to `address` (NULL: somewhere): spinners that read it go on.
 * Only world_effect() calls it. */
void world_stored(struct world *w, const void *address);

/* `f` has had an effect: it does not spin. */
static inline void fiber_progress(struct fiber *f)
{
    f->spin_rounds = 0;
    f->reads_count = 0;
    f->repeats = 0;
    f->polls = false;
    f->proven = false;
    f->probing = false;
}

/* The current fiber has had an effect at `address` (NULL: somewhere): it does
 * not spin. */
static inline void world_progress(struct world *w, const void *address)
{
    if (w->current != NULL) {
        fiber_progress(w->current);
        if (__builtin_expect(w->awaits != NULL, 0)) {
            await_effect(w);
        }
    }
    if (w->footprint != NULL && address != NULL) {
        world_touch(w, address, 0, true);
    }
}

/* The same for one that others can see: fibers that wait for this location go
 * on. */
static inline void world_effect(struct world *w, const void *address)
{
    world_progress(w, address);
    if (w->spinning != 0) {
        world_stored(w, address);
    }
}

/* The same after world_steps_quickly(). */
static inline void world_effect_quickly(struct world *w, const void *address)
{
    fiber_progress(w->current);
    if (__builtin_expect(w->spinning != 0, 0)) {
        world_stored(w, address);
    }
}

/* An access at a switch read, or with `effect` (0 or 1) had an effect. */
static inline void world_noted(struct world *w, const struct seen_read *read,
                               uint64_t effect)
{
    if (!fiber_notes(w->current, read, effect)) {
        world_saw_again(w, read);
    } else if (__builtin_expect((w->spinning & world_mask(effect)) != 0, 0)) {
        world_stored(w, read->address);
    }
}

#endif
