/*
 * The kit of the CUnit tests: a table of cases in, TAP on stdout.
 *
 * CUnit keeps the score; one handler prints a line for each case and the
 * place of each failed assertion, so that `prove` shows them beside those of
 * Check.  CUnit's own reports are not used: its JUnit writer aborts.
 *
 *     static void stack_is_lifo(void) { CU_ASSERT_EQUAL(pop(s), 2); }
 *
 *     int main(void)
 *     {
 *         static const struct tap_case cases[] = {
 *             {"a stack is last in, first out", stack_is_lifo},
 *             {NULL, NULL},
 *         };
 *         return tap_run("stack", cases);
 *     }
 *
 * It is all here, since each test is one file linked with the engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One case.  A table of them ends with {NULL, NULL}. */
struct tap_case {
    const char *name;
    void (*run)(void);
};

enum {
    TAP_FAILURES_SHOWN = 10 /* of one case; a loop may fail a million times */
};

/* The score that CUnit's handler has no argument for. */
struct tap_score {
    unsigned done;
    unsigned failed;
    char skipped[200]; /* why the running case was skipped; "" if it was not */
};

static inline struct tap_score *tap_score(void)
{
    static struct tap_score score;
    return &score;
}

/* Ends the running case as skipped, and says why: TAP_SKIP("no shared data").
 */
#define TAP_SKIP(reason)                                                   \
    do {                                                                   \
        snprintf(tap_score()->skipped, sizeof(tap_score()->skipped), "%s", \
                 (reason));                                                \
        return;                                                            \
    } while (0)

/* The whole program is skipped: prints that plan.  Returns the exit status. */
static inline int tap_skip_all(const char *reason)
{
    printf("1..0 # SKIP %s\n", reason);
    return EXIT_SUCCESS;
}

/* CUnit's handler: one case has ended; `failure` is its first or NULL. */
static inline void tap_case_done(const CU_pTest test, const CU_pSuite suite,
                                 const CU_pFailureRecord failure)
{
    (void)suite;
    struct tap_score *score = tap_score();
    score->done++;
    printf("%sok %u - %s", failure == NULL ? "" : "not ", score->done,
           test->pName);
    if (score->skipped[0] != '\0' && failure == NULL) {
        printf(" # SKIP %s", score->skipped);
    }
    printf("\n");
    score->skipped[0] = '\0';
    score->failed += failure == NULL ? 0 : 1;

    unsigned count = 0;
    for (CU_pFailureRecord f = failure; f != NULL; f = f->pNext) {
        if (f->pTest == test && count++ < TAP_FAILURES_SHOWN) {
            printf("#   %s:%u: %s\n", f->strFileName, f->uiLineNumber,
                   f->strCondition);
        }
    }
    if (count > TAP_FAILURES_SHOWN) {
        printf("#   and %u more\n", count - TAP_FAILURES_SHOWN);
    }
    (void)fflush(stdout);
}

/*
 * Runs `cases` in order and prints the plan, a line for each, and each failed
 * assertion as `file:line: condition`.  Once a program.  Returns the exit
 * status: failure if a case failed or did not run.
 */
static inline int tap_run(const char *suite, const struct tap_case *cases)
{
    unsigned count = 0;
    while (cases[count].name != NULL) {
        count++;
    }
    printf("1..%u\n", count);
    (void)fflush(stdout);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        printf("Bail out! CUnit has no memory\n");
        return EXIT_FAILURE;
    }
    CU_pSuite into = CU_add_suite(suite, NULL, NULL);
    for (unsigned i = 0; i < count; i++) {
        if (CU_add_test(into, cases[i].name, cases[i].run) == NULL) {
            printf("Bail out! %s: %s\n", cases[i].name, CU_get_error_msg());
            return EXIT_FAILURE;
        }
    }
    CU_set_test_complete_handler(tap_case_done);
    CU_set_error_action(CUEA_IGNORE);
    CU_run_all_tests();
    CU_cleanup_registry();
    bool all = tap_score()->done == count && tap_score()->failed == 0;
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * Writes the path of `name` under the shared data into `path` (of `max`
 * bytes): below $FAULTLINE_SHARED, or ../shared beside the repository, from
 * whose root tests are run.  False if it is not there: skip, and say why.
 */
static inline bool tap_shared(char *path, size_t max, const char *name)
{
    const char *root = getenv("FAULTLINE_SHARED");
    int size =
        snprintf(path, max, "%s/%s",
                 root != NULL && root[0] != '\0' ? root : "../shared", name);
    return size > 0 && (size_t)size < max && access(path, R_OK) == 0;
}

#endif
