/*
 * The network: messages, and the values that nodes held.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEW = 6,           /* messages that may all be decisive */
    WEIGHED_MAX = 2000 /* messages of which it is found who needed them */
};

/* "F1 +40 ms", "F2" */
static const char *tell_cause(const struct teller *t,
                              const struct log_message *message)
{
    if (message->fault >= t->log->faults_count) {
        return NULL;
    }
    if (message->extra == 0) {
        return arena_print(t->arena, "F%u", message->fault + 1);
    }
    if (message->extra < 1000000) {
        return arena_print(t->arena, "F%u +%llu us", message->fault + 1,
                           (unsigned long long)(message->extra / 1000));
    }
    return arena_print(t->arena, "F%u +%llu ms", message->fault + 1,
                       (unsigned long long)(message->extra / 1000000));
}

/*
 * Whether a message was an answer that the operation which cannot be explained
 * relied on: of one that only looks, those that it got before it sent again.
 */
static bool is_answer(const struct teller *t, uint32_t index)
{
    const struct fl_record *record = t->record;
    const struct fl_history *h = record->history;
    if (record->explanation == NULL || record->call_steps == NULL ||
        h == NULL) {
        return false;
    }
    uint32_t stuck = record->explanation->stuck;
    uint32_t call = record->call_steps[stuck];
    uint32_t ret = record->return_steps[stuck];
    if (call >= t->count || !h->model->types[h->operations[stuck].fn].pure) {
        return false;
    }
    bool received = false;
    for (uint32_t i = call + 1; i < t->count && i < ret; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        if (t->steps[i].thread != t->steps[call].thread) {
            continue;
        }
        if (step->kind == FL_STEP_SEND && received) {
            return false;
        }
        if (step->kind == FL_STEP_RECEIVE && step->before < t->log->lanes) {
            received = true;
            if (step->after == index) {
                return t->log->messages[index].sent >= t->steps[call].time;
            }
        }
    }
    return false;
}

/* Whether a message was sent while the operation ran that cannot be explained,
 * from or to its client. */
static bool is_of_stuck(const struct teller *t,
                        const struct log_message *message)
{
    const struct fl_record *record = t->record;
    if (record->explanation == NULL || record->call_steps == NULL) {
        return false;
    }
    uint32_t call = record->call_steps[record->explanation->stuck];
    uint32_t ret = record->return_steps[record->explanation->stuck];
    if (call >= t->count) {
        return false;
    }
    uint32_t lane = t->steps[call].thread;
    uint64_t end = ret < t->count ? t->steps[ret].time : UINT64_MAX;
    return (lane_of(t, message->from) == lane ||
            lane_of(t, message->to) == lane) &&
           message->sent >= t->steps[call].time && message->sent <= end;
}

static bool is_touched(const struct teller *t,
                       const struct log_message *message)
{
    return message->fault < t->log->faults_count &&
           (message->fate == FL_LOST || message->fate == FL_LATE);
}

/* The messages that made the difference: of a shrunk run all that faults
 * touched, since others would have been left alone; where those are many, the
 * ones of the operation that cannot be explained. */
static bool is_decisive(const struct teller *t,
                        const struct log_message *message)
{
    uint32_t touched = 0;
    for (uint32_t i = 0; i < t->log->messages_count; i++) {
        touched += is_touched(t, &t->log->messages[i]) ? 1 : 0;
    }
    return is_touched(t, message) &&
           (touched <= FEW || is_of_stuck(t, message));
}

/* Whether an operation of this client lane was in hand at `time`. */
static bool is_waited_for(const struct teller *t, uint32_t lane, uint64_t time)
{
    const struct fl_history *h = t->record->history;
    const uint32_t *calls = t->record->call_steps;
    const uint32_t *returns = t->record->return_steps;
    for (uint32_t i = 0; h != NULL && calls != NULL && i < h->count; i++) {
        if (h->operations[i].client != lane || calls[i] >= t->count ||
            t->steps[calls[i]].time > time) {
            continue;
        }
        if (returns[i] >= t->count || t->steps[returns[i]].time >= time) {
            return true;
        }
    }
    return false;
}

/* Whether message `later` may carry on what `message` brought. */
static bool carries_on(const struct log_message *message,
                       const struct log_message *later)
{
    return later->from == message->to && later->sent >= message->arrived;
}

/*
 * Marks the messages that no answer depended on.  A message counts if it
 * reached a client in an operation, or a node that sent one that counts
 * afterwards; found from the last to the first, as causes go back in time.
 */
static void mark_idle(const struct teller *t,
                      struct fl_record_message *messages)
{
    const struct run_log *log = t->log;
    bool changed = true;
    for (uint32_t round = 0; changed && round < log->messages_count; round++) {
        changed = false;
        for (uint32_t i = log->messages_count; i > 0; i--) {
            const struct log_message *message = &log->messages[i - 1];
            struct fl_record_message *told = &messages[i - 1];
            bool client = message->to >= log->replicas;
            bool counts = client && message->arrived != UINT64_MAX &&
                          is_waited_for(t, told->to, message->arrived);
            for (uint32_t k = 0; k < log->messages_count && !counts; k++) {
                counts = !messages[k].idle && message->arrived != UINT64_MAX &&
                         carries_on(message, &log->messages[k]);
            }
            if (counts && told->idle) {
                told->idle = false;
                changed = true;
            }
        }
    }
    for (uint32_t i = 0; i < log->messages_count; i++) {
        messages[i].idle =
            messages[i].idle && !is_touched(t, &log->messages[i]);
    }
}

static void tell_messages(struct teller *t)
{
    assert(t->record->messages == NULL);
    const struct run_log *log = t->log;
    struct fl_record_message *messages =
        arena_take(t->arena, (log->messages_count + 1) * sizeof(*messages));
    for (uint32_t i = 0; i < log->messages_count; i++) {
        const struct log_message *from = &log->messages[i];
        messages[i] = (struct fl_record_message){
            .from = lane_of(t, from->from),
            .to = lane_of(t, from->to),
            .sent = from->sent,
            .arrived = from->arrived,
            .fate = (enum fl_message_fate)from->fate,
            .text =
                from->text[0] == '\0' ? NULL : arena_copy(t->arena, from->text),
            .fault = tell_cause(t, from),
            .decisive = is_decisive(t, from) || is_answer(t, i),
            .idle = log->messages_count <= WEIGHED_MAX,
        };
    }
    if (log->messages_count <= WEIGHED_MAX) {
        mark_idle(t, messages);
    }
    t->record->messages = messages;
    t->record->messages_count = log->messages_count;
}

/* Stale: other nodes hold a text that this node had not yet when they got it,
 * and it still keeps an older one at the end. */
static bool is_stale(const struct run_log *log, uint32_t i)
{
    assert(i < log->values_count);
    const struct log_value *value = &log->values[i];
    for (uint32_t k = i + 1; k < log->values_count; k++) {
        if (log->values[k].thread == value->thread) {
            return false; /* it got a newer one */
        }
    }
    const struct log_value *last = &log->values[log->values_count - 1];
    return strcmp(last->text, value->text) != 0 && value->time < last->time;
}

void network_tell(struct teller *t)
{
    assert(t->record->values == NULL);
    const struct run_log *log = t->log;
    tell_messages(t);
    struct fl_record_value *values =
        arena_take(t->arena, (log->values_count + 1) * sizeof(*values));
    for (uint32_t i = 0; i < log->values_count; i++) {
        values[i] = (struct fl_record_value){
            .thread = lane_of(t, log->values[i].thread),
            .time = log->values[i].time,
            .text = arena_copy(t->arena, log->values[i].text),
            .stale = is_stale(log, i),
        };
    }
    t->record->values = values;
    t->record->values_count = log->values_count;
}
