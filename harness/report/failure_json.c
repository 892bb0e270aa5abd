/*
 * failure.json: the record as one JSON object, for other views and tools.
 *
 * Steps and operations are counted from 0 here, as in the record; a text
 * report counts steps from 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "harness/report/explain.h"

#include <assert.h>

enum {
    SCHEMA = 1 /* rises when a member changes its meaning or goes */
};

static const char *const step_names[] = {
    [FL_STEP_CALL] = "call",       [FL_STEP_RETURN] = "return",
    [FL_STEP_LOAD] = "load",       [FL_STEP_STORE] = "store",
    [FL_STEP_UPDATE] = "update",   [FL_STEP_REFUSE] = "refuse",
    [FL_STEP_FENCE] = "fence",     [FL_STEP_ALLOC] = "alloc",
    [FL_STEP_FREE] = "free",       [FL_STEP_SYNC] = "sync",
    [FL_STEP_POINT] = "point",     [FL_STEP_SEND] = "send",
    [FL_STEP_RECEIVE] = "receive", [FL_STEP_TIME] = "time",
    [FL_STEP_CRASH] = "crash",
};

static const char *const fate_names[] = {
    [FL_DELIVERED] = "delivered", [FL_LOST] = "lost",
    [FL_LATE] = "late",           [FL_DUPLICATE] = "duplicate",
    [FL_IN_FLIGHT] = "in_flight",
};

/* An index, or null for FL_OPEN and FL_NO_STEP. */
static void write_index(struct json *j, const char *name, uint32_t index)
{
    if (index == UINT32_MAX) {
        json_none(j, name);
    } else {
        json_unsigned(j, name, index);
    }
}

/* A virtual time, or null for "never".  Larger ones than an int64_t do not
 * come, and would be refused by most readers. */
static void write_time(struct json *j, const char *name, uint64_t time)
{
    if (time > INT64_MAX) {
        json_none(j, name);
    } else {
        json_unsigned(j, name, time);
    }
}

static void write_head(struct json *j, const struct fl_record *record)
{
    json_number(j, "schema", SCHEMA);
    json_text(j, "scenario", record->scenario);
    json_text(j, "verdict", record->verdict);
    json_text(j, "subject", record->subject);
    json_text(j, "seed", record->seed);
    json_unsigned(j, "schedule", record->schedule);
    json_unsigned(j, "schedules", record->schedules);
    json_text(j, "strategy", record->strategy);
    json_unsigned(j, "milliseconds", record->milliseconds);
    json_text(j, "signature", record->signature);
    json_text(j, "directory", record->directory);
    json_text(j, "setup", record->setup);
    json_text(j, "memory_title", record->memory_title);
    json_text(j, "nearest", record->nearest);
    json_texts(j, "reason", record->reason, record->reason_count);
}

static void write_shrink(struct json *j, const struct fl_record_shrink *shrink)
{
    json_open(j, "shrink", '{');
    json_unsigned(j, "operations_before", shrink->operations_before);
    json_unsigned(j, "operations_after", shrink->operations_after);
    json_unsigned(j, "faults_before", shrink->faults_before);
    json_unsigned(j, "faults_after", shrink->faults_after);
    json_unsigned(j, "preemptions_before", shrink->preemptions_before);
    json_unsigned(j, "preemptions_after", shrink->preemptions_after);
    json_unsigned(j, "stale_before", shrink->stale_before);
    json_unsigned(j, "stale_after", shrink->stale_after);
    json_unsigned(j, "replays", shrink->replays);
    json_unsigned(j, "milliseconds", shrink->milliseconds);
    json_bool(j, "complete", shrink->complete);
    json_bool(j, "fewest_proved", shrink->fewest_proved);
    const struct fl_record_tried *tried = &shrink->tried;
    json_open(j, "tried", '{');
    json_unsigned(j, "threads", tried->threads);
    json_unsigned(j, "operations", tried->operations);
    json_unsigned(j, "faults", tried->faults);
    json_unsigned(j, "preemptions", tried->preemptions);
    json_unsigned(j, "stale", tried->stale);
    json_unsigned(j, "decisions", tried->decisions);
    json_unsigned(j, "schedules", tried->schedules);
    json_unsigned(j, "enumerated", tried->enumerated);
    json_close(j);
    json_close(j);
}

static void write_lanes(struct json *j, const struct fl_record *record)
{
    char name[16];
    json_open(j, "lanes", '[');
    for (uint32_t k = 0; k < record->lanes_count; k++) {
        json_open(j, NULL, '{');
        json_text(j, "name", fl_scene_lane(record, k, name));
        json_text(j, "role", record->lanes[k].role);
        json_bool(j, "client", record->lanes[k].client);
        json_close(j);
    }
    json_close(j);
}

static void write_operation(struct json *j, const struct fl_record *record,
                            uint32_t i)
{
    const struct fl_history *h = record->history;
    const struct fl_operation *op = &h->operations[i];
    char text[FL_TEXT_MAX];
    uint32_t number = fl_scene_number(record, i);
    json_open(j, NULL, '{');
    json_unsigned(j, "client", op->client);
    json_text(j, "operation", fl_describe_call(h, op, text, sizeof(text)));
    if (op->ret == FL_OPEN) {
        json_none(j, "result");
    } else {
        json_text(
            j, "result",
            fl_describe_result(h, op->fn, op->result, text, sizeof(text)));
    }
    json_unsigned(j, "call", op->call);
    write_index(j, "return", op->ret);
    json_text(j, "status",
              op->ret != FL_OPEN                  ? "ok"
              : fl_scene_crash(record, i) != NULL ? "crashed"
                                                  : "pending");
    json_bool(j, "setup", i < fl_scene_setup(record));
    if (record->call_steps != NULL) {
        write_index(j, "call_step", record->call_steps[i]);
        write_index(j, "return_step", record->return_steps[i]);
    }
    if (number != 0) {
        json_unsigned(j, "linearized", number);
    }
    json_close(j);
}

static void write_history(struct json *j, const struct fl_record *record)
{
    if (record->history == NULL) {
        json_none(j, "operations");
        return;
    }
    json_text(j, "model", record->history->model->name);
    json_open(j, "operations", '[');
    for (uint32_t i = 0; i < record->history->count; i++) {
        write_operation(j, record, i);
    }
    json_close(j);
}

static void write_steps(struct json *j, const struct fl_record *record)
{
    json_open(j, "steps", '[');
    for (uint32_t s = 0; s < record->steps_count; s++) {
        const struct fl_step *step = &record->steps[s];
        json_open(j, NULL, '{');
        json_text(j, "kind", step_names[step->kind]);
        json_unsigned(j, "thread", step->thread);
        write_index(j, "operation", step->operation);
        json_text(j, "text", step->text);
        json_text(j, "file", step->file);
        json_text(j, "path", step->path);
        json_unsigned(j, "line", step->line);
        json_unsigned(j, "column", step->column);
        json_text(j, "inner_file", step->inner_file);
        json_unsigned(j, "inner_line", step->inner_line);
        json_text(j, "note", step->note);
        json_text(j, "memory", step->memory);
        write_index(j, "cause", step->cause);
        json_text(j, "cause_text", step->cause_text);
        json_bool(j, "decisive", step->decisive);
        write_time(j, "time", step->time);
        json_close(j);
    }
    json_close(j);
}

static void write_faults(struct json *j, const struct fl_record *record)
{
    json_open(j, "faults", '[');
    for (uint32_t k = 0; k < record->faults_count; k++) {
        const struct fl_record_fault *fault = &record->faults[k];
        json_open(j, NULL, '{');
        json_text(j, "label", fault->label);
        json_text(j, "kind", fault->kind);
        json_text(j, "text", fault->text);
        write_index(j, "thread", fault->thread);
        write_index(j, "before", fault->before);
        write_index(j, "until", fault->until);
        write_time(j, "from_time", fault->from_time);
        write_time(j, "to_time", fault->to_time);
        json_open(j, "nodes", '[');
        for (uint32_t node = 0; node < 64; node++) {
            if (fault->nodes >> node & 1) {
                json_unsigned(j, NULL, node);
            }
        }
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_messages(struct json *j, const struct fl_record *record)
{
    json_open(j, "messages", '[');
    for (uint32_t k = 0; k < record->messages_count; k++) {
        const struct fl_record_message *message = &record->messages[k];
        json_open(j, NULL, '{');
        json_unsigned(j, "from", message->from);
        json_unsigned(j, "to", message->to);
        write_time(j, "sent", message->sent);
        write_time(j, "arrived", message->arrived);
        json_text(j, "fate", fate_names[message->fate]);
        json_text(j, "text", message->text);
        json_text(j, "fault", message->fault);
        json_bool(j, "decisive", message->decisive);
        json_bool(j, "idle", message->idle);
        json_close(j);
    }
    json_close(j);
    json_open(j, "values", '[');
    for (uint32_t k = 0; k < record->values_count; k++) {
        json_open(j, NULL, '{');
        json_unsigned(j, "thread", record->values[k].thread);
        write_time(j, "time", record->values[k].time);
        json_text(j, "text", record->values[k].text);
        json_bool(j, "stale", record->values[k].stale);
        json_close(j);
    }
    json_close(j);
}

static void write_stacks(struct json *j, const struct fl_record *record)
{
    json_open(j, "stacks", '[');
    for (uint32_t k = 0; k < record->stacks_count; k++) {
        const struct fl_record_stack *stack = &record->stacks[k];
        json_open(j, NULL, '{');
        json_text(j, "title", stack->title);
        json_open(j, "frames", '[');
        for (uint32_t f = 0; f < stack->frames_count; f++) {
            json_open(j, NULL, '{');
            json_text(j, "function", stack->frames[f].function);
            json_text(j, "file", stack->frames[f].file);
            json_unsigned(j, "line", stack->frames[f].line);
            json_close(j);
        }
        json_close(j);
        json_close(j);
    }
    json_close(j);
}

static void write_configurations(struct json *j, const struct fl_explanation *e,
                                 uint32_t count)
{
    json_open(j, "configurations", '[');
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        const struct fl_configuration *configuration = &e->configurations[c];
        json_open(j, NULL, '{');
        report_done_json(e, c, count, j);
        json_text(j, "state", configuration->state);
        json_bool(j, "spine", configuration->spine);
        json_unsigned(j, "era", configuration->era);
        write_index(j, "from", configuration->from);
        write_index(j, "by", configuration->by);
        report_refused_json(e, c, j);
        json_close(j);
    }
    json_close(j);
}

static void write_explanation(struct json *j, const struct fl_record *record)
{
    const struct fl_explanation *e = record->explanation;
    if (e == NULL) {
        json_none(j, "explanation");
        return;
    }
    json_open(j, "explanation", '{');
    json_unsigned(j, "returned", e->returned_count);
    report_prefix_json(e, "prefix", j);
    json_text(j, "start_state", e->start_state);
    json_open(j, "crashes", '[');
    for (uint32_t k = 0; k < e->crashes_count; k++) {
        json_open(j, NULL, '{');
        json_unsigned(j, "at", e->crashes[k].at);
        json_unsigned(j, "before", e->crashes[k].before);
        json_unsigned(j, "lost", e->crashes[k].lost);
        json_text(j, "what", e->crashes[k].what);
        json_text(j, "state", e->crashes[k].state);
        json_close(j);
    }
    json_close(j);
    json_unsigned(j, "stuck", e->stuck);
    json_text(j, "got", e->got);
    json_nonempty(j, "must", e->must);
    json_nonempty(j, "must_all", e->must_all);
    json_nonempty(j, "hint", e->hint);
    json_bool(j, "complete", e->complete);
    write_configurations(j, e, record->history->count);
    json_close(j);
}

void report_json(const struct fl_record *record, FILE *out)
{
    assert(record != NULL && out != NULL);
    struct json j;
    json_init(&j, out, 1);
    json_open(&j, NULL, '{');
    write_head(&j, record);
    write_shrink(&j, &record->shrink);
    write_lanes(&j, record);
    write_history(&j, record);
    write_explanation(&j, record);
    write_steps(&j, record);
    write_faults(&j, record);
    write_messages(&j, record);
    write_stacks(&j, record);
    json_close(&j);
}
