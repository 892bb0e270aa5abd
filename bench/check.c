/*
 * Benchmarks of the checker: histories made here, decided again and again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"
#include "bench/bench.h"
#include "checker/model.h"
#include "checker/operations.h"
#include "harness/wall.h"

#include <assert.h>
#include <stddef.h>

enum {
    SAMPLE_MS = 500
};

/* A shape of history: `clients` with `rounds` operations each, of which all of
 * one round overlap, performed one after the other on the model. */
struct shape {
    const char *model;
    uint32_t clients;
    uint32_t rounds;
};

/* The operation that client `c` makes in round `r`; its answer is `*result`.
 * Queue: even clients enqueue, odd ones dequeue, in order.  Register: client
 * 0 writes, the others read. */
static struct fl_operation make_operation(const struct shape *shape, uint32_t c,
                                          uint32_t r, uint64_t *tail,
                                          uint64_t *head)
{
    struct fl_operation op = {.client = c,
                              .key = FL_NONE,
                              .args = {FL_NONE, FL_NONE},
                              .result = FL_NONE};
    bool first = c % 2 == 0;
    if (shape->model[0] == 'r') {
        first = c == 0;
        op.fn = first ? FL_REGISTER_WRITE : FL_REGISTER_READ;
        op.args[0] = first ? (fl_value)r + 1 : FL_NONE;
        op.result = first ? FL_NONE : (fl_value)r + 1;
        return op;
    }
    op.fn = first ? FL_QUEUE_ENQUEUE : FL_QUEUE_DEQUEUE;
    if (first) {
        *tail += 1;
        op.args[0] = (fl_value)*tail;
    } else {
        *head += 1;
        op.result = (fl_value)*head;
    }
    return op;
}

/* Builds the history of a shape; NULL when memory ends. */
static struct fl_history *build(const struct shape *shape)
{
    const struct fl_model *model = fl_model_find(shape->model);
    struct fl_history *h =
        fl_history_new(model, shape->clients * shape->rounds, 1);
    if (h == NULL) {
        return NULL;
    }
    uint64_t tail = 0;
    uint64_t head = 0;
    for (uint32_t r = 0; r < shape->rounds; r++) {
        uint32_t tickets[16];
        fl_value results[16];
        assert(shape->clients <= 16);
        for (uint32_t c = 0; c < shape->clients; c++) {
            struct fl_operation op = make_operation(shape, c, r, &tail, &head);
            results[c] = op.result;
            tickets[c] = fl_history_call(h, c, op.fn, op.key, op.args);
        }
        for (uint32_t c = 0; c < shape->clients; c++) {
            fl_history_return(h, tickets[c], results[c]);
        }
    }
    return h;
}

/* Decides the history for a while: operations a second. */
static bool decide(const struct shape *shape, double *value)
{
    struct fl_history *h = build(shape);
    if (h == NULL) {
        return false;
    }
    bool passes = true;
    uint64_t decided = 0;
    uint64_t started = wall_ns();
    uint64_t ended = started;
    while (passes && ended - started < SAMPLE_MS * (uint64_t)1000000) {
        struct fl_result *result = NULL;
        enum fl_status status = fl_check(h, NULL, &result);
        passes = status == FL_OK && result->verdict == FL_PASS;
        fl_result_free(result);
        decided += h->count;
        ended = wall_ns();
    }
    *value = (double)decided * 1e9 / (double)(ended - started);
    fl_history_free(h);
    return passes;
}

bool bench_check_queue(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    static const struct shape shape = {"queue", 4, 250};
    return decide(&shape, value);
}

bool bench_check_register(const struct bench *bench, double *value)
{
    assert(bench != NULL && value != NULL);
    static const struct shape shape = {"register", 8, 64};
    return decide(&shape, value);
}
