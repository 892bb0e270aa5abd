/*
 * Reading what a history is to be held to, and refusing what says nothing
 * about it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/criteria.h"
#include "checker/criterion.h"
#include "checker/lattice.h"
#include "checker/model.h"
#include "cli/options.h"
#include "harness/scenario.h"
#include "harness/scenario/amount.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

_Static_assert((int)FL_CRITERIA + 3 <= CRITERIA_MAX, "there is room for all");

void criteria_names(const char *names[CRITERIA_MAX])
{
    uint32_t count = 0;
    for (; count < FL_CRITERIA; count++) {
        names[count] = fl_criterion_name((enum fl_criterion)count);
    }
    names[count++] = "k_relaxed";
    names[count++] = "all";
    names[count] = NULL;
}

static enum code bad_criterion(const char *command, const char *name)
{
    const char *names[CRITERIA_MAX];
    criteria_names(names);
    const char *nearest = scenario_nearest(name, names);
    return options_complain(command,
                            "--criterion %s: say linearizable, strict, "
                            "persistent, recoverable, durable, "
                            "durable_strict, sequential, quiescent, "
                            "detectable, buffered_durable, buffered_strict, "
                            "k_relaxed or all%s%s%s",
                            name, nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest,
                            nearest == NULL ? "" : "?");
}

/* --max-loss "5 ops" or "10ms". */
static enum code read_loss(const char *command, const char *text,
                           struct criteria *c)
{
    struct amount amount;
    char why[WHY_MAX];
    assert(text != NULL && c != NULL);
    if (!amount_read(text, strlen(text), OF_TIME | OF_OPS, &amount, why)) {
        return options_complain(command, "--max-loss: %s", why);
    }
    if (amount.value < 0 ||
        (amount.of == OF_OPS && amount.value >= UINT32_MAX)) {
        return options_complain(
            command, "--max-loss %s: say 0 ops or more, below 2^32", text);
    }
    c->bounds = true;
    if (amount.of == OF_TIME) {
        c->bound.loss_timed = true;
        c->bound.loss_ns = (uint64_t)amount.value;
    } else {
        c->bound.loss_bounded = true;
        c->bound.loss_max = (uint32_t)amount.value;
    }
    return CODE_PASS;
}

/* A bound that the criterion has no use for. */
static enum code test_fit(const char *command, const struct criteria *c)
{
    bool loses =
        c->all || c->criterion < 0 || fl_loses((enum fl_criterion)c->criterion);
    if (c->bounds && (c->relaxed || !loses)) {
        return options_complain(
            command,
            "--max-loss: %s lets nothing be lost; say --criterion "
            "buffered_durable or buffered_strict",
            c->relaxed ? "k_relaxed"
                       : fl_criterion_name((enum fl_criterion)c->criterion));
    }
    return CODE_PASS;
}

enum code criteria_read(const char *command, const struct criteria_texts *texts,
                        struct criteria *criteria)
{
    assert(command != NULL && texts != NULL);
    *criteria = (struct criteria){.criterion = -1};
    const char *name = texts->criterion;
    if (name != NULL && strcmp(name, "all") == 0) {
        criteria->all = true;
    } else if (name != NULL && strcmp(name, "k_relaxed") == 0) {
        criteria->relaxed = true;
    } else if (name != NULL) {
        criteria->criterion = fl_criterion_find(name);
        if (criteria->criterion < 0) {
            return bad_criterion(command, name);
        }
    }
    if (texts->max_loss != NULL) {
        enum code code = read_loss(command, texts->max_loss, criteria);
        if (code != CODE_PASS) {
            return code;
        }
    }
    uint64_t relax = 0;
    if (texts->relax != NULL &&
        !options_number(texts->relax, 1, UINT32_MAX - 1, &relax)) {
        return options_complain(command, "--relax %s: say a number from 1",
                                texts->relax);
    }
    criteria->relax = (uint32_t)relax;
    return test_fit(command, criteria);
}

/* Refuses: why, and what to use instead. */
static enum code refuse(const char *path, const struct fl_header *header,
                        const char *what, const char *why)
{
    (void)fprintf(stderr,
                  "faultline check: %s:%" PRIu32 ": %s does not apply: %s\n",
                  path, header->line, what, why);
    return CODE_USAGE;
}

/* What the header says of a loss, unless the command line says it. */
static void take_loss(const struct criteria *c, const struct fl_header *header,
                      struct fl_options *options)
{
    const struct fl_options *bound = &c->bound;
    assert(!c->bounds || bound->loss_bounded != bound->loss_timed);
    options->loss_bounded =
        c->bounds ? bound->loss_bounded : header->loss_bounded;
    options->loss_max = c->bounds ? bound->loss_max : header->loss_max;
    options->loss_timed = c->bounds ? bound->loss_timed : header->loss_timed;
    options->loss_ns = c->bounds ? bound->loss_ns : header->loss_ns;
}

/* Whether `name` is a model with a form that may be out of order. */
static enum code test_relaxed(const char *path, const struct fl_history *h,
                              const struct fl_header *header)
{
    if (h->model->relaxed != NULL) {
        return CODE_PASS;
    }
    char why[200];
    (void)snprintf(why, sizeof(why),
                   "model %s has no form that may be out of order (fifo_queue "
                   "and stack have); use quiescent or sequential",
                   h->model->name);
    return refuse(path, header, "--criterion k_relaxed", why);
}

/* The models that read how far they may be out of order, "a and b". */
static void list_relaxed(char *text, size_t max)
{
    const char *and = "";
    assert(max > 0);
    text[0] = '\0';
    for (size_t i = 0; fl_models[i] != NULL; i++) {
        if (fl_models[i]->relaxed == fl_models[i]) {
            size_t size = strlen(text);
            (void)snprintf(text + size, max - size, "%s%s", and,
                           fl_models[i]->name);
            and = " and ";
        }
    }
}

enum code criteria_test_relax(const struct criteria *criteria, const char *path,
                              const struct fl_model *model,
                              const struct fl_header *header)
{
    bool is_asked = criteria->relax != 0;
    uint32_t relax = is_asked ? criteria->relax : header->relax;
    assert(model != NULL && path != NULL);
    bool is_exact = !is_asked && relax <= 1;
    if (is_exact || criteria->relaxed || model->relaxed == model) {
        return CODE_PASS;
    }
    char what[60];
    char names[120];
    char why[400];
    list_relaxed(names, sizeof(names));
    (void)snprintf(what, sizeof(what),
                   is_asked ? "--relax %" PRIu32 : "\"relax\": %" PRIu32,
                   relax);
    (void)snprintf(
        why, sizeof(why), "model %s is never out of order (%s may be)%s%s%s",
        model->name, names, model->relaxed == NULL ? "" : "; say --model ",
        model->relaxed == NULL ? "" : model->relaxed->name,
        model->relaxed == NULL ? "; leave it out"
                               : ", or --criterion k_relaxed");
    return refuse(path, header, what, why);
}

enum code criteria_apply(const struct criteria *criteria, const char *path,
                         const struct fl_history *h,
                         const struct fl_header *header,
                         struct fl_options *options)
{
    assert(h != NULL && h->model != NULL);
    enum code code = criteria_test_relax(criteria, path, h->model, header);
    if (code != CODE_PASS) {
        return code;
    }
    int criterion =
        criteria->criterion >= 0 ? criteria->criterion : header->criterion;
    options->criterion = criterion < 0 || criteria->relaxed
                             ? FL_LINEARIZABLE
                             : (enum fl_criterion)criterion;
    options->capacity = header->capacity;
    options->relax = criteria->relax != 0 ? criteria->relax : header->relax;
    take_loss(criteria, header, options);
    if (options->loss_timed && h->times == NULL) {
        return refuse(path, header, "max_loss in time",
                      "the history does not say what its stamps are worth (a "
                      "header has \"unit\": \"ms\"); use a number of ops");
    }
    if (criteria->relaxed) {
        return test_relaxed(path, h, header);
    }
    if (criteria->criterion < 0) {
        return CODE_PASS; /* whoever wrote the header knew */
    }
    bool crashes = false;
    for (uint32_t e = 0; e < h->events_count; e++) {
        crashes = crashes || h->events[e].kind == FL_EVENT_CRASH ||
                  h->events[e].kind == FL_EVENT_CRASH_ALL;
    }
    char why[FL_UNSUITED_MAX];
    /* Without a crash all of them are linearizability, and say so. */
    if (crashes && !fl_criterion_suits(h, options->criterion, why)) {
        char what[60];
        (void)snprintf(what, sizeof(what), "--criterion %s",
                       fl_criterion_name(options->criterion));
        return refuse(path, header, what, why);
    }
    return CODE_PASS;
}
