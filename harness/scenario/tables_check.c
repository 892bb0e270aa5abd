/*
 * The tables of what is asked: liveness, check, run, and the scenario itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <stddef.h>

#define DAY 86400000000000 /* ns */

enum {
    BILLION = 1000000000,
};

static const char *const cores[] = {"majority", "all", NULL};

static const struct key liveness_keys[] = {
    {.name = "heal_after",
     .form = &form_count64,
     .required = true,
     .at = offsetof(struct liveness_section, heal_after_ns),
     .of = OF_TIME,
     .min = 0,
     .max = DAY,
     .about = "virtual time at which all faults end"},
    {.name = "core",
     .form = &form_choice,
     .at = offsetof(struct liveness_section, core),
     .words = cores,
     .about = "who must be up from then on: majority or all"},
    {.name = "must_finish_within",
     .form = &form_count64,
     .required = true,
     .at = offsetof(struct liveness_section, must_finish_within_ns),
     .of = OF_TIME,
     .min = 1,
     .max = DAY,
     .about = "virtual time after which every operation must have ended"},
    {.name = NULL},
};

const struct table table_liveness = {
    .name = "liveness",
    .about = "a final heal, and what must follow it",
    .keys = liveness_keys,
};

static const char *const afters[] = {"start", "crash", NULL};
static const char *const outcomes[] = {"violation", "warn", NULL};

static const struct key memory_bound_keys[] = {
    {.name = "retired_max",
     .form = &form_number,
     .required = true,
     .at = offsetof(struct check_section, retired_max),
     .set_at = offsetof(struct check_section, memory_bound_set),
     .min = 0,
     .max = BILLION,
     .about = "blocks retired and not yet freed, at most"},
    {.name = "after",
     .form = &form_flag,
     .at = offsetof(struct check_section, retired_after_crash),
     .words = afters,
     .about = "from the start (if not given), or after the first crash"},
    {.name = "expect",
     .form = &form_flag,
     .at = offsetof(struct check_section, retired_warns),
     .words = outcomes,
     .about = "more is a violation (if not given), or a warning"},
    {.name = NULL},
};

const struct table table_memory_bound = {
    .name = "memory_bound",
    .about = "how much memory may wait to be freed",
    .keys = memory_bound_keys,
};

static const char *const progress_words[] = {
    [PROGRESS_NONE] = "none",
    [PROGRESS_DEADLOCK_FREE] = "deadlock_free",
    [PROGRESS_STARVATION_FREE] = "starvation_free",
    [PROGRESS_BOUNDED_BYPASS] = "bounded_bypass",
    [PROGRESS_LOCK_FREE] = "lock_free",
    [PROGRESS_WAIT_FREE] = "wait_free",
    [PROGRESS_OBSTRUCTION_FREE] = "obstruction_free",
    NULL,
};

static const struct key check_keys[] = {
    {.name = "model",
     .form = &form_model,
     .about =
         "the specification, or ./mine.so; the algorithm's own if not given"},
    {.name = "criterion",
     .form = &form_criterion,
     .about = "what becomes of operations cut off by a crash; linearizable "
              "if not given"},
    {.name = "per_key",
     .form = &form_flag,
     .at = offsetof(struct check_section, per_key),
     .about = "each key is an object of its own"},
    {.name = "capacity",
     .form = &form_count,
     .at = offsetof(struct check_section, capacity),
     .min = 1,
     .max = BILLION,
     .about = "of a bounded object"},
    {.name = "checker_time",
     .form = &form_millis,
     .at = offsetof(struct check_section, checker_time_ms),
     .of = OF_TIME,
     .min = 1000000,
     .max = DAY,
     .about = "budget of one decision, wall time; 30s if not given"},
    {.name = "checker_nodes",
     .form = &form_count64,
     .at = offsetof(struct check_section, checker_nodes),
     .min = 1,
     .max = INT64_MAX,
     .about = "the same in model steps; 5000000 if not given"},
    {.name = "checker_bytes",
     .form = &form_count64,
     .at = offsetof(struct check_section, checker_bytes),
     .of = OF_BYTES,
     .min = 4096,
     .max = INT64_MAX,
     .about = "the same in memory; 1GB if not given"},
    {.name = "progress",
     .form = &form_word,
     .at = offsetof(struct check_section, progress),
     .set_at = offsetof(struct check_section, progress_set),
     .words = progress_words,
     .about = "none, deadlock_free (if not given), starvation_free, "
              "bounded_bypass, lock_free, wait_free, obstruction_free"},
    {.name = "also",
     .form = &form_also,
     .about = "further properties, words or { property: value }"},
    {.name = "memory_bound",
     .form = &form_section,
     .table = &table_memory_bound,
     .about = "how much memory may wait to be freed"},
    {.name = "steps_bound",
     .form = &form_count64,
     .at = offsetof(struct check_section, steps_bound),
     .of = OF_STEPS | OF_PLAIN,
     .min = 1,
     .max = BILLION,
     .about = "own steps that an operation may take; of obstruction_free, "
              "once it is alone"},
    {.name = "bypass_bound",
     .form = &form_count,
     .at = offsetof(struct check_section, bypass_bound),
     .min = 1,
     .max = BILLION,
     .about = "operations of others that may overtake one while it waits; 16 "
              "if starvation_free says nothing"},
    {.name = NULL},
};

const struct table table_check = {
    .name = "check", .about = "what must hold", .keys = check_keys};

static const char *const isolations[] = {"process", NULL};

static const struct key run_keys[] = {
    {.name = "seeds",
     .form = &form_seeds,
     .about = "one run each: 1..5000; 1..1000 if not given"},
    {.name = "steps_max",
     .form = &form_count,
     .at = offsetof(struct run_section, steps_max),
     .of = OF_STEPS | OF_PLAIN,
     .min = 1,
     .max = BILLION,
     .about = "steps of a run; 20000 if not given"},
    {.name = "time",
     .form = &form_millis,
     .at = offsetof(struct run_section, time_ms),
     .of = OF_TIME,
     .min = 1000000,
     .max = DAY,
     .about = "wall time for all runs together; no limit if not given"},
    {.name = "sim_time",
     .form = &form_count64,
     .at = offsetof(struct run_section, sim_time_ns),
     .of = OF_TIME,
     .min = 1,
     .max = DAY,
     .about = "virtual time of a run; 60s if not given"},
    {.name = "stop_after",
     .form = &form_stop,
     .about = "1 distinct failure (if not given), 3 distinct failures, or "
              "never"},
    {.name = "jobs",
     .form = &form_jobs,
     .about = "worker processes, or auto: one for each processor"},
    {.name = "isolate",
     .form = &form_choice,
     .at = NOWHERE,
     .words = isolations,
     .later = "isolate: process comes with the real backend",
     .about = "each run in a process of its own"},
    {.name = NULL},
};

const struct table table_run = {
    .name = "run", .about = "how many runs", .keys = run_keys};

static const char *const expectations[] = {
    [EXPECT_PASS] = "pass", [EXPECT_VIOLATION] = "violation", NULL};

static const struct key scenario_keys[] = {
    {.name = "scenario",
     .form = &form_version,
     .about = "version of the format: 1; the first key of the file"},
    {.name = "name",
     .form = &form_title,
     .required = true,
     .at = offsetof(struct scenario, name),
     .about = "a name, for reports and for the folder below out/"},
    {.name = "about",
     .form = &form_text,
     .at = offsetof(struct scenario, about),
     .about = "one line for people"},
    {.name = "tags",
     .form = &form_names,
     .at = offsetof(struct scenario, tags),
     .about = "words to select it by"},
    {.name = "system",
     .form = &form_section,
     .required = true,
     .at = offsetof(struct scenario, system),
     .table = &table_system,
     .about = "what runs"},
    {.name = "workload",
     .form = &form_section,
     .at = offsetof(struct scenario, workload),
     .table = &table_workload,
     .about = "what the clients call"},
    {.name = "schedule",
     .form = &form_section,
     .at = offsetof(struct scenario, schedule),
     .table = &table_schedule,
     .about = "who runs next"},
    {.name = "network",
     .form = &form_section,
     .at = offsetof(struct scenario, network),
     .set_at = offsetof(struct scenario, network.set),
     .table = &table_network,
     .about = "how links behave"},
    {.name = "disk",
     .form = &form_section,
     .at = NOWHERE,
     .table = &table_disk,
     .later = "simulated disks come later",
     .about = "how disks behave"},
    {.name = "faults",
     .form = &form_list,
     .at = offsetof(struct scenario, rules),
     .count_at = offsetof(struct scenario, rules_count),
     .table = &table_fault,
     .item_size = sizeof(struct rule),
     .items_max = RULES_MAX,
     .about = "what may go wrong"},
    {.name = "limits",
     .form = &form_section,
     .at = offsetof(struct scenario, limits),
     .table = &table_limits,
     .about = "the budget of faults"},
    {.name = "liveness",
     .form = &form_section,
     .at = offsetof(struct scenario, liveness),
     .set_at = offsetof(struct scenario, liveness.set),
     .table = &table_liveness,
     .about = "a final heal, and what must follow it"},
    {.name = "check",
     .form = &form_section,
     .at = offsetof(struct scenario, check),
     .table = &table_check,
     .about = "what must hold"},
    {.name = "run",
     .form = &form_section,
     .at = offsetof(struct scenario, run),
     .table = &table_run,
     .about = "how many runs"},
    {.name = "expect",
     .form = &form_word,
     .at = offsetof(struct scenario, expect),
     .words = expectations,
     .about = "pass (if not given), or violation: a known-bad fixture"},
    {.name = NULL},
};

static const struct table table_scenario = {
    .name = "scenario", .about = "one question", .keys = scenario_keys};

const struct table *const scenario_tables[] = {
    &table_scenario,     &table_system,       &table_nodes,
    &table_hosts,        &table_clock,        &table_workload,
    &table_clients,      &table_schedule,     &table_network,
    &table_link_default, &table_link,         &table_loss,
    &table_disk,         &table_disk_default, &table_disk_fault,
    &table_fault,        &table_when,         &table_crash_disk,
    &table_limits,       &table_liveness,     &table_check,
    &table_loss_bound,   &table_within,       &table_lock,
    &table_memory_bound, &table_run,          NULL,
};
