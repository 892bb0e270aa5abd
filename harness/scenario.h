/*
 * A scenario: one question, as read from its file.
 *
 * Plain data.  The loader (harness/scenario/) fills and owns it; everybody
 * else reads.  Names of algorithms, variants, points and locks are texts here:
 * they are resolved against the algorithm's descriptor when a runner is made,
 * and errors are reported at the place kept beside them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_H
#define HX_SCENARIO_H

#include "checker/check.h"
#include "harness/quantity.h"

#include <stdio.h>

enum {
    NAMES_MAX = 16,
    SETTINGS_MAX = 16,
    RULES_MAX = 32,
    LINKS_MAX = 32,
    MIX_MAX = 8,
    SCRIPT_MAX = 64,  /* operations of one client in a fixed program */
    CLIENTS_MAX = 16, /* clients in a fixed program */
    ALSO_MAX = 16,
};

/* Where something stands in the file, for errors found later. */
struct place {
    uint32_t line;
    uint32_t column;
};

struct names {
    uint32_t count;
    const char *name[NAMES_MAX];
    struct place place[NAMES_MAX];
};

/* `params: { capacity: 64, reclaim: ebr }`: a number or a word each. */
struct setting {
    const char *name;
    const char *text; /* as written */
    bool is_number;
    int64_t number;
    struct place place;
};

enum system_kind {
    SYSTEM_THREADS,
    SYSTEM_PROCESSES,
    SYSTEM_NETWORK,
    SYSTEM_RANKS,
};

enum backend {
    BACKEND_SIM,
    BACKEND_REAL,
    BACKEND_MPI,
};

enum memory_model {
    MEMORY_SC,
    MEMORY_TSO,
    MEMORY_C11,
    MEMORY_RELAXED, /* another word for c11; none is left after loading */
};

/* Which later stores belong to a release sequence. */
enum release_sequence {
    RELEASE_SEQUENCE_C17, /* the same thread's, and updates */
    RELEASE_SEQUENCE_C20, /* updates only */
};

/* Where a store goes in modification order. */
enum mo {
    MO_APPEND, /* behind all stores that were executed */
    MO_INSERT, /* a choice: before some of them, too */
};

/* Of c11: stale reads of a location in a row, if the scenario says nothing. */
enum {
    STALE_MAX = 4
};

/* What a freed block's address becomes. */
enum reuse {
    REUSE_MIXED,  /* a choice of each run: one of the others */
    REUSE_NEWEST, /* the block freed last comes back first */
    REUSE_OLDEST,
    REUSE_RANDOM,
    REUSE_NEVER, /* quarantine */
    REUSE_EAGER, /* newest, oldest or random, drawn per run */
};

/* What becomes of plain accesses that race. */
enum races {
    RACES_BY_MODEL, /* as scenario_races() has it */
    RACES_OFF,      /* nobody looks */
    RACES_EXPLORE,  /* plain accesses of shared memory are points, too */
    RACES_REPORT,   /* a race is a verdict, */
    RACES_STRONG,   /* under sc as if all atomic accesses were seq_cst */
    RACES_IGNORE,   /* another word for off */
};

/* A program with a main(), which is compiled when it is to run. */
struct source_section {
    struct names files;     /* .c, .cc, .o, ...; none: not a program */
    struct names defines;   /* CASE=1 */
    struct names folders;   /* where headers lie */
    struct names flags;     /* more words for the compiler */
    struct names arguments; /* of main() */
    const char *compiler;   /* NULL: the one at hand */
    int built; /* not in the file: a descriptor of what they were built to, to
                * be loaded once more; 0: build them */
};

struct system_section {
    enum system_kind kind;
    enum backend backend;
    struct names algorithm; /* one name, or a path to a plug-in */
    struct names library;   /* path of a plug-in of the user's; then the
                             * algorithm above is the same path */
    struct source_section source;
    struct names environment; /* NAME=VALUE; the code sees no others */
    struct names variant;     /* one; none: sound */
    uint32_t settings_count;
    struct setting settings[SETTINGS_MAX];
    uint32_t threads;  /* clients: threads or processes; 2 if not given */
    uint32_t replicas; /* of a network; 3 if not given */
    uint32_t clients;  /* of a network; 2 if not given */
    uint32_t ranks;    /* 0 = not given */
    enum memory_model memory;
    enum release_sequence release_sequence;
    enum mo mo;
    uint32_t stale_max; /* stale reads of a location in a row */
    bool stale_max_set;
    bool volatile_atomic; /* volatile accesses are relaxed atomics */
    enum reuse reuse;
    bool heap_fast;   /* accesses are not compared with blocks */
    bool freed_reads; /* reads of freed memory are allowed */
    bool leaks;       /* a leak at the end is a violation */
    enum races races;
    uint32_t stack_size; /* bytes of each stack; 0 = the engine's own size */
    struct quantity clock_skew;
    struct quantity clock_drift;
};

/* One operation of a fixed program: "push 4". */
struct script_call {
    const char *name;
    uint32_t args_count;
    fl_value args[FL_ARGS_MAX];
    struct place place;
};

struct script {
    uint32_t count;
    struct script_call calls[SCRIPT_MAX];
};

struct mix_entry {
    const char *name;
    uint32_t weight;
    struct place place;
};

enum value_policy {
    VALUES_UNIQUE, /* 1, 2, 3, ... over the whole run */
    VALUES_SMALL,  /* 0 .. 3 */
};

struct workload_section {
    uint32_t ops_per_client; /* 4 if not given */
    uint32_t mix_count;      /* 0: the algorithm's own mix */
    struct mix_entry mix[MIX_MAX];
    enum value_policy values;
    uint32_t keys;           /* 0 = no keys */
    struct quantity amount;  /* of quota operations */
    struct quantity think;   /* virtual time between operations */
    struct quantity timeout; /* of an operation, in virtual time */
    struct script setup;     /* performed before the clients start */
    uint32_t program_count;  /* 0: drawn from the mix */
    struct script program[CLIENTS_MAX];
    uint64_t iterations; /* of rank programs */
};

/* Whether a search runs one order of threads that are alike, for all. */
enum symmetry {
    SYMMETRY_OFF,
    SYMMETRY_ON,   /* and it is said if none are */
    SYMMETRY_AUTO, /* where it can be */
};

struct schedule_section {
    struct names strategy; /* several: they take turns by seed index; none:
                            * auto */
    uint32_t depth;        /* of PCT; 0: drawn from 2..4 per seed */
    uint32_t preemptions;  /* bound of exhaustive search */
    bool preemptions_set;
    bool cut_awaits; /* by a search without redundancy */
    bool awaits_set;
    bool prune_states;      /* no state twice, of a search over schedules */
    enum symmetry symmetry; /* of a search over schedules */
    struct place place;     /* of the section */
    uint32_t delays;        /* of delay bounding; 0: drawn from 1..4 per seed */
    uint64_t fair_after;    /* steps, then a fair random walk; 0 = never */
};

enum loss_model {
    LOSS_INDEPENDENT,
    LOSS_GILBERT_ELLIOTT,
};

/* How a link behaves.  Absent parts come from network.default. */
struct link_model {
    const char *target; /* "replica1->replica2"; NULL for the default */
    struct place place;
    struct quantity latency;
    struct quantity bandwidth; /* UNIT_RATE */
    uint32_t queue;            /* messages; 0 = unbounded */
    bool loss_set;
    enum loss_model loss_model;
    uint32_t loss_ppm; /* independent */
    uint32_t ge_p_ppm; /* Gilbert-Elliott: good to bad, bad to good, */
    uint32_t ge_r_ppm;
    uint32_t ge_good_ppm; /* loss in either state */
    uint32_t ge_bad_ppm;
    bool duplicate_set;
    uint32_t duplicate_ppm;
    bool reorder_set;
    bool reorder; /* false: first in, first out */
};

struct network_section {
    bool set;
    struct link_model all;
    uint32_t links_count;
    struct link_model links[LINKS_MAX];
};

/* Which threads, processes, nodes, ... a rule is about. */
enum target_set {
    TARGET_THREADS,
    TARGET_PROCESSES,
    TARGET_NODES,
    TARGET_RANKS,
    TARGET_HOSTS,
    TARGET_CLIENTS,
    TARGET_LINKS,
};

enum target_pick {
    PICK_ANY, /* one of them, drawn */
    PICK_ALL,
    PICK_NAMED,  /* those of `names` */
    PICK_RANDOM, /* `count` of them, drawn */
    PICK_MINORITY,
    PICK_MAJORITY,
    PICK_LEADER,
};

struct target {
    bool set;
    enum target_set set_of;
    enum target_pick pick;
    uint32_t count;
    struct names names; /* "T0", "replica1", or a link "a->b", "a<->b", "*" */
    struct place place;
};

/* When a rule acts: every part that is present must hold. */
struct when {
    bool set;
    struct quantity step; /* own steps of the target; since it took the lock
                           * if `holding` is set, too */
    struct quantity time; /* virtual */
    struct quantity call; /* number of the call (allocation, send) */
    struct quantity hit;  /* of the named point; absent: any */
    struct names point;   /* one of these named points is reached */
    struct names holding; /* the target holds one of these locks */
    struct quantity after_ops;
    struct names event; /* somebody, target or not, reaches one of these */
    bool every_step;    /* systematically: run k acts at step k */
};

enum {
    ANY_OF_MAX = 8
};

/* One fault rule. */
struct rule {
    const char *kind; /* "crash", "delay", ...: faults/ */
    struct place place;
    struct target target;
    uint32_t when_count; /* alternatives (any_of); 0: no trigger */
    struct when when[ANY_OF_MAX];
    struct quantity every;    /* interval, virtual time or steps */
    struct quantity duration; /* `for` */
    uint32_t p_ppm;           /* of each occurrence; a million if not given */
    uint32_t limit;           /* occurrences in a run; 0 = none */
    uint32_t swarm_ppm;       /* that the rule is active in a run; a million */
    /* what some kinds need */
    struct names shape;     /* partition: halves, isolate_one, ring, bridge */
    struct names direction; /* partition: both, one_way */
    struct names pattern;   /* clog: all, swizzle */
    struct quantity down_for;
    struct quantity respawn;
    struct quantity by;     /* latency added, clock jump */
    struct quantity factor; /* slow */
    struct quantity bytes;  /* alloc_fail: least size */
    uint32_t pid_reuse_ppm;
    struct names reuse; /* reuse: newest, oldest, random, never, eager */
    bool disk_lose_unsynced;
    uint32_t disk_torn_bytes;
    uint32_t disk_ppm;
    const char *restart; /* from_checkpoint */
};

struct limits_section {
    uint32_t down_or_cut_max; /* 0 = no limit */
    uint32_t lost_per_group_max;
};

struct liveness_section {
    bool set;
    uint64_t heal_after_ns;
    uint64_t must_finish_within_ns;
    const char *core;
};

enum progress {
    PROGRESS_NONE,            /* a run that a fault blocks is no violation */
    PROGRESS_DEADLOCK_FREE,   /* without faults, somebody can always go on */
    PROGRESS_STARVATION_FREE, /* a fair schedule lets everybody finish: no
                               * more than so many others overtake one */
    PROGRESS_BOUNDED_BYPASS,  /* the same, with a bound that is promised */
    /* Below: a fault must not block the others. */
    PROGRESS_LOCK_FREE, /* whoever is crashed or paused, others finish */
    PROGRESS_WAIT_FREE, /* ... each operation in a bounded number of steps */
    PROGRESS_OBSTRUCTION_FREE, /* whoever is left alone finishes */
};

/* A property beside the criterion: "no_use_after_free", or with a value:
 * `lock_recovers: { within: 500ms }`. */
struct also {
    const char *name;
    struct place place;
    uint64_t within_ns;
    const char *lock;
    int64_t max;
};

/* Budgets of the checker that are not given: 30 s, 5 million nodes, 1 GB. */
struct check_section {
    const char *model; /* NULL: the algorithm's */
    struct place model_place;
    bool model_known; /* false: parses, and is skipped with a reason */
    enum fl_criterion criterion;
    const char *criterion_later; /* nrl, ...: a later criterion */
    bool loss_bounded; /* buffered criteria: so many operations at most */
    uint32_t loss_max;
    bool loss_timed; /* and only what returned so long before the crash */
    uint64_t loss_ns;
    bool per_key;
    uint32_t capacity;
    uint64_t checker_time_ms;
    uint64_t checker_nodes;
    uint64_t checker_bytes;
    enum progress progress;
    bool progress_set; /* the file names it */
    uint32_t also_count;
    struct also also[ALSO_MAX];
    bool memory_bound_set;
    int64_t retired_max;
    bool retired_after_crash; /* only looked at once a fault has crashed one */
    bool retired_warns;       /* a warning, not a violation */
    uint64_t steps_bound;     /* own steps of an operation; 0 = none */
    uint32_t bypass_bound;    /* operations of others that may overtake one;
                               * 0 = none */
};

enum expect {
    EXPECT_PASS,
    EXPECT_VIOLATION, /* a known-bad fixture: passing is the failure */
};

struct run_section {
    uint64_t first_seed; /* seeds: 1..5000; 1..1000 if not given */
    uint64_t last_seed;
    bool seeds_set;
    uint32_t steps_max;   /* points of a run; 20000 if not given */
    uint64_t time_ms;     /* of wall time, for the scenario; 0 = none */
    uint64_t sim_time_ns; /* virtual time of a run; 60 s if not given */
    uint32_t stop_after;  /* distinct failures; 0 = never; 1 if not given */
    uint32_t jobs;        /* 0 = not given; UINT32_MAX = auto */
};

/* "sc", "tso" or "c11"; and the one that `name` names ("relaxed" is c11).
 * False: none. */
const char *scenario_memory(enum memory_model model);
bool scenario_memory_named(const char *name, enum memory_model *model);

/* A scenario.  Made by the loader, ended by scenario_free(). */
struct scenario {
    const char *path; /* as given; "-" or "<default>" */
    const char *text; /* the whole file, for traces and excerpts */
    const char *name;
    const char *about;
    struct names tags;
    struct system_section system;
    struct workload_section workload;
    struct schedule_section schedule;
    struct network_section network;
    uint32_t rules_count;
    struct rule rules[RULES_MAX];
    struct limits_section limits;
    struct liveness_section liveness;
    struct check_section check;
    struct run_section run;
    enum expect expect;
    /* Why it cannot run here, as of loading (a later backend, ranks, disks);
     * NULL if it can.  It is then skipped with this reason. */
    const char *skip;
    void *owner; /* the loader's memory */
};

/*
 * Reads a scenario from `path` ("-": standard input).  All errors are written
 * to `errors` in one pass, each `file:line:col: error: ...` with the line, a
 * caret and what to write instead.  NULL if there were any.
 */
struct scenario *scenario_load(const char *path, FILE *errors);

/* The same from `text` (borrowed only during the call), named `path`. */
struct scenario *scenario_parse(const char *path, const char *text, size_t size,
                                FILE *errors);

/*
 * What becomes of plain accesses that race, where `system` leaves it open: a
 * race is a verdict under tso and c11, and of a program, which may make many
 * plain accesses: one that has no race needs no switch at them.  Under sc that
 * is a race that no order of its atomic accesses can excuse.  The accesses of a
 * library's object are explored, as it is small, and its first use after free
 * says more than the race that led to it.
 */
enum races scenario_races(const struct system_section *system);

/* Ends a scenario.  NULL is allowed. */
void scenario_free(struct scenario *scenario);

/* Writes an error of `scenario` found after loading, in the loader's form:
 * file:line:col, the line, a caret. */
void scenario_complain(const struct scenario *scenario, struct place place,
                       FILE *errors, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Writes the JSON Schema of scenario files, for editors. */
void scenario_schema(FILE *out);

/* The word of `words` (NULL-ended) nearest to `word`, or NULL if none is near
 * enough to be meant. */
const char *scenario_nearest(const char *word, const char *const *words);

#endif
