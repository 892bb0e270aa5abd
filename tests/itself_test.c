/*
 * An object as its own specification: the same verdicts as the model that it
 * implements, whatever can be told of its inside; and what it cannot do alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/itself.h"

#include "checker/check.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include <stdlib.h>

enum {
    HISTORIES = 3000,
    OPERATIONS = 8,
    VALUES_MAX = 32,
};

/* The object: a queue in plain C, and how its inside is told. */
struct plain {
    fl_value values[VALUES_MAX];
    uint32_t count;
    uint64_t sequences;
    bool forgets;   /* a flaw that it also shows alone: the second value */
    uint32_t waits; /* a call of this type waits, or breaks, if there is none */
    bool breaks;
};

static fl_value take(struct plain *q, bool stays)
{
    if (q->count == 0) {
        return FL_NONE;
    }
    fl_value first = q->values[0];
    if (!stays) {
        q->count--;
        memmove(q->values, q->values + 1, q->count * sizeof(q->values[0]));
    }
    return first;
}

static enum fl_itself_end perform(void *context,
                                  const struct fl_itself_call *calls,
                                  uint32_t count, fl_value *answer)
{
    struct plain *q = context;
    memset(q->values, 0, sizeof(q->values));
    q->count = 0;
    q->sequences++;
    for (uint32_t i = 0; i < count; i++) {
        *answer = FL_NONE;
        if (calls[i].fn == q->waits && q->count == 0) {
            return q->breaks ? FL_ITSELF_BROKE : FL_ITSELF_WAITS;
        }
        if (calls[i].fn != FL_QUEUE_ENQUEUE) {
            *answer = take(q, calls[i].fn == FL_QUEUE_PEEK);
        } else if (!q->forgets || q->count != 1) {
            q->values[q->count++] = calls[i].args[0];
        }
    }
    return FL_ITSELF_ANSWERED;
}

static const void *digest(void *context, size_t *size)
{
    const struct plain *q = context;
    *size = offsetof(struct plain, sequences);
    return q;
}

static struct fl_itself *make(struct plain *q, bool digests)
{
    const struct fl_model *fifo = fl_model_find("queue");
    struct fl_itself_object object = {
        .context = q, .perform = perform, .digest = digests ? digest : NULL};
    struct fl_itself *it =
        fl_itself_new("plain", fifo->types, fifo->types_count, &object);
    CU_ASSERT_PTR_NOT_NULL_FATAL(it);
    return it;
}

static enum fl_verdict decide(struct fl_history *h,
                              const struct fl_model *model, uint64_t *nodes)
{
    const struct fl_model *own = h->model;
    h->model = model;
    struct fl_result *result = NULL;
    CU_ASSERT_EQUAL_FATAL(fl_check(h, NULL, &result), FL_OK);
    enum fl_verdict verdict = result->verdict;
    *nodes += result->nodes;
    if (verdict == FL_PASS) {
        CU_ASSERT(
            fl_witness_holds(h, NULL, result->order, result->order_count));
    }
    fl_result_free(result);
    h->model = own;
    return verdict;
}

/* Decides random histories by the model and by the object. */
static void compare(bool digests, uint32_t agree[3], struct plain *q)
{
    struct random_wish wish = {.model = fl_model_find("queue"),
                               .operations = OPERATIONS,
                               .clients = 3,
                               .changed = true};
    struct fl_history *h = fl_history_new(wish.model, OPERATIONS, OPERATIONS);
    struct fl_itself *it = make(q, digests);
    uint64_t nodes = 0;
    for (uint64_t i = 0; i < HISTORIES; i++) {
        uint64_t seed = i;
        wish.distinct = i % 2 == 0;
        fl_history_clear(h);
        random_history(h, &wish, &seed);
        enum fl_verdict by_model = decide(h, wish.model, &nodes);
        enum fl_verdict by_object = decide(h, fl_itself_model(it), &nodes);
        agree[2] += by_model != by_object;
        if (by_model == by_object) {
            agree[by_model == FL_VIOLATION]++;
        }
        fl_itself_trim(it);
    }
    char text[100];
    CU_ASSERT(!fl_itself_broke(it, text, sizeof(text)));
    CU_ASSERT_STRING_EQUAL(text, "");
    CU_ASSERT_EQUAL(fl_itself_performed(it), q->sequences);
    fl_itself_free(it);
    fl_history_free(h);
}

static void a_queue_is_its_own_model(void)
{
    uint64_t sequences[2];
    for (int digests = 0; digests < 2; digests++) {
        struct plain q = {.waits = UINT32_MAX};
        uint32_t agree[3] = {0};
        compare(digests != 0, agree, &q);
        CU_ASSERT_EQUAL(agree[2], 0);
        CU_ASSERT(agree[0] > HISTORIES / 5);
        CU_ASSERT(agree[1] > HISTORIES / 5);
        sequences[digests] = q.sequences;
    }
    CU_ASSERT(sequences[1] < sequences[0]); /* equal insides are one state */
}

/* An error that it makes alone is its nature. */
static void another_object_is_another_model(void)
{
    struct plain q = {.waits = UINT32_MAX, .forgets = true};
    uint32_t agree[3] = {0};
    compare(true, agree, &q);
    CU_ASSERT(agree[2] > HISTORIES / 20);
}

static struct fl_history *wait_history(fl_value got)
{
    struct fl_history *h = fl_history_new(fl_model_find("queue"), 4, 0);
    const fl_value none[FL_ARGS_MAX] = {0};
    const fl_value one[FL_ARGS_MAX] = {1};
    uint32_t get = fl_history_call(h, 0, FL_QUEUE_DEQUEUE, FL_NONE, none);
    uint32_t put = fl_history_call(h, 1, FL_QUEUE_ENQUEUE, FL_NONE, one);
    fl_history_return(h, get, got);
    fl_history_return(h, put, FL_NONE);
    return h;
}

/* A queue whose dequeue waits: alone, it is not possible while empty. */
static void what_waits_is_not_possible(void)
{
    for (int breaks = 0; breaks < 2; breaks++) {
        struct plain q = {.waits = FL_QUEUE_DEQUEUE, .breaks = breaks != 0};
        struct fl_itself *it = make(&q, false);
        uint64_t nodes = 0;
        struct fl_history *good = wait_history(1);
        struct fl_history *bad = wait_history(FL_NONE);
        CU_ASSERT_EQUAL(decide(good, fl_itself_model(it), &nodes), FL_PASS);
        CU_ASSERT_EQUAL(decide(bad, fl_itself_model(it), &nodes), FL_VIOLATION);
        char text[100];
        CU_ASSERT_EQUAL(fl_itself_broke(it, text, sizeof(text)), breaks != 0);
        CU_ASSERT_STRING_EQUAL(
            text,
            breaks ? "dequeue fails even alone, after 0 other operations" : "");
        fl_history_free(good);
        fl_history_free(bad);
        fl_itself_free(it);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a queue is its own model", a_queue_is_its_own_model},
        {"another object is another model", another_object_is_another_model},
        {"what waits is not possible", what_waits_is_not_possible},
        {NULL, NULL},
    };
    return tap_run("itself", cases);
}
