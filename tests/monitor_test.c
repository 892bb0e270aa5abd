/*
 * The monitors against the plain search, on random histories of six shapes
 * and of every model that has a monitor; the stack also against its plain
 * form; and the histories with known verdicts.
 *
 * MONITOR_HISTORIES sets how many random histories there are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/distinct_history.h"
#include "tests/monitored.h"
#include "tests/plain_stack.h"
#include "tests/show_history.h"
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/format/jsonl.h"
#include "checker/models/models.h"

#include <dirent.h>

enum {
    HISTORIES = 200000,
    WRONG_MOST = 5
};

/* What came of the histories of one model. */
struct tally {
    uint32_t histories;
    uint32_t passes;
    uint32_t violations;
    uint32_t decided; /* by a monitor */
    uint32_t wrong;
    uint32_t mute; /* violations without a pattern */
};

/* Whether a violation says what it is, with operations of the history. */
static bool tells(const struct fl_history *h, const struct fl_result *r)
{
    bool good = r->pattern[0] != '\0' && r->pattern_count > 0 &&
                r->pattern_count <= FL_PATTERN_OPERATIONS;
    for (uint32_t k = 0; good && k < r->pattern_count; k++) {
        good = r->pattern_operations[k] < h->count;
        for (uint32_t other = 0; good && other < k; other++) {
            good = r->pattern_operations[k] != r->pattern_operations[other];
        }
    }
    return good;
}

/* Decides `h` by the monitor and by the search. */
static void compare(struct fl_checker *checker, const struct fl_history *h,
                    uint32_t capacity, struct tally *t)
{
    const struct fl_result *r;
    struct fl_options options = {.capacity = capacity,
                                 .decider = FL_DECIDER_MONITOR};
    t->histories++;
    if (fl_checker_decide(checker, h, &options, &r) != FL_OK) {
        t->wrong++;
        return;
    }
    enum fl_verdict verdict = r->verdict;
    bool monitored_it = strncmp(r->decider, "monitor: ", 9) == 0;
    bool holds = verdict != FL_PASS ||
                 fl_witness_holds(h, &options, r->order, r->order_count);
    t->decided += monitored_it;
    t->mute += monitored_it && verdict == FL_VIOLATION && !tells(h, r);
    options.plain = true;
    if (fl_checker_decide(checker, h, &options, &r) != FL_OK) {
        t->wrong++;
        return;
    }
    t->passes += r->verdict == FL_PASS;
    t->violations += r->verdict == FL_VIOLATION;
    if (!holds || verdict != r->verdict || strcmp(r->decider, "search") != 0) {
        show_history(h, holds ? "the verdicts differ"
                              : "the witness does not hold");
        printf("#   the search says %s\n", fl_verdict_name(r->verdict));
        t->wrong++;
    }
}

static uint32_t histories_wanted(void)
{
    const char *wish = getenv("MONITOR_HISTORIES");
    long number = wish == NULL ? 0 : strtol(wish, NULL, 10);
    return number > 0 && number < UINT32_MAX ? (uint32_t)number : HISTORIES;
}

static void judge(const struct tally *t, const char *name)
{
    printf("# %s: %u histories, %u pass, %u fail, %u decided by the monitor\n",
           name, t->histories, t->passes, t->violations, t->decided);
    CU_ASSERT_EQUAL(t->wrong, 0);
    CU_ASSERT_EQUAL(t->mute, 0);
    CU_ASSERT(t->passes >= t->histories / 5);
    CU_ASSERT(t->violations >= t->histories / 5);
    CU_ASSERT(t->decided >= t->histories / 4);
}

static void monitors_agree_with_the_search(void)
{
    struct fl_checker *checker = fl_checker_new();
    struct fl_history *h =
        fl_history_new(monitored[0], DISTINCT_OPERATIONS_MAX, 0);
    struct fl_strings *strings = fl_strings_new();
    CU_ASSERT_FATAL(checker != NULL && h != NULL && strings != NULL);
    h->strings = fl_strings_hold(strings);
    struct tally tallies[MONITORED] = {{0}};
    uint64_t seed = 0x309170;
    uint32_t wanted = histories_wanted();
    for (uint32_t i = 0; i < wanted; i++) {
        struct tally *t = &tallies[i % MONITORED];
        struct distinct_wish wish = {
            .model = monitored[i % MONITORED],
            .operations = 3 + random_below(&seed, 10),
            .clients = 2 + random_below(&seed, 3),
            .shape = (enum shape)(i / MONITORED % SHAPES),
            .strings = strings,
        };
        distinct_history(h, &wish, &seed);
        if (t->wrong < WRONG_MOST) {
            compare(checker, h, 0, t);
        }
    }
    for (uint32_t k = 0; k < MONITORED; k++) {
        judge(&tallies[k], monitored[k]->name);
    }
    fl_strings_release(strings);
    fl_history_free(h);
    fl_checker_free(checker);
}

/* The stack's rule as it stands in the papers, in time n^2. */
static void the_stack_agrees_with_its_plain_form(void)
{
    struct fl_checker *checker = fl_checker_new();
    struct fl_history *h =
        fl_history_new(&fl_model_of_stack, DISTINCT_OPERATIONS_MAX, 0);
    CU_ASSERT_FATAL(checker != NULL && h != NULL);
    uint64_t seed = 0x57ac;
    uint32_t wrong = 0;
    uint32_t verdicts[2] = {0};
    for (uint32_t i = 0; i < 600; i++) {
        struct distinct_wish wish = {
            .model = &fl_model_of_stack,
            .operations = 16 + random_below(&seed, 48),
            .clients = 2 + random_below(&seed, 7),
            .shape = i % 3 == 0   ? SHAPE_LEGAL
                     : i % 3 == 1 ? SHAPE_SWAPPED
                                  : SHAPE_COARSE,
            .no_open = true,
            .no_repeats = true,
        };
        distinct_history(h, &wish, &seed);
        struct fl_options options = {.decider = FL_DECIDER_MONITOR};
        const struct fl_result *r;
        if (fl_checker_decide(checker, h, &options, &r) != FL_OK ||
            strcmp(r->decider, "monitor: stack") != 0 ||
            (r->verdict == FL_PASS) != plain_stack_passes(h)) {
            wrong++;
        }
        verdicts[r->verdict == FL_PASS]++;
    }
    printf("# %u pass, %u fail\n", verdicts[1], verdicts[0]);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(verdicts[0] >= 120);
    CU_ASSERT(verdicts[1] >= 120);
    fl_history_free(h);
    fl_checker_free(checker);
}

/* Decides a recorded history by the monitor, which must say what its header
 * says. */
static void decide_known(const struct fl_history *h,
                         const struct fl_header *header, struct tally *t)
{
    if (header->criterion > 0) {
        return;
    }
    struct fl_options options = {
        .capacity = header->capacity,
        .decider = FL_DECIDER_MONITOR,
        .budget = {.milliseconds = 20000},
    };
    struct fl_result *r = NULL;
    t->histories++;
    if (fl_check(h, &options, &r) != FL_OK) {
        t->wrong++;
        return;
    }
    bool monitored_it = strncmp(r->decider, "monitor: ", 9) == 0;
    t->decided += monitored_it;
    t->mute += monitored_it && r->verdict == FL_VIOLATION && !tells(h, r);
    t->passes += r->verdict == FL_PASS;
    t->violations += r->verdict == FL_VIOLATION;
    if ((int)r->verdict != header->expect ||
        (r->verdict == FL_PASS &&
         !fl_witness_holds(h, &options, r->order, r->order_count))) {
        printf("# %s line %u: %s by %s\n", header->id, header->line,
               fl_verdict_name(r->verdict), r->decider);
        t->wrong++;
    }
    fl_result_free(r);
}

static void read_file(const char *path, struct tally *t)
{
    FILE *file = fopen(path, "r");
    struct fl_jsonl *reader = file == NULL ? NULL : fl_jsonl_open(file);
    CU_ASSERT_FATAL(reader != NULL);
    struct fl_error error;
    struct fl_header header;
    struct fl_history *h = NULL;
    enum fl_status status = fl_jsonl_next(reader, &h, &header, &error);
    while (status == FL_OK && h != NULL) {
        decide_known(h, &header, t);
        fl_history_free(h);
        status = fl_jsonl_next(reader, &h, &header, &error);
    }
    CU_ASSERT_EQUAL(status, FL_OK);
    fl_jsonl_close(reader);
    (void)fclose(file);
}

static void recorded_histories_have_their_verdicts(void)
{
    char folder[400];
    if (!tap_shared(folder, sizeof(folder), "data/histories")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally t = {0};
    DIR *dir = opendir(folder);
    CU_ASSERT_FATAL(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        size_t size = strlen(entry->d_name);
        if (size > 6 && strcmp(entry->d_name + size - 6, ".jsonl") == 0) {
            char path[700];
            snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
            read_file(path, &t);
        }
    }
    closedir(dir);
    printf("# %u histories, %u by a monitor\n", t.histories, t.decided);
    CU_ASSERT(t.histories >= 74);
    CU_ASSERT_EQUAL(t.wrong, 0);
    CU_ASSERT_EQUAL(t.mute, 0);
}

static void synthetic_histories_have_their_verdicts(void)
{
    char path[400];
    if (!tap_shared(path, sizeof(path), "data/synthetic/synthetic.jsonl")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally t = {0};
    read_file(path, &t);
    printf("# %u histories, %u by a monitor\n", t.histories, t.decided);
    CU_ASSERT_EQUAL(t.histories, 300);
    CU_ASSERT(t.decided >= 150);
    CU_ASSERT_EQUAL(t.wrong, 0);
    CU_ASSERT_EQUAL(t.mute, 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"monitors agree with the search", monitors_agree_with_the_search},
        {"the stack agrees with its plain form",
         the_stack_agrees_with_its_plain_form},
        {"recorded histories have their verdicts",
         recorded_histories_have_their_verdicts},
        {"synthetic histories have their verdicts",
         synthetic_histories_have_their_verdicts},
        {NULL, NULL},
    };
    return tap_run("monitor", cases);
}
