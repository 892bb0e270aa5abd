/*
 * Texts of scenarios, parsed, and what was said about them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SCENARIO_FIXTURE_H
#define TESTS_SCENARIO_FIXTURE_H

#include "harness/scenario.h"
#include "tests/tap.h"

#include <string.h>

/* Three lines that make a scenario; a case adds from line 4 on. */
#define HEAD "scenario: 1\nname: a\nsystem: { kind: threads, algorithm: q }\n"
#define NET  "scenario: 1\nname: a\nsystem: { kind: network, algorithm: q }\n"

enum {
    SAID_MAX = 32 * 1024
};

/* Parses `text`; what was said is in *said, which is kept until the next. */
static inline struct scenario *parse(const char *text, size_t size,
                                     const char **said)
{
    static char buffer[SAID_MAX];
    memset(buffer, 0, sizeof(buffer));
    FILE *errors = fmemopen(buffer, sizeof(buffer), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(errors);
    struct scenario *scenario = scenario_parse("a.yaml", text, size, errors);
    (void)fclose(errors);
    *said = buffer;
    return scenario;
}

/* Parses `text`, which is legal; the caller ends the scenario. */
static inline struct scenario *parse_good(const char *text)
{
    const char *said;
    struct scenario *scenario = parse(text, strlen(text), &said);
    if (scenario == NULL) {
        printf("# %s# said %s", text, said);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    return scenario;
}

/* `text` is refused, and the first line said is `wanted`. */
static inline void refuse(const char *text, const char *wanted)
{
    const char *said;
    struct scenario *scenario = parse(text, strlen(text), &said);
    CU_ASSERT_PTR_NULL(scenario);
    scenario_free(scenario);
    size_t size = strcspn(said, "\n");
    if (size != strlen(wanted) || strncmp(said, wanted, size) != 0) {
        printf("# wanted %s\n# got    %.*s\n", wanted, (int)size, said);
        CU_FAIL("another complaint");
    }
}

/* A legal text, and its illegal neighbour with what is said about it. */
struct pair {
    const char *good;
    const char *bad;
    const char *wanted;
};

/* Tries each pair, up to one whose `bad` is NULL. */
static inline void try_pairs(const struct pair *pairs)
{
    for (const struct pair *pair = pairs; pair->bad != NULL; pair++) {
        if (pair->good != NULL) {
            scenario_free(parse_good(pair->good));
        }
        refuse(pair->bad, pair->wanted);
    }
}

#endif
