/*
 * Repeats: a loop that waits says the same again and again.
 *
 * Of a thread's steps, a round of up to PERIOD_MAX that equals the round before
 * it, while nobody changed anything, is told once, with a count.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <string.h>

enum {
    PERIOD_MAX = 16, /* steps of a round */
    THREADS_MAX = 64,
    TOLD_MIN = 3 /* rounds worth a note */
};

/* The steps of one thread, as far as they can be part of a loop. */
struct track {
    uint32_t last[PERIOD_MAX]; /* a ring of log steps: own step k at k % size */
    uint32_t count;            /* own steps so far */
    uint32_t run[PERIOD_MAX + 1]; /* by period: steps that equal the one a
                                   * period before, without a gap */
};

/* Whether a step leaves everything as it was. */
static bool is_quiet(const struct log_step *step)
{
    switch (step->kind) {
    case FL_STEP_LOAD:
    case FL_STEP_REFUSE:
    case FL_STEP_TIME:
    case FL_STEP_POINT:
    case FL_STEP_FENCE:
        return true;
    case FL_STEP_SYNC:
        return step->after != 0; /* it failed */
    case FL_STEP_CALL:
    case FL_STEP_RETURN:
    case FL_STEP_STORE:
    case FL_STEP_UPDATE:
    case FL_STEP_ALLOC:
    case FL_STEP_FREE:
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
    case FL_STEP_CRASH:
        break;
    }
    return false;
}

static bool are_alike(const struct log_step *a, const struct log_step *b)
{
    return a->kind == b->kind && a->pc == b->pc && a->address == b->address &&
           a->before == b->before && a->after == b->after &&
           a->expected == b->expected && a->name == b->name;
}

/* The own step `back` before the one to come. */
static uint32_t own_step(const struct track *track, uint32_t back)
{
    assert(back > 0 && back <= PERIOD_MAX && back <= track->count);
    return track->last[(track->count - back) % PERIOD_MAX];
}

/* The last `period` own steps, the one to come included, are a round again:
 * each is the same as the one a period before. */
static void drop_round(struct teller *t, const struct track *track,
                       uint32_t period, uint32_t *same, uint32_t i)
{
    for (uint32_t back = 0; back < period; back++) {
        uint32_t step = back == 0 ? i : own_step(track, back);
        uint32_t before = back + period;
        uint32_t first = before <= PERIOD_MAX ? own_step(track, before) : step;
        same[step] = same[first];
    }
    uint32_t end = same[i];
    t->rounds[end] = t->rounds[end] == 0 ? 2 : t->rounds[end] + 1;
    t->round_size[end] = period;
}

/* One more step of a thread; `changed` is the last log step of anybody that
 * changed something. */
static void follow(struct teller *t, struct track *track, uint32_t changed,
                   uint32_t *same, uint32_t i)
{
    const struct log_step *steps = t->log->steps;
    bool dropped = false;
    uint32_t most =
        track->count < PERIOD_MAX / 2 ? track->count : PERIOD_MAX / 2;
    for (uint32_t period = 1; period <= most; period++) {
        uint32_t before = own_step(track, period);
        bool alike = is_quiet(&steps[i]) && before >= changed &&
                     are_alike(&steps[i], &steps[before]);
        track->run[period] = alike ? track->run[period] + 1 : 0;
        if (alike && !dropped && track->run[period] % period == 0) {
            drop_round(t, track, period, same, i);
            dropped = true;
        }
    }
    track->last[track->count++ % PERIOD_MAX] = i;
}

/* Where the last points of two threads were. */
struct points {
    uint32_t thread; /* of the last of all */
    uint32_t after;  /* the step behind it */
    uint32_t others; /* behind the last of any other thread */
};

/* Points are landmarks: a round of one thread is not told together with one
 * behind another thread's. */
static void pass_point(struct points *points, uint32_t thread, uint32_t i)
{
    if (points->thread != thread) {
        points->others = points->after;
        points->thread = thread;
    }
    points->after = i + 1;
}

static uint32_t landmark(const struct points *points, uint32_t thread)
{
    return points->thread == thread ? points->others : points->after;
}

const uint32_t *repeats_find(struct teller *t)
{
    const struct run_log *log = t->log;
    size_t size = (log->steps_count + (size_t)1) * sizeof(uint32_t);
    uint32_t *same = arena_take(t->arena, size);
    struct track *tracks = arena_take(t->arena, THREADS_MAX * sizeof(*tracks));
    t->rounds = arena_take(t->arena, size);
    t->round_size = arena_take(t->arena, size);
    uint32_t changed = 0; /* the first step after the last change */
    struct points points = {.thread = UINT32_MAX};
    for (uint32_t i = 0; i < log->steps_count; i++) {
        const struct log_step *step = &log->steps[i];
        same[i] = i;
        if (!is_quiet(step)) {
            changed = i + 1;
        }
        if (step->kind == FL_STEP_POINT) {
            pass_point(&points, step->thread, i);
        }
        if (step->thread < THREADS_MAX) {
            uint32_t mark = landmark(&points, step->thread);
            follow(t, &tracks[step->thread], changed > mark ? changed : mark,
                   same, i);
        }
    }
    return same;
}

void repeats_tell(struct teller *t)
{
    assert(t->rounds != NULL);
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t at = t->log_of[i];
        uint32_t rounds = t->rounds[at];
        if (rounds < TOLD_MIN || t->steps[i].note != NULL) {
            continue;
        }
        uint32_t size = t->round_size[at];
        uint32_t first = i + 1 >= size ? i + 1 - size : 0;
        t->steps[i].note = size == 1 ? arena_print(t->arena, "%u times", rounds)
                                     : arena_print(t->arena, "%u times from %u",
                                                   rounds, first + 1);
    }
}
