/*
 * Faults that acted, and the lanes that they acted on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include "harness/fault.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AMOUNT_SIZE = 32
};

uint32_t lane_of(const struct teller *t, uint32_t thread)
{
    uint32_t replicas = t->log->replicas;
    uint32_t lanes = t->log->lanes;
    if (replicas == 0 || thread >= lanes) {
        return thread;
    }
    assert(replicas <= lanes);
    return thread < replicas ? lanes - replicas + thread : thread - replicas;
}

const char *lane_name(const struct teller *t, uint32_t thread)
{
    if (t->source->names != NULL && thread < t->log->lanes &&
        t->source->names[thread] != NULL) {
        return t->source->names[thread];
    }
    return arena_print(t->arena, "T%u", thread);
}

/* --- faults --------------------------------------------------------------- */

/* "40 ms", "1.5 us": the largest unit in which it is at least 1. */
static const char *duration(const struct teller *t, uint64_t ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double amount = (double)ns;
    size_t unit = 0;
    while (unit < 3 && amount >= 1000.0) {
        amount /= 1000.0;
        unit++;
    }
    return arena_print(t->arena, "%.4g %s", amount, units[unit]);
}

/* The first step of the record that is not before log step `step`: not what
 * of_log says of a step that is told with an earlier one. */
static uint32_t first_told(const struct teller *t, uint32_t step)
{
    uint32_t i = 0;
    while (i < t->count && t->log_of[i] < step) {
        i++;
    }
    return i;
}

/* How long it held: in steps of others, or virtual time. */
static const char *extent(const struct teller *t, const struct log_fault *fault)
{
    assert(fault->step <= t->log->steps_count);
    if (fault->amount == UINT64_MAX) {
        return "for ever";
    }
    if (!fault->in_steps) {
        return duration(t, fault->amount);
    }
    uint64_t steps = fault->amount;
    uint32_t from = first_told(t, fault->step);
    if (fault->until <= t->log->steps_count) {
        uint32_t to = first_told(t, fault->until);
        steps = to > from ? to - from : steps;
    }
    return arena_print(t->arena, "%llu step%s", (unsigned long long)steps,
                       steps == 1 ? "" : "s");
}

/* "before the CAS at treiber.c:37": what the thread would have done next, or
 * "in pop()" if it never got to. */
static const char *whereabouts(const struct teller *t,
                               const struct log_fault *fault)
{
    assert(fault->step <= t->log->steps_count);
    for (uint32_t i = fault->step; i < t->log->steps_count; i++) {
        const struct log_step *step = &t->log->steps[i];
        if (step->thread != fault->thread) {
            continue;
        }
        const struct fl_step *told = &t->steps[t->of_log[i]];
        const char *word = steps_word(step);
        if (told->file == NULL) {
            return arena_print(t->arena, " before %s", word);
        }
        return arena_print(t->arena, " before %s at %s:%u", word, told->file,
                           told->line);
    }
    for (uint32_t i = fault->step; i > 0; i--) {
        const struct log_step *step = &t->log->steps[i - 1];
        if (step->thread != fault->thread) {
            continue;
        }
        const struct fl_step *told = &t->steps[t->of_log[i - 1]];
        const char *word = steps_word(step);
        const char *how = step->kind == FL_STEP_POINT ? "at" : "after";
        return told->file == NULL ? arena_print(t->arena, " %s %s", how, word)
                                  : arena_print(t->arena, " %s %s, %s:%u", how,
                                                word, told->file, told->line);
    }
    return "";
}

/* The nodes on either side: "replica1 | replica2 replica3". */
static const char *sides(const struct teller *t, uint64_t nodes)
{
    const char *text[2] = {"", ""};
    for (uint32_t i = 0; i < t->log->lanes && i < 64; i++) {
        uint32_t side = (nodes >> i & 1) != 0 ? 0 : 1;
        text[side] =
            arena_print(t->arena, "%s%s%s", text[side],
                        text[side][0] == '\0' ? "" : " ", lane_name(t, i));
    }
    return arena_print(t->arena, "%s | %s", text[0], text[1]);
}

/* "store v=1 to replica1": the message that a fault touched. */
static const char *message_of(const struct teller *t,
                              const struct log_fault *fault)
{
    const struct run_log *log = t->log;
    for (uint32_t i = 0; i < log->messages_count; i++) {
        const struct log_message *message = &log->messages[i];
        if (message->fault < log->faults_count &&
            &log->faults[message->fault] == fault && message->to < log->lanes) {
            return arena_print(t->arena, "%s to %s",
                               message->text[0] == '\0' ? "message"
                                                        : message->text,
                               lane_name(t, message->to));
        }
    }
    return "message";
}

static const char *tell_fault(const struct teller *t,
                              const struct log_fault *fault)
{
    switch ((enum act)fault->act) {
    case ACT_DELAY:
    case ACT_PAUSE:
        return arena_print(t->arena, "held%s, %s", whereabouts(t, fault),
                           extent(t, fault));
    case ACT_CRASH: { /* "at lock.inside, spin_lock.c:81" */
        const char *text = whereabouts(t, fault);
        return text[0] == ' ' ? text + 1 : text;
    }
    case ACT_FAIL:
        return arena_print(t->arena, "failed%s", whereabouts(t, fault));
    case ACT_REUSE:
        return "freed blocks come back in another order";
    case ACT_CUT:
        return arena_print(t->arena, "%s, %s", sides(t, fault->nodes),
                           extent(t, fault));
    case ACT_CLOG:
        return arena_print(t->arena, "links hold their messages, %s",
                           extent(t, fault));
    case ACT_CLOCK:
        return arena_print(
            t->arena, "the clock jumps %s by %s",
            (int64_t)fault->amount < 0 ? "back" : "forward",
            duration(t, (uint64_t)llabs((int64_t)fault->amount)));
    case ACT_LATE:
        return arena_print(t->arena, "%s held, %s", message_of(t, fault),
                           extent(t, fault));
    case ACT_DROP:
        return arena_print(t->arena, "%s lost", message_of(t, fault));
    case ACT_DUPLICATE:
        return arena_print(t->arena, "%s sent twice", message_of(t, fault));
    case ACT_NONE:
        break;
    }
    return "";
}

/* Lanes as bits, from fibers as bits. */
static uint64_t lane_bits(const struct teller *t, uint64_t fibers)
{
    uint64_t lanes = 0;
    for (; fibers != 0; fibers &= fibers - 1) {
        uint32_t lane = lane_of(t, (uint32_t)__builtin_ctzll(fibers));
        lanes |= lane < 64 ? (uint64_t)1 << lane : 0;
    }
    return lanes;
}

void faults_tell(struct teller *t)
{
    const struct run_log *log = t->log;
    struct fl_record_fault *told =
        arena_take(t->arena, (log->faults_count + 1) * sizeof(*told));
    for (uint32_t i = 0; i < log->faults_count; i++) {
        const struct log_fault *from = &log->faults[i];
        bool over = from->until <= log->steps_count;
        told[i] = (struct fl_record_fault){
            .label = arena_print(t->arena, "F%u", i + 1),
            .kind = from->kind == NULL ? "fault" : from->kind,
            .text = tell_fault(t, from),
            .thread =
                from->thread == FL_OPEN ? FL_OPEN : lane_of(t, from->thread),
            .before = first_told(t, from->step),
            .until = over ? first_told(t, from->until) : FL_NO_STEP,
            .from_time = from->from_time,
            .to_time = from->to_time,
            .nodes = lane_bits(t, from->nodes),
        };
    }
    t->record->faults = told;
    t->record->faults_count = log->faults_count;
}

/* --- lanes ---------------------------------------------------------------- */

/* What a client of a network does: reads, writes, or both. */
static const char *role_of_client(const struct teller *t, uint32_t lane)
{
    const struct fl_history *h = t->record->history;
    bool reads = false;
    bool writes = false;
    for (uint32_t i = 0; h != NULL && i < h->count; i++) {
        if (h->operations[i].client != lane) {
            continue;
        }
        bool pure = h->model->types[h->operations[i].fn].pure;
        reads = reads || pure;
        writes = writes || !pure;
    }
    if (reads == writes) {
        return reads ? "client" : "";
    }
    return reads ? "reader" : "writer";
}

static const char *role_of(const struct teller *t, uint32_t thread)
{
    assert(t->record->lanes == NULL);
    if (thread < 32 && (t->log->crashed >> thread & 1) != 0) {
        return "crashed";
    }
    for (uint32_t i = 0; i < t->log->faults_count; i++) {
        const struct log_fault *fault = &t->log->faults[i];
        if (fault->thread == thread &&
            (fault->act == ACT_DELAY || fault->act == ACT_PAUSE)) {
            return fault->act == ACT_DELAY ? "delayed" : "paused";
        }
    }
    if (t->source->algorithm->kind != FL_NETWORK) {
        return "";
    }
    return thread < t->log->replicas ? "replica"
                                     : role_of_client(t, lane_of(t, thread));
}

/* All that take part: those of the start, and threads made on the way. */
static uint32_t count_lanes(const struct teller *t)
{
    assert(t->steps != NULL);
    uint32_t count = t->log->lanes;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t lane = t->steps[i].thread;
        count = lane >= count ? lane + 1 : count;
    }
    return count;
}

void lanes_tell(struct teller *t)
{
    assert(t->log->replicas <= t->log->lanes);
    uint32_t count = count_lanes(t);
    uint32_t clients = t->log->lanes - t->log->replicas;
    struct fl_lane *lanes = arena_take(t->arena, (count + 1) * sizeof(*lanes));
    for (uint32_t thread = 0; thread < count; thread++) {
        uint32_t lane = lane_of(t, thread);
        assert(lane < count);
        lanes[lane] = (struct fl_lane){
            .name = arena_copy(t->arena, lane_name(t, thread)),
            .role = role_of(t, thread),
            .client = lane < clients,
        };
    }
    t->record->lanes = lanes;
    t->record->lanes_count = count;
}
