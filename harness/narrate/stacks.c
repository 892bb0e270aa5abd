/*
 * Stacks: where a memory error happened and what it goes back to; where
 * threads wait; the decisive step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAMES_MAX = 24,
    WAITS_SHOWN = 3
};

/* Frames of the program under test: ours around them are cut off, unless
 * there are no others. */
static void tell_stack(struct teller *t, const struct log_stack *from,
                       struct fl_record_stack *to)
{
    assert(from->count <= STACK_MAX);
    assert(t->symbols != NULL);
    uint32_t first = 0;
    while (first < from->count && places_is_ours(t, from->pc[first])) {
        first++;
    }
    uint32_t end = first;
    while (end < from->count && !places_is_ours(t, from->pc[end])) {
        end++;
    }
    if (first == end) {
        first = 0;
        end = from->count;
    }
    struct fl_frame *frames =
        arena_take(t->arena, FRAMES_MAX * sizeof(*frames));
    uint32_t count = 0;
    for (uint32_t i = first; i < end; i++) {
        uint32_t got = symbols_frames(t->symbols, from->pc[i], &frames[count],
                                      FRAMES_MAX - count);
        for (uint32_t k = count; k < count + got; k++) {
            frames[k].function = arena_copy(t->arena, frames[k].function);
            frames[k].file = arena_copy(t->arena, frames[k].file);
        }
        count += got;
    }
    *to = (struct fl_record_stack){.title = arena_copy(t->arena, from->title),
                                   .frames = frames,
                                   .frames_count = count};
}

/* A crash that nobody logged: a signal, an assertion. */
static void add_crash(struct teller *t)
{
    const struct run_outcome *outcome = t->request->outcome;
    const struct run_log *log = t->log;
    bool crashed = outcome->end == RUN_CRASHED || outcome->end == RUN_ABORTED ||
                   outcome->end == RUN_ASSERTION ||
                   outcome->end == RUN_STACK_OVERFLOW ||
                   outcome->end == RUN_STUCK || outcome->end == RUN_OUTSIDE;
    if (!crashed || outcome->thread >= t->record->lanes_count) {
        return;
    }
    struct fl_step *step = &t->steps[t->count];
    uint32_t operation = FL_OPEN;
    for (uint32_t i = 0; i < t->count; i++) {
        t->steps[i].decisive = false; /* what follows is */
        if (t->steps[i].thread == lane_of(t, outcome->thread)) {
            operation = t->steps[i].kind == FL_STEP_RETURN
                            ? FL_OPEN
                            : t->steps[i].operation;
        }
    }
    *step = (struct fl_step){.kind = FL_STEP_CRASH,
                             .thread = lane_of(t, outcome->thread),
                             .operation = operation,
                             .text = arena_copy(t->arena, outcome->detail),
                             .cause = FL_NO_STEP,
                             .decisive = true,
                             .time = outcome->time};
    struct source_place place;
    for (uint32_t i = 0; t->symbols != NULL && log->stacks_count > 0 &&
                         i < log->stacks[0].count && step->file == NULL;
         i++) {
        if (!places_is_ours(t, log->stacks[0].pc[i]) &&
            symbols_place(t->symbols, log->stacks[0].pc[i], &place)) {
            step->file = arena_copy(t->arena, place.file);
            step->path = arena_copy(t->arena, place.path);
            step->line = place.line;
        }
    }
    t->record->steps_count = t->count + 1;
}

/* The stack of the decisive step, as far as it is known.  False: there is
 * none. */
static bool find_decisive(const struct teller *t, struct log_stack *stack)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        bool edge = step->kind == FL_STEP_CALL || step->kind == FL_STEP_RETURN;
        if (!t->steps[i].decisive || step->pc == 0 || edge ||
            waits_on(t, step->thread)) { /* that stack is shown anyway */
            continue;
        }
        *stack = (struct log_stack){.count = 1 + step->callers_count,
                                    .pc = {step->pc}};
        memcpy(stack->pc + 1, step->callers,
               step->callers_count * sizeof(stack->pc[0]));
        (void)snprintf(stack->title, sizeof(stack->title), "step %u, %s", i + 1,
                       lane_name(t, step->thread));
        return true;
    }
    return false;
}

/* Adds a stack, unless nothing but the line of its step is known of it. */
static void add_stack(struct teller *t, const struct log_stack *from,
                      struct fl_record_stack *stacks, uint32_t least)
{
    struct fl_record_stack *to = &stacks[t->record->stacks_count];
    tell_stack(t, from, to);
    t->record->stacks_count += to->frames_count >= least ? 1 : 0;
}

/* Where no stack was kept: that of the decisive step, and of those who wait.
 * A stack of one frame says no more than the line of its step. */
static void add_others(struct teller *t)
{
    const struct run_log *log = t->log;
    bool stuck = t->request->outcome->end != RUN_NOT_LINEARIZABLE;
    bool waits = false;
    for (uint32_t i = log->replicas; i < WAITS_MAX && stuck; i++) {
        waits = waits || waits_on(t, i);
    }
    struct fl_record_stack *stacks =
        arena_take(t->arena, (1 + WAITS_SHOWN) * sizeof(*stacks));
    t->record->stacks = stacks;
    struct log_stack decisive;
    if (find_decisive(t, &decisive)) {
        add_stack(t, &decisive, stacks, waits ? 1 : 2);
    }
    uint32_t shown = 0;
    for (uint32_t i = log->replicas; i < WAITS_MAX && shown < WAITS_SHOWN;
         i++) {
        if (!waits || !waits_on(t, i)) {
            continue;
        }
        struct log_stack stack = log->waits[i].stack;
        (void)snprintf(stack.title, sizeof(stack.title), "%s %s",
                       lane_name(t, i),
                       log->waits[i].spins ? "spins" : "waits");
        add_stack(t, &stack, stacks, 1);
        shown++;
    }
}

void stacks_tell(struct teller *t)
{
    assert(t->record->stacks == NULL);
    const struct run_log *log = t->log;
    add_crash(t);
    if (t->symbols == NULL) {
        return;
    }
    if (log->stacks_count == 0) {
        add_others(t);
        return;
    }
    struct fl_record_stack *stacks =
        arena_take(t->arena, (log->stacks_count + 1) * sizeof(*stacks));
    for (uint32_t i = 0; i < log->stacks_count; i++) {
        tell_stack(t, &log->stacks[i], &stacks[i]);
    }
    t->record->stacks = stacks;
    t->record->stacks_count = log->stacks_count;
}
