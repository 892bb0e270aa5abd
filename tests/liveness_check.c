/*
 * Liveness: after the final heal a core is up, and everybody finishes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    RUNS = 50
};

/* Three replicas; two of them crash for good before anything is written. */
static struct scenario *make_scenario(const char *core)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[2000];
    int size = snprintf(
        text, sizeof(text),
        "scenario: 1\nname: core\nsystem:\n  kind: network\n"
        "  algorithm: %s/algorithms/abd_register.so\n"
        "  nodes: { replica: 3, client: 2 }\n"
        "workload:\n  clients: { ops: 2 }\n"
        "network:\n  default:\n    latency: 1ms\n"
        "faults:\n"
        "  - kind: crash\n    target: { nodes: [replica1, replica2] }\n"
        "    when: { time: 1us }\n"
        "liveness: { heal_after: 2s, %s must_finish_within: 5s }\n",
        build == NULL ? "build" : build, core);
    struct scenario *s =
        scenario_parse("core.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    return s;
}

static void run_all(const char *core, enum run_end end)
{
    struct scenario *s = make_scenario(core);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome o;
        struct run_request request = {.seed = 5, .index = i};
        runner_run(r, &request, &o);
        ck_assert_msg(o.end == end, "run %llu: %s, %s", (unsigned long long)i,
                      run_end_name(o.end), o.detail);
        ck_assert_uint_ge(o.time, 2000000000);
    }
    runner_free(r);
    scenario_free(s);
}

START_TEST(nobody_finishes_without_a_majority)
{
    run_all("", RUN_NOT_RECOVERED);
}
END_TEST

START_TEST(a_majority_comes_back)
{
    run_all("core: majority,", RUN_FINISHED);
}
END_TEST

START_TEST(all_come_back)
{
    run_all("core: all,", RUN_FINISHED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("liveness");
    TCase *core = tcase_create("core");
    tcase_add_test(core, nobody_finishes_without_a_majority);
    tcase_add_test(core, a_majority_comes_back);
    tcase_add_test(core, all_come_back);
    suite_add_tcase(suite, core);
    return check_tap_run(suite);
}
