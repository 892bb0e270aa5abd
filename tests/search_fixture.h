/*
 * A search of every schedule of a scenario, run to its end, and what it found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_SEARCH_FIXTURE_H
#define TESTS_SEARCH_FIXTURE_H

#include "harness/run.h"
#include "tests/check_tap.h"
#include "tests/found_fixture.h"

#include <string.h>

/* What is searched. */
struct searched {
    struct scenario *scenario;
    struct runner *runner;
};

/* How. */
struct search {
    const char *strategy; /* NULL: the scenario's */
    uint32_t preemptions;
    uint64_t most;                               /* runs; 0: all there are */
    uint64_t (*hash)(const struct fl_history *); /* NULL: hash_history() */
    bool judged; /* a run's state is how it ended; else what it says */
};

struct results {
    struct found states;
    struct found histories;
    uint64_t runs;
    struct search_tally tally;
    bool stuck;  /* some run came to no end */
    bool failed; /* some run was judged to be wrong */
    bool all;
};

/* With `judged`, histories are checked. */
static inline struct searched search_open(const char *text, bool judged)
{
    struct searched s = {
        .scenario = scenario_parse("search.yaml", text, strlen(text), stderr)};
    ck_assert_ptr_nonnull(s.scenario);
    s.runner = runner_new(s.scenario, NULL, stderr);
    ck_assert_ptr_nonnull(s.runner);
    runner_set_unchecked(s.runner, !judged);
    return s;
}

static inline void search_close(const struct searched *s)
{
    runner_free(s->runner);
    scenario_free(s->scenario);
}

/* One run more. */
static inline void search_keep(const struct search *how,
                               const struct run_outcome *o,
                               struct results *results)
{
    results->runs++;
    results->failed = results->failed || o->verdict == FL_VIOLATION;
    if (o->end == RUN_CUT) {
        return;
    }
    if (!how->judged && (o->end == RUN_LIVELOCK || o->end == RUN_DEADLOCK)) {
        results->stuck = true; /* which of the two: whether it spins */
        return;
    }
    ck_assert_msg(how->judged || o->end == RUN_INVARIANT, "%s: %s",
                  run_end_name(o->end), o->detail);
    note(&results->states,
         how->judged ? (uint64_t)o->end : hash_text(o->detail));
    note(&results->histories, how->hash == NULL ? hash_history(o->history, NULL)
                                                : how->hash(o->history));
}

static inline void search_all(const struct searched *s,
                              const struct search *how, struct results *results)
{
    memset(results, 0, sizeof(*results));
    struct run_outcome o = {.last = false};
    while (!o.last && (how->most == 0 || results->runs < how->most)) {
        struct run_request request = {.strategy = how->strategy,
                                      .exhaustive_next = results->runs > 0,
                                      .preemptions = how->preemptions};
        runner_run(s->runner, &request, &o);
        search_keep(how, &o, results);
    }
    results->all = o.last && o.exhausted;
    results->tally = o.tally;
}

/* Every state and history of one search is the other's. */
static inline bool search_same(const struct results *a, const struct results *b)
{
    return includes(&a->states, &b->states) &&
           includes(&b->states, &a->states) &&
           includes(&a->histories, &b->histories) &&
           includes(&b->histories, &a->histories);
}

/* A search that leaves something out has found what the whole one found. */
static inline void search_expect_same(uint64_t seed, const struct results *all,
                                      const struct results *some)
{
    ck_assert_msg(some->all && all->stuck == some->stuck, "seed %lu: not all",
                  (unsigned long)seed);
    ck_assert_msg(search_same(all, some),
                  "seed %lu: %u states, not %u; %u histories, not %u",
                  (unsigned long)seed, some->states.count, all->states.count,
                  some->histories.count, all->histories.count);
}

#endif
