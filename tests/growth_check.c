/*
 * Growth: a worker makes any number of runs in the memory that it had after
 * the first few.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/run.h"
#include "tests/check_tap.h"

#include <malloc.h>
#include <string.h>

enum {
    WARM = 50000,  /* runs until tables are as full as they get */
    RUNS = 200000, /* in all */
    LIMIT_KB = 64 * 1024,
    SLACK_KB = 8, /* pages of libc's own that are first touched late */
};

static long resident_kb(void)
{
    char line[128];
    char *resident = line;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
    (void)fclose(file);
    ck_assert_int_gt(strtol(line, &resident, 10), 0);
    return strtol(resident, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Bytes in use, as libc knows them. */
static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static const struct subject {
    const char *system;
    const char *strategy;
} subjects[] = {
    {"algorithm: ms_queue, threads: 2", "random"},
    {"algorithm: ms_queue, threads: 2", NULL},
    {"algorithm: ms_queue, threads: 2, memory: c11", NULL},
    {"algorithm: ticket_lock, threads: 2, memory: tso", NULL},
};

START_TEST(no_run_leaves_anything_behind)
{
    char text[400];
    int size = snprintf(text, sizeof(text),
                        "scenario: 1\nname: growth\n"
                        "system: { kind: threads, %s }\n"
                        "workload: { ops_per_thread: 2 }\n",
                        subjects[_i].system);
    struct scenario *s =
        scenario_parse("growth.yaml", text, (size_t)size, stderr);
    ck_assert_ptr_nonnull(s);
    struct runner *r = runner_new(s, NULL, stderr);
    ck_assert_ptr_nonnull(r);
    (void)resident_kb(); /* looking takes memory, too, the first time */
    long before = 0;
    size_t held = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct run_outcome o;
        struct run_request q = {
            .seed = 5, .index = i, .strategy = subjects[_i].strategy};
        runner_run(r, &q, &o);
        ck_assert_int_ne(run_end_verdict(o.end), FL_VIOLATION);
        if (i == WARM) {
            before = resident_kb();
            held = allocated();
        }
    }
    long after = resident_kb();
    ck_assert_uint_eq(allocated(), held);
    ck_assert_int_gt(before, 0);
    ck_assert_msg(after - before <= SLACK_KB,
                  "%ld KB after %d runs, %ld KB "
                  "after %d",
                  before, WARM, after, RUNS);
    ck_assert_int_lt(after, LIMIT_KB);
    runner_free(r);
    scenario_free(s);
}
END_TEST

int main(void)
{
#if defined(__SANITIZE_ADDRESS__)
    puts("1..0 # SKIP the sanitizer keeps freed blocks for a while");
    return 0;
#endif
    Suite *suite = suite_create("growth");
    TCase *tcase = tcase_create("growth");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, no_run_leaves_anything_behind, 0,
                        sizeof(subjects) / sizeof(subjects[0]));
    suite_add_tcase(suite, tcase);
    return check_tap_run(suite);
}
