/*
 * The control words of floating point: each thread has its own, and who never
 * looks at that of SSE does not pay for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/plugin.h"
#include "harness/run.h"
#include "harness/scenario.h"
#include "tests/check_tap.h"

#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 300,
    TEXT = 1000,
    PATH = 300,
};

static const char *path_of(const char *name, char *path)
{
    const char *build = getenv("FAULTLINE_BUILD");
    int size =
        snprintf(path, PATH, "%s/%s.so", build == NULL ? "build" : build, name);
    ck_assert_int_lt(size, PATH);
    return path;
}

/* Some runs of the variant end before their time. */
static void run_all(const char *name, const char *variant)
{
    char path[PATH];
    char text[TEXT];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: modes\n"
                        "system: { kind: threads, algorithm: %s, "
                        "variant: %s }\n"
                        "workload: { ops_per_thread: 3 }\n"
                        "schedule: { strategy: random }\n",
                        path_of(name, path), variant);
    struct scenario *s =
        scenario_parse("modes.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    bool leaves = strcmp(variant, "leaves") == 0;
    uint64_t preemptions = 0;
    uint32_t left = 0;
    for (uint64_t i = 0; i < RUNS; i++) {
        struct run_outcome outcome;
        struct run_request request = {.mode = RUN_EXPLORE, .index = i};
        runner_run(r, &request, &outcome);
        bool gone = leaves && outcome.end == RUN_CRASHED;
        ck_assert_msg(gone || outcome.end == RUN_FINISHED, "run %d: %s", (int)i,
                      outcome.detail);
        left += gone ? 1 : 0;
        preemptions += outcome.preemptions;
    }
    ck_assert_uint_gt(preemptions, leaves ? 0 : RUNS);
    ck_assert_uint_ge(left, leaves ? RUNS / 2 : 0);
    runner_free(r);
    scenario_free(s);
}

START_TEST(each_thread_rounds_in_its_own_way)
{
    run_all("tests/plugins/modes", "sound");
    run_all("tests/plugins/modes_x87", "sound");
}
END_TEST

/* A run that was left in the middle leaves nothing behind. */
START_TEST(the_next_run_begins_as_a_program_does)
{
    run_all("tests/plugins/modes", "leaves");
    run_all("tests/plugins/modes_x87", "leaves");
}
END_TEST

static bool sets_modes(const char *name)
{
    char path[PATH];
    struct plugin *plugin = plugin_load(path_of(name, path), 1, stderr);
    ck_assert_ptr_nonnull(plugin);
    bool sets = plugin_sets_modes(plugin);
    plugin_free(plugin);
    return sets;
}

START_TEST(who_looks_at_them_is_known)
{
    ck_assert(sets_modes("tests/plugins/modes"));
    ck_assert(!sets_modes("tests/plugins/modes_x87"));
    ck_assert(!sets_modes("algorithms/ms_queue"));
    ck_assert(!sets_modes("algorithms/treiber_stack"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("modes");
    TCase *cases = tcase_create("modes");
    tcase_add_test(cases, each_thread_rounds_in_its_own_way);
    tcase_add_test(cases, the_next_run_begins_as_a_program_does);
    tcase_add_test(cases, who_looks_at_them_is_known);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
