/*
 * Witnesses of long histories, which are walked object by object: the same
 * answers as of short ones, in a time that grows with the history alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/check.h"
#include "checker/clock.h"
#include "checker/model.h"
#include "checker/operations.h"
#include "tests/random_history.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPERATIONS = 6000, /* above the length from which objects are apart */
    HELD = 256,
};

/* A history of one client, its answers those of the model. */
static struct fl_history *make(const char *name, uint32_t keys,
                               uint32_t **order)
{
    struct fl_history *h = fl_history_new(fl_model_find(name), OPERATIONS, 0);
    uint64_t seed = keys;
    static _Alignas(16) unsigned char states[3][HELD * 64];
    size_t sizes[3] = {0};
    *order = malloc(OPERATIONS * sizeof(**order));
    CU_ASSERT_FATAL(h != NULL && *order != NULL && keys <= 3);
    struct fl_space space = {
        .history = h, .initial = FL_NONE, .adds = HELD, .keys = 1};
    for (uint32_t k = 0; k < keys; k++) {
        sizes[k] = fl_state_start(&space, states[k]);
    }
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        uint32_t key = random_below(&seed, keys);
        uint32_t fn = sizes[key] > HELD * 8
                          ? 1
                          : random_below(&seed, h->model->types_count);
        const fl_value args[] = {random_below(&seed, 64), 0};
        uint32_t ticket =
            fl_history_call(h, 0, fn, keys == 1 ? FL_NONE : key, args);
        fl_value answer = fl_state_step(&space, states[key], &sizes[key],
                                        &h->operations[ticket]);
        fl_history_return(h, ticket, answer);
        (*order)[i] = i;
    }
    return h;
}

static void check_history(const char *name, uint32_t keys)
{
    uint32_t *order;
    struct fl_history *h = make(name, keys, &order);
    CU_ASSERT(fl_witness_holds(h, NULL, order, h->count));
    CU_ASSERT(!fl_witness_holds(h, NULL, order, h->count - 1));
    uint32_t wrong = 0;
    uint64_t seed = 5;
    for (uint32_t i = 0; i < 12; i++) {
        struct fl_operation *op = &h->operations[random_below(&seed, h->count)];
        fl_value right = op->result;
        bool truth = h->model->types[op->fn].result == FL_KIND_BOOL;
        op->result = truth ? !right : right == 99 ? 98 : 99;
        wrong += !fl_witness_holds(h, NULL, order, h->count);
        op->result = right;
    }
    CU_ASSERT_EQUAL(wrong, 12);
    uint32_t first = order[0]; /* the client's own order is turned round */
    order[0] = order[1];
    order[1] = first;
    CU_ASSERT(!fl_witness_holds(h, NULL, order, h->count));
    order[1] = order[0]; /* one twice */
    CU_ASSERT(!fl_witness_holds(h, NULL, order, h->count));
    free(order);
    fl_history_free(h);
}

static void a_wrong_answer_is_found(void)
{
    static const char *const models[] = {"set", "queue", "stack",
                                         "priority_queue", "counter"};
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        check_history(models[i], 1);
        check_history(models[i], 3);
    }
}

/* Many values inside: a state of megabytes, which no step may copy. */
static void many_values_are_no_trouble(void)
{
    enum {
#ifdef __SANITIZE_ADDRESS__ /* its memmove() goes byte by byte */
        MANY = 40000
#else
        MANY = 200000
#endif
    };
    static const char *const models[] = {"set", "queue", "stack"};
    uint32_t *order = malloc(MANY * sizeof(*order));
    for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++) {
        struct fl_history *h =
            fl_history_new(fl_model_find(models[m]), MANY, 0);
        CU_ASSERT_FATAL(h != NULL && order != NULL);
        for (uint32_t i = 0; i < MANY; i++) {
            /* any value once, in no order */
            const fl_value args[] = {(fl_value)((uint64_t)i * 2654435761u), 0};
            uint32_t ticket = fl_history_call(h, 0, 0, FL_NONE, args);
            fl_history_return(h, ticket, m == 0 ? 1 : FL_NONE);
            order[i] = i;
        }
        CU_ASSERT(fl_witness_holds(h, NULL, order, MANY));
        h->operations[MANY - 1].args[0] = h->operations[0].args[0];
        CU_ASSERT_EQUAL(fl_witness_holds(h, NULL, order, MANY), m != 0);
        fl_history_free(h);
    }
    free(order);
}

/* A queue is filled and emptied: what lies behind the first may not move, or
 * this takes minutes. */
static void a_long_queue_is_linear(void)
{
    enum {
        HALF = 150000
    };
    static const char *const models[] = {"queue", "bounded_queue"};
    uint32_t *order = malloc(2ul * HALF * sizeof(*order));
    for (size_t m = 0; m < 2; m++) {
        struct fl_history *h =
            fl_history_new(fl_model_find(models[m]), 2 * HALF, 0);
        CU_ASSERT_FATAL(h != NULL && order != NULL);
        for (uint32_t i = 0; i < 2 * HALF; i++) {
            bool adds = i < HALF;
            fl_value number = i % HALF;
            const fl_value args[] = {adds ? number : 0, 0};
            uint32_t ticket = fl_history_call(h, 0, !adds, FL_NONE, args);
            fl_history_return(h, ticket,
                              adds && m == 1 ? 1
                              : adds         ? FL_NONE
                                             : number);
            order[i] = i;
        }
        uint64_t began = fl_clock_system();
        CU_ASSERT(fl_witness_holds(h, NULL, order, h->count));
        CU_ASSERT(fl_clock_system() - began < UINT64_C(5000000000));
        static const uint32_t wrong[] = {HALF, HALF + 7, 2 * HALF - 4,
                                         2 * HALF - 1};
        for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
            h->operations[wrong[k]].result++;
            CU_ASSERT(!fl_witness_holds(h, NULL, order, h->count));
            h->operations[wrong[k]].result--;
        }
        h->operations[2 * HALF - 1].result = FL_NONE; /* it is not empty */
        CU_ASSERT(!fl_witness_holds(h, NULL, order, h->count));
        fl_history_free(h);
    }
    free(order);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a wrong answer is found", a_wrong_answer_is_found},
        {"many values are no trouble", many_values_are_no_trouble},
        {"a long queue is linear", a_long_queue_is_linear},
        {NULL, NULL},
    };
    return tap_run("witness_long", cases);
}
