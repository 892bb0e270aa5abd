/*
 * Benchmarks of recording: what it costs the code under test.
 *
 * The code under test is one atomic addition.  Its loop runs with recording
 * and without it, in turns; the cost is the difference, in time of the
 * processor: that others used it meanwhile is no cost of recording.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/bench.h"
#include "checker/operations.h"
#include "checker/recorder.h"

#include <assert.h>
#include <stdatomic.h>
#include <time.h>

enum {
    OPERATIONS = 1 << 18,
    TURNS = 8, /* the least of so many: others share the caches */
};

/* How the client records. */
enum style {
    CHAINED, /* a reading an operation */
    DRAINED, /* the same, and waiting for stores */
    APART,   /* two readings an operation */
};

/* Time of the processor that this thread has used. */
static uint64_t used_ns(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static uint64_t run_bare(void)
{
    atomic_long value = 0;
    uint64_t started = used_ns();
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        (void)atomic_fetch_add(&value, 1);
    }
    return used_ns() - started;
}

static uint64_t run(struct fl_recording *c, enum style style)
{
    atomic_long value = 0;
    uint64_t started = used_ns();
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        switch (style) {
        case CHAINED:
            fl_record_next(c, FL_COUNTER_ADD, FL_NONE, 1, 0);
            fl_record_return_seen(c, atomic_fetch_add(&value, 1));
            break;
        case DRAINED:
            fl_record_next(c, FL_COUNTER_ADD, FL_NONE, 1, 0);
            fl_record_return(c, atomic_fetch_add(&value, 1));
            break;
        case APART:
            fl_record_call(c, FL_COUNTER_ADD, FL_NONE, 1, 0);
            fl_record_return_seen(c, atomic_fetch_add(&value, 1));
            break;
        }
    }
    return used_ns() - started;
}

/* One turn with recording, in memory that was touched before. */
static bool record(enum style style, uint64_t *ns)
{
    struct fl_recording_options options = {FL_CLOCK_BEST, OPERATIONS};
    struct fl_recorder *r =
        fl_recorder_new(fl_model_find("counter"), 1, &options);
    if (r == NULL) {
        return false;
    }
    assert(fl_recorder_clock(r)->hertz > 0);
    *ns = run(fl_recorder_client(r, 0), style);
    fl_recorder_free(r);
    return true;
}

static bool measure(enum style style, double *value)
{
    uint64_t bare = UINT64_MAX;
    uint64_t recorded = UINT64_MAX;
    for (uint32_t i = 0; i < TURNS; i++) {
        uint64_t without = run_bare();
        uint64_t with = 0;
        if (!record(style, &with)) {
            return false;
        }
        bare = without < bare ? without : bare;
        recorded = with < recorded ? with : recorded;
    }
    *value = ((double)recorded - (double)bare) / OPERATIONS;
    return true;
}

bool bench_record_chained(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return measure(CHAINED, value);
}

bool bench_record_drained(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return measure(DRAINED, value);
}

bool bench_record_apart(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    return measure(APART, value);
}

bool bench_record_error(const struct bench *bench, double *value)
{
    struct fl_clock clock;
    assert(bench != NULL && value != NULL);
    fl_clock_find(&clock, FL_CLOCK_BEST);
    *value = (double)fl_clock_error_ns(&clock);
    return clock.measured;
}
