/*
 * What algorithms call by name: points, holding, retired blocks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "harness/rules.h"
#include "harness/sim/fate.h"
#include "harness/sim/recovery.h"
#include "harness/sim/world.h"

#include <string.h>

void fl_point(const char *name)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return;
    }
    world_point(w, FL_STEP_POINT, NULL);
    uint32_t hit = run_point_reached(w, name);
    struct log_step *step =
        world_log(w, FL_STEP_POINT, (uintptr_t)__builtin_return_address(0));
    if (step != NULL) {
        step->name = name;
    }
    fate_point(w, name, hit);
}

/* Which fibers hold the lock with this index, but for the current one. */
static uint32_t other_holder(const struct world *w, uint32_t lock)
{
    for (uint32_t i = 0; i < w->fibers_count; i++) {
        const struct fiber *f = &w->fibers[i];
        if (f != w->current && f->state != FIBER_CRASHED &&
            f->state != FIBER_DONE && (f->holds >> lock & 1) != 0) {
            return i;
        }
    }
    return NO_FIBER;
}

/* Where nobody may hold the lock beside another, who comes first matters,
 * though no memory tells. */
static void touch_holders(struct world *w, const char *name)
{
    if (w->footprint != NULL && run_lock_exclusive(w, name)) {
        world_touch(w, &w->last_hold, 0, true);
    }
}

void fl_hold(const char *name)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return;
    }
    struct fiber *f = w->current;
    uint32_t lock = run_lock_index(w, name);
    recovery_held(w);
    touch_holders(w, name);
    if (lock < 32) {
        f->holds |= (uint32_t)1 << lock;
        uint32_t other = other_holder(w, lock);
        if (other != NO_FIBER && run_lock_exclusive(w, name)) {
            world_fail(w, RUN_NOT_EXCLUSIVE, "T%u and T%u both hold %s", other,
                       f->id, name);
        }
    }
    if (w->sites != 0) {
        rules_held(w->rules, f->process_target, name, true, world_own_step(w));
        f->alarm = rules_alarm(w->rules, f->process_target);
        world_reconsider_alarm(w);
    }
}

void fl_unhold(const char *name)
{
    struct world *w = world;
    if (w == NULL || w->current == NULL) {
        return;
    }
    struct fiber *f = w->current;
    uint32_t lock = run_lock_index(w, name);
    touch_holders(w, name);
    if (lock < 32) {
        f->holds &= ~((uint32_t)1 << lock);
    }
    if (w->sites != 0) {
        rules_held(w->rules, f->process_target, name, false, world_own_step(w));
        f->alarm = rules_alarm(w->rules, f->process_target);
    }
}

void fl_retired(int64_t blocks)
{
    struct world *w = world;
    if (w == NULL) {
        return;
    }
    w->retired = blocks;
    if (blocks > w->retired_max) {
        w->retired_max = blocks;
        run_retired(w);
    }
}
