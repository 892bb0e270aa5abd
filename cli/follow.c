/*
 * One operation is read, told to the online checker, and forgotten; as soon as
 * no order explains what has returned, the line is named and reading ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/follow.h"

#include "checker/format/jsonl.h"
#include "checker/model.h"
#include "checker/online.h"
#include "harness/report/json.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A stream that is followed. */
struct stream {
    const struct follow *how;
    const char *path; /* as shown */
    struct fl_jsonl *reader;
    struct fl_history *h; /* the operation in hand */
    struct fl_header header;
    struct fl_online *online;
    uint64_t started;
    uint64_t parse_ns; /* spent on reading, and on waiting for what is read */
};

static enum code complain(const struct stream *s, enum fl_status status,
                          const struct fl_error *error)
{
    assert(status != FL_OK);
    if (status == FL_NO_MEMORY) {
        (void)fprintf(stderr, "faultline check: %s: no memory\n", s->path);
        return CODE_INTERNAL;
    }
    (void)fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": error: %s\n", s->path,
                  error->line, error->column, error->text);
    (void)fprintf(stderr,
                  "read as jsonl, in the order of calls; see: faultline "
                  "check --help, docs/formats.md\n");
    return status == FL_IO ? CODE_IO : CODE_INPUT;
}

/* An operation that cannot come here. */
static enum code complain_order(const struct stream *s)
{
    const struct fl_operation *op = &s->h->operations[0];
    (void)fprintf(stderr,
                  "%s:%" PRIu32
                  ":1: error: expected operations in the order of their calls, "
                  "and of each client one at a time; client %" PRIu32
                  " calls at %" PRIu32
                  "\nsort the lines by \"call\", or check without --online\n",
                  s->path, op->line, op->client, op->call);
    return CODE_INPUT;
}

/* "T3 dequeue() = 7", of the operation that nothing explains. */
static void describe(const struct stream *s, const struct fl_operation *op,
                     char *text, size_t max)
{
    char call[200];
    char result[200];
    char key[100];
    fl_describe_call(s->h, op, call, sizeof(call));
    fl_describe_result(s->h, op->fn, op->result, result, sizeof(result));
    fl_describe_key(s->h, op->key, key, sizeof(key));
    (void)snprintf(text, max, "T%" PRIu32 " %s%s%s = %s", op->client, key,
                   key[0] == '\0' ? "" : " ", call, result);
}

static void print_text(const struct stream *s, const struct fl_online_view *v)
{
    FILE *out = s->how->text;
    bool failed = v->verdict == FL_VIOLATION;
    (void)fprintf(
        out,
        "%-12s  %s:%" PRIu32 "  %s, linearizable, online, %" PRIu64
        " operations, %" PRIu32 " open, %" PRIu32 " object%s, %" PRIu64
        " quiescent cuts, %" PRIu64 " ms, %" PRIu64 " kB\n",
        fl_verdict_name(v->verdict), s->path,
        failed ? v->blocked.line : s->header.line, s->h->model->name,
        v->operations, v->open, v->objects, v->objects == 1 ? "" : "s", v->cuts,
        (wall_ns() - s->started) / 1000000, v->bytes / 1024);
    if (failed) {
        char text[600];
        describe(s, &v->blocked, text, sizeof(text));
        (void)fprintf(
            out, "  No order of what was called before explains %s.\n", text);
    }
    if (v->verdict == FL_INCONCLUSIVE) {
        (void)fprintf(out,
                      "  Judged up to line %" PRIu32
                      ", at which one object has more configurations than are "
                      "followed;\n  allow more with --max-configurations, or "
                      "check without --online.\n",
                      v->blocked.line);
    }
}

static void print_json(const struct stream *s, const struct fl_online_view *v)
{
    struct json j;
    bool failed = v->verdict == FL_VIOLATION;
    char text[600];
    describe(s, &v->blocked, text, sizeof(text));
    json_init(&j, s->how->jsonl, 0);
    json_open(&j, NULL, '{');
    json_text(&j, "event", "history");
    json_unsigned(&j, "schema", 1);
    json_text(&j, "file", s->path);
    json_unsigned(&j, "line", s->header.line);
    json_text(&j, "id", s->header.id[0] == '\0' ? NULL : s->header.id);
    json_text(&j, "model", s->h->model->name);
    json_text(&j, "criterion", "linearizable");
    json_text(&j, "verdict", fl_verdict_name(v->verdict));
    json_text(&j, "decider", "online");
    json_unsigned(&j, "operations", v->operations);
    json_unsigned(&j, "open", v->open);
    json_unsigned(&j, "partitions", v->objects);
    json_unsigned(&j, "cuts", v->cuts);
    json_unsigned(&j, "states", v->steps);
    json_unsigned(&j, "configurations", v->configurations);
    json_unsigned(&j, "bytes", v->bytes);
    json_unsigned(&j, "parse_ns", s->parse_ns);
    json_unsigned(&j, "check_ns", wall_ns() - s->started - s->parse_ns);
    json_unsigned(&j, "blocked_line",
                  v->verdict == FL_PASS ? 0 : v->blocked.line);
    json_text(&j, "blocked", failed ? text : NULL);
    json_close(&j);
}

/* Tells the stream's operations until it is judged or ends. */
static enum code follow_operations(struct stream *s)
{
    struct fl_error error = {0};
    for (;;) {
        uint64_t began = wall_ns();
        enum fl_status status = fl_jsonl_stream_next(s->reader, s->h, &error);
        s->parse_ns += wall_ns() - began;
        if (status != FL_OK) {
            return complain(s, status, &error);
        }
        if (s->h->count == 0) {
            break;
        }
        status = fl_online_operation(s->online, &s->h->operations[0]);
        if (status == FL_BAD_INPUT) {
            return complain_order(s);
        }
        if (status != FL_OK) {
            return complain(s, status, &error);
        }
        if (fl_online_verdict(s->online) == FL_VIOLATION) {
            break;
        }
    }
    enum fl_status status = fl_online_finish(s->online);
    return status == FL_OK ? CODE_PASS : complain(s, status, &error);
}

static enum code code_of(enum fl_verdict verdict)
{
    switch (verdict) {
    case FL_PASS:
        return CODE_PASS;
    case FL_VIOLATION:
        return CODE_VIOLATION;
    case FL_INCONCLUSIVE:
        return CODE_INCONCLUSIVE;
    }
    assert(false);
    return CODE_INTERNAL;
}

/* A header that asks for another criterion. */
static enum code complain_criterion(const struct stream *s)
{
    const char *name =
        fl_criterion_name((enum fl_criterion)s->header.criterion);
    (void)fprintf(stderr,
                  "faultline check: %s:%" PRIu32
                  ": the header holds it to %s, and --online judges by "
                  "linearizable alone; say --criterion linearizable, or check "
                  "without --online\n",
                  s->path, s->header.line, name);
    return CODE_USAGE;
}

/* Follows one history. */
static enum code follow_history(struct stream *s)
{
    const struct fl_reading *reading = s->how->reading;
    const struct criteria *criteria = s->how->criteria;
    struct fl_online_setup setup = {
        .model = s->h->model,
        .initial = reading->has_initial ? reading->initial : s->h->initial,
        .capacity = s->header.capacity,
        .relax = criteria->relax != 0 ? criteria->relax : s->header.relax,
        .strings = s->h->strings,
        .configurations_max = s->how->configurations,
    };
    enum code code =
        criteria_test_relax(criteria, s->path, s->h->model, &s->header);
    if (code != CODE_PASS) {
        return code;
    }
    if (s->header.criterion > FL_LINEARIZABLE && criteria->criterion < 0) {
        return complain_criterion(s);
    }
    s->parse_ns = 0;
    s->started = wall_ns();
    s->online = fl_online_new(&setup);
    if (s->online == NULL) {
        return complain(s, FL_NO_MEMORY, NULL);
    }
    code = follow_operations(s);
    if (code == CODE_PASS) {
        const struct fl_online_view *view = fl_online_now(s->online);
        code = code_of(view->verdict);
        if (s->how->text != NULL) {
            print_text(s, view);
        }
        if (s->how->jsonl != NULL) {
            print_json(s, view);
        }
    }
    fl_online_free(s->online);
    return code;
}

/* Follows one history after another, up to the first that does not pass: what
 * is left of that one was not read. */
static enum code follow_all(struct stream *s)
{
    enum code code = CODE_PASS;
    while (code == CODE_PASS) {
        struct fl_error error = {0};
        enum fl_status status =
            fl_jsonl_stream_begin(s->reader, &s->h, &s->header, &error);
        if (status != FL_OK) {
            return complain(s, status, &error);
        }
        if (s->h == NULL) {
            break;
        }
        code = follow_history(s);
        fl_history_free(s->h);
    }
    return code;
}

enum code follow_file(const struct follow *how, const char *path)
{
    assert(how != NULL && path != NULL);
    bool is_stdin = strcmp(path, "-") == 0;
    struct stream s = {.how = how, .path = is_stdin ? "<stdin>" : path};
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "faultline check: cannot read %s: %s\n", path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        return CODE_INPUT;
    }
    s.reader = fl_jsonl_open(file);
    enum code code = CODE_INTERNAL;
    if (s.reader == NULL) {
        code = complain(&s, FL_NO_MEMORY, NULL);
    } else {
        fl_jsonl_be_live(s.reader);
        if (how->reading->model != NULL) {
            fl_jsonl_use_model(s.reader, how->reading->model);
        }
        if (how->reading->lenient) {
            fl_jsonl_be_lenient(s.reader);
        }
        code = follow_all(&s);
    }
    fl_jsonl_close(s.reader);
    if (!is_stdin) {
        (void)fclose(file);
    }
    return code;
}
