/*
 * The journal: growing lists, filled only when a run is recorded.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/journal.h"

#include "harness/debugger.h"
#include "harness/need.h"
#include "harness/rules.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES_MAX = 32 /* ours on top of those that are kept */
};

/* Room for one more in a list; returns the list, perhaps moved.  The program
 * ends when there is no memory: it is the harness's own. */
static void *grow(void *list, uint32_t count, uint32_t *max, size_t size)
{
    if (count < *max) {
        return list;
    }
    *max = *max == 0 ? 256 : *max * 2;
    list = need(realloc(list, *max * size), "the log");
    return list;
}

struct run_log *journal_new(void)
{
    struct run_log *log = need(calloc(1, sizeof(*log)), "the log");
    return log;
}

void journal_free(struct run_log *log)
{
    if (log != NULL) {
        free(log->steps);
        free(log->faults);
        free(log->messages);
        free(log->values);
        free(log->blocks);
        free(log);
    }
}

void journal_clear(struct run_log *log)
{
    log->steps_count = 0;
    log->truncated = false;
    log->faults_count = 0;
    log->messages_count = 0;
    log->values_count = 0;
    log->blocks_count = 0;
    log->stacks_count = 0;
    log->race.set = false;
    for (uint32_t i = 0; i < WAITS_MAX && log->has_waits; i++) {
        log->waits[i].open = false;
    }
    log->has_waits = false;
    log->root = 0;
    log->lanes = 0;
    log->replicas = 0;
    log->crashed = 0;
    log->fail_step = FL_NO_STEP;
}

/* The frames of who calls this, from the innermost; returns how many. */
static uint32_t find_frames(void **frames, uint32_t max)
{
    assert(frames != NULL && max > 0);
#if defined(__x86_64__)
    int found = unw_backtrace(frames, (int)max);
    return found < 0 ? 0 : (uint32_t)found;
#else
    /* That of libunwind 1.6 for aarch64 ends at some frames, and leaves out
     * others; one step after the other is right, and slower. */
    unw_context_t context;
    unw_cursor_t cursor;
    uint32_t count = 0;
    if (unw_getcontext(&context) != 0 ||
        unw_init_local(&cursor, &context) != 0) {
        return 0;
    }
    while (count < max && unw_step(&cursor) > 0) {
        unw_word_t pc = 0;
        if (unw_get_reg(&cursor, UNW_REG_IP, &pc) != 0) {
            break;
        }
        memcpy(&frames[count++], &pc, sizeof(pc));
    }
    return count;
#endif
}

uint32_t journal_stack(uintptr_t pc, uintptr_t *kept, uint32_t max)
{
    assert(kept != NULL && max > 0);
    void *frames[FRAMES_MAX];
    uint32_t count = find_frames(frames, FRAMES_MAX);
    uint32_t first = 0;
    while (first < count && (uintptr_t)frames[first] != pc) {
        first++;
    }
    uint32_t n = 0;
    for (; first < count && n < max; first++) {
        kept[n++] = (uintptr_t)frames[first];
    }
    return n;
}

/* Who called the function that makes the step: calls and returns are made by
 * us. */
static void keep_callers(struct log_step *step)
{
    if (step->pc == 0 || step->kind == FL_STEP_CALL ||
        step->kind == FL_STEP_RETURN) {
        return;
    }
    uintptr_t kept[CALLERS_MAX + 1];
    uint32_t count = journal_stack(step->pc, kept, CALLERS_MAX + 1);
    step->callers_count = count > 1 ? count - 1 : 0;
    memcpy(step->callers, kept + 1, step->callers_count * sizeof(kept[0]));
}

struct log_step *world_log(struct world *w, enum fl_step_kind kind,
                           uintptr_t pc)
{
    if (!w->recording || w->log == NULL) {
        return NULL;
    }
    struct run_log *log = w->log;
    if (log->steps_count >= LOG_STEPS_MAX) {
        log->truncated = true;
        return NULL;
    }
    log->steps = grow(log->steps, log->steps_count, &log->steps_max,
                      sizeof(*log->steps));
    struct log_step *step = &log->steps[log->steps_count++];
    const struct fiber *f = w->current;
    *step = (struct log_step){.kind = kind,
                              .thread = f == NULL ? FL_OPEN : f->id,
                              .operation = f == NULL ? FL_OPEN : f->ticket,
                              .pc = pc,
                              .source = FL_NO_STEP,
                              .time = w->now,
                              .point = w->step};
    keep_callers(step);
    if (log->steps_count == log->stop_at) {
        debugger_stop(log->steps_count);
    }
    return step;
}

void journal_wait(struct world *w)
{
    const struct fiber *f = w->current;
    if (!w->recording || w->log == NULL || f == NULL || f->id >= WAITS_MAX) {
        return;
    }
    struct log_wait *wait = &w->log->waits[f->id];
    w->log->has_waits = true;
    *wait = (struct log_wait){.open = true,
                              .spins = f->state == FIBER_SPINNING,
                              .what = f->wait_what,
                              .object = (uintptr_t)f->wait_object,
                              .owner = f->wait_owner};
    for (uint32_t i = 0; wait->spins && i < f->reads_count && i < SPUN_MAX;
         i++) {
        wait->spun[i] = (uintptr_t)f->reads[i].address;
        wait->found[i] = f->reads[i].value;
        wait->spun_count++;
    }
    void *frames[FRAMES_MAX];
    uint32_t count = find_frames(frames, FRAMES_MAX);
    for (uint32_t i = 0; i < count && wait->stack.count < STACK_MAX; i++) {
        wait->stack.pc[wait->stack.count++] = (uintptr_t)frames[i];
    }
}

void journal_wait_over(struct world *w, const struct fiber *f)
{
    assert(f != NULL);
    if (w->recording && w->log != NULL && f->id < WAITS_MAX) {
        w->log->waits[f->id].open = false;
    }
}

void journal_wait_owner(struct world *w, uint32_t fiber, uint32_t owner)
{
    assert(fiber < w->fibers_count);
    if (w->recording && w->log != NULL && fiber < WAITS_MAX) {
        w->log->waits[fiber].owner = owner;
    }
}

void journal_switch(struct world *w, uint64_t moment, uint32_t thread)
{
    struct trace *t = w->trace;
    t->switches = grow(t->switches, t->switches_count, &t->switches_max,
                       sizeof(*t->switches));
    t->switches[t->switches_count++] =
        (struct thread_switch){.step = moment, .thread = thread};
}

static void keep_digest(struct world *w)
{
    struct trace *t = w->trace;
    if (t != NULL) {
        t->digests = grow(t->digests, t->digests_count, &t->digests_max,
                          sizeof(*t->digests));
        t->digests[t->digests_count++] = w->digest;
    }
}

/* Whether the next digest of the trace that is replayed is ours. */
static bool digest_agrees(struct world *w)
{
    if (w->replay == NULL || w->tolerant) {
        return true;
    }
    uint32_t at = w->digests_seen++;
    return at < w->replay->digests_count && w->replay->digests[at] == w->digest;
}

void journal_digest(struct world *w)
{
    keep_digest(w);
    if (!digest_agrees(w)) {
        world_fail(w, RUN_DIVERGED,
                   "steps %llu to %llu differ from those of the trace",
                   (unsigned long long)(w->step < 64 ? 0 : w->step - 64),
                   (unsigned long long)w->step);
    }
}

void journal_finish(struct world *w)
{
    keep_digest(w);
    bool agrees = digest_agrees(w);
    if (w->end == RUN_DIVERGED ||
        (agrees && (w->replay == NULL || w->tolerant ||
                    w->digests_seen == w->replay->digests_count))) {
        return;
    }
    w->end = RUN_DIVERGED; /* whatever else it looked like */
    snprintf(w->detail, sizeof(w->detail),
             "the run ends at step %llu, unlike its trace (%llu steps)",
             (unsigned long long)w->step, (unsigned long long)w->replay->steps);
}

static const char *kind_of(const struct world *w, const struct action *a)
{
    uint32_t count = 0;
    const struct occurrence *list = rules_occurrences(w->rules, &count);
    if (count > 0 && list[count - 1].rule < w->scenario->rules_count) {
        return w->scenario->rules[list[count - 1].rule].kind;
    }
    return a->act == ACT_CRASH ? "crash" : "fault";
}

uint32_t journal_fault(struct world *w, const struct action *action,
                       const struct site *site)
{
    if (!w->recording || w->log == NULL) {
        return 0;
    }
    struct run_log *log = w->log;
    log->faults = grow(log->faults, log->faults_count, &log->faults_max,
                       sizeof(*log->faults));
    uint32_t count = 0;
    const struct occurrence *list = rules_occurrences(w->rules, &count);
    uint32_t thread = action->targets == 0
                          ? site->thread
                          : (uint32_t)__builtin_ctzll(action->targets);
    bool links = action->act == ACT_CUT || action->act == ACT_CLOG;
    uint64_t end = action->act == ACT_CRASH   ? action->down_for
                   : action->act == ACT_CLOCK ? 0
                                              : action->amount;
    log->faults[log->faults_count] = (struct log_fault){
        .step = log->steps_count,
        .until = FL_NO_STEP,
        .rule = count > 0 ? list[count - 1].rule : UINT32_MAX,
        .thread = links ? FL_OPEN : thread,
        .kind = kind_of(w, action),
        .act = action->act,
        .amount = action->amount,
        .in_steps = action->in_steps,
        .from_time = w->now,
        .to_time = action->in_steps || end >= UINT64_MAX - w->now
                       ? UINT64_MAX
                       : w->now + end,
        .nodes = links ? action->targets : 0,
    };
    return log->faults_count++;
}

void journal_fault_over(struct world *w, uint32_t fault)
{
    if (w->recording && w->log != NULL && fault < w->log->faults_count &&
        w->log->faults[fault].until == FL_NO_STEP) {
        w->log->faults[fault].until = w->log->steps_count;
        w->log->faults[fault].to_time = w->now;
    }
}

struct log_message *journal_message(struct world *w)
{
    if (!w->recording || w->log == NULL) {
        return NULL;
    }
    struct run_log *log = w->log;
    log->messages = grow(log->messages, log->messages_count, &log->messages_max,
                         sizeof(*log->messages));
    struct log_message *m = &log->messages[log->messages_count++];
    memset(m, 0, sizeof(*m));
    return m;
}

struct log_value *journal_value(struct world *w)
{
    if (!w->recording || w->log == NULL) {
        return NULL;
    }
    struct run_log *log = w->log;
    log->values = grow(log->values, log->values_count, &log->values_max,
                       sizeof(*log->values));
    struct log_value *v = &log->values[log->values_count++];
    memset(v, 0, sizeof(*v));
    return v;
}

struct log_block *journal_block(struct world *w)
{
    if (!w->recording || w->log == NULL) {
        return NULL;
    }
    struct run_log *log = w->log;
    log->blocks = grow(log->blocks, log->blocks_count, &log->blocks_max,
                       sizeof(*log->blocks));
    struct log_block *b = &log->blocks[log->blocks_count++];
    memset(b, 0, sizeof(*b));
    return b;
}

void world_keep_stack(struct world *w, const char *title)
{
    enum {
        STACKS = sizeof(w->log->stacks) / sizeof(w->log->stacks[0])
    };
    if (!w->recording || w->log == NULL || w->log->stacks_count >= STACKS) {
        return;
    }
    struct log_stack *stack = &w->log->stacks[w->log->stacks_count++];
    snprintf(stack->title, sizeof(stack->title), "%s", title);
    void *frames[STACK_MAX];
    stack->count = find_frames(frames, STACK_MAX);
    for (uint32_t i = 0; i < stack->count; i++) {
        stack->pc[i] = (uintptr_t)frames[i];
    }
}
