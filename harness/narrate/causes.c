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
 *   5. the first step that a thread made after another had changed what it had
 *      read, in an operation that never looked there again: a stale read;
 *   6. where the run did not go on, the last step of whoever a fault took
 *      away, or the last step of all;
 *   7. the last change that the stuck operation made, or else its last read:
 *      with that it was settled what it would answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <string.h>

enum {
    STALE_STEPS_MAX = 4096 /* of a run in which stale reads are looked for */
};

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

/* The first change of the location by another thread after `from`. */
static uint32_t change_after(const struct teller *t, uint32_t from, uint32_t to)
{
    uint32_t first = change_between(t, from, to);
    for (uint32_t j = from + 1; j < first && first != FL_NO_STEP; j++) {
        const struct log_step *other = &t->log->steps[j];
        if (other->address == t->log->steps[to].address &&
            steps_changes(other) && other->thread != t->log->steps[to].thread) {
            return j;
        }
    }
    return first;
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
    uint32_t change =
        read == FL_NO_STEP ? FL_NO_STEP : change_between(t, read, at);
    if (change == FL_NO_STEP) {
        return false;
    }
    struct location where = names_location(t, step->address, at);
    const char *value = names_value(t, step->expected, at, &where);
    t->steps[i].cause = t->of_log[read];
    t->steps[i].cause_text = arena_print(
        t->arena, "%s read at %u, changed at %u, %s again since %u: ABA", value,
        steps_number(t, read), steps_number(t, change_after(t, read, at)),
        value, steps_number(t, change));
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

/* A read whose location another thread changed, and the step that followed. */
struct stale {
    uint32_t read;
    uint32_t change;
    uint32_t acted;
};

/* Whether the operation of the load at log step `read` went on without a look
 * at what another thread had changed meanwhile. */
static bool find_stale(const struct teller *t, uint32_t read,
                       struct stale *stale)
{
    assert(read < t->log->steps_count);
    const struct log_step *load = &t->log->steps[read];
    *stale = (struct stale){read, FL_NO_STEP, FL_NO_STEP};
    for (uint32_t j = read + 1; j < t->log->steps_count; j++) {
        const struct log_step *step = &t->log->steps[j];
        bool same = step->address == load->address;
        if (step->thread != load->thread) {
            if (same && steps_changes(step) && stale->change == FL_NO_STEP) {
                stale->change = j;
            }
            continue;
        }
        if (step->operation != load->operation ||
            step->kind == FL_STEP_RETURN) {
            break;
        }
        if (same && steps_accesses(step)) {
            return false;
        }
        if (stale->change != FL_NO_STEP && stale->acted == FL_NO_STEP) {
            stale->acted = j;
        }
    }
    return stale->acted != FL_NO_STEP;
}

/* The last step that relied on a stale read: in a run that was shrunk, where
 * each preemption is needed, it is why the last one is. */
static bool decide_by_stale(struct teller *t)
{
    struct stale last = {FL_NO_STEP, FL_NO_STEP, 0};
    for (uint32_t i = 0; i < t->count && t->count <= STALE_STEPS_MAX; i++) {
        uint32_t at = t->log_of[i];
        const struct log_step *step = &t->log->steps[at];
        struct stale stale;
        if (step->kind == FL_STEP_LOAD && step->operation != FL_OPEN &&
            find_stale(t, at, &stale) && stale.acted > last.acted) {
            last = stale;
        }
    }
    if (last.read == FL_NO_STEP) {
        return false;
    }
    const struct log_step *read = &t->log->steps[last.read];
    const struct log_step *change = &t->log->steps[last.change];
    struct location where = names_location(t, read->address, last.read);
    struct fl_step *decisive = &t->steps[t->of_log[last.acted]];
    decisive->decisive = true;
    decisive->cause = t->of_log[last.change];
    decisive->cause_text =
        arena_print(t->arena, "%s was %s when read at %u; %s made it %s at %u",
                    where.name, names_value(t, read->after, last.read, &where),
                    steps_number(t, last.read), lane_name(t, change->thread),
                    names_value(t, change->after, last.change, &where),
                    steps_number(t, last.change));
    return true;
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
         decide_by(t, tell_lost_update) || decide_by_stale(t))) {
        return;
    }
    decide_by_stuck(t);
}
