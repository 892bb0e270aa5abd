/*
 * Edits of a trace.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/shrink_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RENAMES_MAX = 256 /* distinct values; more than that are left alone */
};

uint32_t edit_operations(const struct workload *workload)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < workload->clients; c++) {
        count += workload->plans[c].count;
    }
    return count;
}

static void drop_struck(struct trace *trace, uint32_t thread, uint32_t from,
                        uint32_t to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trace->occurrences_count; i++) {
        struct occurrence o = trace->occurrences[i];
        bool own = o.site.thread == thread;
        if (own && o.site.operation >= from && o.site.operation < to) {
            continue;
        }
        if (own && o.site.operation >= to && o.site.operation != UINT32_MAX) {
            o.site.operation -= to - from;
        }
        trace->occurrences[kept++] = o;
    }
    trace->occurrences_count = kept;
}

void edit_drop_calls(struct trace *trace, uint32_t client, uint32_t from,
                     uint32_t to, uint32_t shift)
{
    assert(client < trace->workload.clients);
    struct plan *plan = &trace->workload.plans[client];
    assert(from < to && to <= plan->count);
    size_t behind = plan->count - to;
    memmove(&plan->calls[from], &plan->calls[to],
            behind * sizeof(plan->calls[0]));
    if (plan->think != NULL) {
        memmove(&plan->think[from], &plan->think[to],
                behind * sizeof(plan->think[0]));
    }
    plan->count -= to - from;
    drop_struck(trace, shift + client, from, to);
}

void edit_drop_occurrences(struct trace *trace, uint32_t from, uint32_t to)
{
    assert(from <= to && to <= trace->occurrences_count);
    memmove(&trace->occurrences[from], &trace->occurrences[to],
            (trace->occurrences_count - to) * sizeof(trace->occurrences[0]));
    trace->occurrences_count -= to - from;
}

void edit_drop_switches(struct trace *trace, uint32_t from, uint32_t to)
{
    assert(from <= to && to <= trace->switches_count);
    memmove(&trace->switches[from], &trace->switches[to],
            (trace->switches_count - to) * sizeof(trace->switches[0]));
    trace->switches_count -= to - from;
}

uint64_t edit_piece(const struct trace *trace, uint32_t which)
{
    assert(which < trace->switches_count);
    uint64_t from = which == 0 ? 0 : trace->switches[which - 1].step >> 1;
    return (trace->switches[which].step >> 1) - from;
}

void edit_hasten(struct trace *trace, uint32_t which, uint64_t steps)
{
    assert(steps < edit_piece(trace, which));
    for (uint32_t i = which; i < trace->switches_count; i++) {
        trace->switches[i].step -= steps << 1;
    }
}

void edit_drop_decisions(struct trace *trace, uint32_t from, uint32_t to)
{
    assert(from <= to && to <= trace->decisions_count);
    memmove(&trace->decisions[from], &trace->decisions[to],
            (trace->decisions_count - to) * sizeof(trace->decisions[0]));
    trace->decisions_count -= to - from;
}

uint32_t edit_stale(const struct trace *trace)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace->decisions_count; i++) {
        count += trace->decisions[i].stream == STREAM_STALE ? 1 : 0;
    }
    return count;
}

void edit_drop_stale(struct trace *trace)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < trace->decisions_count; i++) {
        if (trace->decisions[i].stream != STREAM_STALE) {
            trace->decisions[kept++] = trace->decisions[i];
        }
    }
    trace->decisions_count = kept;
}

static uint32_t swapped(uint32_t thread, uint32_t a, uint32_t b)
{
    if (thread == a) {
        return b;
    }
    return thread == b ? a : thread;
}

static uint64_t swapped_bits(uint64_t bits, uint32_t a, uint32_t b)
{
    uint64_t bit_a = bits >> a & 1;
    uint64_t bit_b = bits >> b & 1;
    bits &= ~((uint64_t)1 << a | (uint64_t)1 << b);
    return bits | bit_a << b | bit_b << a;
}

void edit_swap_clients(struct trace *trace, uint32_t a, uint32_t b,
                       uint32_t shift)
{
    struct workload *workload = &trace->workload;
    assert(a < workload->clients && b < workload->clients);
    struct plan plan = workload->plans[a];
    workload->plans[a] = workload->plans[b];
    workload->plans[b] = plan;
    a += shift;
    b += shift;
    assert(a < 64 && b < 64);
    for (uint32_t i = 0; i < trace->switches_count; i++) {
        struct thread_switch *s = &trace->switches[i];
        s->thread = swapped(s->thread, a, b);
    }
    for (uint32_t i = 0; i < trace->occurrences_count; i++) {
        struct occurrence *o = &trace->occurrences[i];
        o->site.thread = swapped(o->site.thread, a, b);
        o->site.to = swapped(o->site.to, a, b);
        o->action.targets = swapped_bits(o->action.targets, a, b);
    }
}

/* The greatest value that the set-up uses. */
static fl_value greatest_setup(const struct scenario *scenario)
{
    const struct script *setup = &scenario->workload.setup;
    fl_value greatest = 0;
    for (uint32_t i = 0; i < setup->count; i++) {
        for (uint32_t a = 0; a < setup->calls[i].args_count; a++) {
            if (setup->calls[i].args[a] > greatest) {
                greatest = setup->calls[i].args[a];
            }
        }
    }
    return greatest;
}

struct renames {
    fl_value first; /* the new name of from[0]; the others follow */
    uint32_t count;
    fl_value from[RENAMES_MAX];
};

/* The new name of `value`.  Values of the set-up, 0 and none stay. */
static fl_value rename_value(struct renames *renames, fl_value value)
{
    if (value == FL_NONE || (value >= 0 && value < renames->first)) {
        return value;
    }
    uint32_t i = 0;
    while (i < renames->count && renames->from[i] != value) {
        i++;
    }
    if (i == RENAMES_MAX) {
        return value;
    }
    if (i == renames->count) {
        renames->from[i] = value;
        renames->count++;
    }
    return renames->first + (fl_value)i;
}

/* Renames what one call carries; whether that changed anything. */
static bool rename_call(struct renames *renames, struct fl_call *call,
                        const struct fl_model *model)
{
    assert(call->fn < model->types_count);
    bool changed = false;
    for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
        if (model->types[call->fn].args[a] == FL_KIND_INT) {
            fl_value name = rename_value(renames, call->args[a]);
            changed = changed || name != call->args[a];
            call->args[a] = name;
        }
    }
    return changed;
}

bool edit_rename_values(struct trace *trace, const struct scenario *scenario,
                        const struct fl_model *model)
{
    assert(model != NULL);
    struct renames *renames = calloc(1, sizeof(*renames));
    if (renames == NULL) {
        return false;
    }
    renames->first = greatest_setup(scenario) + 1;
    bool changed = false;
    for (uint32_t c = 0; c < trace->workload.clients; c++) {
        struct plan *plan = &trace->workload.plans[c];
        for (uint32_t i = 0; i < plan->count; i++) {
            bool now = rename_call(renames, &plan->calls[i], model);
            changed = changed || now;
        }
    }
    free(renames);
    return changed;
}

bool edit_drop_thinking(struct trace *trace)
{
    bool changed = false;
    for (uint32_t c = 0; c < trace->workload.clients; c++) {
        struct plan *plan = &trace->workload.plans[c];
        for (uint32_t i = 0; plan->think != NULL && i < plan->count; i++) {
            changed = changed || plan->think[i] != 0;
            plan->think[i] = 0;
        }
    }
    return changed;
}
