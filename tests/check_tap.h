/*
 * The kit of the Check tests: a suite in, TAP on stdout.
 *
 * Check runs each case in a process of its own, so these tests are the ones
 * that may crash, hang, exit or be killed.
 *
 *     int main(void)
 *     {
 *         Suite *suite = suite_create("world");
 *         ...
 *         return check_tap_run(suite);
 *     }
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_CHECK_TAP_H
#define TESTS_CHECK_TAP_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Check writes a message to its father for each assertion that holds, so as to
 * know the last one before a crash: one for each line is enough, and leaves
 * loops of a million assertions their speed. */
static inline void check_mark(const char *file, int line)
{
    static bool met[512];
    bool *is_met = &met[(unsigned int)line % 512];
    if (!*is_met) {
        *is_met = true;
        (_mark_point)(file, line);
    }
}
#define _mark_point(file, line) check_mark(file, line)

/* Runs `suite`, which is used up, and prints it as TAP.  Returns the exit
 * status. */
static inline int check_tap_run(Suite *suite)
{
    SRunner *all = srunner_create(suite);
    srunner_set_tap(all, "-");
    srunner_run_all(all, CK_SILENT);
    int failed = srunner_ntests_failed(all);
    int ran = srunner_ntests_run(all);
    srunner_free(all);
    return failed == 0 && ran > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The whole program is skipped: prints that plan.  Check cannot skip a single
 * case; leave it out of the suite and print "# SKIP why" before.  Returns the
 * exit status. */
static inline int check_tap_skip_all(const char *reason)
{
    printf("1..0 # SKIP %s\n", reason);
    return EXIT_SUCCESS;
}

/*
 * Writes the path of `name` under the shared data into `path` (of `max`
 * bytes): below $FAULTLINE_SHARED, or ../shared beside the repository.  False
 * if it is not there.
 */
static inline bool check_tap_shared(char *path, size_t max, const char *name)
{
    const char *root = getenv("FAULTLINE_SHARED");
    int size =
        snprintf(path, max, "%s/%s",
                 root != NULL && root[0] != '\0' ? root : "../shared", name);
    return size > 0 && (size_t)size < max && access(path, R_OK) == 0;
}

#endif
