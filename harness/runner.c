/*
 * Making a runner: a scenario's names meet the algorithm's descriptor.
 *
 * All errors are found before any is fatal, each at its place in the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/runner.h"

#include "checker/model.h"
#include "harness/alone.h"
#include "harness/bind.h"
#include "harness/need.h"
#include "harness/rules.h"
#include "harness/signals.h"
#include "harness/sim/await.h"
#include "harness/sim/fiber.h"
#include "harness/sim/heap.h"
#include "harness/sim/journal.h"
#include "harness/sim/lull.h"
#include "harness/sim/memory.h"
#include "harness/sim/net.h"
#include "harness/sim/schedule/list.h"
#include "harness/sim/sync.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    REGIONS = 16, /* worlds in one program */
};

#define REGION_APART ((uintptr_t)1 << 36)

/* "T0" for threads, "P0" for processes, "replica1", "client1" for nodes. */
static void name_lanes(struct runner *r)
{
    /* A program makes threads beyond its clients. */
    bool threads = r->algorithm->kind == FL_THREADS;
    for (uint32_t i = 0; i < (threads ? FIBERS_MAX : r->lanes); i++) {
        char *name = r->names_text[i];
        size_t max = sizeof(r->names_text[i]);
        if (threads) {
            snprintf(name, max, "T%u", i);
        } else if (r->algorithm->kind == FL_PROCESSES) {
            snprintf(name, max, "P%u", i);
        } else if (i < r->replicas) {
            snprintf(name, max, "replica%u", i + 1);
        } else {
            snprintf(name, max, "client%u", i - r->replicas + 1);
        }
        r->names[i] = name;
    }
}

/* The region that simulated processes share, at a fixed address; at another
 * one if there is a second world beside another. */
static void map_shared(struct runner *r)
{
    size_t size = r->algorithm->shared_size;
    if (size == 0) {
        return;
    }
    r->shared = MAP_FAILED;
    for (uintptr_t i = 0; i < REGIONS && r->shared == MAP_FAILED; i++) {
        void *base = (void *)(0x210000000000 + i * REGION_APART);
        r->shared =
            mmap(base, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    }
    if (r->shared == MAP_FAILED) {
        perror("faultline: no address space for the shared region");
        exit(70);
    }
}

static uint64_t recover_within(const struct scenario *s)
{
    for (uint32_t i = 0; i < s->check.also_count; i++) {
        if (strcmp(s->check.also[i].name, "lock_recovers") == 0) {
            return s->check.also[i].within_ns;
        }
    }
    return FOREVER;
}

static void make_rooms(struct runner *r)
{
    struct world *w = &r->world;
    const struct scenario *s = r->scenario;
    size_t stack = s->system.stack_size;
    stack = stack < STACK_SIZE_MIN ? 65536 : stack;
    stack = stack > STACK_SIZE_MAX ? STACK_SIZE_MAX : stack;
    w->scenario = s;
    w->recover_within = recover_within(s);
    w->plugin = r->plugin;
    w->silent_stores = plugin_is_mixed(r->plugin);
    w->runner = r;
    w->heap = heap_new();
    w->sync = sync_new();
    w->stacks = stacks_new((stack + STACK_UNIT - 1) / STACK_UNIT * STACK_UNIT,
                           plugin_sets_modes(r->plugin));
    w->log = journal_new();
    w->lull = lull_new();
    if (r->algorithm->kind == FL_NETWORK) {
        w->net = net_new(s, r->lanes, r->replicas, r->names);
    }
    struct rules_setting setting = {.scenario = s,
                                    .threads = r->lanes,
                                    .replicas = r->replicas,
                                    .names = r->names};
    w->rules = rules_new(&setting);
    w->history = r->history;
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        assert(i < STRATEGIES_MAX);
        size_t size = strategies[i]->size;
        r->states[i] = need(calloc(1, size == 0 ? 1 : size), "the runner");
    }
    r->verdicts = verdicts_new();
    r->trace = trace_new();
}

static void make_history(struct runner *r, const struct fl_model *model)
{
    const struct workload_section *w = &r->scenario->workload;
    uint32_t operations = w->setup.count + 64;
    for (uint32_t c = 0; c < r->clients; c++) {
        operations +=
            c < w->program_count ? w->program[c].count : w->ops_per_client;
    }
    /* A crash is an event if it cuts off an operation, and so is what its
     * client is told of it, so for each there is room for both: without one, a
     * history would promise less, or break its promise. */
    r->history =
        need(fl_history_new(model, operations, 2 * operations + RECOVERIES_MAX),
             "the runner");
    if (r->options.loss_timed && !fl_history_clock(r->history)) {
        need(NULL, "the runner");
    }
}

struct runner *runner_new_plain(const struct scenario *scenario,
                                const char *variant, FILE *errors)
{
    struct binding names;
    if (!bind_scenario(scenario, variant, &names, errors)) {
        return NULL;
    }
    if (leftover_resolve(scenario, names.model, errors) > 0) {
        plugin_free(names.plugin);
        return NULL;
    }
    struct runner *r = need(calloc(1, sizeof(*r)), "the runner");
    r->scenario = scenario;
    r->plugin = names.plugin;
    r->algorithm = plugin_algorithm(names.plugin, 0);
    r->variant = names.variant;
    r->subject = names.subject;
    memcpy(r->params, names.params, sizeof(r->params));
    r->options = names.options;
    r->clients = names.clients;
    r->replicas = names.replicas;
    r->lanes = r->clients + r->replicas;
    r->exclusive = names.exclusive;
    name_lanes(r);
    make_history(r, names.model);
    map_shared(r);
    make_rooms(r);
    work_prepare(r);
    signals_install();
    leftover_prepare(r);
    r->itself = names.itself;
    return r;
}

struct runner *runner_new(const struct scenario *scenario, const char *variant,
                          FILE *errors)
{
    struct runner *r = runner_new_plain(scenario, variant, errors);
    if (r == NULL || !r->itself) {
        return r;
    }
    r->alone = alone_new(scenario, variant, r->history->max, errors);
    if (r->alone == NULL) {
        runner_free(r);
        return NULL;
    }
    r->history->model = alone_model(r->alone);
    return r;
}

void runner_free(struct runner *r)
{
    if (r == NULL) {
        return;
    }
    struct world *w = &r->world;
    alone_free(r->alone);
    if (r->shared != NULL) {
        munmap(r->shared, r->algorithm->shared_size);
    }
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (strategies[i]->release != NULL) {
            strategies[i]->release(r->states[i]);
        }
        free(r->states[i]);
    }
    if (r->pruned != NULL) {
        strategy_pruned.release(r->pruned);
        free(r->pruned);
    }
    verdicts_free(r->verdicts);
    trace_free(r->trace);
    work_release(&r->drawn);
    work_release(&r->setup);
    fl_history_free(r->history);
    rules_free(w->rules);
    net_free(w->net);
    journal_free(w->log);
    lull_free(w->lull);
    stacks_free(w->stacks);
    sync_free(w->sync);
    heap_free(w->heap);
    memory_free(w->weak);
    await_free(w->awaits_room);
    choice_release(&w->choice);
    plugin_free(r->plugin);
    if (world == w) {
        world = NULL;
    }
    free(r);
}

const struct run_log *runner_log(const struct runner *r)
{
    return r->world.log;
}

bool runner_tells_weak(const struct runner *runner)
{
    return plugin_tells_weak(runner->plugin);
}

const struct fl_algorithm *runner_algorithm(const struct runner *r)
{
    return r->algorithm;
}

const struct fl_model *runner_model(const struct runner *r)
{
    return r->history->model;
}

bool runner_may(const struct runner *r, uint32_t client, uint32_t fn)
{
    const struct object *object = plugin_object(r->plugin, 0);
    if (object != NULL && !object_may(object, client, fn)) {
        return false;
    }
    return r->algorithm->cast == NULL ||
           r->algorithm->cast(client, r->clients, fn) == fn;
}

uint64_t runner_subject(const struct runner *r)
{
    return r->subject;
}

uint32_t runner_variant(const struct runner *r)
{
    return r->variant;
}

uint64_t runner_fired(const struct runner *r, uint32_t rule)
{
    return rules_fired(r->world.rules, rule);
}

uint64_t runner_reached(const struct runner *r, uint32_t point)
{
    return point < NAMES_MAX ? r->reached[point] : 0;
}

uintptr_t runner_waits_plainly(const struct runner *r)
{
    return r->world.rounds.waited_pc;
}

uint64_t runner_untried(const struct runner *r)
{
    struct memory_limits limits = memory_limits(&r->world);
    return (limits.evictions > 0 ? UNTRIED_STORES : 0) |
           (limits.crowded > 0 ? UNTRIED_LOCATIONS : 0) |
           (lull_in_step(&r->world) ? UNTRIED_STEPS : 0);
}

const struct fl_options *runner_options(const struct runner *r)
{
    return &r->options;
}
