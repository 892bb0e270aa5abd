/*
 * Causes: the step that did it, and what came before.
 *
 * In this order, the first that is there is decisive:
 *   1. the step at which the run failed (a memory error, a crash);
 *   2. a compare-and-swap that took a value which had been changed and had
 *      come back since its thread read it: ABA;
 *   3. a read of the answer after the swap that settled the operation, of a
 *      place that another thread had changed since: a late read;
 *   4. a store over a value that another thread had stored since the storing
 *      thread read the location: a lost update;
 *   5. where the run did not go on, the last step of whoever a fault took
 *      away, or the last step of all;
 *   6. the last change that the stuck operation made, or else its last read:
 *      with that it was settled what it would answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <string.h>

/* What the thread of log step `i` knew of its location: the step that read
 * it, or FL_NO_STEP. */
static uint32_t last_read(const struct teller *t, uint32_t i, uint64_t value,
                          bool any_value)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    for (uint32_t j = i; j > 0; j--) {
        const struct log_step *before = &t->log->steps[j - 1];
        if (before->thread != step->thread ||
            before->operation != step->operation) {
            continue;
        }
        if (before->kind == FL_STEP_CALL) {
            return FL_NO_STEP;
        }
        if (before->address != step->address || !steps_accesses(before)) {
            continue;
        }
        bool reads =
            before->kind == FL_STEP_LOAD || before->kind == FL_STEP_REFUSE;
        if (!reads) {
            return FL_NO_STEP; /* it stored there itself */
        }
        return any_value || before->after == value ? j - 1 : FL_NO_STEP;
    }
    return FL_NO_STEP;
}

/* The last change of the location by another thread between two steps. */
static uint32_t change_between(const struct teller *t, uint32_t from,
                               uint32_t to)
{
    assert(to < t->log->steps_count);
    assert(from <= to);
    const struct log_step *step = &t->log->steps[to];
    for (uint32_t j = to; j > from + 1; j--) {
        const struct log_step *other = &t->log->steps[j - 1];
        if (other->address == step->address && steps_changes(other) &&
            other->thread != step->thread) {
            return j - 1;
        }
    }
    return FL_NO_STEP;
}

/* Small numbers go to and fro rightly: flags, locks, counts of holders. */
static bool is_telling(const struct teller *t, const struct log_step *step,
                       uint32_t i)
{
    return names_target(t, step->expected, i) != UINT32_MAX ||
           step->expected > UINT16_MAX;
}

static bool tell_aba(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    uint32_t at = t->log_of[i];
    const struct log_step *step = &t->log->steps[at];
    if (step->kind != FL_STEP_UPDATE || step->name == NULL ||
        strcmp(step->name, "cas") != 0 || !is_telling(t, step, at)) {
        return false;
    }
    uint32_t read = last_read(t, at, step->expected, false);
    if (read == FL_NO_STEP || change_between(t, read, at) == FL_NO_STEP) {
        return false;
    }
    struct location where = names_location(t, step->address, at);
    const char *value = names_value(t, step->expected, at, &where);
    t->steps[i].cause = t->of_log[read];
    t->steps[i].cause_text =
        arena_print(t->arena, "expected %s read at %u, still %s at %u: ABA",
                    value, steps_number(t, read), value, i + 1);
    return true;
}

static bool tell_lost_update(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    uint32_t at = t->log_of[i];
    const struct log_step *step = &t->log->steps[at];
    if (step->kind != FL_STEP_STORE) {
        return false;
    }
    uint32_t read = last_read(t, at, 0, true);
    uint32_t change =
        read == FL_NO_STEP ? FL_NO_STEP : change_between(t, read, at);
    if (change == FL_NO_STEP || t->log->steps[read].after == step->before) {
        return false;
    }
    struct location where = names_location(t, step->address, at);
    t->steps[i].cause = t->of_log[change];
    t->steps[i].cause_text = arena_print(
        t->arena, "overwrites the %s of step %u; %s was %s when read at %u",
        names_value(t, step->before, at, &where), steps_number(t, change),
        where.name, names_value(t, t->log->steps[read].after, read, &where),
        steps_number(t, read));
    return true;
}

/* The last successful compare-and-swap of the operation before log step `i`. */
static uint32_t last_swap(const struct teller *t, uint32_t i)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    for (uint32_t j = i; j > 0; j--) {
        const struct log_step *before = &t->log->steps[j - 1];
        if (before->thread != step->thread) {
            continue;
        }
        if (before->kind == FL_STEP_CALL) {
            return FL_NO_STEP;
        }
        if (before->kind == FL_STEP_UPDATE) {
            return j - 1;
        }
    }
    return FL_NO_STEP;
}

/* What the operation answers was read after its swap, and had been changed by
 * another thread since. */
static bool tell_late_read(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    uint32_t at = t->log_of[i];
    const struct log_step *step = &t->log->steps[at];
    const struct fl_history *h = t->record->history;
    if (step->kind != FL_STEP_LOAD || h == NULL ||
        step->operation >= h->count ||
        (uint64_t)h->operations[step->operation].result != step->after) {
        return false;
    }
    uint32_t swap = last_swap(t, at);
    uint32_t change =
        swap == FL_NO_STEP ? FL_NO_STEP : change_between(t, swap, at);
    if (change == FL_NO_STEP) {
        return false;
    }
    const struct log_step *other = &t->log->steps[change];
    struct location where = names_location(t, step->address, at);
    t->steps[i].cause = t->of_log[change];
    t->steps[i].cause_text = arena_print(
        t->arena, "read after the swap of step %u: %s had stored %s at %u",
        steps_number(t, swap), lane_name(t, other->thread),
        names_value(t, other->after, change, &where), steps_number(t, change));
    return true;
}

/* The first step of which `tells` has something to tell. */
static bool decide_by(struct teller *t,
                      bool (*tells)(struct teller *t, uint32_t i))
{
    bool found = false;
    for (uint32_t i = 0; i < t->count; i++) {
        if (tells(t, i)) {
            t->steps[i].decisive = !found;
            found = true;
        }
    }
    return found;
}

/* The free that a misuse of a block comes from. */
static void tell_freed(struct teller *t, uint32_t i)
{
    assert(i < t->count);
    uint32_t at = t->log_of[i];
    uint32_t block = names_freed(t, t->log->steps[at].address, at);
    if (block == UINT32_MAX) {
        return;
    }
    uint32_t freed = t->log->blocks[block].freed;
    const struct log_step *release = &t->log->steps[freed];
    t->steps[i].cause = t->of_log[freed];
    t->steps[i].cause_text = arena_print(
        t->arena, "%s was freed at %u by %s", names_of_block(t, block),
        steps_number(t, freed), lane_name(t, release->thread));
}

static bool decide_by_failure(struct teller *t)
{
    for (uint32_t i = t->count; i > 0; i--) {
        if (t->steps[i - 1].kind == FL_STEP_CRASH) {
            t->steps[i - 1].decisive = true;
            if (i - 1 < t->record->steps_count &&
                t->log_of[i - 1] < t->log->steps_count) {
                tell_freed(t, i - 1);
            }
            return true;
        }
    }
    return false;
}

static void decide_by_stuck(struct teller *t)
{
    const struct fl_explanation *explanation = t->record->explanation;
    if (explanation == NULL) {
        return;
    }
    uint32_t best = FL_NO_STEP;
    bool changed = false;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        if (step->operation != explanation->stuck || !steps_accesses(step)) {
            continue;
        }
        bool changes = steps_changes(step);
        if (changes || !changed) {
            best = i;
            changed = changed || changes;
        }
    }
    if (best == FL_NO_STEP && t->record->return_steps != NULL) {
        best = t->record->return_steps[explanation->stuck];
    }
    if (best != FL_NO_STEP) {
        t->steps[best].decisive = true;
    }
}

/* A run that did not go on: the last step of whoever a fault took away, or the
 * last step of all. */
static void decide_by_end(struct teller *t)
{
    const struct run_log *log = t->log;
    for (uint32_t i = 0; i < log->faults_count; i++) {
        for (uint32_t k = log->faults[i].step; k > 0; k--) {
            const struct log_step *step = &log->steps[k - 1];
            if (step->thread == log->faults[i].thread) {
                struct fl_step *last = &t->steps[t->of_log[k - 1]];
                last->decisive = true;
                last->cause_text =
                    arena_print(t->arena, "F%u took %s away here", i + 1,
                                lane_name(t, log->faults[i].thread));
                return;
            }
        }
    }
    if (t->count > 0) {
        t->steps[t->count - 1].decisive = true;
    }
}

void causes_tell(struct teller *t)
{
    assert(t->steps != NULL);
    if (decide_by_failure(t)) {
        return;
    }
    if (t->request->outcome->end != RUN_NOT_LINEARIZABLE) {
        decide_by_end(t);
        return;
    }
    if (t->record->explanation != NULL &&
        (decide_by(t, tell_aba) || decide_by(t, tell_late_read) ||
         decide_by(t, tell_lost_update))) {
        return;
    }
    decide_by_stuck(t);
}
