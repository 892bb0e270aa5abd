/*
 * The workload: which operations, by whom, with which arguments.
 *
 * Drawn from STREAM_WORKLOAD at the start of a run, or fixed by the scenario's
 * `program`.  A unique value is never given twice in a run, so that a history
 * tells which operation a value came from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/runner.h"

#include "checker/model.h"
#include "harness/need.h"
#include "harness/object.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALL_VALUES = 4
};

static void plan_room(struct plan *plan, uint32_t max)
{
    plan->max = max;
    plan->count = 0;
    plan->calls =
        need(calloc(max == 0 ? 1 : max, sizeof(*plan->calls)), "the workload");
    plan->think =
        need(calloc(max == 0 ? 1 : max, sizeof(*plan->think)), "the workload");
}

static void take_script(struct plan *plan, const struct script *script,
                        const struct fl_model *model)
{
    plan_room(plan, script->count);
    for (uint32_t i = 0; i < script->count; i++) {
        const struct script_call *from = &script->calls[i];
        int fn = fl_model_fn(model, from->name);
        assert(fn >= 0); /* resolved when the runner was made */
        struct fl_call *to = &plan->calls[plan->count++];
        *to = (struct fl_call){.fn = (uint32_t)fn, .key = FL_NONE};
        for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
            to->args[a] = a < from->args_count ? from->args[a] : FL_NONE;
        }
    }
}

void work_prepare(struct runner *r)
{
    const struct workload_section *w = &r->scenario->workload;
    const struct fl_model *model = r->history->model;
    r->drawn.clients = r->clients;
    for (uint32_t c = 0; c < r->clients; c++) {
        if (c < w->program_count) {
            take_script(&r->drawn.plans[c], &w->program[c], model);
        } else {
            plan_room(&r->drawn.plans[c],
                      w->program_count > 0 ? 0 : w->ops_per_client);
        }
    }
    r->setup.clients = 1;
    take_script(&r->setup.plans[0], &w->setup, model);
}

void work_release(struct workload *workload)
{
    for (uint32_t c = 0; c < workload->clients; c++) {
        free(workload->plans[c].calls);
        free(workload->plans[c].think);
    }
    workload->clients = 0;
}

void work_copy(struct workload *to, const struct workload *from)
{
    to->clients = from->clients;
    for (uint32_t c = 0; c < from->clients; c++) {
        const struct plan *p = &from->plans[c];
        plan_room(&to->plans[c], p->count);
        to->plans[c].count = p->count;
        if (p->count > 0) {
            memcpy(to->plans[c].calls, p->calls, p->count * sizeof(*p->calls));
        }
        if (p->think != NULL && p->count > 0) {
            memcpy(to->plans[c].think, p->think, p->count * sizeof(*p->think));
        }
    }
}

/* One of the operation types, by weight. */
static uint32_t draw_fn(struct runner *r)
{
    const struct workload_section *w = &r->scenario->workload;
    const struct fl_algorithm *a = r->algorithm;
    struct choice *choice = &r->world.choice;
    bool own = w->mix_count == 0;
    uint32_t count = own ? a->mix_count : w->mix_count;
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += own ? a->mix[i].weight : w->mix[i].weight;
    }
    assert(total > 0);
    uint32_t at = choice_below(choice, STREAM_WORKLOAD, total);
    uint32_t i = 0;
    for (;; i++) {
        uint32_t weight = own ? a->mix[i].weight : w->mix[i].weight;
        if (at < weight) {
            break;
        }
        at -= weight;
    }
    if (own) {
        return a->mix[i].fn;
    }
    int fn = fl_model_fn(r->history->model, w->mix[i].name);
    assert(fn >= 0);
    return (uint32_t)fn;
}

static fl_value draw_value(struct runner *r, fl_value *unique)
{
    const struct workload_section *w = &r->scenario->workload;
    struct choice *choice = &r->world.choice;
    if (w->amount.set) {
        return quantity_draw(&w->amount, choice, STREAM_WORKLOAD);
    }
    if (w->values == VALUES_SMALL) {
        return choice_below(choice, STREAM_WORKLOAD, SMALL_VALUES);
    }
    return ++*unique;
}

static void draw_call(struct runner *r, uint32_t client, struct fl_call *call,
                      fl_value *unique)
{
    const struct fl_model *model = r->history->model;
    struct choice *choice = &r->world.choice;
    call->fn = draw_fn(r);
    const struct object *object = plugin_object(r->plugin, 0);
    if (object != NULL) {
        call->fn = object_cast(object, client, call->fn);
    }
    if (r->algorithm->cast != NULL) {
        call->fn = r->algorithm->cast(client, r->clients, call->fn);
    }
    assert(call->fn < model->types_count);
    uint32_t keys = r->scenario->workload.keys;
    call->key =
        keys > 1 ? choice_below(choice, STREAM_WORKLOAD, keys) : FL_NONE;
    for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
        call->args[a] = model->types[call->fn].args[a] == FL_KIND_VOID
                            ? FL_NONE
                            : draw_value(r, unique);
    }
}

void work_draw(struct runner *r)
{
    const struct workload_section *w = &r->scenario->workload;
    r->workload = &r->drawn;
    fl_value unique = 0;
    for (uint32_t i = 0; i < r->setup.plans[0].count; i++) {
        for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
            fl_value v = r->setup.plans[0].calls[i].args[a];
            unique = v != FL_NONE && v > unique ? v : unique;
        }
    }
    for (uint32_t c = 0; c < r->clients; c++) {
        struct plan *plan = &r->drawn.plans[c];
        if (w->program_count == 0) {
            plan->count = plan->max;
            for (uint32_t i = 0; i < plan->count; i++) {
                draw_call(r, c, &plan->calls[i], &unique);
            }
        }
        for (uint32_t i = 0; w->think.set && i < plan->count; i++) {
            int64_t ns =
                quantity_draw(&w->think, &r->world.choice, STREAM_WORKLOAD);
            plan->think[i] = ns > 0 ? (uint64_t)ns : 0;
        }
    }
}
