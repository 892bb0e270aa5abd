/*
 * The tables of what runs: system, workload, schedule.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <stddef.h>

#define DAY 86400000000000 /* ns */

enum {
    MILLION = 1000000,
};

static const char *const kinds[] = {[SYSTEM_THREADS] = "threads",
                                    [SYSTEM_PROCESSES] = "processes",
                                    [SYSTEM_NETWORK] = "network",
                                    [SYSTEM_RANKS] = "ranks",
                                    NULL};
static const char *const backends[] = {[BACKEND_SIM] = "sim",
                                       [BACKEND_REAL] = "real",
                                       [BACKEND_MPI] = "mpi",
                                       NULL};
static const char *const memories[] = {[MEMORY_SC] = "sc",
                                       [MEMORY_TSO] = "tso",
                                       [MEMORY_C11] = "c11",
                                       [MEMORY_RELAXED] = "relaxed",
                                       NULL};
static const char *const release_sequences[] = {
    [RELEASE_SEQUENCE_C17] = "c17", [RELEASE_SEQUENCE_C20] = "c20", NULL};
static const char *const modification_orders[] = {
    [MO_APPEND] = "append", [MO_INSERT] = "insert", NULL};
static const char *const race_atomic[] = {"race", "atomic", NULL};
static const char *const reuses[] = {[REUSE_MIXED] = "mixed",
                                     [REUSE_NEWEST] = "newest",
                                     [REUSE_OLDEST] = "oldest",
                                     [REUSE_RANDOM] = "random",
                                     [REUSE_NEVER] = "never",
                                     [REUSE_EAGER] = "eager",
                                     NULL};
static const char *const checked_fast[] = {"checked", "fast", NULL};
static const char *const forbid_allow[] = {"forbid", "allow", NULL};
static const char *const ignore_report[] = {"ignore", "report", NULL};
static const char *const races[] = {[RACES_BY_MODEL] = "by_model",
                                    [RACES_OFF] = "off",
                                    [RACES_EXPLORE] = "explore",
                                    [RACES_REPORT] = "report",
                                    [RACES_STRONG] = "strong",
                                    [RACES_IGNORE] = "ignore",
                                    NULL};

static const struct key nodes_keys[] = {
    {.name = "replica",
     .form = &form_count,
     .at = offsetof(struct system_section, replicas),
     .min = 1,
     .max = 31,
     .about = "replicas; 3 if not given"},
    {.name = "client",
     .form = &form_count,
     .at = offsetof(struct system_section, clients),
     .min = 1,
     .max = 31,
     .about = "clients; 2 if not given"},
    {.name = NULL},
};

const struct table table_nodes = {
    .name = "nodes", .about = "the nodes of a network", .keys = nodes_keys};

static const struct key hosts_keys[] = {
    {.name = "count",
     .form = &form_count,
     .required = true,
     .at = NOWHERE,
     .min = 1,
     .max = 1000,
     .about = "hosts"},
    {.name = "ranks_per_host",
     .form = &form_count,
     .at = NOWHERE,
     .min = 1,
     .max = 1000,
     .about = "ranks on each"},
    {.name = "spare",
     .form = &form_count,
     .at = NOWHERE,
     .max = 1000,
     .about = "hosts kept for restarts"},
    {.name = NULL},
};

const struct table table_hosts = {
    .name = "hosts", .about = "machines that fail as one", .keys = hosts_keys};

static const struct key clock_keys[] = {
    {.name = "skew",
     .form = &form_quantity,
     .at = offsetof(struct system_section, clock_skew),
     .of = OF_TIME,
     .min = -DAY,
     .max = DAY,
     .about = "how far a node's clock is off, drawn per node"},
    {.name = "drift_ppm",
     .form = &form_quantity,
     .at = offsetof(struct system_section, clock_drift),
     .of = OF_PLAIN,
     .min = -MILLION / 2,
     .max = MILLION,
     .about = "how much faster it runs, in millionths, drawn per node"},
    {.name = NULL},
};

const struct table table_clock = {
    .name = "clock", .about = "the clocks of nodes", .keys = clock_keys};

static const struct key system_keys[] = {
    {.name = "kind",
     .form = &form_word,
     .required = true,
     .at = offsetof(struct system_section, kind),
     .words = kinds,
     .about = "what runs: threads, processes, network or ranks"},
    {.name = "backend",
     .form = &form_word,
     .at = offsetof(struct system_section, backend),
     .words = backends,
     .about = "sim (if not given), real or mpi"},
    {.name = "algorithm",
     .form = &form_name,
     .at = offsetof(struct system_section, algorithm),
     .about = "name of the algorithm, or the path of a plug-in"},
    {.name = "library",
     .form = &form_name,
     .at = offsetof(struct system_section, library),
     .about = "instead: path of a plug-in of your own: ./libqueue.so"},
    {.name = "program",
     .form = &form_names,
     .at = offsetof(struct system_section, source.files),
     .about = "instead: sources of a program with a main(): test.c"},
    {.name = "define",
     .form = &form_names,
     .at = offsetof(struct system_section, source.defines),
     .about = "macros that the program is compiled with: CASE=1"},
    {.name = "include",
     .form = &form_names,
     .at = offsetof(struct system_section, source.folders),
     .about = "folders of the program's headers"},
    {.name = "cflags",
     .form = &form_names,
     .at = offsetof(struct system_section, source.flags),
     .about = "more words for its compiler"},
    {.name = "arguments",
     .form = &form_names,
     .at = offsetof(struct system_section, source.arguments),
     .about = "arguments of its main()"},
    {.name = "environment",
     .form = &form_names,
     .at = offsetof(struct system_section, environment),
     .about = "variables that getenv() finds, and no others: NAME=VALUE"},
    {.name = "compiler",
     .form = &form_text,
     .at = offsetof(struct system_section, source.compiler),
     .about = "its compiler; gcc, else clang, if not given"},
    {.name = "variant",
     .form = &form_name,
     .at = offsetof(struct system_section, variant),
     .about = "one of its variants; sound if not given"},
    {.name = "params",
     .form = &form_settings,
     .about = "settings of the algorithm: { capacity: 64, reclaim: ebr }"},
    {.name = "threads",
     .form = &form_count,
     .at = offsetof(struct system_section, threads),
     .min = 1,
     .max = 60,
     .about = "client threads; 2 if not given"},
    {.name = "processes",
     .form = &form_count,
     .at = offsetof(struct system_section, threads),
     .min = 1,
     .max = 60,
     .about = "client processes; 2 if not given"},
    {.name = "nodes",
     .form = &form_section,
     .table = &table_nodes,
     .about = "nodes of a network: { replica: 5, client: 3 }"},
    {.name = "ranks",
     .form = &form_count,
     .at = offsetof(struct system_section, ranks),
     .min = 1,
     .max = 4096,
     .about = "ranks"},
    {.name = "hosts",
     .form = &form_section,
     .at = NOWHERE,
     .table = &table_hosts,
     .later = "hosts come with ranks",
     .about = "hosts that ranks run on"},
    {.name = "memory",
     .form = &form_word,
     .at = offsetof(struct system_section, memory),
     .words = memories,
     .about = "what simulated loads may return: sc (if not given), tso, c11 "
              "(or: relaxed)"},
    {.name = "release_sequence",
     .form = &form_word,
     .at = offsetof(struct system_section, release_sequence),
     .words = release_sequences,
     .about = "of c11: c17 (if not given), or c20, in which later stores of "
              "the same thread do not belong to one"},
    {.name = "mo",
     .form = &form_word,
     .at = offsetof(struct system_section, mo),
     .words = modification_orders,
     .about = "of c11: stores go behind all others (append, if not given), or "
              "before some (insert)"},
    {.name = "stale_max",
     .form = &form_count,
     .at = offsetof(struct system_section, stale_max),
     .set_at = offsetof(struct system_section, stale_max_set),
     .min = 0,
     .max = 100,
     .about = "of c11: stale reads of a location in a row; 4 if not given"},
    {.name = "reuse",
     .form = &form_word,
     .at = offsetof(struct system_section, reuse),
     .words = reuses,
     .about = "which freed block comes back: mixed (if not given: drawn per "
              "run), newest, oldest, random, never, eager"},
    {.name = "heap",
     .form = &form_flag,
     .at = offsetof(struct system_section, heap_fast),
     .words = checked_fast,
     .about = "accesses are compared with the blocks of the heap (checked, if "
              "not given), or not (fast): then use after free and out of "
              "bounds pass"},
    {.name = "freed_reads",
     .form = &form_flag,
     .at = offsetof(struct system_section, freed_reads),
     .words = forbid_allow,
     .about = "reads of freed memory: forbid (if not given) or allow"},
    {.name = "leaks",
     .form = &form_flag,
     .at = offsetof(struct system_section, leaks),
     .words = ignore_report,
     .about = "memory lost at the end: ignore (if not given), or report, when "
              "`destroy` or `unmake` has freed everything"},
    {.name = "races",
     .form = &form_word,
     .at = offsetof(struct system_section, races),
     .words = races,
     .about = "plain accesses: off (or: ignore), report (a race is a "
              "verdict), strong (the same; under sc each atomic access then "
              "counts as seq_cst), explore (they are points too); by_model, "
              "if not given: report under tso and c11, else strong of a "
              "program, and explore those of a library"},
    {.name = "volatile",
     .form = &form_flag,
     .at = offsetof(struct system_section, volatile_atomic),
     .words = race_atomic,
     .about = "volatile accesses: plain ones, which may race (race, if not "
              "given), or relaxed atomics (atomic)"},
    {.name = "stack",
     .form = &form_count,
     .at = offsetof(struct system_section, stack_size),
     .of = OF_BYTES,
     .min = 16384,
     .max = 1048576,
     .about = "size of each stack, rounded up to 4 KiB; 64 KiB if not given"},
    {.name = "clock",
     .form = &form_section,
     .table = &table_clock,
     .about = "clocks that are off"},
    {.name = NULL},
};

const struct table table_system = {
    .name = "system", .about = "what runs", .keys = system_keys};

static const char *const value_words[] = {
    [VALUES_UNIQUE] = "unique", [VALUES_SMALL] = "small", NULL};

#define OPS_KEY(title, text)                                               \
    {                                                                      \
        .name = (title), .form = &form_count,                              \
        .at = offsetof(struct workload_section, ops_per_client), .min = 1, \
        .max = 10000, .about = (text)                                      \
    }
#define MIX_KEY                                                           \
    {                                                                     \
        .name = "mix", .form = &form_mix,                                 \
        .about = "weights of the operations: { push: 60, pop: 40 }; the " \
                 "algorithm's own if not given"                           \
    }
#define THINK_KEY                                                      \
    {                                                                  \
        .name = "think", .form = &form_quantity,                       \
        .at = offsetof(struct workload_section, think), .of = OF_TIME, \
        .min = 0, .max = DAY,                                          \
        .about = "virtual time between the operations of a client"     \
    }

static const struct key clients_keys[] = {
    OPS_KEY("ops", "operations of each client; 4 if not given"),
    MIX_KEY,
    THINK_KEY,
    {.name = NULL},
};

const struct table table_clients = {
    .name = "clients",
    .about = "what the clients of a network do",
    .keys = clients_keys,
};

static const char *const state_words[] = {"counter_per_rank", NULL};

static const struct key workload_keys[] = {
    OPS_KEY("ops_per_thread", "operations of each thread; 4 if not given"),
    OPS_KEY("ops_per_process", "operations of each process"),
    OPS_KEY("ops_per_client", "the same, for any kind of system"),
    {.name = "clients",
     .form = &form_section,
     .table = &table_clients,
     .about = "of a network: { ops: 40, mix: ..., think: ... }"},
    MIX_KEY,
    {.name = "values",
     .form = &form_word,
     .at = offsetof(struct workload_section, values),
     .words = value_words,
     .about = "of arguments: unique (if not given: 1, 2, 3, ...) or small "
              "(0 to 3)"},
    {.name = "keys",
     .form = &form_count,
     .at = offsetof(struct workload_section, keys),
     .min = 1,
     .max = 1000,
     .about = "how many keys or registers are used"},
    {.name = "amount",
     .form = &form_quantity,
     .at = offsetof(struct workload_section, amount),
     .of = OF_PLAIN,
     .min = 0,
     .max = 1000000000,
     .about = "of operations that take one, drawn for each: 1..50"},
    THINK_KEY,
    {.name = "timeout",
     .form = &form_quantity,
     .at = offsetof(struct workload_section, timeout),
     .of = OF_TIME,
     .min = 1,
     .max = DAY,
     .about = "virtual time after which a client gives an operation up; it "
              "stays open"},
    {.name = "setup",
     .form = &form_setup,
     .about = "calls made before the clients start: [push 3, push 2]"},
    {.name = "program",
     .form = &form_program,
     .about = "the calls of each client, fixed: [[push 4, pop], [pop]]"},
    {.name = "iterations",
     .form = &form_count64,
     .at = offsetof(struct workload_section, iterations),
     .min = 1,
     .max = 1000000000,
     .about = "of rank programs"},
    {.name = "step_time",
     .form = &form_quantity,
     .at = NOWHERE,
     .of = OF_TIME,
     .min = 0,
     .max = DAY,
     .later = "workload.step_time comes with ranks",
     .about = "virtual time of one iteration of a rank"},
    {.name = "state",
     .form = &form_choice,
     .at = NOWHERE,
     .words = state_words,
     .later = "workload.state comes with ranks",
     .about = "what a rank computes on"},
    {.name = NULL},
};

const struct table table_workload = {
    .name = "workload",
    .about = "what the clients call",
    .keys = workload_keys,
};

static const char *const strategy_words[] = {
    "auto",        "random",     "sticky",   "pct",   "pos",        "urw",
    "surw",        "stall",      "coverage", "delay", "systematic", "adversary",
    "round_robin", "exhaustive", "dpor",     NULL};

static const char *const keep_cut[] = {"keep", "cut", NULL};

static const char *const prunings[] = {"none", "state", NULL};

static const char *const symmetries[] = {"off", "on", "auto", NULL};

static const struct key schedule_keys[] = {
    {.name = "strategy",
     .form = &form_names,
     .at = offsetof(struct schedule_section, strategy),
     .words = strategy_words,
     .about = "one, or several that take turns by seed; auto if not "
              "given"},
    {.name = "depth",
     .form = &form_count,
     .at = offsetof(struct schedule_section, depth),
     .min = 1,
     .max = 20,
     .about = "of pct: ordering constraints a bug needs; 2 to 4, drawn, if "
              "not given"},
    {.name = "preemptions",
     .form = &form_count,
     .at = offsetof(struct schedule_section, preemptions),
     .set_at = offsetof(struct schedule_section, preemptions_set),
     .min = 0,
     .max = 100,
     .about = "bound of exhaustive search"},
    {.name = "awaits",
     .form = &form_flag,
     .at = offsetof(struct schedule_section, cut_awaits),
     .set_at = offsetof(struct schedule_section, awaits_set),
     .words = keep_cut,
     .about = "of exhaustive search: loops that wait: keep, or cut after a "
              "round without result; keep, if not given, but under c11"},
    {.name = "prune",
     .form = &form_flag,
     .at = offsetof(struct schedule_section, prune_states),
     .words = prunings,
     .about = "of exhaustive search with preemptions: none (if not given), or "
              "state: a run ends at a state that was met before"},
    {.name = "symmetry",
     .form = &form_word,
     .at = offsetof(struct schedule_section, symmetry),
     .words = symmetries,
     .about = "of exhaustive search: threads with the same calls begin in one "
              "order only, or do not overtake each other as long as they do "
              "the same: off (if not given), on, or auto (where there are "
              "some)"},
    {.name = "delays",
     .form = &form_count,
     .at = offsetof(struct schedule_section, delays),
     .min = 1,
     .max = 16,
     .about = "of delay: turns skipped; 1 to 4, drawn, if not given"},
    {.name = "fair_after",
     .form = &form_count64,
     .at = offsetof(struct schedule_section, fair_after),
     .of = OF_STEPS,
     .min = 1,
     .max = 1000000000,
     .about = "a fair random walk from there on: 4000 steps; from where no "
              "run should come if not given"},
    {.name = NULL},
};

const struct table table_schedule = {
    .name = "schedule",
    .about = "who runs next",
    .keys = schedule_keys,
    .place_at = offsetof(struct schedule_section, place),
};
