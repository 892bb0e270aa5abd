/*
 * Every way to decide, on histories with known verdicts: in depth, in breadth,
 * in turns, by monitor, by whoever is thought best, with one thread and with
 * four, and online.  All must say what the file says; and what a monitor or a
 * search is too slow for, none may say wrongly.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "checker/check.h"
#include "checker/format/jsonl.h"
#include "checker/model.h"
#include "checker/online.h"

#include <dirent.h>
#include <string.h>
#include <time.h>

enum {
    NODES_MAX = 2000000, /* model steps of one decision by search alone */
    JOBS = 4,
    WIDE_MAX = 1 /* histories that online has too many configurations; as
                  * many as 2^21 of them are not enough for one */
};

/* A way to decide. */
static const struct way {
    const char *name;
    enum fl_decider decider;
    enum fl_search_kind search;
    uint32_t undecided_max; /* that may take more than NODES_MAX steps */
} ways[] = {
    {"depth", FL_DECIDER_SEARCH, FL_SEARCH_DEPTH, 0},
    {"breadth", FL_DECIDER_SEARCH, FL_SEARCH_BREADTH, 0},
    {"portfolio", FL_DECIDER_SEARCH, FL_SEARCH_PORTFOLIO, 0},
    {"monitor", FL_DECIDER_MONITOR, FL_SEARCH_DEPTH, 0},
    {"auto", FL_DECIDER_AUTO, FL_SEARCH_DEPTH, 0},
};

enum {
    WAYS = sizeof(ways) / sizeof(ways[0])
};

/* What came of a way. */
struct count {
    uint32_t right;
    uint32_t wrong;
    uint32_t undecided;
    uint32_t monitored;
    double seconds;
};

struct tally {
    struct count of[2][WAYS]; /* one thread, several */
    struct count online;
    uint32_t histories;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add(struct count *count, enum fl_verdict verdict,
                const struct fl_header *header, const char *name)
{
    count->right += (int)verdict == header->expect;
    count->undecided += verdict == FL_INCONCLUSIVE;
    if ((int)verdict != header->expect && verdict != FL_INCONCLUSIVE) {
        count->wrong++;
        printf("# %s: %s (line %u) is said to be a %s\n", name, header->id,
               header->line, fl_verdict_name(verdict));
    }
}

/* Several threads take no budget of steps: they get one of time. */
static void decide(const struct fl_history *h, const struct fl_header *header,
                   uint32_t jobs, const struct way *way, struct count *count)
{
    struct fl_options options = {.capacity = header->capacity,
                                 .relax = header->relax,
                                 .decider = way->decider,
                                 .search = way->search,
                                 .jobs = jobs};
    if (header->criterion > 0) {
        options.criterion = (enum fl_criterion)header->criterion;
    }
    if (jobs > 1) {
        options.budget.milliseconds = 20000;
    } else {
        options.budget.nodes = NODES_MAX;
    }
    struct fl_result *r = NULL;
    double before = seconds();
    enum fl_status status = fl_check(h, &options, &r);
    count->seconds += seconds() - before;
    CU_ASSERT_EQUAL_FATAL(status, FL_OK);
    add(count, r->verdict, header, way->name);
    count->monitored += strncmp(r->decider, "monitor", 7) == 0;
    bool proved = r->verdict != FL_PASS ||
                  fl_witness_holds(h, &options, r->order, r->order_count);
    CU_ASSERT(proved);
    fl_result_free(r);
}

/* A client that goes on after a crash is another one, which a model that asks
 * who calls would know. */
static void follow(const struct fl_history *h, const struct fl_header *header,
                   struct count *count)
{
    struct fl_online *o =
        fl_online_new(&(struct fl_online_setup){.model = h->model,
                                                .initial = h->initial,
                                                .capacity = header->capacity,
                                                .relax = header->relax,
                                                .strings = h->strings});
    CU_ASSERT_PTR_NOT_NULL_FATAL(o);
    double before = seconds();
    enum fl_status status = FL_OK;
    for (uint32_t i = 0; i < h->count && status == FL_OK; i++) {
        struct fl_operation op = h->operations[i];
        op.client = h->model->by_client ? op.client : i;
        status = fl_online_operation(o, &op);
    }
    status = status == FL_OK ? fl_online_finish(o) : status;
    count->seconds += seconds() - before;
    CU_ASSERT_EQUAL(status, FL_OK);
    add(count, fl_online_verdict(o), header, "online");
    fl_online_free(o);
}

static void try_all(const struct fl_history *h, const struct fl_header *header,
                    struct tally *tally)
{
    tally->histories++;
    CU_ASSERT(header->expect == FL_PASS || header->expect == FL_VIOLATION);
    for (uint32_t w = 0; w < WAYS; w++) {
        decide(h, header, 1, &ways[w], &tally->of[0][w]);
        decide(h, header, JOBS, &ways[w], &tally->of[1][w]);
    }
    if (header->criterion <= (int)FL_LINEARIZABLE) {
        follow(h, header, &tally->online);
    }
}

static void read_file(const char *path, struct tally *tally)
{
    FILE *file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    struct fl_jsonl *reader = fl_jsonl_open(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    struct fl_error error;
    struct fl_header header;
    struct fl_history *h = NULL;
    enum fl_status status = fl_jsonl_next(reader, &h, &header, &error);
    while (status == FL_OK && h != NULL) {
        try_all(h, &header, tally);
        fl_history_free(h);
        status = fl_jsonl_next(reader, &h, &header, &error);
    }
    CU_ASSERT_EQUAL(status, FL_OK);
    fl_jsonl_close(reader);
    (void)fclose(file);
}

static void print_count(const char *name, uint32_t jobs,
                        const struct count *count)
{
    printf("# %-9s %u thread%s: %u right, %u undecided, %u by a monitor, "
           "%.0f ms\n",
           name, jobs, jobs == 1 ? " " : "s", count->right, count->undecided,
           count->monitored, count->seconds * 1e3);
    CU_ASSERT_EQUAL(count->wrong, 0);
}

static void judge(const struct tally *tally, uint32_t histories_min)
{
    CU_ASSERT(tally->histories >= histories_min);
    for (uint32_t w = 0; w < WAYS; w++) {
        for (uint32_t j = 0; j < 2; j++) {
            const struct count *count = &tally->of[j][w];
            print_count(ways[w].name, j == 0 ? 1 : JOBS, count);
            CU_ASSERT(count->undecided <= ways[w].undecided_max);
            CU_ASSERT_EQUAL(count->right + count->undecided, tally->histories);
        }
    }
    print_count("online", 1, &tally->online);
    CU_ASSERT(tally->online.undecided <= WIDE_MAX);
}

static void recorded_histories_have_one_verdict(void)
{
    char path[400];
    if (!tap_shared(path, sizeof(path), "data/histories")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally tally = {.histories = 0};
    DIR *dir = opendir(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        size_t size = strlen(entry->d_name);
        if (size > 6 && strcmp(entry->d_name + size - 6, ".jsonl") == 0) {
            char name[700];
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            read_file(name, &tally);
        }
    }
    closedir(dir);
    judge(&tally, 74);
}

static void synthetic_histories_have_one_verdict(void)
{
    char path[400];
    if (!tap_shared(path, sizeof(path), "data/synthetic/synthetic.jsonl")) {
        TAP_SKIP("no shared data (set FAULTLINE_SHARED)");
    }
    struct tally tally = {.histories = 0};
    read_file(path, &tally);
    judge(&tally, 300);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"recorded histories have one verdict",
         recorded_histories_have_one_verdict},
        {"synthetic histories have one verdict",
         synthetic_histories_have_one_verdict},
        {NULL, NULL},
    };
    return tap_run("ways", cases);
}
