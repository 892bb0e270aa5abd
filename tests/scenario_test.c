/*
 * The scenario loader: what is read, where it goes, and how errors look.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/strategy.h"
#include "tests/scenario_fixture.h"

static void all_errors_come_in_one_pass_in_order(void)
{
    const char *text = "scenario: 1\n"
                       "name: a\n"
                       "system: { kind: thread, algorithm: q }\n"
                       "workload:\n"
                       "\tkeys: 1\n";
    const char *said;
    CU_ASSERT_PTR_NULL(parse(text, strlen(text), &said));
    text = "scenario: 1\n"
           "name: a\n"
           "system: { kind: thread, algorithm: q }\n"
           "workload:\n"
           "  keys: many\n"
           "  \xc3\xa4: 1\n"
           "run: { time: 5 }\n";
    CU_ASSERT_PTR_NULL(parse(text, strlen(text), &said));
    CU_ASSERT_STRING_EQUAL(
        said,
        "a.yaml:3:17: error: 'thread' is not allowed here; did you mean "
        "'threads'?\n"
        "    system: { kind: thread, algorithm: q }\n"
        "                    ^~~~~~\n"
        "a.yaml:5:9: error: 'many' is not a number; expected a whole number\n"
        "      keys: many\n"
        "            ^~~~\n"
        "a.yaml:6:3: error: unknown key '\xc3\xa4' in 'workload'; expected "
        "ops_per_thread, ops_per_process, ops_per_client, clients, mix, "
        "values, keys, amount, think, timeout, setup, program, iterations, "
        "step_time, state\n"
        "      \xc3\xa4: 1\n"
        "      ^\n"
        "a.yaml:7:14: error: '5' has no unit; write 5ms\n"
        "    run: { time: 5 }\n"
        "                 ^\n"
        "a.yaml: 4 errors; `faultline list --schema` prints what may be "
        "written, docs/scenarios.md explains it\n");
}

static void long_lines_are_cut_around_the_caret(void)
{
    static char text[20000];
    int size = snprintf(text, sizeof(text), HEAD "tags: [");
    for (int i = 0; i < 1000; i++) {
        size += snprintf(text + size, 16, "'t%d', ", i);
    }
    const char *said;
    CU_ASSERT_PTR_NULL(parse(text, (size_t)size, &said));
    CU_ASSERT(strlen(said) < 1000);
    for (const char *at = said; at != NULL && *at != '\0';) {
        const char *feed = strchr(at, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(feed);
        CU_ASSERT(feed - at < 200);
        at = feed + 1;
    }
}

/* Something of everything that threads have. */
static const char *const full_text =
    "scenario: 1\n"
    "name: all\n"
    "tags: [x, y]\n"
    "system:\n"
    "  kind: threads\n"
    "  algorithm: treiber_stack\n"
    "  variant: aba\n"
    "  params: { capacity: 64, reclaim: ebr, wait: 50ms, on_top: true }\n"
    "  threads: 3\n"
    "  reuse: newest\n"
    "  heap: fast\n"
    "  freed_reads: allow\n"
    "  leaks: report\n"
    "  races: explore\n"
    "  stack: 128 KiB\n"
    "workload: { ops_per_thread: 5, mix: { push: 60, pop: 40 } }\n"
    "schedule: { strategy: [pct, random], depth: 3, preemptions: 0 }\n"
    "faults:\n"
    "  - kind: delay\n"
    "    target: { threads: [T0, T2] }\n"
    "    when: { point: [a.b, c], hit: 1..5 }\n"
    "    for: 1..200 steps\n"
    "    p: 30%\n"
    "    limit: 2\n"
    "check:\n"
    "  criterion: strict\n"
    "  progress: lock_free\n"
    "  memory_bound: { retired_max: 9, after: crash, expect: warn }\n"
    "run: { seeds: 3..5, steps_max: 100, time: 2s, stop_after: never }\n"
    "expect: violation\n";

static void expect_rule(const struct rule *rule)
{
    CU_ASSERT_STRING_EQUAL(rule->kind, "delay");
    CU_ASSERT_EQUAL(rule->place.line, 19);
    CU_ASSERT_EQUAL(rule->target.pick, PICK_NAMED);
    CU_ASSERT_STRING_EQUAL(rule->target.names.name[1], "T2");
    CU_ASSERT_EQUAL(rule->when_count, 1);
    CU_ASSERT(rule->when[0].set && !rule->when[0].step.set);
    CU_ASSERT_EQUAL(rule->when[0].point.count, 2);
    CU_ASSERT_EQUAL(rule->when[0].hit.kind, DIST_UNIFORM);
    CU_ASSERT_EQUAL(rule->when[0].hit.b, 5);
    CU_ASSERT_EQUAL(rule->duration.unit, UNIT_STEPS);
    CU_ASSERT_EQUAL(rule->p_ppm, 300000);
    CU_ASSERT_EQUAL(rule->swarm_ppm, 1000000);
    CU_ASSERT_EQUAL(rule->limit, 2);
}

static void fields_are_filled(void)
{
    struct scenario *s = parse_good(full_text);
    CU_ASSERT_STRING_EQUAL(s->name, "all");
    CU_ASSERT_EQUAL(s->tags.count, 2);
    CU_ASSERT_STRING_EQUAL(s->system.algorithm.name[0], "treiber_stack");
    CU_ASSERT_EQUAL(s->system.algorithm.place[0].line, 6);
    CU_ASSERT_EQUAL(s->system.algorithm.place[0].column, 14);
    CU_ASSERT_STRING_EQUAL(s->system.variant.name[0], "aba");
    CU_ASSERT_EQUAL(s->system.settings_count, 4);
    CU_ASSERT_EQUAL(s->system.settings[0].number, 64);
    CU_ASSERT_FALSE(s->system.settings[1].is_number);
    CU_ASSERT_STRING_EQUAL(s->system.settings[1].text, "ebr");
    CU_ASSERT_EQUAL(s->system.settings[2].number, 50000000);
    CU_ASSERT_EQUAL(s->system.settings[3].number, 1);
    CU_ASSERT_EQUAL(s->system.threads, 3);
    CU_ASSERT_EQUAL(s->system.reuse, REUSE_NEWEST);
    CU_ASSERT(s->system.heap_fast);
    CU_ASSERT(s->system.freed_reads && s->system.leaks);
    CU_ASSERT_EQUAL(s->system.races, RACES_EXPLORE);
    CU_ASSERT_EQUAL(s->system.stack_size, 131072);
    CU_ASSERT_EQUAL(s->workload.ops_per_client, 5);
    CU_ASSERT_EQUAL(s->workload.mix_count, 2);
    CU_ASSERT_EQUAL(s->workload.mix[1].weight, 40);
    CU_ASSERT_EQUAL(s->schedule.strategy.count, 2);
    CU_ASSERT(s->schedule.preemptions_set && s->schedule.preemptions == 0);
    CU_ASSERT_EQUAL_FATAL(s->rules_count, 2); /* lock_free freezes one */
    CU_ASSERT_STRING_EQUAL(s->rules[1].kind, "pause");
    expect_rule(&s->rules[0]);
    CU_ASSERT_EQUAL(s->check.criterion, FL_STRICT);
    CU_ASSERT_EQUAL(s->check.progress, PROGRESS_LOCK_FREE);
    CU_ASSERT(s->check.memory_bound_set && s->check.retired_max == 9);
    CU_ASSERT(s->check.retired_after_crash && s->check.retired_warns);
    CU_ASSERT(s->run.first_seed == 3 && s->run.last_seed == 5);
    CU_ASSERT_EQUAL(s->run.time_ms, 2000);
    CU_ASSERT_EQUAL(s->run.stop_after, 0);
    CU_ASSERT_EQUAL(s->expect, EXPECT_VIOLATION);
    CU_ASSERT_PTR_NULL(s->skip);
    scenario_free(s);
}

static void defaults_stand_where_nothing_is_written(void)
{
    struct scenario *s = parse_good(NET);
    CU_ASSERT(s->system.replicas == 3 && s->system.clients == 2);
    CU_ASSERT_EQUAL(s->workload.ops_per_client, 4);
    CU_ASSERT_FALSE(s->network.set);
    CU_ASSERT_EQUAL(s->run.steps_max, 20000);
    CU_ASSERT_EQUAL(s->run.stop_after, 1);
    CU_ASSERT_EQUAL(s->check.criterion, FL_LINEARIZABLE);
    CU_ASSERT_FALSE(s->run.seeds_set);
    CU_ASSERT_STRING_EQUAL(s->about, "");
    scenario_free(s);
    scenario_free(NULL);

    s = parse_good(HEAD "workload: { program: [[push 4, pop], [], [pop]], "
                        "setup: [push -3] }\n");
    CU_ASSERT_EQUAL(s->system.threads, 3);
    CU_ASSERT_EQUAL(s->workload.program_count, 3);
    CU_ASSERT_EQUAL(s->workload.program[0].count, 2);
    CU_ASSERT_STRING_EQUAL(s->workload.program[0].calls[0].name, "push");
    CU_ASSERT_EQUAL(s->workload.program[0].calls[0].args[0], 4);
    CU_ASSERT_EQUAL(s->workload.program[1].count, 0);
    CU_ASSERT_EQUAL(s->workload.setup.calls[0].args[0], -3);
    scenario_free(s);
}

static void network_fields_are_filled(void)
{
    struct scenario *s = parse_good(
        NET "network:\n"
            "  default: { latency: { dist: mixture, p: 0.25, fast: 1ms, slow: "
            "{ dist: exponential, mean: 1s } }, loss: 5%, reorder: allowed }\n"
            "  links:\n"
            "    - { target: \"a<->b\", loss: { model: gilbert_elliott, p: "
            "0.01, r: 0.3, good: 0, bad: 0.8 } }\n");
    const struct link_model *all = &s->network.all;
    CU_ASSERT_EQUAL(all->latency.kind, DIST_MIXTURE);
    CU_ASSERT_EQUAL(all->latency.b, 250000);
    CU_ASSERT_EQUAL(all->latency.fast->a, 1000000);
    CU_ASSERT_EQUAL(all->latency.slow->kind, DIST_EXPONENTIAL);
    CU_ASSERT_EQUAL(all->latency.min, 0); /* no latency is negative */
    CU_ASSERT(all->loss_set && all->loss_ppm == 50000);
    CU_ASSERT(all->reorder_set && all->reorder);
    CU_ASSERT_EQUAL_FATAL(s->network.links_count, 1);
    const struct link_model *link = &s->network.links[0];
    CU_ASSERT_STRING_EQUAL(link->target, "a<->b");
    CU_ASSERT_EQUAL(link->place.line, 7);
    CU_ASSERT_EQUAL(link->loss_model, LOSS_GILBERT_ELLIOTT);
    CU_ASSERT(link->ge_p_ppm == 10000 && link->ge_r_ppm == 300000);
    CU_ASSERT(link->ge_bad_ppm == 800000 && !link->latency.set);
    scenario_free(s);
}

static void expect_skip(const char *text, const char *reason)
{
    struct scenario *s = parse_good(text);
    if (reason == NULL) {
        CU_ASSERT_PTR_NULL(s->skip);
    } else {
        CU_ASSERT_PTR_NOT_NULL_FATAL(s->skip);
        CU_ASSERT_PTR_NOT_NULL(strstr(s->skip, reason));
    }
    scenario_free(s);
}

/* What a crash may lose reaches the section of the check. */
static void losses_are_bounded(void)
{
    const char *said;
    const char *text =
        HEAD "check: { criterion: { buffered_strict: { max_loss: 5 ops } } }\n";
    struct scenario *s = parse(text, strlen(text), &said);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->check.criterion, FL_BUFFERED_STRICT);
    CU_ASSERT(s->check.loss_bounded && !s->check.loss_timed);
    CU_ASSERT_EQUAL(s->check.loss_max, 5);
    scenario_free(s);
    text =
        HEAD "check: { criterion: { buffered_durable: { max_loss: 2ms } } }\n";
    s = parse(text, strlen(text), &said);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->check.criterion, FL_BUFFERED_DURABLE);
    CU_ASSERT(!s->check.loss_bounded && s->check.loss_timed);
    CU_ASSERT_EQUAL(s->check.loss_ns, 2000000);
    scenario_free(s);
}

static void what_comes_later_parses_and_is_skipped(void)
{
    expect_skip(HEAD, NULL);
    expect_skip("scenario: 1\nname: a\nsystem: { kind: ranks, algorithm: q }\n",
                "kind: ranks comes later");
    expect_skip("scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, "
                "backend: real }\n",
                "backend: real comes later");
    expect_skip("scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q, "
                "memory: tso }\n",
                NULL);
    expect_skip(HEAD "check: { criterion: { buffered_durable: { max_loss: 5 "
                     "iterations } } }\n",
                "max_loss in iterations comes later");
    expect_skip(HEAD "check: { criterion: detectable }\n", NULL);
    expect_skip(HEAD "check: { criterion: nrl }\n",
                "criterion nrl comes later");
    expect_skip(HEAD "check: { criterion: buffered_strict }\n", NULL);
    expect_skip(HEAD "check: { model: group_state_machine }\n",
                "model group_state_machine comes later");
    expect_skip(HEAD "check: { progress: wait_free, steps_bound: 9 }\n", NULL);
    expect_skip(HEAD "disk: { default: { write: 1ms } }\n",
                "simulated disks come later");
}

static void expect_loads(const char *path, const char *reason)
{
    struct scenario *s = scenario_load(path, stdout);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    if (reason == NULL) {
        CU_ASSERT_PTR_NULL(s->skip);
    } else {
        CU_ASSERT_PTR_NOT_NULL_FATAL(s->skip);
        CU_ASSERT_PTR_NOT_NULL(strstr(s->skip, reason));
    }
    scenario_free(s);
}

/* The four files of the design, and what stands in the way of each. */
static const struct {
    const char *name;
    const char *reason;
} designs[] = {
    {"abd.yaml", NULL},
    {"msqueue.yaml", NULL},
    {"hami.yaml", "backend: real comes later"},
    {"ckpt.yaml", "kind: ranks comes later"},
};

static void four_files_of_the_design_load(void)
{
    for (size_t i = 0; i < 4; i++) {
        char path[256];
        snprintf(path, sizeof(path), "tests/data/scenarios/%s",
                 designs[i].name);
        expect_loads(path, designs[i].reason);
    }
}

static void four_files_beside_the_repository_load(void)
{
    char path[512];
    if (!tap_shared(path, sizeof(path), "design/scenarios/abd.yaml")) {
        TAP_SKIP("design/scenarios is not there; set FAULTLINE_SHARED");
    }
    for (size_t i = 0; i < 4; i++) {
        char name[128];
        snprintf(name, sizeof(name), "design/scenarios/%s", designs[i].name);
        CU_ASSERT_TRUE(tap_shared(path, sizeof(path), name));
        expect_loads(path, designs[i].reason);
    }
}

static void files_that_are_none_are_refused(void)
{
    char said[1024] = "";
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    CU_ASSERT_PTR_NULL(scenario_load("/nowhere/a.yaml", errors));
    CU_ASSERT_PTR_NULL(scenario_load("/tmp", errors));
    (void)fclose(errors);
    CU_ASSERT_STRING_EQUAL(
        said, "/nowhere/a.yaml: error: cannot be read: No such file or "
              "directory; `faultline list scenarios` shows what there is\n"
              "/tmp: error: cannot be read: it is a directory; `faultline "
              "list scenarios` shows what there is\n");
}

static void later_errors_look_the_same(void)
{
    struct scenario *s = parse_good(HEAD);
    char said[512] = "";
    FILE *errors = fmemopen(said, sizeof(said), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    scenario_complain(s, s->system.algorithm.place[0], errors,
                      "there is no algorithm '%s'", "q");
    (void)fclose(errors);
    CU_ASSERT_STRING_EQUAL(said,
                           "a.yaml:3:37: error: there is no algorithm 'q'\n"
                           "    system: { kind: threads, algorithm: q }\n"
                           "                                        ^\n");
    scenario_free(s);
}

static void nearest_word_is_one_that_was_meant(void)
{
    static const char *const words[] = {"threads", "processes", "ms_queue", "p",
                                        NULL};
    CU_ASSERT_STRING_EQUAL(scenario_nearest("thread", words), "threads");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("ms-queue", words), "ms_queue");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("porcesses", words), "processes");
    CU_ASSERT_STRING_EQUAL(scenario_nearest("process", words), "processes");
    CU_ASSERT_PTR_NULL(scenario_nearest("", words));
    CU_ASSERT_PTR_NULL(scenario_nearest("ranks", words));
    CU_ASSERT_PTR_NULL(scenario_nearest("x", words));
}

/* The schema names them, and cannot see them. */
static void strategies_are_those_of_the_schema(void)
{
    for (size_t i = 0; strategies[i] != NULL; i++) {
        char text[256];
        snprintf(text, sizeof(text), HEAD "schedule: { strategy: %s }\n",
                 strategies[i]->name);
        scenario_free(parse_good(text));
    }
    CU_ASSERT_PTR_NOT_NULL(strategy_find("random"));
    CU_ASSERT_PTR_NOT_NULL(strategy_find("exhaustive"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"all errors come in one pass, in order",
         all_errors_come_in_one_pass_in_order},
        {"long lines are cut around the caret",
         long_lines_are_cut_around_the_caret},
        {"fields are filled", fields_are_filled},
        {"defaults stand where nothing is written",
         defaults_stand_where_nothing_is_written},
        {"network fields are filled", network_fields_are_filled},
        {"losses are bounded", losses_are_bounded},
        {"what comes later parses and is skipped",
         what_comes_later_parses_and_is_skipped},
        {"the four files of the design load", four_files_of_the_design_load},
        {"the four files beside the repository load",
         four_files_beside_the_repository_load},
        {"files that are none are refused", files_that_are_none_are_refused},
        {"later errors look the same", later_errors_look_the_same},
        {"the nearest word is one that was meant",
         nearest_word_is_one_that_was_meant},
        {"strategies are those of the schema",
         strategies_are_those_of_the_schema},
        {NULL, NULL},
    };
    return tap_run("scenario", cases);
}
