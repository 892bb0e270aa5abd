/*
 * Recording from real threads: clocks whose error is a bound, histories that
 * never claim an order that was not, clients, pages, and what is left open.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/recorder.h"

#include "checker/operations.h"
#include "tests/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    THREADS = 3,
    EACH = 3000
};

static void a_clock_has_an_error(void)
{
    static const enum fl_clock_kind kinds[] = {FL_CLOCK_BEST, FL_CLOCK_CPU,
                                               FL_CLOCK_SYSTEM};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct fl_clock clock;
        fl_clock_find(&clock, kinds[i]);
        CU_ASSERT_NOT_EQUAL(clock.kind, FL_CLOCK_BEST);
        CU_ASSERT(clock.error > 0);
        CU_ASSERT(clock.hertz > 1000000);
        CU_ASSERT(fl_clock_error_ns(&clock) > 0);
        uint64_t before = clock.error;
        fl_clock_measure_again(&clock);
        CU_ASSERT(clock.error >= before);
        uint64_t from = fl_clock_system();
        uint64_t first = fl_clock_before(clock.kind);
        while (fl_clock_system() - from < 20000000) {
        }
        uint64_t took = fl_clock_after(clock.kind) - first;
        /* 20 ms, give or take what the other processes of the machine do */
        CU_ASSERT(took > clock.hertz / 100);
    }
    struct fl_clock counter;
    fl_clock_find(&counter, FL_CLOCK_COUNTER);
    CU_ASSERT_EQUAL(counter.error, 0);
    CU_ASSERT_EQUAL(fl_clock_error_ns(&counter), 0);
}

/* The history of what one thread did is its order, whatever the clock. */
static void one_client_is_in_order(void)
{
    for (int kind = FL_CLOCK_BEST; kind <= FL_CLOCK_COUNTER; kind++) {
        struct fl_recording_options options = {(enum fl_clock_kind)kind, 16};
        struct fl_recorder *r =
            fl_recorder_new(fl_model_find("queue"), 2, &options);
        CU_ASSERT_PTR_NOT_NULL_FATAL(r);
        struct fl_recording *c = fl_recorder_client(r, 1);
        for (fl_value i = 0; i < 100; i++) {
            fl_record_call(c, FL_QUEUE_ENQUEUE, FL_NONE, i, 0);
            fl_record_return(c, FL_NONE);
        }
        struct fl_history *h = NULL;
        CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(r, &h), FL_OK);
        CU_ASSERT_EQUAL(h->count, 100);
        CU_ASSERT_EQUAL(h->stamps, 200);
        CU_ASSERT_EQUAL(fl_history_overlap(h), FL_OPEN);
        bool seen[100] = {false};
        for (uint32_t i = 0; i < h->count; i++) {
            const struct fl_operation *op = &h->operations[i];
            CU_ASSERT_EQUAL(op->client % 2, 1);
            CU_ASSERT_EQUAL(op->fn, FL_QUEUE_ENQUEUE);
            CU_ASSERT_FATAL(op->args[0] >= 0 && op->args[0] < 100);
            seen[op->args[0]] = true;
            if (kind == FL_CLOCK_COUNTER) {
                CU_ASSERT_EQUAL(op->args[0], (fl_value)i);
                CU_ASSERT_EQUAL(op->client, 1);
            }
        }
        CU_ASSERT_PTR_NULL(memchr(seen, 0, sizeof(seen)));
        fl_history_free(h);
        fl_recorder_free(r);
    }
}

static void what_has_not_returned_is_open(void)
{
    struct fl_recording_options options = {FL_CLOCK_COUNTER, 2};
    struct fl_recorder *r =
        fl_recorder_new(fl_model_find("queue"), 2, &options);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    struct fl_recording *a = fl_recorder_client(r, 0);
    struct fl_recording *b = fl_recorder_client(r, 1);
    fl_record_call(a, FL_QUEUE_ENQUEUE, FL_NONE, 1, 0);
    fl_record_give_up(a);
    fl_record_call(a, FL_QUEUE_ENQUEUE, FL_NONE, 2, 0);
    fl_record_cancel(a);
    fl_record_call(a, FL_QUEUE_ENQUEUE, FL_NONE, 3, 0);
    fl_record_return_seen(a, FL_NONE);
    fl_record_call(b, FL_QUEUE_DEQUEUE, FL_NONE, 0, 0);
    struct fl_history *h = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(r, &h), FL_OK);
    CU_ASSERT_EQUAL_FATAL(h->count, 3);
    CU_ASSERT_EQUAL(h->operations[0].args[0], 1);
    CU_ASSERT_EQUAL(h->operations[0].ret, FL_OPEN);
    CU_ASSERT_EQUAL(h->operations[1].args[0], 3);
    CU_ASSERT_EQUAL(h->operations[1].ret, 2);
    CU_ASSERT_EQUAL(h->operations[1].client, 2); /* 0 has given up */
    CU_ASSERT_EQUAL(h->operations[2].fn, FL_QUEUE_DEQUEUE);
    CU_ASSERT_EQUAL(h->operations[2].ret, FL_OPEN);
    CU_ASSERT_EQUAL(h->operations[2].client, 1);
    fl_history_free(h);
    fl_record_return(b, 3); /* recording may go on */
    CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(r, &h), FL_OK);
    CU_ASSERT_EQUAL(h->operations[2].result, 3);
    struct fl_result *result = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, NULL, &result), FL_OK);
    CU_ASSERT_EQUAL(result->verdict, FL_PASS);
    fl_result_free(result);
    fl_history_free(h);
    fl_recorder_free(r);
}

static void an_owner_keeps_its_name(void)
{
    struct fl_recorder *r = fl_recorder_new(fl_model_find("lock"), 1, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    CU_ASSERT_EQUAL(fl_recorder_clock(r)->kind, FL_CLOCK_COUNTER);
    struct fl_recording *c = fl_recorder_client(r, 0);
    for (uint32_t i = 0; i < 10; i++) {
        fl_record_next(c, i % 2 == 0 ? FL_LOCK_ACQUIRE : FL_LOCK_RELEASE,
                       FL_NONE, 0, 0);
        fl_record_return(c, FL_NONE);
    }
    struct fl_history *h = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(r, &h), FL_OK);
    for (uint32_t i = 0; i < h->count; i++) {
        CU_ASSERT_EQUAL(h->operations[i].client, 0);
        CU_ASSERT_EQUAL(h->operations[i].call, 2 * i);
    }
    fl_history_free(h);
    fl_recorder_free(r);
}

/* --- threads -------------------------------------------------------------- */

struct crew {
    struct fl_recorder *recorder;
    atomic_long value;
    atomic_uint ready;
    bool torn; /* the addition is a load and a store */
    bool chained;
};

struct member {
    struct crew *crew;
    uint32_t client;
};

static void *work(void *data)
{
    struct member *me = data;
    struct crew *crew = me->crew;
    struct fl_recording *c = fl_recorder_client(crew->recorder, me->client);
    atomic_fetch_add(&crew->ready, 1);
    while (atomic_load(&crew->ready) < THREADS) {
    }
    for (int i = 0; i < EACH; i++) {
        if (crew->chained) {
            fl_record_next(c, FL_COUNTER_ADD, FL_NONE, 1, 0);
        } else {
            fl_record_call(c, FL_COUNTER_ADD, FL_NONE, 1, 0);
        }
        long before;
        if (crew->torn) {
            before = atomic_load(&crew->value);
            atomic_store(&crew->value, before + 1);
        } else {
            before = atomic_fetch_add(&crew->value, 1);
        }
        fl_record_return_seen(c, before);
    }
    return NULL;
}

static enum fl_verdict run_crew(enum fl_clock_kind kind, bool torn,
                                bool chained)
{
    struct crew crew = {.torn = torn, .chained = chained};
    struct fl_recording_options options = {kind, 512};
    crew.recorder =
        fl_recorder_new(fl_model_find("counter"), THREADS, &options);
    CU_ASSERT_PTR_NOT_NULL_FATAL(crew.recorder);
    pthread_t threads[THREADS];
    struct member members[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        members[i] = (struct member){&crew, i};
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&threads[i], NULL, work, &members[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    struct fl_history *h = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(crew.recorder, &h), FL_OK);
    CU_ASSERT_EQUAL(h->count, THREADS * EACH);
    CU_ASSERT_EQUAL(fl_history_overlap(h), FL_OPEN);
    struct fl_options check = {.decider = FL_DECIDER_MONITOR};
    struct fl_result *result = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, &check, &result), FL_OK);
    enum fl_verdict verdict = result->verdict;
    fl_result_free(result);
    fl_history_free(h);
    fl_recorder_free(crew.recorder);
    return verdict;
}

/* Sound code is never accused, by any clock, in either style. */
static void a_sound_counter_passes(void)
{
    for (int kind = FL_CLOCK_BEST; kind <= FL_CLOCK_COUNTER; kind++) {
        for (int chained = 0; chained < 2; chained++) {
            CU_ASSERT_EQUAL(
                run_crew((enum fl_clock_kind)kind, false, chained != 0),
                FL_PASS);
        }
    }
}

/* A torn one is caught: two got one number, which no widening explains. */
static void a_torn_counter_fails(void)
{
    bool caught = false;
    for (int i = 0; i < 200 && !caught; i++) {
        caught = run_crew(FL_CLOCK_BEST, true, i % 2 != 0) == FL_VIOLATION;
    }
    CU_ASSERT(caught);
}

/* Readings written by hand: what lies closer than the error overlaps, and
 * what lies farther apart does not. */
static void intervals_are_widened(void)
{
    struct fl_recorder *r = fl_recorder_new(fl_model_find("queue"), 2, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    struct fl_recording *a = fl_recorder_client(r, 0);
    struct fl_recording *b = fl_recorder_client(r, 1);
    uint64_t far = fl_recorder_clock(r)->hertz * 4;
    for (uint64_t i = 1; i <= 2; i++) {
        (void)fl_record_begin(a, i * 2 * far, FL_QUEUE_ENQUEUE, FL_NONE);
        fl_record_end(a, i * 2 * far + 10, FL_NONE);
        uint64_t gap = i == 1 ? far : 1;
        (void)fl_record_begin(b, i * 2 * far + 10 + gap, FL_QUEUE_ENQUEUE,
                              FL_NONE);
        fl_record_end(b, i * 2 * far + 20 + gap, FL_NONE);
    }
    struct fl_history *h = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_recorder_finish(r, &h), FL_OK);
    CU_ASSERT_EQUAL_FATAL(h->count, 4);
    const struct fl_operation *op = h->operations;
    CU_ASSERT(op[0].ret < op[1].call);
    CU_ASSERT(op[1].ret < op[2].call);
    CU_ASSERT(op[2].ret > op[3].call); /* one tick is no order */
    fl_history_free(h);
    fl_recorder_free(r);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a clock has an error", a_clock_has_an_error},
        {"one client is in order", one_client_is_in_order},
        {"what has not returned is open", what_has_not_returned_is_open},
        {"an owner keeps its name", an_owner_keeps_its_name},
        {"intervals are widened", intervals_are_widened},
        {"a sound counter passes", a_sound_counter_passes},
        {"a torn counter fails", a_torn_counter_fails},
        {NULL, NULL},
    };
    return tap_run("recorder", cases);
}
