/*
 * What no table can say: which keys fit together, defaults, and what cannot
 * run here yet.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/reader.h"

#include <assert.h>
#include <string.h>

enum {
    STEPS_MAX = 20000,
    SEEDS_MAX = 1000,
    CHECKER_NODES = 5000000,
    CHECKER_BYTES = 1000000000,
    CHECKER_MS = 30000,
    NODES_MAX = 60,
    PAGE = 4096, /* a stack has whole pages */
};

#define SIM_TIME 60000000000 /* ns */

/* A key of `section` that only fits one kind of system. */
struct fitting {
    const char *section;
    const char *key;
    enum system_kind kind;
    const char *instead; /* what to write for the other kinds */
};

static const char *const kind_names[] = {"threads", "processes", "network",
                                         "ranks"};

static const struct fitting fittings[] = {
    {"system", "threads", SYSTEM_THREADS, "processes, nodes or ranks"},
    {"system", "processes", SYSTEM_PROCESSES, "threads, nodes or ranks"},
    {"system", "nodes", SYSTEM_NETWORK, "threads, processes or ranks"},
    {"system", "ranks", SYSTEM_RANKS, "threads, processes or nodes"},
    {"system", "hosts", SYSTEM_RANKS, "no hosts"},
    {"workload", "ops_per_thread", SYSTEM_THREADS, "ops_per_client"},
    {"workload", "ops_per_process", SYSTEM_PROCESSES, "ops_per_client"},
    {"workload", "clients", SYSTEM_NETWORK, "ops_per_client, mix, think"},
    {"workload", "iterations", SYSTEM_RANKS, "ops_per_client"},
    {"workload", "step_time", SYSTEM_RANKS, "think"},
};

static const struct node *find_in(const struct node *root, const char *section,
                                  const char *key)
{
    const struct node *node = node_find(root, section);
    if (node == NULL || node->kind != NODE_MAPPING) {
        return NULL;
    }
    return node_find(node, key);
}

static void check_fittings(struct reader *reader, const struct node *root)
{
    enum system_kind kind = reader->scenario->system.kind;
    assert(kind <= SYSTEM_RANKS);
    if (find_in(root, "system", "kind") == NULL) {
        return; /* said already */
    }
    for (size_t i = 0; i < sizeof(fittings) / sizeof(fittings[0]); i++) {
        const struct fitting *f = &fittings[i];
        const struct node *node = find_in(root, f->section, f->key);
        if (node != NULL && kind != f->kind) {
            complain(&reader->complaints, node->key_place,
                     "'%s' is for kind: %s, and this is kind: %s; write %s",
                     f->key, kind_names[f->kind], kind_names[kind], f->instead);
        }
    }
    const struct node *network = node_find(root, "network");
    if (network != NULL && kind != SYSTEM_NETWORK && kind != SYSTEM_RANKS) {
        complain(&reader->complaints, network->key_place,
                 "'network' is for kind: network, and this is kind: %s",
                 kind_names[kind]);
    }
}

/* Two names of one thing: the second one given is an error. */
static void check_twins(struct reader *reader, const struct node *root)
{
    static const char *const twins[][2] = {
        {"ops_per_thread", "ops_per_client"},
        {"ops_per_process", "ops_per_client"},
    };
    for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
        const struct node *a = find_in(root, "workload", twins[i][0]);
        const struct node *b = find_in(root, "workload", twins[i][1]);
        if (a != NULL && b != NULL) {
            complain(&reader->complaints, a->key_place,
                     "'%s' and '%s' say the same; write one of them",
                     twins[i][0], twins[i][1]);
        }
    }
    static const char *const own[][2] = {
        {"ops", "ops_per_client"}, {"mix", "mix"}, {"think", "think"}};
    const struct node *clients = find_in(root, "workload", "clients");
    if (clients == NULL || clients->kind != NODE_MAPPING) {
        return;
    }
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        const struct node *a = node_find(clients, own[i][0]);
        const struct node *b = find_in(root, "workload", own[i][1]);
        if (a != NULL && b != NULL) {
            complain(&reader->complaints, b->key_place,
                     "'%s' stands in 'clients' already", own[i][1]);
        }
    }
}

/* A fixed program says how many clients there are. */
static void settle_program(struct reader *reader, const struct node *root)
{
    struct scenario *scenario = reader->scenario;
    uint32_t count = scenario->workload.program_count;
    if (count == 0) {
        return;
    }
    bool network = scenario->system.kind == SYSTEM_NETWORK;
    uint32_t *clients =
        network ? &scenario->system.clients : &scenario->system.threads;
    const struct node *program = find_in(root, "workload", "program");
    assert(program != NULL);
    if (*clients != 0 && *clients != count) {
        complain(&reader->complaints, program->key_place,
                 "a program for %u clients, and the system has %u", count,
                 *clients);
    }
    *clients = count;
    const struct node *mix = find_in(root, "workload", "mix");
    if (mix != NULL) {
        complain(&reader->complaints, mix->key_place,
                 "'mix' and 'program' exclude each other");
    }
}

static void settle_counts(struct scenario *scenario)
{
    assert(scenario->workload.program_count <= CLIENTS_MAX);
    struct system_section *system = &scenario->system;
    bool network = system->kind == SYSTEM_NETWORK;
    system->stack_size = (system->stack_size + PAGE - 1) / PAGE * PAGE;
    if (system->threads == 0) {
        system->threads = 2;
    }
    if (network && system->replicas == 0) {
        system->replicas = 3;
    }
    if (network && system->clients == 0) {
        system->clients = 2;
    }
    if (scenario->workload.ops_per_client == 0) {
        scenario->workload.ops_per_client = 4;
    }
}

static void settle_losses(struct network_section *network)
{
    for (uint32_t i = 0; i <= network->links_count; i++) {
        struct link_model *link =
            i == 0 ? &network->all : &network->links[i - 1];
        if (link->loss_model == LOSS_INDEPENDENT && link->ge_p_ppm > 0) {
            link->loss_ppm = link->ge_p_ppm;
            link->ge_p_ppm = 0;
        }
    }
}

/* What only a later version runs. */
static void settle_later(struct reader *reader)
{
    const struct system_section *system = &reader->scenario->system;
    if (system->kind == SYSTEM_RANKS) {
        reader_later(reader, "kind: ranks comes later");
    }
    if (system->backend == BACKEND_REAL) {
        reader_later(reader, "backend: real comes later; sim runs here");
    }
    if (system->backend == BACKEND_MPI) {
        reader_later(reader, "backend: mpi comes later; sim runs here");
    }
}

/* Words that mean another one. */
static void settle_words(struct system_section *system)
{
    if (system->memory == MEMORY_RELAXED) {
        system->memory = MEMORY_C11;
    }
    if (system->races == RACES_IGNORE) {
        system->races = RACES_OFF;
    }
}

static void check_first(struct reader *reader, const struct node *root)
{
    const struct node *first = root->first;
    if (first == NULL || strcmp(first->key, "scenario") != 0) {
        struct place place = first == NULL ? root->place : first->key_place;
        complain(&reader->complaints, place,
                 "the first key must be `scenario: 1`, the version of the "
                 "format");
    }
}

static void check_sum(struct reader *reader, const struct node *root)
{
    const struct system_section *system = &reader->scenario->system;
    const struct node *nodes = find_in(root, "system", "nodes");
    if (nodes != NULL && system->replicas + system->clients > NODES_MAX) {
        complain(&reader->complaints, nodes->key_place,
                 "%u replicas and %u clients; at most %d nodes are allowed",
                 system->replicas, system->clients, NODES_MAX);
    }
    const struct liveness_section *liveness = &reader->scenario->liveness;
    const struct node *within = find_in(root, "liveness", "must_finish_within");
    const struct node *sim_time = find_in(root, "run", "sim_time");
    uint64_t needed = liveness->heal_after_ns + liveness->must_finish_within_ns;
    if (within != NULL && sim_time != NULL &&
        reader->scenario->run.sim_time_ns > 0 &&
        reader->scenario->run.sim_time_ns < needed) {
        complain(&reader->complaints, sim_time->place,
                 "'sim_time' ends before heal_after + must_finish_within");
    }
}

/* Values that stand unless the file says otherwise. */
void reader_begin(struct scenario *scenario)
{
    for (uint32_t i = 0; i < RULES_MAX; i++) {
        scenario->rules[i].p_ppm = 1000000;
        scenario->rules[i].swarm_ppm = 1000000;
        scenario->rules[i].disk_ppm = 1000000;
    }
    scenario->check.checker_time_ms = CHECKER_MS;
    scenario->check.checker_nodes = CHECKER_NODES;
    scenario->check.checker_bytes = CHECKER_BYTES;
    scenario->check.progress = PROGRESS_DEADLOCK_FREE;
    scenario->check.model_known = true;
    scenario->run.first_seed = 1;
    scenario->run.last_seed = SEEDS_MAX;
    scenario->run.steps_max = STEPS_MAX;
    scenario->run.sim_time_ns = SIM_TIME;
    scenario->run.stop_after = 1;
}

void reader_settle(struct reader *reader, const struct node *root)
{
    /* The reasons that weigh most come first: those of the whole system. */
    char rest[sizeof(reader->later)];
    memcpy(rest, reader->later, sizeof(rest));
    reader->later[0] = '\0';
    check_first(reader, root);
    check_fittings(reader, root);
    check_twins(reader, root);
    subject_settle(reader, root);
    settle_program(reader, root);
    settle_counts(reader->scenario);
    check_sum(reader, root);
    settle_losses(&reader->scenario->network);
    settle_words(&reader->scenario->system);
    settle_later(reader);
    reader_settle_progress(reader, root);
    if (rest[0] != '\0') {
        reader_later(reader, "%s", rest);
    }
    assert(reader->tasks_count == 0);
    if (reader->scenario->about == NULL) {
        reader->scenario->about = "";
    }
}
