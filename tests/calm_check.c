/*
 * Calm runs: the short ways of exploring do what the long ones do.
 *
 * A run that is recorded takes the long way at each point and access, as all
 * did once.  So each run here is made twice, and must come out the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/runner.h"
#include "tests/check_tap.h"

#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 250,
    TEXT = 1000,
    NAME = 200,
    OPERATIONS = 64,
};

/* One scenario: lines of `system`, and the strategy. */
struct sample {
    const char *algorithm; /* or a plug-in below the build directory */
    const char *variant;
    const char *lines;
    const char *strategy;
};

static const struct sample samples[] = {
    {"ms_queue", "sound", "", "random"},
    {"ms_queue", "sound", "  heap: fast\n", "random"},
    {"ms_queue", "sound", "  threads: 4\n", "random"},
    {"ms_queue", "no_recheck", "", "pct"},
    {"ms_queue", "sound", "  races: report\n", "random"},
    {"ms_queue", "sound", "  races: explore\n", "random"},
    {"ms_queue", "sound", "  memory: c11\n", "random"},
    {"ms_queue", "sound", "  memory: tso\n", "random"},
    {"ms_queue", "sound", "", "surw"},
    {"ms_queue", "sound", "", "coverage"},
    {"ms_queue", "sound", "", "pos"},
    {"ms_queue", "sound", "", "stall"},
    {"ms_queue", "sound", "", "urw"},
    {"ms_queue", "sound", "", "adversary"},
    {"ms_queue", "sound", "  heap: fast\n", "stall"},
    {"ms_queue", "sound", "  threads: 4\n", "stall"},
    {"ms_queue", "no_recheck", "  races: report\n", "pos"},
    {"ms_queue", "sound", "  races: explore\n", "stall"},
    {"ms_queue", "sound", "  memory: c11\n", "stall"},
    {"ms_queue", "sound", "  memory: tso\n", "surw"},
    {"two_lock_queue", "sound", "", "stall"},
    {"ck_stack", "freed", "", "stall"},
    {"mpsc_ring", "as_published", "  memory: c11\n", "urw"},
    {"treiber_stack", "aba", "", "sticky"},
    {"treiber_stack", "aba", "  reuse: newest\n", "delay"},
    {"two_lock_queue", "sound", "", "random"},
    {"two_lock_queue", "late_read", "  races: report\n", "random"},
    {"spin_lock", "sound", "", "random"},
    {"spin_lock", "test_then_set", "  threads: 3\n", "pct"},
    {"ticket_lock", "sound", "  threads: 3\n", "random"},
    {"ck_stack", "freed", "", "random"},
    {"urcu_stack", "sound", "", "random"},
    {"mpsc_ring", "as_published", "  memory: c11\n", "random"},
    {"dekker_lock", "polite", "", "round_robin"},
    {"tests/plugins/any_atomics", "sound", "", "random"},
    {"tests/plugins/any_atomics", "sound", "  heap: fast\n", "random"},
    {"tests/plugins/any_atomics", "sound", "  threads: 3\n", "sticky"},
    {"tests/plugins/any_atomics", "sound", "  threads: 3\n", "pos"},
    {"tests/plugins/lulls", "endless", "", "random"},
    {"tests/plugins/lulls", "later", "", "random"},
    {"tests/plugins/lulls", "later", "", "pos"},
};

static const char *name_algorithm(const struct sample *sample, char *name)
{
    const char *build = getenv("FAULTLINE_BUILD");
    if (strchr(sample->algorithm, '/') == NULL) {
        return sample->algorithm;
    }
    int size = snprintf(name, NAME, "%s/%s.so", build == NULL ? "build" : build,
                        sample->algorithm);
    ck_assert_int_lt(size, NAME);
    return name;
}

static struct scenario *parse(const struct sample *sample)
{
    char text[TEXT];
    char name[NAME];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: calm\nsystem:\n  kind: threads\n"
                        "  algorithm: %s\n  variant: %s\n%s"
                        "workload: { ops_per_thread: 3 }\n"
                        "schedule: { strategy: %s }\n",
                        name_algorithm(sample, name), sample->variant,
                        sample->lines, sample->strategy);
    struct scenario *s =
        scenario_parse("calm.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* What came of a run, in so far as recording it does not change it. */
struct came {
    struct run_outcome outcome;
    uint32_t count;
    uint32_t stamps;
    struct fl_operation operations[OPERATIONS];
};

static void make_run(struct runner *r, enum run_mode mode, uint64_t index,
                     struct came *came)
{
    struct run_request request = {.mode = mode, .seed = 11, .index = index};
    memset(came, 0, sizeof(*came));
    runner_run(r, &request, &came->outcome);
    const struct fl_history *h = came->outcome.history;
    ck_assert_uint_le(h->count, OPERATIONS);
    came->count = h->count;
    came->stamps = h->stamps;
    memcpy(came->operations, h->operations, h->count * sizeof(*h->operations));
}

static void compare(const struct came *a, const struct came *b)
{
    ck_assert_int_eq(a->outcome.end, b->outcome.end);
    ck_assert_int_eq(a->outcome.verdict, b->outcome.verdict);
    ck_assert_uint_eq(a->outcome.steps, b->outcome.steps);
    ck_assert_uint_eq(a->outcome.time, b->outcome.time);
    ck_assert_uint_eq(a->outcome.switches, b->outcome.switches);
    ck_assert_uint_eq(a->outcome.preemptions, b->outcome.preemptions);
    ck_assert_uint_eq(a->outcome.coarse, b->outcome.coarse);
    ck_assert_uint_eq(a->outcome.steps_most, b->outcome.steps_most);
    ck_assert_uint_eq(a->outcome.overtaken_most, b->outcome.overtaken_most);
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->stamps, b->stamps);
    ck_assert_mem_eq(a->operations, b->operations,
                     a->count * sizeof(a->operations[0]));
}

START_TEST(both_ways_come_to_the_same)
{
    const struct sample *sample = &samples[_i];
    struct scenario *s = parse(sample);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct came quick;
        struct came slow;
        make_run(r, RUN_EXPLORE, i, &quick);
        ck_assert(r->world.calm);
        make_run(r, RUN_RECORD, i, &slow);
        ck_assert(!r->world.calm && !r->world.plain_quick);
        compare(&quick, &slow);
    }
    runner_free(r);
    scenario_free(s);
}
END_TEST

START_TEST(what_disturbs_is_not_calm)
{
    static const char text[] =
        "scenario: 1\nname: busy\n"
        "system: { kind: threads, algorithm: ms_queue }\n"
        "workload: { ops_per_thread: 2 }\n"
        "faults:\n  - { kind: crash, p: 0.5 }\n";
    struct scenario *s =
        scenario_parse("busy.yaml", text, sizeof(text) - 1, stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    struct came came;
    make_run(r, RUN_EXPLORE, 1, &came);
    ck_assert(!r->world.calm);
    runner_free(r);
    scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calm");
    TCase *cases = tcase_create("calm");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, both_ways_come_to_the_same, 0,
                        sizeof(samples) / sizeof(samples[0]));
    tcase_add_test(cases, what_disturbs_is_not_calm);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
