/*
 * Clients: fibers that perform the operations of the workload.
 *
 * The call is recorded at a point of its own, before anything of the operation
 * runs, and the return when everything has run; so the history orders two
 * operations only if one really returned before the other was called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/runner.h"

#include "checker/model.h"
#include "checker/operations.h"
#include "harness/object.h"
#include "harness/rules.h"
#include "harness/sim/fate.h"
#include "harness/sim/fiber.h"
#include "harness/sim/memory.h"
#include "harness/sim/net.h"
#include "harness/sim/process.h"
#include "harness/sim/progress.h"
#include "harness/sim/recovery.h"
#include "harness/sim/seen.h"
#include "harness/sim/sync.h"

#include <assert.h>
#include <string.h>

/* The copy of the plug-in that a fiber runs. */
static uint32_t copy_of(const struct runner *r, const struct fiber *f)
{
    return r->algorithm->kind == FL_PROCESSES ? f->process : 0;
}

static void log_edge(struct runner *r, enum fl_step_kind kind, uint32_t fn)
{
    if (!r->world.recording) {
        return;
    }
    /* One byte into the function, so that looking up "the call before the
     * return address" finds the function itself. */
    uintptr_t pc;
    const struct object *object = plugin_object(r->plugin, 0);
    const struct fl_object_operation *own =
        object == NULL ? NULL : object_operation(object, fn);
    if (own != NULL) {
        memcpy(&pc, &own->call, sizeof(pc));
    } else {
        memcpy(&pc, &r->algorithm->perform, sizeof(pc));
    }
    world_log(&r->world, kind, pc + 1);
}

/* Records the result of the operation in hand. */
static void finish_call(struct runner *r, struct fiber *f, fl_value result)
{
    struct world *w = &r->world;
    progress_returned(w);
    /* Whoever calls after this return knows of it, as the history has it; but
     * between what it did last and the return others may come. */
    if (w->memory != NULL) {
        /* That point is the model's, and no step of the operation. */
        f->operation_start = world_own_step(w);
        if (w->steps_bound > 0) {
            world_reconsider_alarm(w);
        }
        world_point(w, FL_STEP_RETURN, NULL);
        memory_release(w, r->history, PART_WHOLE);
    }
    uint32_t ticket = f->ticket;
    if (result == FL_TIMEOUT) {
        /* Nobody knows what came of it: it stays open, and since a client has
         * one operation at a time, the next is called by a new one. */
        r->ids[f->client] = r->ids_used++;
    } else {
        log_edge(r, FL_STEP_RETURN, r->history->operations[ticket].fn);
        r->history->now = w->now;
        fl_history_return(r->history, ticket, result);
        w->done.returned = true;
        world_digest(w, (uint64_t)result ^ (uint64_t)ticket << 48);
    }
    f->ticket = FL_OPEN;
    r->cut[f->client] = 0;
    recovery_returned(w);
    if (w->sites != 0) {
        fate_performed(w);
        f->alarm = rules_alarm(w->rules, f->process_target);
        world_reconsider_alarm(w);
    }
}

/* The places of faults are numbered by operation and own step, and only rise:
 * what precedes the first operation counts with it, and a life that begins
 * anew goes on where the one before was cut off. */
static void begin_place(struct fiber *f, uint32_t operation, uint64_t own)
{
    if (operation != f->operation) {
        assert(operation > f->operation);
        f->operation = operation;
        f->place_start = own;
    }
}

static void perform_one(struct runner *r, struct fiber *f,
                        const struct fl_algorithm *algorithm, void *self,
                        const struct fl_call *call)
{
    struct world *w = &r->world;
    struct fl_call numbered = *call;
    begin_place(f, r->next[f->client]++, world_own_step(w));
    numbered.number = r->next[f->client];
    f->operation_start = world_own_step(w);
    f->operation_time = w->now;
    world_point(w, FL_STEP_CALL, NULL);
    world_effect(w, NULL);
    w->done.called = true;
    memory_acquire(w, r->history, PART_WHOLE);
    f->operation_time = w->now;
    r->history->now = w->now;
    f->ticket = fl_history_call(r->history, r->ids[f->client], call->fn,
                                call->key, call->args);
    r->cut[f->client] = numbered.number;
    log_edge(r, FL_STEP_CALL, call->fn);
    recovery_called(w);
    progress_called(w);
    fl_value result = algorithm->perform(self, f->client, &numbered);
    finish_call(r, f, result);
    leftover_returned(&r->leftover, f->client, &numbered, result);
}

/* The last one asks what is left, and who is killed meanwhile asks again. */
static void ask_leftover(struct runner *r, struct fiber *f,
                         const struct fl_algorithm *algorithm, void *self)
{
    const struct fl_call call = {
        .fn = FL_QUOTA_USAGE, .key = FL_NONE, .args = {FL_NONE, FL_NONE}};
    perform_one(r, f, algorithm, self, &call);
    r->leftover.known = true;
}

/* A client that came back asks what became of the operation that was cut off.
 * It asks again whenever it comes back, until it calls the next. */
static void ask_fate(struct runner *r, struct fiber *f,
                     const struct fl_algorithm *algorithm, void *self)
{
    struct world *w = &r->world;
    uint32_t number = r->cut[f->client];
    const struct plan *plan = &r->workload->plans[f->client];
    if (number == 0 || number > plan->count || algorithm->resolve == NULL) {
        return;
    }
    struct fl_call call = plan->calls[number - 1];
    call.number = number;
    fl_value result = FL_NONE;
    enum fl_resolved resolved =
        algorithm->resolve(self, f->client, &call, &result);
    struct fl_history *h = r->history;
    if (w->memory != NULL) {
        world_point(w, FL_STEP_POINT, NULL); /* others may come between */
        memory_release(w, h, PART_WHOLE);
    }
    bool again = r->told[f->client] == number;
    if (!again && resolved == FL_RESOLVED_DONE) {
        leftover_returned(&r->leftover, f->client, &call, result);
    }
    if (again && h->events_count >= RECOVERIES_MAX) {
        return; /* once is all that is needed */
    }
    r->told[f->client] = number;
    h->now = w->now;
    fl_history_event(h, FL_EVENT_RESOLVE, r->ids[f->client]);
    struct fl_event *told = &h->events[h->events_count - 1];
    told->resolved = resolved;
    told->result = resolved == FL_RESOLVED_DONE ? result : FL_NONE;
    w->done.returned = true; /* what is called later comes after it */
    world_digest(w, (uint64_t)told->result ^ (uint64_t)resolved << 62);
}

/* The life of a client. */
static void live(void *argument)
{
    struct runner *r = argument;
    struct world *w = &r->world;
    struct fiber *f = w->current;
    uint32_t copy = copy_of(r, f);
    const struct fl_algorithm *algorithm = plugin_algorithm(r->plugin, copy);
    void *self = r->self[copy];
    if (algorithm->enter != NULL) {
        algorithm->enter(self, f->client);
    }
    ask_fate(r, f, algorithm, self);
    const struct plan *plan = &r->workload->plans[f->client];
    while (r->next[f->client] < plan->count) {
        uint32_t i = r->next[f->client];
        if (plan->think != NULL && plan->think[i] > 0) {
            world_wait(w, NULL, "think time", NO_FIBER,
                       w->now + plan->think[i]);
        }
        perform_one(r, f, algorithm, self, &plan->calls[i]);
    }
    if (leftover_is_due(r)) {
        ask_leftover(r, f, algorithm, self);
    }
    if (algorithm->leave != NULL) {
        algorithm->leave(self, f->client);
    }
    if (r->scenario->system.source.files.count > 0) {
        sync_stop(w);
    } else {
        sync_leave(w);
    }
    world_client_done(w);
}

static void *build(struct runner *r, uint32_t copy)
{
    const struct fl_algorithm *algorithm = plugin_algorithm(r->plugin, copy);
    struct fl_setup setup = {.variant = r->variant,
                             .clients = r->clients,
                             .nodes = r->replicas,
                             .params = r->params,
                             .shared = r->shared,
                             .shared_size = r->algorithm->shared_size};
    process_acts(copy);
    return algorithm->create(&setup);
}

bool client_create(struct runner *r)
{
    uint32_t copies = r->algorithm->kind == FL_PROCESSES ? r->clients : 1;
    for (uint32_t i = 0; i < copies; i++) {
        r->self[i] = build(r, i);
        if (r->self[i] == NULL) {
            return false;
        }
    }
    return true;
}

void client_setup(struct runner *r)
{
    const struct plan *plan = &r->setup.plans[0];
    struct fl_history *h = r->history;
    for (uint32_t i = 0; i < plan->count && !r->world.ended; i++) {
        const struct fl_call *call = &plan->calls[i];
        uint32_t ticket =
            fl_history_call(h, r->clients, call->fn, call->key, call->args);
        fl_value result = r->algorithm->perform(r->self[0], 0, call);
        fl_history_return(h, ticket, result);
        leftover_returned(&r->leftover, UINT32_MAX, call, result);
    }
}

/* The life of a replica. */
static void serve(void *argument)
{
    struct runner *r = argument;
    r->algorithm->serve(r->self[0], r->world.current->id);
}

/* A process that came back builds its own object first, with its own steps. */
static void live_again(void *argument)
{
    struct runner *r = argument;
    struct fiber *f = r->world.current;
    r->self[f->process] = build(r, f->process);
    if (r->self[f->process] == NULL) {
        world_client_done(&r->world);
        return;
    }
    live(argument);
}

void client_start(struct runner *r)
{
    struct world *w = &r->world;
    bool threads = r->algorithm->kind == FL_THREADS;
    for (uint32_t i = 0; i < r->lanes; i++) {
        bool client = i >= r->replicas;
        uint32_t id = world_spawn(w, threads ? 0 : i, client ? live : serve, r);
        assert(id == i);
        w->fibers[id].client = client ? i - r->replicas : UINT32_MAX;
        w->fibers[id].process_target = i;
        w->fibers[id].alarm = rules_alarm(w->rules, i);
    }
    w->clients_left = r->clients;
    memory_start(w);
}

void world_restart(struct world *w, uint32_t process)
{
    struct runner *r = w->runner;
    assert(process < r->lanes);
    struct fiber *f = &w->fibers[process];
    assert(f->state == FIBER_CRASHED);
    uint32_t client = f->client;
    uint64_t steps = f->steps;
    uint32_t operation = f->operation;
    uint64_t place_start = f->place_start;
    uint64_t swaps = f->weak_swaps;
    if (w->net != NULL) {
        net_restart(w, process);
    } else {
        plugin_restore_copy(r->plugin, process);
        process_restarted(process);
    }
    rules_down(w->rules, process, false);
    *f = (struct fiber){.id = process,
                        .process = process,
                        .process_target = process,
                        .client = client,
                        .state = FIBER_READY,
                        .steps = steps,
                        .operation = operation,
                        .place_start = place_start,
                        .weak_swaps = swaps,
                        .resumed = w->step,
                        .argument = r,
                        .wait_owner = NO_FIBER,
                        .deadline = FOREVER,
                        .ticket = FL_OPEN};
    f->entry = client == UINT32_MAX ? serve
               : w->net != NULL     ? live
                                    : live_again;
    f->alarm = rules_alarm(w->rules, process);
    fiber_make(w->stacks, f, w->fill);
    if (client != UINT32_MAX && r->history->events_count < RECOVERIES_MAX) {
        r->history->now = w->now;
        fl_history_event(r->history, FL_EVENT_RECOVER, r->ids[client]);
    }
    w->enabled |= (uint64_t)1 << process;
    world_reconsider(w);
}
