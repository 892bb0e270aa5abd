/*
 * The models as sequential objects, by hand: what each answers, call by call.
 * Whatever is compared with a judge shares the models with it, so that a model
 * that is wrong must be found here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"

#include "checker/model.h"
#include "checker/operations.h"

#include <string.h>

#define NONE    FL_NONE
#define REFUSED FL_REFUSED

enum {
    CALLS_MAX = 16
};

/* One run: what is called, by client 0 unless it says otherwise. */
struct run {
    const char *model;
    uint32_t capacity;
    fl_value initial;
    struct {
        uint32_t fn;
        fl_value args[2];
        fl_value answer;
        uint32_t client;
    } calls[CALLS_MAX];
    uint32_t count;
};

static const struct run runs[] = {
    {"register",
     0,
     3,
     {{FL_REGISTER_READ, {0}, 3, 0},
      {FL_REGISTER_CAS, {3, 4}, 1, 0},
      {FL_REGISTER_CAS, {3, 5}, 0, 0},
      {FL_REGISTER_READ, {0}, 4, 0},
      {FL_REGISTER_WRITE, {9}, NONE, 0},
      {FL_REGISTER_READ, {0}, 9, 0}},
     6},
    {"fifo_queue",
     0,
     NONE,
     {{FL_QUEUE_DEQUEUE, {0}, NONE, 0},
      {FL_QUEUE_ENQUEUE, {1}, NONE, 0},
      {FL_QUEUE_ENQUEUE, {2}, NONE, 0},
      {FL_QUEUE_PEEK, {0}, 1, 0},
      {FL_QUEUE_DEQUEUE, {0}, 1, 0},
      {FL_QUEUE_DEQUEUE, {0}, 2, 0},
      {FL_QUEUE_PEEK, {0}, NONE, 0}},
     7},
    {"bounded_queue",
     2,
     NONE,
     {{FL_QUEUE_ENQUEUE, {1}, 1, 0},
      {FL_QUEUE_ENQUEUE, {2}, 1, 0},
      {FL_QUEUE_ENQUEUE, {3}, 0, 0},
      {FL_QUEUE_DEQUEUE, {0}, 1, 0},
      {FL_QUEUE_ENQUEUE, {4}, 1, 0},
      {FL_QUEUE_DEQUEUE, {0}, 2, 0},
      {FL_QUEUE_DEQUEUE, {0}, 4, 0}},
     7},
    {"stack",
     0,
     NONE,
     {{FL_STACK_POP, {0}, NONE, 0},
      {FL_STACK_PUSH, {1}, NONE, 0},
      {FL_STACK_PUSH, {2}, NONE, 0},
      {FL_STACK_PEEK, {0}, 2, 0},
      {FL_STACK_POP, {0}, 2, 0},
      {FL_STACK_POP, {0}, 1, 0}},
     6},
    {"priority_queue",
     0,
     NONE,
     {{FL_PRIORITY_INSERT, {2}, NONE, 0},
      {FL_PRIORITY_INSERT, {5}, NONE, 0},
      {FL_PRIORITY_INSERT, {1}, NONE, 0},
      {FL_PRIORITY_PEEK, {0}, 5, 0},
      {FL_PRIORITY_POLL, {0}, 5, 0},
      {FL_PRIORITY_POLL, {0}, 2, 0},
      {FL_PRIORITY_POLL, {0}, 1, 0},
      {FL_PRIORITY_POLL, {0}, NONE, 0}},
     8},
    {"set",
     0,
     NONE,
     {{FL_SET_INSERT, {2}, 1, 0},
      {FL_SET_INSERT, {1}, 1, 0},
      {FL_SET_INSERT, {2}, 0, 0},
      {FL_SET_CONTAINS, {1}, 1, 0},
      {FL_SET_REMOVE, {1}, 1, 0},
      {FL_SET_REMOVE, {1}, 0, 0},
      {FL_SET_CONTAINS, {1}, 0, 0},
      {FL_SET_CONTAINS, {2}, 1, 0}},
     8},
    {"counter",
     0,
     10,
     {{FL_COUNTER_ADD, {5}, 10, 0},
      {FL_COUNTER_READ, {0}, 15, 0},
      {FL_COUNTER_ADD, {-1}, 15, 0},
      {FL_COUNTER_READ, {0}, 14, 0}},
     4},
    {"lock",
     0,
     NONE,
     {{FL_LOCK_RELEASE, {0}, REFUSED, 0},
      {FL_LOCK_ACQUIRE, {0}, NONE, 1},
      {FL_LOCK_ACQUIRE, {0}, REFUSED, 0},
      {FL_LOCK_TRY, {0}, 0, 0},
      {FL_LOCK_RELEASE, {0}, REFUSED, 0},
      {FL_LOCK_RELEASE, {0}, NONE, 1},
      {FL_LOCK_TRY, {0}, 1, 0}},
     7},
    {"mutex",
     0,
     NONE,
     {{FL_LOCK_ACQUIRE, {0}, NONE, 1},
      {FL_LOCK_TRY, {0}, 0, 0},
      {FL_LOCK_RELEASE, {0}, NONE, 0},
      {FL_LOCK_RELEASE, {0}, REFUSED, 0}},
     4},
    {"quota_counter",
     5,
     NONE,
     {{FL_QUOTA_RESERVE, {3}, 1, 0},
      {FL_QUOTA_RESERVE, {3}, 0, 0},
      {FL_QUOTA_USAGE, {0}, 3, 0},
      {FL_QUOTA_RESERVE, {2}, 1, 0},
      {FL_QUOTA_RELEASE, {4}, 1, 0},
      {FL_QUOTA_USAGE, {0}, 1, 0}},
     6},
    {"deque",
     0,
     NONE,
     {{FL_DEQUE_POP_BACK, {0}, NONE, 0},
      {FL_DEQUE_PUSH_BACK, {1}, NONE, 0},
      {FL_DEQUE_PUSH_BACK, {2}, NONE, 0},
      {FL_DEQUE_PUSH_FRONT, {3}, NONE, 0},
      {FL_DEQUE_POP_BACK, {0}, 2, 0},
      {FL_DEQUE_POP_FRONT, {0}, 3, 0},
      {FL_DEQUE_POP_FRONT, {0}, 1, 0},
      {FL_DEQUE_POP_FRONT, {0}, NONE, 0}},
     8},
    {"semaphore",
     0,
     2,
     {{FL_SEMAPHORE_ACQUIRE, {0}, NONE, 0},
      {FL_SEMAPHORE_TRY, {0}, 1, 0},
      {FL_SEMAPHORE_TRY, {0}, 0, 0},
      {FL_SEMAPHORE_VALUE, {0}, 0, 0},
      {FL_SEMAPHORE_ACQUIRE, {0}, REFUSED, 0},
      {FL_SEMAPHORE_RELEASE, {0}, NONE, 0},
      {FL_SEMAPHORE_VALUE, {0}, 1, 0}},
     7},
    {"barrier",
     2,
     NONE,
     {{FL_BARRIER_ARRIVE, {0}, 0, 0},
      {FL_BARRIER_WAIT, {0}, REFUSED, 0},
      {FL_BARRIER_ARRIVE, {0}, 0, 1},
      {FL_BARRIER_WAIT, {0}, NONE, 0},
      {FL_BARRIER_WAIT, {1}, REFUSED, 0},
      {FL_BARRIER_ARRIVE, {0}, 1, 0}},
     6},
    {"log",
     0,
     NONE,
     {{FL_LOG_READ, {0}, NONE, 0},
      {FL_LOG_APPEND, {7}, 0, 0},
      {FL_LOG_APPEND, {8}, 1, 0},
      {FL_LOG_READ, {1}, 8, 0},
      {FL_LOG_LENGTH, {0}, 2, 0},
      {FL_LOG_READ, {2}, NONE, 0}},
     6},
    {"accumulator",
     0,
     1 << 1 | 1 << 2,
     {{FL_ACCUMULATOR_SEND, {4}, NONE, 0},
      {FL_ACCUMULATOR_SEND, {0}, NONE, 0},
      {FL_ACCUMULATOR_RECEIVE, {0}, 1 << 4 | 1, 1},
      {FL_ACCUMULATOR_RECEIVE, {0}, 0, 1},
      {FL_ACCUMULATOR_DROP, {0}, NONE, 1},
      {FL_ACCUMULATOR_SEND, {3}, NONE, 0},
      {FL_ACCUMULATOR_RECEIVE, {0}, 0, 1},
      {FL_ACCUMULATOR_RECEIVE, {0}, 1 << 4 | 1 << 3 | 1, 2}},
     8},
};

static void objects_answer_call_by_call(void)
{
    for (size_t r = 0; r < sizeof(runs) / sizeof(runs[0]); r++) {
        const struct run *run = &runs[r];
        struct fl_history *h =
            fl_history_new(fl_model_find(run->model), CALLS_MAX, 0);
        CU_ASSERT_FATAL(h != NULL && h->model != NULL);
        h->initial = run->initial;
        for (uint32_t k = 0; k < run->count; k++) {
            h->operations[k] = (struct fl_operation){
                .client = run->calls[k].client,
                .fn = run->calls[k].fn,
                .key = FL_NONE,
                .args = {run->calls[k].args[0], run->calls[k].args[1]}};
        }
        h->count = run->count;
        struct fl_space space;
        fl_space_init(&space, h);
        fl_space_limit(&space, run->capacity, 0);
        static _Alignas(16) unsigned char state[4096];
        size_t size = fl_state_start(&space, state);
        for (uint32_t k = 0; k < run->count; k++) {
            fl_value answer =
                fl_state_step(&space, state, &size, &h->operations[k]);
            if (answer != run->calls[k].answer) {
                printf("# %s, call %u: answered %lld\n", run->model, k,
                       (long long)answer);
            }
            CU_ASSERT_EQUAL(answer, run->calls[k].answer);
        }
        fl_history_free(h);
    }
}

/* Which of 1, 2, 3, added in this order, may come out first. */
static void relaxed_objects_give_one_of_k(void)
{
    static const struct {
        const char *model;
        uint32_t relax;
        bool may[3];
    } rows[] = {
        {"fifo_queue_k", 0, {true, false, false}},
        {"fifo_queue_k", 1, {true, false, false}},
        {"fifo_queue_k", 2, {true, true, false}},
        {"fifo_queue_k", 3, {true, true, true}},
        {"stack_k", 1, {false, false, true}},
        {"stack_k", 2, {false, true, true}},
        {"multiset", 0, {true, true, true}},
    };
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct fl_history *h =
            fl_history_new(fl_model_find(rows[r].model), 4, 0);
        CU_ASSERT_FATAL(h != NULL && h->model != NULL);
        h->count = 4;
        for (uint32_t k = 0; k < 3; k++) {
            h->operations[k] = (struct fl_operation){
                .key = FL_NONE, .args = {k + 1}, .result = FL_NONE};
        }
        struct fl_space space;
        fl_space_init(&space, h);
        fl_space_limit(&space, 0, rows[r].relax);
        for (uint32_t v = 0; v < 3; v++) {
            static _Alignas(16) unsigned char state[4096];
            size_t size = fl_state_start(&space, state);
            for (uint32_t k = 0; k < 3; k++) {
                CU_ASSERT(
                    fl_state_go(&space, state, &size, &h->operations[k], 0));
            }
            struct fl_operation take = {
                .fn = 1, .key = FL_NONE, .result = v + 1};
            CU_ASSERT_EQUAL(fl_state_ways(&space, state, size, &take),
                            rows[r].may[v]);
        }
        fl_history_free(h);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"objects answer call by call", objects_answer_call_by_call},
        {"relaxed objects give one of k", relaxed_objects_give_one_of_k},
        {NULL, NULL},
    };
    return tap_run("models", cases);
}
