/*
 * Reading a trace: jansson parses, and every value is judged before it is
 * used.
 *
 * The first error ends the reading: a trace is written by the program, and one
 * that was edited has one error at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/need.h"
#include "harness/trace.h"
#include "harness/trace_input.h"
#include "harness/trace_words.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    CALLS_MAX = 100000, /* of one client */
    FN_MAX = 255,
    TEXT_SHOWN = 60,
};

/* The lines of the scenario, joined again. */
static char *take_scenario(struct input *in, const json_t *root)
{
    const json_t *lines =
        input_enter_array(in, root, "scenario_lines", SIZE_MAX);
    if (lines == NULL) {
        return NULL;
    }
    size_t size = 1;
    for (size_t i = 0; i < json_array_size(lines) && !in->failed; i++) {
        const json_t *line = json_array_get(lines, i);
        input_enter_item(in, i);
        if (!json_is_string(line)) {
            input_fail(in, "a line of the scenario");
        }
        size += json_string_length(line) + 1;
        input_leave(in);
    }
    input_leave(in);
    if (in->failed) {
        return NULL;
    }
    assert(size > 0);
    char *text = need(calloc(1, size), "a trace");
    char *end = text;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        if (i > 0) {
            *end++ = '\n';
        }
        memcpy(end, json_string_value(line), json_string_length(line));
        end += json_string_length(line);
        assert((size_t)(end - text) < size);
    }
    return text;
}

static void take_call(struct input *in, const json_t *item,
                      struct fl_call *call)
{
    if (!json_is_object(item)) {
        input_fail(in, "a call: {\"fn\": ..., \"key\": ..., \"args\": [...]}");
        return;
    }
    call->fn = (uint32_t)input_member(in, item, "fn", FN_MAX);
    const json_t *key = json_object_get(item, "key");
    input_enter_key(in, "key");
    call->key = key == NULL ? FL_NONE : input_value(in, key);
    input_leave(in);
    const json_t *args = input_enter_array(in, item, "args", FL_ARGS_MAX);
    if (args == NULL) {
        return;
    }
    for (size_t i = 0; i < FL_ARGS_MAX; i++) {
        const json_t *value = json_array_get(args, i);
        input_enter_item(in, i);
        call->args[i] = value == NULL ? FL_NONE : input_value(in, value);
        input_leave(in);
    }
    input_leave(in);
}

static void take_thinks(struct input *in, const json_t *item, struct plan *plan)
{
    if (json_object_get(item, "think") == NULL || plan->count == 0) {
        return;
    }
    const json_t *think = input_enter_array(in, item, "think", plan->count);
    if (think == NULL) {
        return;
    }
    if (json_array_size(think) != plan->count) {
        input_fail(in, "as many items as there are calls");
    }
    assert(plan->think == NULL);
    plan->think = need(calloc(plan->count, sizeof(*plan->think)), "a trace");
    for (size_t i = 0; i < json_array_size(think) && !in->failed; i++) {
        plan->think[i] = input_item(in, think, i, UINT64_MAX);
    }
    input_leave(in);
}

static void take_plan(struct input *in, const json_t *item, struct plan *plan)
{
    if (!json_is_object(item)) {
        input_fail(in, "the operations of a client: {\"calls\": [...]}");
        return;
    }
    const json_t *calls = input_enter_array(in, item, "calls", CALLS_MAX);
    if (calls == NULL) {
        return;
    }
    assert(plan->calls == NULL);
    plan->count = (uint32_t)json_array_size(calls);
    plan->max = plan->count;
    if (plan->count > 0) {
        plan->calls =
            need(calloc(plan->count, sizeof(*plan->calls)), "a trace");
    }
    for (uint32_t i = 0; i < plan->count && !in->failed; i++) {
        input_enter_item(in, i);
        take_call(in, json_array_get(calls, i), &plan->calls[i]);
        input_leave(in);
    }
    input_leave(in);
    take_thinks(in, item, plan);
}

static void take_workload(struct input *in, const json_t *root,
                          struct workload *workload)
{
    const json_t *clients = input_enter_array(in, root, "clients", 64);
    if (clients == NULL) {
        return;
    }
    for (size_t i = 0; i < json_array_size(clients) && !in->failed; i++) {
        input_enter_item(in, i);
        workload->clients++;
        take_plan(in, json_array_get(clients, i), &workload->plans[i]);
        input_leave(in);
    }
    input_leave(in);
}

static void take_site(struct input *in, const json_t *object,
                      struct trace *trace, struct site *site)
{
    const json_t *kind = json_object_get(object, "kind");
    input_enter_key(in, "kind");
    site->kind = (enum site_kind)input_word(in, kind, trace_site_words);
    input_leave(in);
    site->thread = (uint32_t)input_member(in, object, "thread", UINT32_MAX);
    site->operation =
        (uint32_t)input_member(in, object, "operation", UINT32_MAX);
    site->own_step = (uint32_t)input_member(in, object, "own_step", UINT32_MAX);
    site->thread_step = input_member(in, object, "thread_step", UINT64_MAX);
    site->step = input_member(in, object, "step", UINT64_MAX);
    site->time = input_member(in, object, "time", UINT64_MAX);
    site->count = input_member(in, object, "count", UINT64_MAX);
    site->hit = (uint32_t)input_member(in, object, "hit", UINT32_MAX);
    site->visit = (uint32_t)input_member(in, object, "visit", UINT32_MAX);
    site->size = input_member(in, object, "size", SIZE_MAX);
    site->to = (uint32_t)input_member(in, object, "to", UINT32_MAX);
    site->held_steps = input_member(in, object, "held_steps", UINT64_MAX);
    const json_t *point = json_object_get(object, "point");
    if (json_is_string(point)) {
        site->point = arena_text(trace->texts, json_string_value(point),
                                 json_string_length(point));
    } else if (point != NULL) {
        input_enter_key(in, "point");
        input_fail(in, "the name of a point");
        input_leave(in);
    }
}

static void take_cut(struct input *in, const json_t *object,
                     struct action *action)
{
    if (json_object_get(object, "cut") == NULL) {
        return;
    }
    const json_t *cut = input_enter_array(in, object, "cut", 64);
    if (cut == NULL) {
        return;
    }
    for (size_t i = 0; i < json_array_size(cut) && !in->failed; i++) {
        input_enter_item(in, i);
        const json_t *row = input_tuple(in, cut, i, 2);
        if (row != NULL) {
            uint64_t from = input_item(in, row, 0, 63);
            action->cut[from] = input_item(in, row, 1, UINT64_MAX);
        }
        input_leave(in);
    }
    input_leave(in);
}

static void take_action(struct input *in, const json_t *object,
                        struct action *action)
{
    const json_t *act = json_object_get(object, "act");
    input_enter_key(in, "act");
    action->act = (enum act)input_word(in, act, trace_act_words);
    input_leave(in);
    action->in_steps = input_member(in, object, "in_steps", 1) != 0;
    action->overtake = input_member(in, object, "overtake", 1) != 0;
    action->amount = input_member(in, object, "amount", UINT64_MAX);
    action->down_for = input_member(in, object, "down_for", UINT64_MAX);
    action->targets = input_member(in, object, "targets", UINT64_MAX);
    action->shape = (uint32_t)input_member(in, object, "shape", UINT32_MAX);
    action->lost = input_member(in, object, "lost", UINT64_MAX);
    action->missed = (uint32_t)input_member(in, object, "missed", UINT32_MAX);
    action->pid_reused = input_member(in, object, "pid_reused", 1) != 0;
    action->lose_unsynced = input_member(in, object, "lose_unsynced", 1) != 0;
    action->torn_bytes =
        (uint32_t)input_member(in, object, "torn_bytes", UINT32_MAX);
    take_cut(in, object, action);
}

static void take_occurrence(struct input *in, const json_t *item,
                            struct trace *trace, struct occurrence *one)
{
    const json_t *rule = json_object_get(item, "rule");
    one->rule = json_is_null(rule)
                    ? UINT32_MAX
                    : (uint32_t)input_member(in, item, "rule", RULES_MAX - 1);
    const json_t *site = input_enter_object(in, item, "site");
    if (site != NULL) {
        take_site(in, site, trace, &one->site);
        input_leave(in);
    }
    const json_t *action = input_enter_object(in, item, "action");
    if (action != NULL) {
        take_action(in, action, &one->action);
        input_leave(in);
    }
}

static void take_occurrences(struct input *in, const json_t *root,
                             struct trace *trace)
{
    const json_t *list = input_enter_array(in, root, "faults", 1000000);
    if (list == NULL) {
        return;
    }
    uint32_t count = (uint32_t)json_array_size(list);
    trace->occurrences =
        need(calloc(count + 1, sizeof(*trace->occurrences)), "a trace");
    assert(count <= 1000000);
    trace->occurrences_max = count;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        input_enter_item(in, i);
        take_occurrence(in, json_array_get(list, i), trace,
                        &trace->occurrences[i]);
        input_leave(in);
    }
    trace->occurrences_count = count;
    input_leave(in);
}

static void take_switches(struct input *in, const json_t *root,
                          struct trace *trace)
{
    const json_t *switches =
        input_enter_array(in, root, "switches", UINT32_MAX);
    if (switches == NULL) {
        return;
    }
    uint32_t count = (uint32_t)json_array_size(switches);
    trace->switches =
        need(calloc(count + 1, sizeof(*trace->switches)), "a trace");
    assert(trace->switches_count == 0);
    trace->switches_max = count;
    uint64_t before = 0;
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        input_enter_item(in, i);
        const json_t *item = input_tuple(in, switches, i, 2);
        if (item != NULL) {
            uint64_t step = input_item(in, item, 0, UINT64_MAX);
            uint64_t thread = input_item(in, item, 1, 63);
            trace->switches[i] = (struct thread_switch){step, (uint32_t)thread};
            if (step < before) {
                input_fail(in, "switches in the order of their moments");
            }
            before = step;
        }
        input_leave(in);
    }
    trace->switches_count = count;
    input_leave(in);
}

static bool comes_after(const struct decision *a, const struct decision *b)
{
    return a->stream > b->stream ||
           (a->stream == b->stream && a->position > b->position);
}

static void take_decisions(struct input *in, const json_t *root,
                           struct trace *trace)
{
    const json_t *decisions =
        input_enter_array(in, root, "decisions", UINT32_MAX);
    if (decisions == NULL) {
        return;
    }
    uint32_t count = (uint32_t)json_array_size(decisions);
    trace->decisions =
        need(calloc(count + 1, sizeof(*trace->decisions)), "a trace");
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct decision *decision = &trace->decisions[i];
        input_enter_item(in, i);
        const json_t *item = input_tuple(in, decisions, i, 3);
        if (item != NULL) {
            input_enter_item(in, 0);
            decision->stream =
                input_word(in, json_array_get(item, 0), trace_stream_words);
            input_leave(in);
            decision->position = (uint32_t)input_item(in, item, 1, UINT32_MAX);
            decision->value = input_item(in, item, 2, UINT64_MAX);
            if (i > 0 && !comes_after(decision, decision - 1)) {
                input_fail(in, "decisions in the order of stream and position");
            }
        }
        input_leave(in);
    }
    assert(trace->decisions != NULL);
    trace->decisions_count = count;
    input_leave(in);
}

static void take_digests(struct input *in, const json_t *root,
                         struct trace *trace)
{
    const json_t *digests = input_enter_array(in, root, "digests", UINT32_MAX);
    if (digests == NULL) {
        return;
    }
    uint32_t count = (uint32_t)json_array_size(digests);
    trace->digests =
        need(calloc(count + 1, sizeof(*trace->digests)), "a trace");
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        trace->digests[i] = input_item(in, digests, i, UINT64_MAX);
    }
    trace->digests_count = count;
    trace->digests_max = count;
    input_leave(in);
}

static void take_trace(struct input *in, const json_t *root,
                       struct trace *trace)
{
    if (!json_is_object(root) ||
        json_object_get(root, "faultline_trace") == NULL) {
        input_fail(in, "a trace: {\"faultline_trace\": %d, ...}",
                   TRACE_VERSION);
        return;
    }
    uint64_t version = input_member(in, root, "faultline_trace", UINT64_MAX);
    if (version != TRACE_VERSION) {
        input_enter_key(in, "faultline_trace");
        input_fail(in, "version %d of the format, which this program reads",
                   TRACE_VERSION);
        input_leave(in);
        return;
    }
    assert(trace->texts == NULL);
    trace->texts = arena_new();
    trace->verdict = input_text(in, root, "verdict");
    trace->signature = input_text(in, root, "signature");
    trace->scenario_path = input_text(in, root, "scenario_path");
    trace->variant = input_text(in, root, "variant");
    if (json_object_get(root, "memory") != NULL) { /* older ones have none */
        trace->memory = input_text(in, root, "memory");
    }
    trace->strategy = input_text(in, root, "strategy");
    trace->seed = input_member(in, root, "seed", UINT64_MAX);
    trace->index = input_member(in, root, "index", UINT64_MAX);
    trace->run_seed = input_member(in, root, "run_seed", UINT64_MAX);
    trace->subject = input_member(in, root, "subject", UINT64_MAX);
    trace->steps = input_member(in, root, "steps", UINT64_MAX);
    trace->patience = input_member(in, root, "patience", UINT64_MAX);
    trace->cuts = input_member(in, root, "cuts", 1) != 0;
    trace->scenario_text = take_scenario(in, root);
    take_workload(in, root, &trace->workload);
    take_occurrences(in, root, trace);
    take_switches(in, root, trace);
    take_decisions(in, root, trace);
    take_digests(in, root, trace);
    assert(in->failed || in->at.depth == 0);
}

/* jansson names a line and a column of its own. */
static void complain_syntax(const char *path, const json_error_t *error,
                            FILE *errors)
{
    fprintf(errors,
            "%s:%d:%d: error: expected JSON: %.*s; the file is damaged or no "
            "trace\n",
            path, error->line > 0 ? error->line : 1,
            error->column > 0 ? error->column : 1, TEXT_SHOWN * 2, error->text);
}

struct trace *trace_parse(const char *path, const char *text, size_t size,
                          FILE *errors)
{
    assert(path != NULL);
    assert(text != NULL || size == 0);
    if (size == 0) {
        fprintf(errors,
                "%s:1:1: error: expected a trace, found an empty "
                "file\n",
                path);
        return NULL;
    }
    if (size > TRACE_SIZE_MAX) {
        fprintf(errors, "%s: error: expected at most %d bytes\n", path,
                TRACE_SIZE_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        complain_syntax(path, &error, errors);
        return NULL;
    }
    struct input in = {
        .path = path, .text = text, .size = size, .errors = errors};
    assert(size <= TRACE_SIZE_MAX);
    struct trace *trace = trace_new();
    take_trace(&in, root, trace);
    json_decref(root);
    if (in.failed) {
        trace_free(trace);
        return NULL;
    }
    return trace;
}

/* The whole file, and one byte more if it is too large; NULL and errno. */
static char *read_file(const char *path, size_t *size)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return NULL;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    char *text = need(malloc(TRACE_SIZE_MAX + 1), "a trace");
    *size = fread(text, 1, TRACE_SIZE_MAX + 1, file);
    if (ferror(file)) {
        int trouble = errno;
        free(text);
        text = NULL;
        errno = trouble;
    }
    (void)fclose(file);
    return text;
}

struct trace *trace_read(const char *path, FILE *errors)
{
    size_t size = 0;
    char *text = read_file(path, &size);
    if (text == NULL) {
        fprintf(errors,
                "%s: error: cannot be read: %s; `ls out/*/*/` shows the "
                "traces of past runs\n",
                path, strerror(errno));
        return NULL;
    }
    struct trace *trace = trace_parse(path, text, size, errors);
    free(text);
    return trace;
}
