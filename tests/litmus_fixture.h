/*
 * Running the litmus interpreter: programs in a small notation, and the set of
 * outcomes that a search, or chance, finds.
 *
 *     Wx1     store 1 to x             Rx      load x
 *     Ux1     add 1 to x, keep old     Xx1     exchange x for 1, keep old
 *     Cx1     swap 0 in x for 1        F       fence
 *     Px1     plain store              Qx      plain load
 *     Vx1     volatile store           Ox      volatile load
 *     L       lock                     N       unlock
 *     Hx      load the lower half of x       T       try the lock, and unlock
 *     S1      post the semaphore      S0      try to wait for it
 *
 * Instructions are parted by spaces, threads by slashes; an order may follow,
 * as in "Wx1.rel"; without one, it is that of the column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_LITMUS_FIXTURE_H
#define TESTS_LITMUS_FIXTURE_H

#include "harness/run.h"
#include "harness/sim/memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LITMUS_THREADS = 4,
    LITMUS_LENGTH = 5,
    LITMUS_BITS = 12,
    OUTCOMES_MAX = 4096,
    OUTCOME_SIZE = 32,
    /* Of four threads all schedules are too many; each of the shapes needs at
     * most one switch away from each thread that only stores. */
    SOME_PREEMPTIONS = 3,
    MANY_PREEMPTIONS = 3,
    ALL_PREEMPTIONS = 100,
};

/* The orders of a column: of loads, stores, updates, fences. */
struct column {
    enum order load;
    enum order store;
    enum order update;
};

static const struct column column_relaxed
    __attribute__((unused)) = {ORDER_RELAXED, ORDER_RELAXED, ORDER_RELAXED};
static const struct column column_ra
    __attribute__((unused)) = {ORDER_ACQUIRE, ORDER_RELEASE, ORDER_ACQ_REL};
static const struct column column_sc
    __attribute__((unused)) = {ORDER_SEQ_CST, ORDER_SEQ_CST, ORDER_SEQ_CST};

struct litmus_program {
    uint64_t code[LITMUS_THREADS];
    uint32_t threads;
    bool alone; /* one client makes the threads: no order of calls */
};

struct outcomes {
    uint32_t count;
    uint64_t runs;
    uint64_t races;
    struct search_tally tally; /* of the search */
    char text[OUTCOMES_MAX][OUTCOME_SIZE];
};

static const char litmus_letters[] = " RWUXFQPCLNOVHTS";

static enum order litmus_order(const char *name)
{
    static const char *const names[] = {"rlx", "con", "acq", "rel", "ar", "sc"};
    for (uint32_t i = 0; i < 6; i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0) {
            return (enum order)i;
        }
    }
    abort();
}

/* One instruction at `*text`, which moves behind it. */
static uint64_t litmus_instruction(const char **text,
                                   const struct column *column)
{
    const char *at = *text;
    const char *letter = strchr(litmus_letters, *at);
    uint64_t what = letter == NULL ? 0 : (uint64_t)(letter - litmus_letters);
    char c = *at++;
    uint64_t location = 0;
    uint64_t value = 0;
    if (*at >= 'w' && *at <= 'z') {
        location = *at == 'w' ? 3 : (uint64_t)(*at - 'x');
        at++;
    }
    if (*at >= '0' && *at <= '7') {
        value = (uint64_t)(*at++ - '0');
    }
    enum order order = c == 'R'   ? column->load
                       : c == 'W' ? column->store
                       : c == 'F' ? ORDER_SEQ_CST
                                  : column->update;
    if (*at == '.') {
        order = litmus_order(at + 1);
        at += strcspn(at, " /");
    }
    *text = at;
    return value << 9 | (uint64_t)order << 6 | location << 4 | what;
}

static inline struct litmus_program litmus_parse(const char *text,
                                                 const struct column *column)
{
    struct litmus_program p = {.threads = 1};
    uint32_t length = 0;
    while (*text != '\0') {
        if (*text == ' ') {
            text++;
        } else if (*text == '/') {
            text++;
            p.threads++;
            length = 0;
        } else {
            if (length == LITMUS_LENGTH || p.threads > LITMUS_THREADS) {
                abort();
            }
            p.code[p.threads - 1] |= litmus_instruction(&text, column)
                                     << (length++ * LITMUS_BITS);
        }
    }
    return p;
}

static void outcomes_note(struct outcomes *set, const char *text)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (strcmp(set->text[i], text) == 0) {
            return;
        }
    }
    if (set->count == OUTCOMES_MAX) {
        abort();
    }
    (void)snprintf(set->text[set->count++], OUTCOME_SIZE, "%s", text);
}

/* Whether an outcome fits `pattern`, in which a dot is any character. */
static inline bool outcomes_have(const struct outcomes *set,
                                 const char *pattern)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const char *text = set->text[i];
        uint32_t at = 0;
        while (pattern[at] != '\0' &&
               (pattern[at] == '.' || pattern[at] == text[at])) {
            at++;
        }
        if (pattern[at] == '\0') {
            return true;
        }
    }
    return false;
}

/* The scenario of a program; `settings` are more lines of `system`. */
static struct scenario *litmus_scenario(const struct litmus_program *p,
                                        const char *settings)
{
    const char *build = getenv("FAULTLINE_BUILD");
    char text[1200];
    int size =
        snprintf(text, sizeof(text),
                 "scenario: 1\nname: litmus\nsystem:\n  kind: threads\n"
                 "  algorithm: %s/tests/plugins/litmus.so\n  threads: %u\n"
                 "  params: { t0: %" PRIu64 ", t1: %" PRIu64 ", t2: %" PRIu64
                 ", t3: %" PRIu64 ", made: %u }\n  %s\n"
                 "workload: { ops_per_thread: 1 }\n",
                 build == NULL ? "build" : build, p->alone ? 1 : p->threads,
                 p->code[0], p->code[1], p->code[2], p->code[3],
                 p->alone ? p->threads - 1 : 0, settings);
    return scenario_parse("litmus.yaml", text, (size_t)size, stderr);
}

static void outcomes_take(struct outcomes *set, const struct run_outcome *o)
{
    set->runs++;
    if (o->end == RUN_RACE) {
        set->races++;
    } else if (o->end == RUN_INVARIANT) {
        outcomes_note(set, o->detail);
    } else if (o->end != RUN_CUT) { /* by dpor: what follows is known */
        fprintf(stderr, "%s: %s\n", run_end_name(o->end), o->detail);
        abort();
    }
}

/* All outcomes, by "exhaustive", a search of all schedules and all values up to
 * so many preemptions, or by "dpor", without a bound; false: it did not see
 * them all, or gave up after `runs_max`. */
static inline bool litmus_search_by(const char *strategy,
                                    const struct litmus_program *p,
                                    const char *settings, uint64_t runs_max,
                                    struct outcomes *set)
{
    struct scenario *scenario = litmus_scenario(p, settings);
    struct runner *runner =
        scenario == NULL ? NULL : runner_new(scenario, NULL, stderr);
    if (runner == NULL) {
        abort();
    }
    runner_set_unchecked(runner, true);
    set->count = 0;
    set->runs = 0;
    set->races = 0;
    struct run_outcome o = {.last = false};
    while (!o.last && set->runs < runs_max) {
        struct run_request request = {
            .strategy = strategy,
            .exhaustive_next = set->runs > 0,
            .preemptions = p->threads == LITMUS_THREADS ? SOME_PREEMPTIONS
                           : p->threads == 3            ? MANY_PREEMPTIONS
                                                        : ALL_PREEMPTIONS};
        runner_run(runner, &request, &o);
        outcomes_take(set, &o);
    }
    set->tally = o.tally;
    runner_free(runner);
    scenario_free(scenario);
    return o.last && o.exhausted;
}

static inline bool litmus_search(const struct litmus_program *p,
                                 const char *settings, uint64_t runs_max,
                                 struct outcomes *set)
{
    return litmus_search_by("exhaustive", p, settings, runs_max, set);
}

/* The outcomes of `runs` drawn runs, or of fewer if `wanted` comes before. */
static inline void litmus_draw(const struct litmus_program *p,
                               const char *settings, uint64_t runs,
                               const char *wanted, struct outcomes *set)
{
    struct scenario *scenario = litmus_scenario(p, settings);
    struct runner *runner =
        scenario == NULL ? NULL : runner_new(scenario, NULL, stderr);
    if (runner == NULL) {
        abort();
    }
    runner_set_unchecked(runner, true);
    set->count = 0;
    set->runs = 0;
    set->races = 0;
    while (set->runs < runs &&
           (wanted == NULL || !outcomes_have(set, wanted))) {
        struct run_outcome o;
        struct run_request request = {.seed = 5, .index = set->runs};
        runner_run(runner, &request, &o);
        outcomes_take(set, &o);
    }
    runner_free(runner);
    scenario_free(scenario);
}

#endif
