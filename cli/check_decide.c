/*
 * Deciding one history as `check` was asked to, and telling why.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/criterion.h"
#include "cli/account.h"
#include "cli/check.h"
#include "harness/model_plugin.h"
#include "harness/wall.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPORTS_MAX = 5 /* failing histories told in full; others in a line */
};

static const char *name_of(const struct decision_of *d)
{
    return d->header->id[0] == '\0' ? d->path : d->header->id;
}

/* Draws the view that was asked for, of the first violation. */
static void draw(struct session *s, const struct telling *t)
{
    struct fl_options options = *t->options;
    if (options.budget.milliseconds == 0) {
        options.budget.milliseconds = 10000; /* each decision of minimising */
    }
    struct account *account = account_new(t->name, t->history, &options);
    if (account == NULL) {
        (void)fputs("faultline check: no memory to explain the history\n",
                    stderr);
        s->code = code_worse(s->code, CODE_INTERNAL);
        return;
    }
    account_add_result(account, t->history, t->result);
    s->code = code_worse(s->code, drawing_make(&s->drawing, &account->record));
    s->drawn = true;
    account_free(account);
}

/* Tells, and draws, as it was asked for. */
static void tell(struct session *s, struct decision_of *d,
                 const struct telling *t)
{
    assert(t->result != NULL && t->history != NULL);
    bool fails = t->result->verdict == FL_VIOLATION;
    bool whole = s->tells != TELL_FAILURES;
    FILE *out =
        s->tells >= TELL_MARKDOWN ? stdout : s->output.stream[OUTPUT_TEXT];
    if (s->draws) {
        if (fails && !s->drawn) {
            draw(s, t);
        }
        return;
    }
    bool wanted = whole || (fails && !s->quiet && s->reports < REPORTS_MAX);
    if (out != NULL && wanted) {
        s->code = code_worse(s->code, tell_history(t, s->tells, out));
    }
    if (fails && s->directory != NULL && s->reports < REPORTS_MAX) {
        s->code = code_worse(
            s->code,
            tell_drawings(t, s->directory,
                          s->tells >= TELL_MARKDOWN || s->quiet ? NULL : out,
                          d->drawings));
    }
    s->reports += fails;
}

static struct telling telling_of(const struct session *s,
                                 const struct decision_of *d)
{
    return (struct telling){.path = d->path,
                            .name = name_of(d),
                            .line = d->header->line,
                            .history = d->history,
                            .options = &d->options,
                            .result = d->result,
                            .style = &s->style};
}

/* Tells of the next criterion that fails, for which it is decided again. */
static void tell_next(struct session *s, struct decision_of *d)
{
    assert(d->lattice != NULL && d->lattice->failing >= 0);
    struct fl_options options = d->options;
    struct fl_result *result = NULL;
    options.criterion = (enum fl_criterion)d->lattice->failing;
    if (fl_check(d->history, &options, &result) != FL_OK) {
        s->code = code_worse(s->code, CODE_INTERNAL);
        return;
    }
    struct telling t = telling_of(s, d);
    t.options = &options;
    t.result = result;
    tell(s, d, &t);
    fl_result_free(result);
}

static void keep_verdict(struct session *s, struct decision_of *d)
{
    assert(d->result->verdict <= FL_INCONCLUSIVE);
    s->histories++;
    s->verdicts[d->result->verdict]++;
    switch (d->result->verdict) {
    case FL_PASS:
        if (!fl_witness_holds(d->history, &d->options, d->result->order,
                              d->result->order_count)) {
            (void)fprintf(stderr,
                          "faultline check: %s:%" PRIu32
                          ": internal error: the witness does not hold\n",
                          d->path, d->header->line);
            s->code = code_worse(s->code, CODE_INTERNAL);
        }
        break;
    case FL_VIOLATION:
        s->code = code_worse(s->code, CODE_VIOLATION);
        break;
    case FL_INCONCLUSIVE:
        s->code = code_worse(s->code, CODE_INCONCLUSIVE);
        break;
    }
    if (d->lattice != NULL && d->lattice->failing >= 0) {
        tell_next(s, d);
    } else {
        struct telling t = telling_of(s, d);
        tell(s, d, &t);
    }
}

/* Whether the user's own model keeps its promises on this history. */
static bool is_model_sound(struct session *s, const struct decision_of *d)
{
    char text[300];
    if (model_plugin_try(d->history, &d->options, text, sizeof(text))) {
        return true;
    }
    (void)fprintf(stderr,
                  "faultline check: %s:%" PRIu32 ": not decided: %s\n"
                  "checker/model.h says what a model promises\n",
                  d->path, d->header->line, text);
    s->code = code_worse(s->code, CODE_INPUT);
    return false;
}

/* Finds the least k; then the history is decided with it, or with the one that
 * was given, under the relaxed model. */
static enum fl_status relax(const struct session *s, struct decision_of *d,
                            struct fl_history *h)
{
    assert(h->model->relaxed != NULL); /* criteria_apply() saw to it */
    struct fl_relaxation *r = calloc(1, sizeof(*r));
    d->relaxation = r;
    enum fl_status status =
        r == NULL ? FL_NO_MEMORY : fl_relaxation_measure(h, &d->options, r);
    if (status == FL_OK) {
        uint32_t k = r->verdict == FL_PASS        ? r->passes
                     : r->verdict == FL_VIOLATION ? r->fails
                                                  : r->fails + 1;
        h->model = r->model;
        d->options.relax = s->criteria.relax != 0 ? s->criteria.relax : k;
    }
    return status;
}

/* Decides the weaker forms of the model, from strong to weak: what implies one
 * that fails fails. */
static enum fl_status ask_weaker(struct decision_of *d,
                                 const struct fl_history *h)
{
    enum fl_status status = FL_OK;
    for (uint32_t i = 0; fl_weakenings[i] != NULL && status == FL_OK; i++) {
        const char *why = NULL;
        if (fl_weakenings[i]->of != h->model || i >= CHECK_FORMS) {
            continue;
        }
        struct fl_history *views = fl_weaken(fl_weakenings[i], h, &why);
        struct fl_options options = d->options;
        struct fl_result *result = NULL;
        options.criterion = FL_LINEARIZABLE;
        d->weaker[i] = FL_INCONCLUSIVE;
        if (views == NULL) {
            status = why == NULL ? FL_NO_MEMORY : FL_OK;
        } else {
            status = fl_check(views, &options, &result);
        }
        if (result != NULL) {
            d->weaker[i] = result->verdict;
        }
        d->weaker_count = i + 1;
        fl_result_free(result);
        fl_history_free(views);
    }
    return status;
}

/* Whether what was lost is worth measuring; by which criterion. */
static bool wants_window(const struct decision_of *d, struct fl_options *by)
{
    *by = d->options;
    if (d->lattice == NULL) {
        return fl_loses(d->options.criterion) &&
               d->result->verdict != FL_INCONCLUSIVE;
    }
    const struct fl_standing *buffered =
        &d->lattice->standing[FL_BUFFERED_DURABLE];
    by->criterion = FL_BUFFERED_DURABLE;
    return buffered->applies && buffered->verdict != FL_INCONCLUSIVE;
}

/* Decides what was asked. */
static enum fl_status ask(const struct session *s, struct decision_of *d,
                          struct fl_history *h, struct fl_result **result)
{
    enum fl_status status = FL_OK;
    assert(!(s->criteria.relaxed && s->criteria.all));
    if (s->criteria.relaxed) {
        status = relax(s, d, h);
    }
    if (status == FL_OK) {
        status = fl_check(h, &d->options, result);
        d->result = *result;
    }
    if (status == FL_OK && s->criteria.all) {
        d->lattice = calloc(1, sizeof(*d->lattice));
        status = d->lattice == NULL
                     ? FL_NO_MEMORY
                     : fl_lattice_decide(h, &d->options, d->lattice);
    }
    if (status == FL_OK && s->criteria.all) {
        status = ask_weaker(d, h);
    }
    struct fl_options by;
    if (status == FL_OK && wants_window(d, &by)) {
        status = fl_loss_measure(h, &by, &d->window);
    }
    return status;
}

/* Prints what was found out. */
static void print(const struct session *s, const struct decision_of *d)
{
    FILE *text = s->output.stream[OUTPUT_TEXT];
    if (text != NULL && !s->quiet && !s->draws && s->tells < TELL_MARKDOWN) {
        check_print_line(d, text);
    }
    if (s->output.stream[OUTPUT_JSONL] != NULL) {
        check_print_json(d, s->output.stream[OUTPUT_JSONL]);
    }
}

/* Decides one history, and tells of it. */
static void decide_read(struct session *s, const char *path,
                        struct fl_history *h, const struct fl_header *header,
                        uint64_t parse_ns)
{
    assert(h != NULL && h->model != NULL);
    struct decision_of d = {.path = path,
                            .history = h,
                            .header = header,
                            .format = s->format,
                            .parse_ns = parse_ns};
    d.options = s->asked;
    enum code code = criteria_apply(&s->criteria, path, h, header, &d.options);
    if (code != CODE_PASS) {
        s->code = code_worse(s->code, code);
        return;
    }
    if (s->own_model && !is_model_sound(s, &d)) {
        return;
    }
    d.options.budget.nodes = s->states;
    if (s->deadline != WALL_NEVER) {
        int left = wall_left(s->deadline, INT32_MAX);
        d.options.budget.milliseconds = left == 0 ? 1 : (uint32_t)left;
    }
    uint64_t started = wall_ns();
    struct fl_result *result = NULL;
    if (ask(s, &d, h, &result) != FL_OK) {
        (void)fprintf(stderr, "faultline check: %s: no memory\n", path);
        s->code = code_worse(s->code, CODE_INTERNAL);
    } else {
        d.check_ns = wall_ns() - started;
        d.milliseconds = d.check_ns / 1000000;
        keep_verdict(s, &d);
        print(s, &d);
    }
    fl_result_free(result);
    free(d.lattice);
    free(d.relaxation);
    free(d.window);
}

/* Takes `h` apart for the weaker form that was asked for; NULL after a
 * message. */
static struct fl_history *take_apart(struct session *s, const char *path,
                                     const struct fl_history *h)
{
    const char *why = NULL;
    assert(s->weaker != NULL);
    struct fl_history *views = fl_weaken(s->weaker, h, &why);
    if (views == NULL) {
        (void)fprintf(stderr, "faultline check: %s: %s%s\n", path,
                      why == NULL ? "no memory" : why,
                      why == NULL ? "" : "; use --model accumulator_reader");
        s->code = code_worse(s->code, why == NULL ? CODE_INTERNAL : CODE_INPUT);
    }
    return views;
}

void check_decide(struct session *s, const char *path, struct fl_history *h,
                  const struct fl_header *header, uint64_t parse_ns)
{
    struct fl_history *views = NULL;
    if (s->weaker != NULL && h->model == s->weaker->of) {
        views = take_apart(s, path, h);
        if (views == NULL) {
            return;
        }
    }
    decide_read(s, path, views == NULL ? h : views, header, parse_ns);
    fl_history_free(views);
}
