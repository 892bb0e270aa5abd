/*
 * One operation is read, told to the online checker, and forgotten; as soon as
 * no order explains what has returned, the line is named and reading ends.
 *
 * Lines of JSON are told as they stand there.  Any other form comes through a
 * passage, which waits for what became of an operation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/follow.h"

#include "checker/format/flow.h"
#include "checker/format/passage.h"
#include "checker/format/source.h"
#include "checker/model.h"
#include "checker/online.h"
#include "harness/report/json.h"
#include "harness/wall.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* A stream that is followed. */
struct stream {
    const struct follow *how;
    const char *path; /* as shown */
    struct fl_source source;
    struct fl_reading reading;  /* with the format */
    const struct fl_history *h; /* what it is about; holds at most the operation
                                 * in hand */
    struct fl_header header;
    struct fl_online *online; /* NULL: no history has begun */
    uint64_t started;
    uint64_t judge_ns; /* the rest is reading, and waiting for what is read */
    struct fl_outlet outlet;
    struct fl_error error;
    enum code code;
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
                  "read as %s, in the order of calls; without --online the "
                  "whole is held; see: faultline check --help, "
                  "docs/formats.md\n",
                  s->reading.format->name);
    return status == FL_IO ? CODE_IO : CODE_INPUT;
}

/* An operation that cannot come here. */
static enum code complain_order(const struct stream *s,
                                const struct fl_operation *op)
{
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
    json_unsigned(&j, "parse_ns", wall_ns() - s->started - s->judge_ns);
    json_unsigned(&j, "check_ns", s->judge_ns);
    json_unsigned(&j, "blocked_line",
                  v->verdict == FL_PASS ? 0 : v->blocked.line);
    json_text(&j, "blocked", failed ? text : NULL);
    json_close(&j);
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

/* Begins to judge a history. */
static enum code begin(struct stream *s)
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
    assert(s->online == NULL);
    s->judge_ns = 0;
    s->started = wall_ns();
    s->online = fl_online_new(&setup);
    return s->online == NULL ? complain(s, FL_NO_MEMORY, &s->error) : CODE_PASS;
}

/* Judges an operation. */
static enum code judge(struct stream *s, const struct fl_operation *op)
{
    uint64_t began = wall_ns();
    enum fl_status status = fl_online_operation(s->online, op);
    s->judge_ns += wall_ns() - began;
    return status == FL_OK          ? CODE_PASS
           : status == FL_BAD_INPUT ? complain_order(s, op)
                                    : complain(s, status, &s->error);
}

/* Ends what was begun, and tells the verdict unless there was trouble. */
static enum code end(struct stream *s, enum code code)
{
    if (s->online == NULL) {
        return code;
    }
    if (code == CODE_PASS) {
        uint64_t began = wall_ns();
        enum fl_status status = fl_online_finish(s->online);
        s->judge_ns += wall_ns() - began;
        code = status == FL_OK ? CODE_PASS : complain(s, status, &s->error);
    }
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
    s->online = NULL;
    return code;
}

static bool is_refuted(const struct stream *s)
{
    return fl_online_verdict(s->online) == FL_VIOLATION;
}

/* Tells the operations of a history of lines until it is judged or ends. */
static enum code follow_lines(struct stream *s, struct fl_jsonl *reader,
                              struct fl_history *h)
{
    enum code code = CODE_PASS;
    while (code == CODE_PASS && !is_refuted(s)) {
        enum fl_status status = fl_jsonl_stream_next(reader, h, &s->error);
        if (status != FL_OK) {
            return complain(s, status, &s->error);
        }
        if (h->count == 0) {
            break;
        }
        code = judge(s, &h->operations[0]);
    }
    return code;
}

/* Follows one history of lines after another, up to the first that does not
 * pass: what is left of that one was not read. */
static enum code follow_jsonl(struct stream *s, struct fl_jsonl *reader)
{
    enum code code = CODE_PASS;
    while (code == CODE_PASS) {
        struct fl_history *h = NULL;
        enum fl_status status =
            fl_jsonl_stream_begin(reader, &h, &s->header, &s->error);
        if (status != FL_OK) {
            return complain(s, status, &s->error);
        }
        if (h == NULL) {
            break;
        }
        s->h = h;
        code = begin(s);
        code = code == CODE_PASS ? follow_lines(s, reader, h) : code;
        code = end(s, code);
        fl_history_free(h);
    }
    return code;
}

static enum code open_jsonl(struct stream *s, bool *truncated)
{
    struct fl_jsonl *reader = fl_jsonl_open_source(&s->source);
    if (reader == NULL) {
        return complain(s, FL_NO_MEMORY, &s->error);
    }
    if (s->reading.model != NULL) {
        fl_jsonl_use_model(reader, s->reading.model);
    }
    if (s->reading.lenient) {
        fl_jsonl_be_lenient(reader);
    }
    enum code code = follow_jsonl(s, reader);
    *truncated = fl_jsonl_truncated(reader);
    fl_jsonl_close(reader);
    return code;
}

/* What a passage hands on: its own trouble is in s->code, and ends it. */
static enum fl_status take_history(void *self, const struct fl_history *h,
                                   const struct fl_header *header,
                                   struct fl_error *error)
{
    struct stream *s = self;
    (void)error;
    s->h = h;
    s->header = *header;
    s->code = begin(s);
    s->outlet.enough = s->code != CODE_PASS;
    return FL_OK;
}

static enum fl_status take_operation(void *self, const struct fl_operation *op,
                                     struct fl_error *error)
{
    struct stream *s = self;
    (void)error;
    assert(s->online != NULL);
    s->code = judge(s, op);
    if (s->code != CODE_PASS || is_refuted(s)) {
        s->outlet.enough = true;
        s->code = end(s, s->code);
    }
    return FL_OK;
}

static enum fl_status take_end(void *self, struct fl_error *error)
{
    struct stream *s = self;
    (void)error;
    s->code = end(s, CODE_PASS);
    return FL_OK;
}

/* Follows a history of another form. */
static enum code follow_foreign(struct stream *s, bool *truncated)
{
    struct fl_flow flow = {.source = &s->source, .reading = s->reading};
    s->outlet = (struct fl_outlet){.self = s,
                                   .begin = take_history,
                                   .take = take_operation,
                                   .end = take_end};
    enum fl_status status = fl_flow_read(&flow, &s->outlet, &s->error);
    *truncated = flow.truncated;
    if (status != FL_OK && !s->outlet.enough) {
        s->code = end(s, complain(s, status, &s->error));
    }
    return s->code;
}

/* Whether what comes first can be a line of ours, right or wrong. */
static bool is_jsonl(struct stream *s)
{
    size_t size;
    const char *bytes = fl_source_look(&s->source, &size);
    size_t blanks = 0;
    while (blanks < size && strchr(" \t\r\n", bytes[blanks]) != NULL) {
        blanks++;
    }
    return (blanks == size || bytes[blanks] == '{') &&
           s->reading.format->parse == NULL;
}

/* Finds out the form.  False after a message. */
static bool find_format(struct stream *s)
{
    s->reading = *s->how->reading;
    s->source.error = &s->error;
    if (s->reading.format != NULL) {
        return true;
    }
    s->reading.format = fl_format_guess(&s->source);
    if (!s->source.live || is_jsonl(s)) {
        return true;
    }
    /* other forms are told apart by more than one line */
    (void)fprintf(stderr,
                  "faultline check: %s: the first line is none of jsonl: say "
                  "the form with --input, since a pipe is read line by line\n"
                  "see: faultline list formats\n",
                  s->path);
    return false;
}

enum code follow_file(const struct follow *how, const char *path)
{
    assert(how != NULL && path != NULL);
    bool is_stdin = strcmp(path, "-") == 0;
    bool truncated = false;
    struct stream s = {.how = how, .path = is_stdin ? "<stdin>" : path};
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    struct stat about;
    if (file == NULL) {
        (void)fprintf(stderr, "faultline check: cannot read %s: %s\n", path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        return CODE_INPUT;
    }
    fl_source_init(&s.source, file, NULL, 0);
    s.source.live = fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode);
    enum code code = CODE_USAGE;
    if (find_format(&s)) {
        code = s.reading.format->parse == NULL ? open_jsonl(&s, &truncated)
                                               : follow_foreign(&s, &truncated);
    }
    if (truncated) {
        (void)fflush(stdout);
        (void)fprintf(stderr,
                      "%s: warning: the last line is cut off, and taken for "
                      "the end\n",
                      s.path);
    }
    fl_source_release(&s.source);
    if (!is_stdin) {
        (void)fclose(file);
    }
    return code;
}
