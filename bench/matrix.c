/*
 * The matrix of flaws and strategies: which one takes how many executions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "harness/run.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/wall.h"

#include <assert.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEDS = 20, /* base seeds of a cell */
    FACTOR = 3, /* auto may take so many times what the best one does */
};

#define FIRST_SEED 0x5eed1au

/* One cell: medians.  UINT64_MAX: above the cap. */
struct cell {
    uint64_t executions;
    uint64_t ns;
};

struct row {
    const char *name;
    struct cell cells[STRATEGIES_MAX];
    uint32_t best;
    bool known; /* some strategy finds it below the cap */
    bool fair;  /* auto is within FACTOR of the best */
};

/* Those that sample: a search has no seeds to take a median over. */
static bool is_wanted(const struct strategy *s)
{
    return s->end == NULL;
}

static int compare(const void *a, const void *b)
{
    const struct cell *x = a;
    const struct cell *y = b;
    return (x->executions > y->executions) - (x->executions < y->executions);
}

/* Runs from one base seed until something fails. */
static struct cell find_first(struct runner *runner, const char *strategy,
                              uint64_t seed, uint64_t cap)
{
    struct run_request request = {
        .mode = RUN_EXPLORE, .seed = seed, .strategy = strategy};
    uint64_t started = wall_ns();
    for (request.index = 1; request.index <= cap; request.index++) {
        struct run_outcome outcome;
        runner_run(runner, &request, &outcome);
        if (run_end_verdict(outcome.end) == FL_VIOLATION) {
            return (struct cell){.executions = request.index,
                                 .ns = wall_ns() - started};
        }
    }
    return (struct cell){.executions = UINT64_MAX, .ns = UINT64_MAX};
}

/* The median of all seeds; known to be above the cap when half of them are. */
static struct cell measure(struct runner *runner, const char *strategy,
                           uint64_t cap)
{
    struct cell samples[SEEDS];
    uint32_t capped = 0;
    for (uint32_t i = 0; i < SEEDS; i++) {
        uint64_t seed = i == 0 ? FIRST_SEED : choice_seed_of(FIRST_SEED, i);
        samples[i] = find_first(runner, strategy, seed & UINT32_MAX, cap);
        capped += samples[i].executions == UINT64_MAX ? 1 : 0;
        if (capped > SEEDS / 2) {
            return samples[i];
        }
    }
    qsort(samples, SEEDS, sizeof(samples[0]), compare);
    return samples[SEEDS / 2];
}

/* What `auto` stands for is what runs where a scenario names nothing. */
static const char *asked(const struct strategy *s)
{
    return s->member != NULL ? NULL : s->name;
}

static void find_best(struct row *row)
{
    uint64_t best = UINT64_MAX;
    uint64_t mine = UINT64_MAX;
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        uint64_t executions = row->cells[i].executions;
        if (strategies[i]->member != NULL) {
            mine = executions;
        } else if (is_wanted(strategies[i]) && executions < best) {
            best = executions;
            row->best = i;
        }
    }
    row->known = best != UINT64_MAX;
    row->fair = !row->known || (mine != UINT64_MAX && mine <= FACTOR * best);
}

/* "123", or "> 10000". */
static const char *show(uint64_t value, uint64_t cap, char text[32])
{
    if (value == UINT64_MAX) {
        (void)snprintf(text, 32, "> %" PRIu64, cap);
    } else {
        (void)snprintf(text, 32, "%" PRIu64, value);
    }
    return text;
}

static void print_row(const struct row *row, uint64_t cap, FILE *out)
{
    (void)fprintf(out, "%-36s", row->name);
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (is_wanted(strategies[i])) {
            char text[32];
            (void)fprintf(out, " %11s",
                          show(row->cells[i].executions, cap, text));
        }
    }
    (void)fprintf(out, "  %s\n",
                  !row->known ? "above the cap"
                  : row->fair ? ""
                              : "auto is behind");
    (void)fflush(out);
}

static void print_markdown(const struct row *row, uint64_t cap, FILE *out)
{
    (void)fprintf(out, "| %s |", row->name);
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (is_wanted(strategies[i])) {
            const char *bold = row->known && i == row->best ? "**" : "";
            char text[32];
            (void)fprintf(out, " %s%s%s |", bold,
                          show(row->cells[i].executions, cap, text), bold);
        }
    }
    assert(strategies[0] != NULL && strategies[0]->member != NULL);
    uint64_t ns = row->cells[0].ns; /* of auto, the first of the list */
    if (ns == UINT64_MAX) {
        (void)fputs(" |", out);
    } else {
        (void)fprintf(out, " %.2f |", (double)ns / 1e6);
    }
    (void)fprintf(out, " %s |\n", row->fair ? "" : "behind");
}

static void print_heading(const struct matrix_request *request)
{
    (void)printf("%-36s", "executions to the first failure");
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (is_wanted(strategies[i])) {
            (void)printf(" %11s", strategies[i]->name);
        }
    }
    (void)putchar('\n');
    FILE *out = request->table;
    if (out == NULL) {
        return;
    }
    (void)fprintf(out,
                  "\n## Executions to the first failure\n\nThe median of %d "
                  "base seeds, at most %" PRIu64
                  " executions each, in one process; the best of each row is "
                  "bold. The\nmilliseconds are those of `auto`; *behind* marks "
                  "a row where it takes more than %d times the best.\n\n| flaw "
                  "|",
                  SEEDS, request->cap, FACTOR);
    uint32_t columns = 3;
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (is_wanted(strategies[i])) {
            (void)fprintf(out, " %s |", strategies[i]->name);
            columns++;
        }
    }
    (void)fputs(" ms | |\n|", out);
    while (columns-- > 0) {
        (void)fputs("---|", out);
    }
    (void)fputc('\n', out);
}

static bool measure_row(const struct matrix_request *request,
                        const struct scenario *scenario, struct row *row)
{
    struct runner *runner = runner_new(scenario, NULL, stderr);
    if (runner == NULL) {
        return false;
    }
    *row = (struct row){.name = scenario->name};
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        if (is_wanted(strategies[i])) {
            row->cells[i] = measure(runner, asked(strategies[i]), request->cap);
        }
    }
    find_best(row);
    runner_free(runner);
    print_row(row, request->cap, stdout);
    if (request->table != NULL) {
        print_markdown(row, request->cap, request->table);
    }
    return true;
}

bool matrix_measure(const struct matrix_request *request)
{
    assert(request != NULL && request->cap > 0);
    uint32_t rows = 0;
    uint32_t behind = 0;
    bool good = true;
    print_heading(request);
    for (uint32_t i = 0; i < request->count; i++) {
        struct scenario *s = scenario_load(request->paths[i], stderr);
        bool wanted =
            s != NULL && s->expect == EXPECT_VIOLATION && s->skip == NULL &&
            (request->only == NULL || fnmatch(request->only, s->name, 0) == 0);
        struct row row = {.fair = true};
        if (wanted) {
            bool measured = measure_row(request, s, &row);
            good = good && measured;
            rows += measured ? 1 : 0;
            behind += row.fair ? 0 : 1;
        }
        good = good && s != NULL;
        scenario_free(s);
    }
    (void)printf("%" PRIu32 " flaws; auto takes more than %d times the best "
                 "on %" PRIu32 "\n",
                 rows, FACTOR, behind);
    if (request->table != NULL) {
        (void)fprintf(request->table,
                      "\n%" PRIu32 " flaws; `auto` takes more than %d times "
                      "the best on %" PRIu32 " of them.\n",
                      rows, FACTOR, behind);
    }
    return good && rows > 0;
}
