/*
 * Reasons: verdicts in sentences where no history has to be explained, and the
 * stacks of memory errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    REASONS_MAX = 12,
    FRAMES_MAX = 24
};

struct reasons {
    const char *text[REASONS_MAX];
    uint32_t count;
};

static void add(struct reasons *reasons, const char *text)
{
    assert(reasons->count <= REASONS_MAX);
    if (reasons->count < REASONS_MAX && text != NULL && text[0] != '\0') {
        reasons->text[reasons->count++] = text;
    }
}

/* One sentence for each part of a detail: waits are parted by semicolons. */
static void add_detail(struct teller *t, struct reasons *reasons,
                       const char *detail)
{
    while (detail != NULL && *detail != '\0') {
        size_t size = strcspn(detail, ";");
        add(reasons,
            arena_print(t->arena, "%.*s%s", (int)size, detail,
                        size > 0 && detail[size - 1] == '.' ? "" : "."));
        detail += size;
        detail += strspn(detail, "; ");
    }
}

static const char *place_of(const struct teller *t, uint32_t step)
{
    assert(step < t->record->steps_count);
    const struct fl_step *told = &t->steps[step];
    return told->file == NULL
               ? ""
               : arena_print(t->arena, " (%s:%u)", told->file, told->line);
}

/* The life of the block that was misused. */
static void add_block(struct teller *t, struct reasons *reasons)
{
    if (t->log->fail_step == FL_NO_STEP || t->log->fail_step == 0 ||
        t->log->fail_step > t->log->steps_count) {
        return;
    }
    uint32_t at = t->log->fail_step - 1;
    const struct log_step *step = &t->log->steps[at];
    uint32_t block = step->kind == FL_STEP_CRASH
                         ? names_block(t, step->address, at)
                         : UINT32_MAX;
    if (block == UINT32_MAX) {
        return;
    }
    const struct log_block *life = &t->log->blocks[block];
    const char *name = names_of_block(t, block);
    if (life->allocated == FL_NO_STEP) {
        add(reasons,
            arena_print(t->arena, "%s was allocated in the set-up.", name));
    } else {
        uint32_t made = t->of_log[life->allocated];
        add(reasons,
            arena_print(t->arena, "%s was allocated at step %u%s by %s.", name,
                        made + 1, place_of(t, made),
                        lane_name(t, t->log->steps[life->allocated].thread)));
    }
    if (life->freed < at) {
        uint32_t freed = t->of_log[life->freed];
        add(reasons,
            arena_print(t->arena, "%s was freed at step %u%s by %s.", name,
                        freed + 1, place_of(t, freed),
                        lane_name(t, t->log->steps[life->freed].thread)));
    }
}

/* Where each thread stands that did not finish. */
static void add_standing(struct teller *t, struct reasons *reasons)
{
    assert(t->record->lanes != NULL);
    for (uint32_t lane = 0; lane < t->record->lanes_count; lane++) {
        uint32_t last = FL_NO_STEP;
        for (uint32_t i = 0; i < t->count; i++) {
            last = t->steps[i].thread == lane ? i : last;
        }
        if (last == FL_NO_STEP || t->steps[last].kind == FL_STEP_RETURN) {
            continue;
        }
        add(reasons, arena_print(t->arena, "%s came as far as step %u%s: %s",
                                 t->record->lanes[lane].name, last + 1,
                                 place_of(t, last), t->steps[last].text));
    }
}

static bool is_waiting_end(enum run_end end)
{
    return end == RUN_DEADLOCK || end == RUN_LIVELOCK || end == RUN_BLOCKED ||
           end == RUN_NOT_RECOVERED || end == RUN_STEP_LIMIT ||
           end == RUN_STUCK;
}

void reasons_tell(struct teller *t)
{
    assert(t->record->reason == NULL);
    const struct run_outcome *outcome = t->request->outcome;
    struct reasons reasons = {.count = 0};
    if (outcome->end == RUN_NOT_LINEARIZABLE) {
        if (t->record->explanation == NULL) {
            add(&reasons, "No order of the operations explains what the "
                          "clients saw; the history is too long to say why.");
        }
    } else {
        add_detail(t, &reasons, outcome->detail);
        add_block(t, &reasons);
        if (is_waiting_end(outcome->end)) {
            add_standing(t, &reasons);
        }
    }
    if (t->log->truncated) {
        add(&reasons, "The log is full: later steps are not shown.");
    }
    const char **texts = arena_take(t->arena, REASONS_MAX * sizeof(*texts));
    memcpy(texts, reasons.text, reasons.count * sizeof(*texts));
    t->record->reason = texts;
    t->record->reason_count = reasons.count;
}

/* --- stacks --------------------------------------------------------------- */

static bool is_of_harness(const struct teller *t, uintptr_t pc)
{
    return symbols_is_harness(t->symbols, pc);
}

/* Frames of the program under test: ours around them are cut off, unless
 * there are no others. */
static void tell_stack(struct teller *t, const struct log_stack *from,
                       struct fl_record_stack *to)
{
    assert(from->count <= STACK_MAX);
    assert(t->symbols != NULL);
    uint32_t first = 0;
    while (first < from->count && is_of_harness(t, from->pc[first])) {
        first++;
    }
    uint32_t end = first;
    while (end < from->count && !is_of_harness(t, from->pc[end])) {
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
                   outcome->end == RUN_STACK_OVERFLOW;
    if (!crashed || outcome->thread >= t->record->lanes_count) {
        return;
    }
    struct fl_step *step = &t->steps[t->count];
    *step = (struct fl_step){.kind = FL_STEP_CRASH,
                             .thread = lane_of(t, outcome->thread),
                             .operation = FL_OPEN,
                             .text = arena_copy(t->arena, outcome->detail),
                             .cause = FL_NO_STEP,
                             .decisive = true,
                             .time = outcome->time};
    struct source_place place;
    for (uint32_t i = 0; t->symbols != NULL && log->stacks_count > 0 &&
                         i < log->stacks[0].count && step->file == NULL;
         i++) {
        if (!is_of_harness(t, log->stacks[0].pc[i]) &&
            symbols_place(t->symbols, log->stacks[0].pc[i], &place)) {
            step->file = arena_copy(t->arena, place.file);
            step->path = arena_copy(t->arena, place.path);
            step->line = place.line;
        }
    }
    t->record->steps_count = t->count + 1;
}

/* Where no stack was kept, the decisive step has at least the functions that
 * were inlined into each other there. */
static void add_decisive(struct teller *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        if (!t->steps[i].decisive || step->pc == 0) {
            continue;
        }
        struct log_stack stack = {.count = 1, .pc = {step->pc}};
        (void)snprintf(stack.title, sizeof(stack.title), "step %u, %s", i + 1,
                       lane_name(t, step->thread));
        struct fl_record_stack *told = arena_take(t->arena, sizeof(*told));
        tell_stack(t, &stack, told);
        t->record->stacks = told;
        t->record->stacks_count = told->frames_count > 1 ? 1 : 0;
        return;
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
        add_decisive(t);
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
