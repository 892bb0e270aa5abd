/*
 * The kit of the tests for which all modes must make the same run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_AGREE_FIXTURE_H
#define TESTS_AGREE_FIXTURE_H

#include "harness/run.h"
#include "tests/check_tap.h"

#include <string.h>

enum {
    OPS_MAX = 512 /* of a history */
};

/* What must be the same. */
struct agree_seen {
    enum run_end end;
    uint64_t steps;
    uint64_t switches;
    uint64_t preemptions;
    uint64_t time;
    uint64_t digest;
    uint32_t count;
    uint32_t events;
    struct fl_operation operations[OPS_MAX];
};

static inline void agree_keep(const struct run_outcome *o,
                              struct agree_seen *seen)
{
    const struct fl_history *h = o->history;
    *seen =
        (struct agree_seen){.end = o->end,
                            .steps = o->steps,
                            .switches = o->switches,
                            .preemptions = o->preemptions,
                            .time = o->time,
                            .digest = o->digest,
                            .count = h->count < OPS_MAX ? h->count : OPS_MAX,
                            .events = h->events_count};
    memcpy(seen->operations, h->operations,
           seen->count * sizeof(seen->operations[0]));
}

/* Compares but for the digest, which takes in accesses only when recording. */
static inline void agree_compare(const char *what, uint64_t index,
                                 const struct agree_seen *a,
                                 const struct agree_seen *b)
{
    ck_assert_msg(a->end == b->end, "run %lu, %s: '%s' became '%s'",
                  (unsigned long)index, what, run_end_name(a->end),
                  run_end_name(b->end));
    ck_assert_msg(a->steps == b->steps && a->switches == b->switches &&
                      a->preemptions == b->preemptions && a->time == b->time,
                  "run %lu, %s: %lu steps, %lu switches, %lu ns became %lu, "
                  "%lu, %lu",
                  (unsigned long)index, what, (unsigned long)a->steps,
                  (unsigned long)a->switches, (unsigned long)a->time,
                  (unsigned long)b->steps, (unsigned long)b->switches,
                  (unsigned long)b->time);
    ck_assert_msg(a->count == b->count && a->events == b->events &&
                      memcmp(a->operations, b->operations,
                             a->count * sizeof(a->operations[0])) == 0,
                  "run %lu, %s: another history", (unsigned long)index, what);
}

static inline void agree_run(struct runner *r,
                             const struct run_request *request,
                             struct agree_seen *seen)
{
    struct run_outcome o;
    runner_run(r, request, &o);
    agree_keep(&o, seen);
}

/* The clock on the wall ends a loop without a point, so where is chance. */
static inline bool agree_is_chance(const struct agree_seen *seen)
{
    return seen->end == RUN_STUCK;
}

/* `searches`: the next run of an exhaustive search is the next schedule, so
 * that it can be recorded, and not explored again. */
static inline void agree_once(struct runner *r, uint64_t seed, uint64_t index,
                              bool searches)
{
    static struct agree_seen first;
    static struct agree_seen other;
    static struct agree_seen recorded;
    struct run_request request = {.seed = seed, .index = index};
    agree_run(r, &request, &first);
    if (agree_is_chance(&first)) {
        return;
    }
    for (int again = 0; again < 2 && !searches; again++) {
        request.second = again == 1;
        agree_run(r, &request, &other);
        agree_compare("explored again", index, &first, &other);
        ck_assert_uint_eq(first.digest, other.digest);
    }
    request.second = false;
    request.mode = RUN_RECORD;
    agree_run(r, &request, &recorded);
    agree_compare("recorded", index, &first, &recorded);
    struct trace *trace = runner_trace(r);
    struct run_request replay = {.mode = RUN_REPLAY, .trace = trace};
    agree_run(r, &replay, &other);
    agree_compare("replayed", index, &recorded, &other);
    ck_assert_uint_eq(recorded.digest, other.digest);
    replay.mode = RUN_TOLERANT;
    agree_run(r, &replay, &other);
    agree_compare("replayed tolerantly", index, &recorded, &other);
    ck_assert_uint_eq(recorded.digest, other.digest);
    trace_free(trace);
}

/* How many runs: $AGREE_RUNS, or `otherwise`. */
static inline uint64_t agree_runs(uint64_t otherwise)
{
    const char *more = getenv("AGREE_RUNS");
    return more == NULL ? otherwise : strtoul(more, NULL, 10);
}

#endif
