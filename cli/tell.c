/*
 * Telling why, in each of its forms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/tell.h"
#include "cli/account.h"
#include "cli/draw.h"
#include "harness/report/explain.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TELL_MS = 10000, /* each decision of minimising, if no budget was given */
    NAME_MAX_BYTES = 100
};

bool tell_read(const char *name, enum tell_kind *kind)
{
    static const char *const names[] = {[TELL_TEXT] = "text",
                                        [TELL_MARKDOWN] = "markdown",
                                        [TELL_JSON] = "json"};
    assert(kind != NULL);
    *kind = TELL_FAILURES;
    for (int i = TELL_TEXT; name != NULL && i <= TELL_JSON; i++) {
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum tell_kind)i;
        }
    }
    return name == NULL || *kind != TELL_FAILURES;
}

static struct account *account_of(const struct telling *t)
{
    struct fl_options options = *t->options;
    if (options.budget.milliseconds == 0) {
        options.budget.milliseconds = TELL_MS;
    }
    struct account *account = account_new(t->name, t->history, &options);
    if (account == NULL) {
        (void)fputs("faultline check: no memory to explain the history\n",
                    stderr);
        return NULL;
    }
    if (t->result != NULL) {
        account_add_result(account, t->history, t->result);
    }
    return account;
}

/* The members that every explanation has. */
static void begin_json(struct json *j, const struct telling *t, FILE *out)
{
    json_init(j, out, 0);
    json_open(j, NULL, '{');
    json_text(j, "event", "explanation");
    json_unsigned(j, "schema", 1);
    json_text(j, "file", t->path);
    json_unsigned(j, "line", t->line);
    json_text(j, "name", t->name);
    json_text(j, "model", t->history->model->name);
    json_text(j, "criterion", fl_criterion_name(t->options->criterion));
    json_text(j, "verdict", fl_verdict_name(t->result->verdict));
    json_text(j, "pattern",
              t->result->pattern[0] == '\0' ? NULL : t->result->pattern);
}

static enum code tell_violation(const struct telling *t, enum tell_kind kind,
                                FILE *out)
{
    assert(t->result->verdict == FL_VIOLATION);
    struct account *account = account_of(t);
    if (account == NULL) {
        return CODE_INTERNAL;
    }
    struct json j;
    switch (kind) {
    case TELL_FAILURES:
    case TELL_TEXT:
        report_failure(&account->record, t->style, out);
        break;
    case TELL_MARKDOWN:
        report_markdown(&account->record, out);
        break;
    case TELL_JSON:
        begin_json(&j, t, out);
        report_explanation(&account->record, &j);
        json_close(&j);
        break;
    }
    account_free(account);
    return CODE_PASS;
}

static void tell_pass(const struct telling *t, enum tell_kind kind, FILE *out)
{
    assert(t->result->verdict == FL_PASS && t->style != NULL);
    struct report_witness witness = {.name = t->name,
                                     .history = t->history,
                                     .options = t->options,
                                     .order = t->result->order,
                                     .order_count = t->result->order_count,
                                     .full = t->style->full};
    struct json j;
    switch (kind) {
    case TELL_FAILURES:
        break;
    case TELL_TEXT:
        report_witness_text(&witness, out);
        break;
    case TELL_MARKDOWN:
        report_witness_markdown(&witness, out);
        break;
    case TELL_JSON:
        begin_json(&j, t, out);
        report_witness_json(&witness, &j);
        json_close(&j);
        break;
    }
}

/* A budget ran out: how far it came. */
static void tell_nothing(const struct telling *t, enum tell_kind kind,
                         FILE *out)
{
    const struct fl_result *r = t->result;
    assert(r->verdict == FL_INCONCLUSIVE);
    struct json j;
    if (kind == TELL_MARKDOWN) {
        (void)fputs("# ", out);
        markdown_words(t->name, out);
        (void)fprintf(out,
                      ": inconclusive\n\nA budget ran out after %" PRIu64
                      " states; the longest legal prefix had %" PRIu32
                      " operations.\n\n",
                      r->nodes, r->order_count);
    } else if (kind == TELL_JSON) {
        begin_json(&j, t, out);
        json_unsigned(&j, "states", r->nodes);
        json_unsigned(&j, "longest_prefix", r->order_count);
        json_close(&j);
    }
}

enum code tell_history(const struct telling *telling, enum tell_kind kind,
                       FILE *out)
{
    assert(telling->result != NULL && out != NULL);
    switch (telling->result->verdict) {
    case FL_VIOLATION:
        return tell_violation(telling, kind, out);
    case FL_PASS:
        tell_pass(telling, kind, out);
        break;
    case FL_INCONCLUSIVE:
        tell_nothing(telling, kind, out);
        break;
    }
    return CODE_PASS;
}

/* A name for a file: what is neither letter nor digit becomes a dash. */
static void file_name(const char *from, char name[NAME_MAX_BYTES])
{
    const char *slash = strrchr(from, '/');
    from = slash == NULL ? from : slash + 1;
    size_t size = 0;
    for (; *from != '\0' && size + 1 < NAME_MAX_BYTES; from++) {
        unsigned char c = (unsigned char)*from;
        bool plain = c < 128 && (isalnum(c) || c == '.' || c == '_');
        name[size] = (char)(plain && !(size == 0 && c == '.') ? c : '-');
        size++;
    }
    name[size] = '\0';
}

/* Draws one view into `path`; then as SVG beside it. */
static enum code draw_view(const struct fl_record *record, const char *view,
                           const char *path, FILE *out)
{
    struct drawing drawing = {
        .command = "check", .view = view, .type = "dot", .path = path};
    enum code code = drawing_make(&drawing, record);
    char svg[TELL_PATH_MAX];
    size_t size = strlen(path);
    assert(size > 4 && size < sizeof(svg));
    memcpy(svg, path, size - 3);
    memcpy(svg + size - 3, "svg", 4);
    drawing.type = "svg";
    drawing.path = svg;
    bool drawn = code == CODE_PASS && drawing_has_graphviz() &&
                 drawing_make(&drawing, record) == CODE_PASS;
    if (out != NULL && code == CODE_PASS) {
        (void)fprintf(out, "  %-9s %s%s%s\n", view, path, drawn ? " " : "",
                      drawn ? svg : "");
    }
    return code;
}

enum code tell_drawings(const struct telling *telling, const char *directory,
                        FILE *out, char paths[TELL_VIEWS][TELL_PATH_MAX])
{
    static const char *const views[TELL_VIEWS] = {"timeline", "proof"};
    for (int v = 0; v < TELL_VIEWS; v++) {
        paths[v][0] = '\0';
    }
    assert(directory != NULL && telling->options != NULL);
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "faultline: cannot write %s: %s\n", directory,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        return CODE_IO;
    }
    struct account *account = account_of(telling);
    if (account == NULL) {
        return CODE_INTERNAL;
    }
    char name[NAME_MAX_BYTES];
    file_name(telling->name, name);
    enum code code = CODE_PASS;
    for (int v = 0; v < TELL_VIEWS; v++) {
        const struct fl_view *view = fl_view_find(views[v]);
        assert(view != NULL);
        char path[TELL_PATH_MAX];
        int size =
            snprintf(path, sizeof(path), "%s/%s.%" PRIu32 ".%s.%s.dot",
                     directory, name, telling->line,
                     fl_criterion_name(telling->options->criterion), views[v]);
        if (size < 0 || (size_t)size >= sizeof(path)) {
            code = code_worse(code, CODE_IO);
        } else if (view->lacks(&account->record) == NULL) {
            memcpy(paths[v], path, sizeof(path));
            code = code_worse(code,
                              draw_view(&account->record, views[v], path, out));
        }
    }
    account_free(account);
    return code;
}
