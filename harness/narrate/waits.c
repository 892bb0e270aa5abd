/*
 * Waits: who waits for whom, and where.
 *
 *     T0 waits for T1, and T1 for T0: each holds what the next one wants.
 *     T0 add(1) waits for the mutex second (pair.c:60), which T1 holds.
 *     T1 read() spins on taken = 1 (spin_lock.c:54), which nobody will change.
 *     F1 crash took T0 away after step 4 (spin_lock.c:81): point lock.inside
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include "harness/fault.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    CALL_SIZE = 160
};

/* --- who ------------------------------------------------------------------ */

/* The fault that took fiber `thread` away for good; UINT32_MAX: none did. */
static uint32_t taken_by(const struct teller *t, uint32_t thread)
{
    const struct run_log *log = t->log;
    for (uint32_t i = log->faults_count; i > 0; i--) {
        const struct log_fault *fault = &log->faults[i - 1];
        bool takes = fault->act == ACT_CRASH || fault->act == ACT_PAUSE ||
                     fault->act == ACT_DELAY;
        bool lasts = fault->until == FL_NO_STEP || fault->act == ACT_CRASH;
        if (fault->thread == thread && takes && lasts &&
            fault->to_time == UINT64_MAX) {
            return i - 1;
        }
    }
    return UINT32_MAX;
}

/* The last step of a lane, FL_NO_STEP if it made none. */
static uint32_t last_step(const struct teller *t, uint32_t lane)
{
    uint32_t last = FL_NO_STEP;
    for (uint32_t i = 0; i < t->count; i++) {
        last = t->steps[i].thread == lane ? i : last;
    }
    return last;
}

/* Whether its lane has an operation that did not end; a thread may wait before
 * its first step. */
static bool is_unfinished(const struct teller *t, uint32_t thread)
{
    uint32_t last = last_step(t, lane_of(t, thread));
    return last == FL_NO_STEP || t->steps[last].kind != FL_STEP_RETURN;
}

bool waits_on(const struct teller *t, uint32_t thread)
{
    return thread < WAITS_MAX && t->log->waits[thread].open &&
           taken_by(t, thread) == UINT32_MAX && is_unfinished(t, thread);
}

/* Fibers there are: those of the start and those made on the way. */
static uint32_t fibers_of(const struct teller *t)
{
    uint32_t count = t->record->lanes_count;
    return count < WAITS_MAX ? count : WAITS_MAX;
}

bool waits_are_told(const struct teller *t, uint32_t lane)
{
    for (uint32_t thread = 0; thread < fibers_of(t); thread++) {
        if (lane_of(t, thread) == lane) {
            return waits_on(t, thread) || taken_by(t, thread) != UINT32_MAX;
        }
    }
    return false;
}

/* "T1 enqueue(2)": a thread and its operation that did not end. */
static const char *actor(const struct teller *t, uint32_t thread)
{
    const struct fl_history *h = t->record->history;
    const char *name = lane_name(t, thread);
    uint32_t lane = lane_of(t, thread);
    for (uint32_t i = t->count; i > 0 && h != NULL; i--) {
        const struct fl_step *step = &t->steps[i - 1];
        if (step->thread != lane || step->kind == FL_STEP_RETURN) {
            continue;
        }
        if (step->operation >= h->count) {
            break;
        }
        char call[CALL_SIZE];
        return arena_print(t->arena, "%s %s", name,
                           fl_describe_call(h, &h->operations[step->operation],
                                            call, sizeof(call)));
    }
    return name;
}

/* --- what and where ------------------------------------------------------- */

/* " (queue.c:82)" */
static const char *where(const struct teller *t, const struct log_wait *wait)
{
    struct source_place place;
    if (!places_of_stack(t, &wait->stack, &place)) {
        return "";
    }
    return arena_print(t->arena, " (%s:%u)", place.file, place.line);
}

/* The name of what lies at `address`, or NULL. */
static const char *name_at(const struct teller *t, uintptr_t address)
{
    if (address == 0 || t->symbols == NULL) {
        return NULL;
    }
    struct location at = names_location(t, address, t->log->steps_count);
    char *inside = strstr(at.name, "__"); /* what a mutex is made of */
    if (inside != NULL) {
        inside -= inside > at.name && inside[-1] == '.' ? 1 : 0;
        *inside = '\0';
    }
    if (at.name[0] == '\0' || strcmp(at.name, "memory") == 0) {
        return NULL;
    }
    return arena_copy(t->arena, at.name);
}

/* Whether the wait is for another thread to end. */
static bool is_end_of_other(const struct teller *t, const struct log_wait *wait)
{
    return wait->what != NULL && strcmp(wait->what, "thread's end") == 0 &&
           wait->owner < fibers_of(t);
}

/* "the mutex tail_lock", "a mutex", "T1 to end" */
static const char *object(const struct teller *t, const struct log_wait *wait)
{
    const char *what = wait->what == NULL ? "change" : wait->what;
    const char *name = name_at(t, wait->object);
    if (is_end_of_other(t, wait)) {
        return arena_print(t->arena, "%s to end", lane_name(t, wait->owner));
    }
    if (name != NULL && strcmp(name, what) == 0) {
        return arena_print(t->arena, "the %s", what);
    }
    return name == NULL ? arena_print(t->arena, "a %s", what)
                        : arena_print(t->arena, "the %s %s", what, name);
}

/* "tail_lock", "a mutex": where there is little room. */
static const char *short_object(const struct teller *t,
                                const struct log_wait *wait)
{
    const char *name = name_at(t, wait->object);
    return name == NULL ? object(t, wait) : name;
}

/* "taken = 1", "head, tail and others" */
static const char *spun(const struct teller *t, const struct log_wait *wait)
{
    const char *text = "";
    for (uint32_t i = 0; i < wait->spun_count; i++) {
        struct location at =
            names_location(t, wait->spun[i], t->log->steps_count);
        const char *name = at.name;
        if (wait->spun_count == 1) {
            return arena_print(
                t->arena, "%s = %s", name,
                names_value(t, wait->found[i], t->log->steps_count, &at));
        }
        bool again = false;
        for (uint32_t k = 0; k < i; k++) {
            again = again || wait->spun[k] == wait->spun[i];
        }
        text = again ? text
                     : arena_print(t->arena, "%s%s%s", text,
                                   text[0] == '\0' ? "" : ", ", name);
    }
    return text;
}

/* --- sentences ------------------------------------------------------------ */

static void tell_wait(const struct teller *t, uint32_t thread,
                      struct reasons *reasons)
{
    const struct log_wait *wait = &t->log->waits[thread];
    if (wait->spins) {
        reasons_add(
            reasons,
            arena_print(t->arena, "%s spins on %s%s, which nobody will change.",
                        actor(t, thread), spun(t, wait), where(t, wait)));
        return;
    }
    const char *owner = "";
    if (wait->owner < fibers_of(t) && !is_end_of_other(t, wait)) {
        bool gone = taken_by(t, wait->owner) != UINT32_MAX;
        owner =
            arena_print(t->arena, ", which %s %s", lane_name(t, wait->owner),
                        gone ? "holds for ever" : "holds");
    }
    reasons_add(reasons,
                arena_print(t->arena, "%s waits for %s%s%s.", actor(t, thread),
                            object(t, wait), where(t, wait), owner));
}

/* "F1 crash took T0 away after step 4 (spin_lock.c:81): point lock.inside" */
static void tell_taken(const struct teller *t, uint32_t thread,
                       struct reasons *reasons)
{
    uint32_t fault = taken_by(t, thread);
    assert(fault < t->log->faults_count);
    const char *kind = t->log->faults[fault].kind;
    uint32_t last = last_step(t, lane_of(t, thread));
    const char *text =
        arena_print(t->arena, "F%u %s took %s away", fault + 1,
                    kind == NULL ? "fault" : kind, lane_name(t, thread));
    if (last == FL_NO_STEP) {
        reasons_add(reasons, arena_print(t->arena, "%s.", text));
        return;
    }
    const struct fl_step *step = &t->steps[last];
    if (step->file == NULL) {
        reasons_add(reasons, arena_print(t->arena, "%s after step %u: %s", text,
                                         last + 1, step->text));
        return;
    }
    reasons_add(reasons,
                arena_print(t->arena, "%s after step %u (%s:%u): %s", text,
                            last + 1, step->file, step->line, step->text));
}

/* The circle of waits that `thread` is in, told from it on: false, if it is in
 * none. */
static bool tell_circle(const struct teller *t, uint32_t thread,
                        struct reasons *reasons)
{
    const char *text = arena_print(t->arena, "%s waits", lane_name(t, thread));
    uint32_t at = thread;
    uint32_t count = 0;
    do {
        if (!waits_on(t, at) || t->log->waits[at].spins ||
            ++count > fibers_of(t)) {
            return false;
        }
        uint32_t next = t->log->waits[at].owner;
        if (next >= fibers_of(t)) {
            return false;
        }
        const char *from =
            at == thread
                ? ""
                : arena_print(t->arena, "%s %s", next == thread ? ", and" : ",",
                              lane_name(t, at));
        text = arena_print(t->arena, "%s%s for %s", text, from,
                           next == thread && at == thread ? "itself"
                                                          : lane_name(t, next));
        at = next;
    } while (at != thread);
    text = count == 1 ? arena_print(t->arena, "%s.", text)
                      : arena_print(t->arena,
                                    "%s: each holds what another wants.", text);
    reasons_add(reasons, text);
    return true;
}

/* --- the last steps ------------------------------------------------------- */

/* The operation in hand of fiber `thread`. */
static uint32_t operation_of(const struct teller *t, uint32_t thread)
{
    uint32_t last = last_step(t, lane_of(t, thread));
    return last == FL_NO_STEP ? FL_OPEN : t->steps[last].operation;
}

/* What each waits for is a step of its own, which did not end. */
static void add_steps(struct teller *t, bool decide)
{
    struct fl_step *last = NULL;
    for (uint32_t thread = t->log->replicas; thread < fibers_of(t); thread++) {
        const struct log_wait *wait = &t->log->waits[thread];
        if (!waits_on(t, thread) || wait->spins) {
            continue;
        }
        uint32_t operation = operation_of(t, thread);
        struct source_place place = {.file = NULL};
        bool known = places_of_stack(t, &wait->stack, &place);
        last = &t->steps[t->record->steps_count++];
        *last = (struct fl_step){
            .kind = FL_STEP_SYNC,
            .thread = lane_of(t, thread),
            .operation = operation,
            .text = arena_print(t->arena, "wait for %s", short_object(t, wait)),
            .file = known ? arena_copy(t->arena, place.file) : NULL,
            .path = known ? arena_copy(t->arena, place.path) : NULL,
            .line = known ? place.line : 0,
            .column = known ? place.column : 0,
            .note = wait->owner < fibers_of(t) && !is_end_of_other(t, wait)
                        ? arena_print(t->arena, "%s holds it",
                                      lane_name(t, wait->owner))
                        : NULL,
            .cause = FL_NO_STEP,
            .time = t->request->outcome->time};
    }
    if (last != NULL && decide) {
        for (uint32_t i = 0; i < t->record->steps_count; i++) {
            t->steps[i].decisive = false;
        }
        last->decisive = true;
        last->cause_text = "from here on nobody can go on";
    }
}

bool waits_tell(struct teller *t, struct reasons *reasons)
{
    assert(t->record->lanes != NULL);
    bool circle = false;
    uint32_t before = reasons->count;
    for (uint32_t thread = 0; thread < fibers_of(t) && !circle; thread++) {
        circle = tell_circle(t, thread, reasons);
    }
    for (uint32_t thread = 0; thread < fibers_of(t); thread++) {
        bool replica = thread < t->log->replicas; /* they always wait */
        if (!replica && waits_on(t, thread)) {
            tell_wait(t, thread, reasons);
        }
    }
    bool any = reasons->count > before;
    for (uint32_t thread = 0; thread < fibers_of(t); thread++) {
        if (taken_by(t, thread) != UINT32_MAX) {
            tell_taken(t, thread, reasons);
        }
    }
    add_steps(t, t->request->outcome->end == RUN_DEADLOCK);
    return any;
}
