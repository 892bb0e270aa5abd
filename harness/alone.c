/*
 * Sequences of operations in a world of their own.
 *
 * Operation number p is called when p seconds of virtual time have passed; an
 * operation takes microseconds of it, so each is over before the next begins,
 * by whatever thread.
 *
 *     T0   |--think 1 s--|op 0|---------- think 2 s ----------|op 2|
 *     T1   |--------- think 2 s ---------|op 1|
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/alone.h"

#include "checker/itself.h"
#include "harness/need.h"
#include "harness/run.h"
#include "harness/runner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Virtual time of one operation: far more than it takes. */
#define SLOT_NS UINT64_C(1000000000)

struct alone {
    struct scenario scenario; /* a copy, without all that disturbs */
    struct runner *runner;
    struct fl_itself *itself;
    struct workload workload; /* plans with room for all operations */
    uint32_t operations;      /* so many */
    uint32_t clients;
};

/* Leaves of the scenario only the object. */
static void keep_object(struct scenario *s)
{
    s->check.model = NULL;
    s->check.also_count = 0;
    s->check.steps_bound = 0;
    s->check.memory_bound_set = false;
    s->rules_count = 0;
    s->liveness.set = false;
    s->system.reuse = REUSE_NEVER;
    s->system.leaks = false;
    s->workload.setup.count = 0; /* it is part of each history */
    s->workload.think.set = false;
    s->workload.program_count = 0;
    s->run.sim_time_ns = 0;
    /* One thread until it waits: no switch within an operation. */
    s->schedule = (struct schedule_section){.depth = 1};
    s->schedule.strategy.count = 1;
    s->schedule.strategy.name[0] = "pct";
}

static void make_plans(struct alone *a)
{
    a->workload.clients = a->clients;
    for (uint32_t c = 0; c < a->clients; c++) {
        struct plan *plan = &a->workload.plans[c];
        plan->max = a->operations;
        plan->calls =
            need(calloc(a->operations, sizeof(*plan->calls)), "the object");
        plan->think =
            need(calloc(a->operations, sizeof(*plan->think)), "the object");
    }
}

/* Gives each client its calls, and the time until each. */
static void fill_plans(struct alone *a, const struct fl_itself_call *calls,
                       uint32_t count)
{
    uint32_t last[FIBERS_MAX] = {0}; /* slot of each client's last, from 1 */
    for (uint32_t c = 0; c < a->clients; c++) {
        a->workload.plans[c].count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        /* Whoever made the set-up is no client: the first stands in. */
        uint32_t client = calls[i].client < a->clients ? calls[i].client : 0;
        struct plan *plan = &a->workload.plans[client];
        assert(plan->count < plan->max);
        struct fl_call *call = &plan->calls[plan->count];
        call->fn = calls[i].fn;
        call->key = calls[i].key;
        memcpy(call->args, calls[i].args, sizeof(call->args));
        plan->think[plan->count] = (i + 1 - last[client]) * SLOT_NS;
        last[client] = i + 1;
        plan->count++;
    }
}

/* What a run says of its last operation, which did not return. */
static enum fl_itself_end judge_end(enum run_end end)
{
    switch (end) {
    case RUN_FINISHED:
    case RUN_STEP_LIMIT:
    case RUN_TIME_LIMIT:
    case RUN_STUCK:
    case RUN_OUTSIDE:
    case RUN_BEYOND:
    case RUN_DEADLOCK:
    case RUN_LIVELOCK:
    case RUN_BLOCKED:
    case RUN_NOT_RECOVERED:
        return FL_ITSELF_WAITS;
    case RUN_NOT_LINEARIZABLE:
    case RUN_UNDECIDED:
    case RUN_NOT_EXCLUSIVE:
    case RUN_CRASHED:
    case RUN_ABORTED:
    case RUN_ASSERTION:
    case RUN_STACK_OVERFLOW:
    case RUN_USE_AFTER_FREE:
    case RUN_OUT_OF_BOUNDS:
    case RUN_DOUBLE_FREE:
    case RUN_INVALID_FREE:
    case RUN_UNINITIALISED:
    case RUN_LEAK:
    case RUN_MISUSE:
    case RUN_INVARIANT:
    case RUN_MEMORY_BOUND:
    case RUN_RACE:
    case RUN_STEPS_BOUND:
    case RUN_STARVED:
    case RUN_DIVERGED:
    case RUN_CUT:
    case RUN_ENDS:
        break;
    }
    return FL_ITSELF_BROKE;
}

static enum fl_itself_end perform(void *context,
                                  const struct fl_itself_call *calls,
                                  uint32_t count, fl_value *answer)
{
    struct alone *a = context;
    assert(count > 0 && count <= a->operations);
    fill_plans(a, calls, count);
    struct run_request request = {.mode = RUN_EXPLORE,
                                  .workload = &a->workload};
    struct run_outcome outcome;
    struct world *judged = world; /* whose history asks */
    runner_run(a->runner, &request, &outcome);
    world = judged;
    const struct fl_history *h = outcome.history;
    if (h->count < count || h->operations[count - 1].ret == FL_OPEN) {
        return judge_end(outcome.end);
    }
    assert(h->operations[count - 1].fn == calls[count - 1].fn);
    *answer = h->operations[count - 1].result;
    return FL_ITSELF_ANSWERED;
}

struct alone *alone_new(const struct scenario *scenario, const char *variant,
                        uint32_t operations, FILE *errors)
{
    assert(scenario != NULL && operations > 0);
    struct alone *a = need(calloc(1, sizeof(*a)), "the object alone");
    a->scenario = *scenario;
    a->operations = operations;
    keep_object(&a->scenario);
    a->scenario.workload.ops_per_client = operations; /* room for all */
    a->runner = runner_new_plain(&a->scenario, variant, errors);
    if (a->runner == NULL) {
        free(a);
        return NULL;
    }
    runner_set_unchecked(a->runner, true);
    a->clients = a->runner->clients;
    make_plans(a);
    const struct fl_model *model = runner_model(a->runner);
    struct fl_itself_object object = {.context = a, .perform = perform};
    a->itself =
        need(fl_itself_new("itself", model->types, model->types_count, &object),
             "the object alone");
    return a;
}

void alone_free(struct alone *a)
{
    if (a == NULL) {
        return;
    }
    fl_itself_free(a->itself);
    runner_free(a->runner);
    work_release(&a->workload);
    free(a);
}

const struct fl_model *alone_model(const struct alone *a)
{
    return fl_itself_model(a->itself);
}

void alone_trim(struct alone *a)
{
    fl_itself_trim(a->itself);
}

bool alone_broke(const struct alone *a, char *text, size_t max)
{
    return fl_itself_broke(a->itself, text, max);
}
