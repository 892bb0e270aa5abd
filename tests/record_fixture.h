/*
 * Records built by hand: the examples that the reports were designed on.
 *
 * A Treiber stack with the ABA problem (threads, faults, steps), an ABD
 * register read without write-back (a network), a use after free (no history
 * to blame), a history from a file, and a hostile record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_RECORD_FIXTURE_H
#define TESTS_RECORD_FIXTURE_H

#include "checker/operations.h"
#include "checker/record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIXTURE_OPERATIONS = 64,
    FIXTURE_STEPS = 256
};

/* A record with everything that it borrows. */
struct fixture {
    struct fl_record record;
    struct fl_history *history;
    struct fl_explanation *explanation;
    struct fl_step steps[FIXTURE_STEPS];
    uint32_t call_steps[FIXTURE_OPERATIONS];
    uint32_t return_steps[FIXTURE_OPERATIONS];
};

/* Adds a step; calls and returns tell the history, too. */
static inline struct fl_step *fixture_step(struct fixture *f,
                                           enum fl_step_kind kind,
                                           uint32_t thread, uint32_t line,
                                           const char *text)
{
    struct fl_step *step = &f->steps[f->record.steps_count];
    f->record.steps_count++;
    assert(f->record.steps_count <= FIXTURE_STEPS);
    *step = (struct fl_step){
        .kind = kind,
        .thread = thread,
        .operation = FL_OPEN,
        .text = text,
        .file = "treiber.c",
        .path = "tests/data/report/treiber.c",
        .line = line,
        .cause = FL_NO_STEP,
    };
    for (uint32_t i = f->history->count; i-- > 0;) {
        if (f->history->operations[i].client == thread &&
            f->history->operations[i].ret == FL_OPEN) {
            step->operation = i;
        }
    }
    return step;
}

static inline uint32_t fixture_call(struct fixture *f, uint32_t thread,
                                    uint32_t fn, fl_value arg, const char *text)
{
    fl_value args[FL_ARGS_MAX] = {arg, FL_NONE};
    uint32_t i = fl_history_call(f->history, thread, fn, FL_NONE, args);
    f->call_steps[i] = FL_NO_STEP;
    f->return_steps[i] = FL_NO_STEP;
    if (text != NULL) {
        f->call_steps[i] = f->record.steps_count;
        fixture_step(f, FL_STEP_CALL, thread, fn == FL_STACK_PUSH ? 20 : 31,
                     text);
    }
    return i;
}

static inline void fixture_return(struct fixture *f, uint32_t i,
                                  fl_value result, const char *text)
{
    uint32_t thread = f->history->operations[i].client;
    if (text != NULL) {
        f->return_steps[i] = f->record.steps_count;
        fixture_step(f, FL_STEP_RETURN, thread,
                     f->history->operations[i].fn == FL_STACK_PUSH ? 27 : 40,
                     text);
    }
    fl_history_return(f->history, i, result);
}

static inline void fixture_begin(struct fixture *f, const char *model)
{
    memset(f, 0, sizeof(*f));
    const struct fl_model *found = fl_model_find(model);
    assert(found != NULL);
    f->history = fl_history_new(found, FIXTURE_OPERATIONS, 8);
    assert(f->history != NULL);
    f->record.history = f->history;
}

/* Settles the history, explains it, and points the record at everything. */
static inline void fixture_end(struct fixture *f,
                               const struct fl_explain_context *context)
{
    bool settled = fl_history_settle(f->history);
    assert(settled);
    (void)settled;
    if (f->record.verdict == NULL) {
        f->record.verdict = "not linearizable";
        enum fl_status status =
            fl_explain_within(f->history, NULL, context, &f->explanation);
        assert(status == FL_OK);
        (void)status;
        f->record.explanation = f->explanation;
    }
    f->record.steps = f->steps;
    if (f->record.steps_count > 0) {
        f->record.call_steps = f->call_steps;
        f->record.return_steps = f->return_steps;
    }
}

static inline void fixture_release(struct fixture *f)
{
    fl_explanation_free(f->explanation);
    fl_history_free(f->history);
}

/* The three pops and two pushes of the example, step by step. */
static inline void fixture_treiber_steps(struct fixture *f)
{
    static const fl_value values[] = {3, 2, 1};
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t setup = fixture_call(f, 0, FL_STACK_PUSH, values[k], NULL);
        fixture_return(f, setup, FL_NONE, NULL);
    }
    uint32_t a = fixture_call(f, 0, FL_STACK_POP, FL_NONE, "pop() {");
    f->steps[0].memory = "init  n1:1 n2:2 n3:3";
    fixture_step(f, FL_STEP_LOAD, 0, 34, "load  head = n1");
    fixture_step(f, FL_STEP_LOAD, 0, 36, "load  n1.next = n2");
    uint32_t b = fixture_call(f, 1, FL_STACK_POP, FL_NONE, "pop() {");
    fixture_step(f, FL_STEP_UPDATE, 1, 37, "CAS head n1->n2 ok")->memory =
        "n2:2  n3:3";
    fixture_step(f, FL_STEP_FREE, 1, 39, "free n1");
    fixture_return(f, b, 1, "} = 1");
    uint32_t c = fixture_call(f, 1, FL_STACK_POP, FL_NONE, "pop() {");
    fixture_step(f, FL_STEP_UPDATE, 1, 37, "CAS head n2->n3 ok")->memory =
        "n3:3";
    fixture_step(f, FL_STEP_FREE, 1, 39, "free n2");
    fixture_return(f, c, 2, "} = 2");
    uint32_t d = fixture_call(f, 1, FL_STACK_PUSH, 4, "push(4) {");
    struct fl_step *step = fixture_step(f, FL_STEP_ALLOC, 1, 22, "alloc = n1");
    step->note = "freed at 6";
    step->cause = 5;
    fixture_step(f, FL_STEP_UPDATE, 1, 25, "CAS head n3->n1 ok")->memory =
        "n1:4  n3:3";
    fixture_return(f, d, FL_NONE, "}");
    fixture_call(f, 2, FL_STACK_PUSH, 5, "push(5) {");
    step = fixture_step(f, FL_STEP_UPDATE, 0, 37, "CAS head n1->n2 ok");
    step->note = "<== head holds freed n2";
    step->memory = "n2:freed  n3:3";
    step->cause = 1;
    step->cause_text = "n1 read at 2, changed at 5, n1 again since 14: ABA";
    step->decisive = true;
    step->column = 47; /* of "s->head" */
    uint32_t e = fixture_call(f, 1, FL_STACK_POP, FL_NONE, "pop() {");
    step = fixture_step(f, FL_STEP_UPDATE, 1, 37, "CAS head n2->n3 ok");
    step->note = "n2 freed at 10";
    step->memory = "n3:3";
    fixture_step(f, FL_STEP_LOAD, 1, 38, "load  n2.value = 2");
    fixture_return(f, e, 2, "} = 2");
    fixture_return(f, a, 4, "} = 4");
}

/* The example of mock/terminal.txt: ABA on a Treiber stack. */
static inline void fixture_treiber(struct fixture *f)
{
    static const struct fl_lane lanes[] = {
        {"T0", "delayed", true}, {"T1", "", true}, {"T2", "crashed", true}};
    static const struct fl_record_fault faults[] = {
        {.label = "F1",
         .kind = "delay",
         .text = "held before CAS at treiber.c:37",
         .thread = 0,
         .before = 3,
         .until = 16},
        {.label = "F2",
         .kind = "crash",
         .text = NULL,
         .thread = 2,
         .before = 16,
         .until = FL_NO_STEP}};
    static const struct fl_frame frames[] = {{"stack_pop", "treiber.c", 37},
                                             {"worker", "treiber_test.c", 52}};
    static const struct fl_record_stack stacks[] = {
        {"T0 at step 17", frames, 2}};
    static const struct fl_explain_context context = {.setup_count = 3};
    fixture_begin(f, "stack");
    f->record.scenario = "treiber-stack";
    f->record.subject = "treiber_stack, variant aba";
    f->record.seed = "0x5eed1a";
    f->record.schedule = 412;
    f->record.schedules = 10000;
    f->record.milliseconds = 3100;
    f->record.signature = "5f3a91c2";
    f->record.shrink = (struct fl_record_shrink){.operations_before = 41,
                                                 .operations_after = 6,
                                                 .faults_before = 7,
                                                 .faults_after = 2,
                                                 .preemptions_before = 9,
                                                 .preemptions_after = 2,
                                                 .replays = 88,
                                                 .milliseconds = 400,
                                                 .complete = true};
    f->record.lanes = lanes;
    f->record.lanes_count = 3;
    f->record.setup = "push(3) push(2) push(1)";
    f->record.memory_title = "shared state: head";
    f->record.faults = faults;
    f->record.faults_count = 2;
    f->record.stacks = stacks;
    f->record.stacks_count = 1;
    f->record.directory = "out/treiber-stack/5f3a91c2";
    fixture_treiber_steps(f);
    fixture_end(f, &context);
}

/* A call or return of the network example, at a virtual time. */
static inline void fixture_at(struct fixture *f, uint64_t milliseconds_tenths)
{
    struct fl_step *step = &f->steps[f->record.steps_count - 1];
    step->time = milliseconds_tenths * 100000;
    step->file = "abd.c";
    step->path = NULL;
}

#define FIXTURE_MS(tenths) ((uint64_t)(tenths)*100000)

/* The lanes, faults, messages and values of fixture_abd(). */
static inline void fixture_abd_network(struct fixture *f)
{
    static const struct fl_lane lanes[] = {
        {"W", "writer", true},    {"R1", "reader", true},
        {"R2", "reader", true},   {"s1", "replica", false},
        {"s2", "replica", false}, {"s3", "replica", false}};
    static const struct fl_record_fault faults[] = {
        {.label = "F1",
         .kind = "latency",
         .text = "+40 ms on W->s2, W->s3",
         .thread = FL_OPEN,
         .before = FL_NO_STEP,
         .until = FL_NO_STEP},
        {.label = "F2",
         .kind = "partition",
         .text = "R2 | s1",
         .thread = FL_OPEN,
         .before = FL_NO_STEP,
         .until = FL_NO_STEP,
         .from_time = FIXTURE_MS(245),
         .to_time = FIXTURE_MS(400),
         .nodes = 1U << 3}};
#define MESSAGE(f_, t_, s_, a_, fate_, fault_, decisive_)        \
    {                                                            \
        .from = (f_), .to = (t_), .sent = FIXTURE_MS(s_),        \
        .arrived = FIXTURE_MS(a_), .fate = (fate_), .text = "v", \
        .fault = (fault_), .decisive = (decisive_)               \
    }
    static const struct fl_record_message messages[] = {
        MESSAGE(0, 3, 36, 80, FL_DELIVERED, NULL, false),
        MESSAGE(0, 4, 40, 424, FL_LATE, "F1 +40 ms", false),
        MESSAGE(0, 5, 44, 444, FL_LATE, "F1 +40 ms", false),
        MESSAGE(3, 0, 84, 114, FL_DELIVERED, NULL, false),
        MESSAGE(1, 3, 132, 160, FL_DELIVERED, NULL, false),
        MESSAGE(1, 4, 136, 172, FL_DELIVERED, NULL, false),
        MESSAGE(3, 1, 168, 204, FL_DELIVERED, NULL, false),
        MESSAGE(4, 1, 180, 216, FL_DELIVERED, NULL, false),
        MESSAGE(2, 3, 272, 286, FL_LOST, "F2", false),
        MESSAGE(2, 4, 276, 304, FL_DELIVERED, NULL, false),
        MESSAGE(2, 5, 280, 312, FL_DELIVERED, NULL, false),
        MESSAGE(4, 2, 316, 356, FL_DELIVERED, NULL, true),
        MESSAGE(5, 2, 324, 372, FL_DELIVERED, NULL, true),
        MESSAGE(4, 0, 432, 472, FL_DELIVERED, NULL, false)};
#undef MESSAGE
    static const struct fl_record_value values[] = {
        {3, 0, "v=0", false},
        {4, 0, "v=0", false},
        {5, 0, "v=0", false},
        {3, FIXTURE_MS(80), "v=1", false},
        {4, FIXTURE_MS(304), "v=0", true},
        {5, FIXTURE_MS(312), "v=0", true},
        {4, FIXTURE_MS(424), "v=1", false},
        {5, FIXTURE_MS(444), "v=1", false}};
    f->record.lanes = lanes;
    f->record.lanes_count = 6;
    f->record.faults = faults;
    f->record.faults_count = 2;
    f->record.messages = messages;
    f->record.messages_count = sizeof(messages) / sizeof(messages[0]);
    f->record.values = values;
    f->record.values_count = sizeof(values) / sizeof(values[0]);
}

/* The example of mock/d_network: ABD, read without write-back. */
static inline void fixture_abd(struct fixture *f)
{
    static const char *const names[] = {"W", "R1", "R2"};
    static const struct fl_explain_context context = {.names = names,
                                                      .names_count = 3};
    fixture_begin(f, "register");
    fixture_abd_network(f);
    f->history->initial = 0;
    f->record.scenario = "abd-register";
    f->record.seed = "7";
    f->record.shrink = (struct fl_record_shrink){.operations_before = 210,
                                                 .operations_after = 3,
                                                 .faults_before = 9,
                                                 .faults_after = 2,
                                                 .replays = 120,
                                                 .milliseconds = 900,
                                                 .complete = true};
    f->record.directory = "out/abd-register/77aa01";
    uint32_t w = fixture_call(f, 0, FL_REGISTER_WRITE, 1, "write(1) {");
    fixture_at(f, 20);
    uint32_t r1 = fixture_call(f, 1, FL_REGISTER_READ, FL_NONE, "read() {");
    fixture_at(f, 128);
    fixture_return(f, r1, 1, "} = 1");
    fixture_at(f, 228);
    uint32_t r2 = fixture_call(f, 2, FL_REGISTER_READ, FL_NONE, "read() {");
    fixture_at(f, 260);
    fixture_return(f, r2, 0, "} = 0");
    f->steps[f->record.steps_count - 1].decisive = true;
    fixture_at(f, 388);
    fixture_return(f, w, FL_NONE, "}");
    fixture_at(f, 480);
    fixture_end(f, &context);
}

/* A use after free: no history to blame, but sentences and two stacks. */
static inline void fixture_use_after_free(struct fixture *f)
{
    static const struct fl_lane lanes[] = {{"T0", "", true}, {"T1", "", true}};
    static const struct fl_frame used[] = {{"stack_pop", "treiber.c", 36},
                                           {"perform", "treiber.c", 61}};
    static const struct fl_frame freed[] = {{"stack_pop", "treiber.c", 39},
                                            {"perform", "treiber.c", 61}};
    static const struct fl_frame made[] = {{"stack_push", "treiber.c", 22}};
    static const struct fl_record_stack stacks[] = {
        {"use of freed memory in T0, step 8", used, 2},
        {"freed by T1, step 6", freed, 2},
        {"allocated during set-up", made, 1}};
    static const char *const reason[] = {
        "T0 read 8 bytes at offset 8 of n1, which T1 had freed at step 6.",
        "n1 is a block of 16 bytes, allocated during set-up."};
    fixture_begin(f, "stack");
    f->record.scenario = "treiber-use";
    f->record.verdict = "use after free";
    f->record.subject = "treiber_stack, variant no_hazard";
    f->record.seed = "0x11";
    f->record.schedule = 3;
    f->record.milliseconds = 12;
    f->record.lanes = lanes;
    f->record.lanes_count = 2;
    f->record.setup = "push(1)";
    f->record.reason = reason;
    f->record.reason_count = 2;
    f->record.stacks = stacks;
    f->record.stacks_count = 3;
    f->record.directory = "out/treiber-use/0c11";
    uint32_t setup = fixture_call(f, 0, FL_STACK_PUSH, 1, NULL);
    fixture_return(f, setup, FL_NONE, NULL);
    fixture_call(f, 0, FL_STACK_POP, FL_NONE, "pop() {");
    fixture_step(f, FL_STEP_LOAD, 0, 34, "load  head = n1");
    uint32_t b = fixture_call(f, 1, FL_STACK_POP, FL_NONE, "pop() {");
    fixture_step(f, FL_STEP_LOAD, 1, 34, "load  head = n1");
    fixture_step(f, FL_STEP_UPDATE, 1, 37, "CAS head n1->null ok");
    fixture_step(f, FL_STEP_FREE, 1, 39, "free n1");
    fixture_return(f, b, 1, "} = 1");
    struct fl_step *step =
        fixture_step(f, FL_STEP_CRASH, 0, 36, "read  n1.next");
    step->decisive = true;
    step->inner_line = 12; /* a small function reads for line 36 */
    step->cause = 5;
    step->cause_text = "n1 was freed at 6";
    fixture_end(f, NULL);
}

/* A queue history from a file: no steps, no seed, four clients. */
static inline void fixture_file(struct fixture *f)
{
    fixture_begin(f, "fifo_queue");
    f->record.scenario = "queue.jsonl";
    uint32_t a = fixture_call(f, 0, FL_QUEUE_ENQUEUE, 1, NULL);
    uint32_t b = fixture_call(f, 1, FL_QUEUE_ENQUEUE, 2, NULL);
    fixture_return(f, a, FL_NONE, NULL);
    fixture_return(f, b, FL_NONE, NULL);
    uint32_t c = fixture_call(f, 2, FL_QUEUE_DEQUEUE, FL_NONE, NULL);
    uint32_t d = fixture_call(f, 3, FL_QUEUE_DEQUEUE, FL_NONE, NULL);
    fixture_return(f, c, 2, NULL);
    fixture_return(f, d, 2, NULL);
    fixture_end(f, NULL);
}

#endif
