/*
 * Steps: what each did, in a few words.
 *
 *     pop() {   load  head = n1   CAS head n1->n2 ok   free n1   } = 1
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    CALL_SIZE = 160
};

bool steps_accesses(const struct log_step *step)
{
    return step->kind == FL_STEP_LOAD || step->kind == FL_STEP_STORE ||
           step->kind == FL_STEP_UPDATE || step->kind == FL_STEP_REFUSE;
}

bool steps_changes(const struct log_step *step)
{
    return (step->kind == FL_STEP_STORE || step->kind == FL_STEP_UPDATE) &&
           step->before != step->after;
}

uint32_t steps_number(const struct teller *t, uint32_t step)
{
    assert(step < t->log->steps_count);
    return t->of_log[step] + 1;
}

static bool is_compare(const struct log_step *step)
{
    return step->name != NULL && strcmp(step->name, "cas") == 0;
}

const char *steps_word(const struct log_step *step)
{
    switch (step->kind) {
    case FL_STEP_CALL:
        return "the call";
    case FL_STEP_RETURN:
        return "the return";
    case FL_STEP_LOAD:
        return "the load";
    case FL_STEP_STORE:
        return "the store";
    case FL_STEP_UPDATE:
        return is_compare(step) ? "the CAS" : "the update";
    case FL_STEP_REFUSE:
        return "the CAS";
    case FL_STEP_FENCE:
        return "the fence";
    case FL_STEP_ALLOC:
        return "malloc";
    case FL_STEP_FREE:
        return "free";
    case FL_STEP_SYNC:
    case FL_STEP_POINT:
    case FL_STEP_TIME:
        return step->name == NULL ? "a wait" : step->name;
    case FL_STEP_SEND:
        return "send";
    case FL_STEP_RECEIVE:
        return "receive";
    case FL_STEP_CRASH:
        return "the crash";
    }
    return "";
}

/* --- calls ---------------------------------------------------------------- */

static const char *tell_call(const struct teller *t,
                             const struct log_step *step)
{
    const struct fl_history *h = t->record->history;
    if (h == NULL || step->operation >= h->count) {
        return "operation {";
    }
    char text[CALL_SIZE];
    return arena_print(t->arena, "%s {",
                       fl_describe_call(h, &h->operations[step->operation],
                                        text, sizeof(text)));
}

static const char *tell_return(const struct teller *t,
                               const struct log_step *step)
{
    const struct fl_history *h = t->record->history;
    if (h == NULL || step->operation >= h->count) {
        return "}";
    }
    const struct fl_operation *op = &h->operations[step->operation];
    if (op->ret == FL_OPEN || h->model->types[op->fn].result == FL_KIND_VOID) {
        return "}";
    }
    char text[CALL_SIZE];
    return arena_print(
        t->arena, "} = %s",
        fl_describe_result(h, op->fn, op->result, text, sizeof(text)));
}

/* --- accesses ------------------------------------------------------------- */

static const char *tell_compare(const struct teller *t, uint32_t i,
                                const struct location *at)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    const char *expected = names_value(t, step->expected, i, at);
    if (step->kind == FL_STEP_UPDATE) {
        return arena_print(t->arena, "CAS %s %s->%s ok", at->name, expected,
                           names_value(t, step->after, i, at));
    }
    if (step->before == step->expected) {
        return arena_print(t->arena, "CAS %s failed for no reason (still %s)",
                           at->name, expected);
    }
    return arena_print(t->arena, "CAS %s from %s failed (%s = %s)", at->name,
                       expected, at->name, names_value(t, step->before, i, at));
}

static const char *tell_access(const struct teller *t, uint32_t i)
{
    assert(steps_accesses(&t->log->steps[i]));
    const struct log_step *step = &t->log->steps[i];
    struct location at = names_location(t, step->address, i);
    const char *after = names_value(t, step->after, i, &at);
    if (step->kind == FL_STEP_LOAD) {
        return arena_print(t->arena, "load  %s = %s", at.name, after);
    }
    if (step->kind == FL_STEP_STORE && step->racing) {
        return arena_print(t->arena, "store %s", at.name);
    }
    if (step->kind == FL_STEP_STORE) {
        return arena_print(t->arena, "store %s = %s", at.name, after);
    }
    if (is_compare(step)) {
        return tell_compare(t, i, &at);
    }
    return arena_print(t->arena, "update %s %s->%s", at.name,
                       names_value(t, step->before, i, &at), after);
}

static const char *tell_allocation(const struct teller *t, uint32_t i)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    if (step->address == 0) {
        return arena_print(t->arena, "alloc %u bytes failed", step->size);
    }
    uint32_t block = names_block(t, step->address, i);
    if (block == UINT32_MAX) {
        return arena_print(t->arena, "alloc %u bytes", step->size);
    }
    return arena_print(t->arena, "alloc = %s", names_of_block(t, block));
}

static const char *tell_free(const struct teller *t, uint32_t i)
{
    assert(i < t->log->steps_count);
    uint32_t block = names_block(t, t->log->steps[i].address, i);
    return block == UINT32_MAX
               ? "free"
               : arena_print(t->arena, "free %s", names_of_block(t, block));
}

static const char *tell_misuse(const struct teller *t, uint32_t i)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    const char *word = step->name == NULL ? "crash" : step->name;
    if (step->address == 0) {
        return word;
    }
    struct location at = names_location(t, step->address, i);
    return arena_print(t->arena, "%-5s %s", word, at.name);
}

/* --- the rest ------------------------------------------------------------- */

/* The words for functions whose names say more than is needed. */
static const char *short_word(const char *name)
{
    assert(name != NULL);
    static const char *const words[][2] = {
        {"mutex_lock", "lock"},          {"mutex_unlock", "unlock"},
        {"mutex_trylock", "trylock"},    {"spin_lock", "spin_lock"},
        {"cond_wait", "wait"},           {"cond_signal", "signal"},
        {"cond_broadcast", "broadcast"},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], name) == 0) {
            return words[i][1];
        }
    }
    return name;
}

/* "consumer.__data.__lock" is the lock called consumer. */
static void cut_internals(char *name)
{
    char *inside = strstr(name, "__");
    if (inside == NULL) {
        return;
    }
    if (inside > name && inside[-1] == '.') {
        inside--;
    }
    *inside = '\0';
}

static const char *tell_sync(const struct teller *t, uint32_t i)
{
    assert(i < t->log->steps_count);
    const struct log_step *step = &t->log->steps[i];
    const char *word = step->name == NULL ? "sync" : short_word(step->name);
    const char *name = "";
    struct location at;
    if (step->address != 0) {
        at = names_location(t, step->address, i);
        cut_internals(at.name);
        name = at.name;
    }
    const char *space = name[0] == '\0' ? "" : " ";
    int32_t result = (int32_t)(uint32_t)step->after;
    const char *error = result > 0 ? strerrorname_np(result) : NULL;
    if (error != NULL) {
        return arena_print(t->arena, "%s%s%s = %s", word, space, name, error);
    }
    return arena_print(t->arena, "%s%s%s", word, space, name);
}

static const char *tell_named(const struct teller *t, const char *word,
                              const struct log_step *step)
{
    if (step->name == NULL) {
        return word;
    }
    return arena_print(t->arena, "%s %s", word, step->name);
}

/* "send v=1 to replica2", "receive v=1 from client1": `before` is the other
 * node, `after` the message's place in the log. */
static const char *tell_message(const struct teller *t,
                                const struct log_step *step)
{
    const struct run_log *log = t->log;
    bool sends = step->kind == FL_STEP_SEND;
    const char *word = sends ? "send" : "receive";
    const char *what = step->after < log->messages_count
                           ? log->messages[step->after].text
                           : "";
    if (step->before >= log->lanes) {
        return sends ? word : "receive: a timer ran out";
    }
    return arena_print(t->arena, "%s%s%s %s %s", word,
                       what[0] == '\0' ? "" : " ", what, sends ? "to" : "from",
                       lane_name(t, (uint32_t)step->before));
}

static const char *tell(const struct teller *t, uint32_t i)
{
    const struct log_step *step = &t->log->steps[i];
    switch (step->kind) {
    case FL_STEP_CALL:
        return tell_call(t, step);
    case FL_STEP_RETURN:
        return tell_return(t, step);
    case FL_STEP_LOAD:
    case FL_STEP_STORE:
    case FL_STEP_UPDATE:
    case FL_STEP_REFUSE:
        return tell_access(t, i);
    case FL_STEP_FENCE:
        return "fence";
    case FL_STEP_ALLOC:
        return tell_allocation(t, i);
    case FL_STEP_FREE:
        return tell_free(t, i);
    case FL_STEP_SYNC:
        return tell_sync(t, i);
    case FL_STEP_POINT:
        return tell_named(t, "point", step);
    case FL_STEP_SEND:
    case FL_STEP_RECEIVE:
        return tell_message(t, step);
    case FL_STEP_TIME:
        return step->name == NULL ? "time passes" : step->name;
    case FL_STEP_CRASH:
        return tell_misuse(t, i);
    }
    return "";
}

/* The access that fails was logged as a plain one just before, where those are
 * points: telling it once is enough. */
static bool is_told_twice(const struct run_log *log, uint32_t i)
{
    const struct log_step *step = &log->steps[i];
    const struct log_step *next = step + 1;
    return i + 1 < log->steps_count && next->kind == FL_STEP_CRASH &&
           steps_accesses(step) && next->thread == step->thread &&
           next->address == step->address && next->pc == step->pc;
}

/* Set-up code is no part of the run: its steps have no thread. */
static void count_steps(struct teller *t)
{
    const struct run_log *log = t->log;
    size_t max = log->steps_count + (size_t)1;
    t->log_of = arena_take(t->arena, max * sizeof(*t->log_of));
    t->of_log = arena_take(t->arena, max * sizeof(*t->of_log));
    const uint32_t *same = repeats_find(t);
    for (uint32_t i = 0; i < log->steps_count; i++) {
        if (same[i] != i) {
            t->of_log[i] = t->of_log[same[i]];
            continue;
        }
        t->of_log[i] = t->count;
        if (log->steps[i].thread != FL_OPEN && !is_told_twice(log, i)) {
            t->log_of[t->count++] = i;
        }
    }
    t->of_log[log->steps_count] = t->count;
}

void steps_tell(struct teller *t)
{
    assert(t->site_of != NULL);
    assert(t->blocks != NULL);
    count_steps(t);
    /* More: a crash that nobody could log, and waits that did not end. */
    size_t room = t->count + (size_t)1 + WAITS_MAX;
    t->steps = arena_take(t->arena, room * sizeof(*t->steps));
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *from = &t->log->steps[t->log_of[i]];
        struct fl_step *step = &t->steps[i];
        *step = (struct fl_step){.kind = from->kind,
                                 .thread = lane_of(t, from->thread),
                                 .operation = from->operation,
                                 .text = tell(t, t->log_of[i]),
                                 .cause = FL_NO_STEP,
                                 .time = from->time};
    }
    t->record->steps = t->steps;
    t->record->steps_count = t->count;
}
