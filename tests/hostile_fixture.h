/*
 * Records that try to break a report: every text is full of what must be
 * escaped, lanes without number, no operations, times at the edge; and a
 * crowd, with more configurations and steps than are drawn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_HOSTILE_FIXTURE_H
#define TESTS_HOSTILE_FIXTURE_H

#include "tests/record_fixture.h"

#define HOSTILE                                                              \
    "a\"b\\c<d>&e'f\n\tg\x01\x7f\xff\xc3(]]>--|{}\\N\\l%s%n \u00fc\u2717"    \
    " and then it goes on and on and on and on and on and on and on and on " \
    "and on and on and on and on and on and on and on and on and on and on"

enum {
    HOSTILE_LANES = 64
};

/* The tables of fixture_hostile(): long texts, numbers out of range, NULLs. */
static inline void fixture_hostile_tables(struct fixture *f)
{
    static const struct fl_record_fault faults[] = {{.label = HOSTILE,
                                                     .kind = "delay" HOSTILE,
                                                     .text = HOSTILE,
                                                     .thread = 63,
                                                     .before = 1,
                                                     .until = 3},
                                                    {.label = HOSTILE,
                                                     .kind = "crash" HOSTILE,
                                                     .text = NULL,
                                                     .thread = 9999,
                                                     .before = 77,
                                                     .until = FL_NO_STEP},
                                                    {.label = HOSTILE,
                                                     .kind = "partition",
                                                     .text = HOSTILE,
                                                     .thread = FL_OPEN,
                                                     .before = FL_NO_STEP,
                                                     .until = FL_NO_STEP,
                                                     .from_time = 5,
                                                     .to_time = UINT64_MAX,
                                                     .nodes = UINT64_MAX}};
    static const struct fl_record_message messages[] = {{.from = 0,
                                                         .to = 63,
                                                         .sent = 0,
                                                         .arrived = UINT64_MAX,
                                                         .fate = FL_LOST,
                                                         .text = HOSTILE,
                                                         .fault = HOSTILE},
                                                        {.from = 1,
                                                         .to = 2,
                                                         .sent = 9,
                                                         .arrived = 10,
                                                         .fate = FL_LATE,
                                                         .text = HOSTILE,
                                                         .fault = HOSTILE,
                                                         .decisive = true},
                                                        {.from = 5000,
                                                         .to = 2,
                                                         .sent = 9,
                                                         .arrived = 10,
                                                         .fate = FL_DUPLICATE,
                                                         .text = NULL,
                                                         .fault = NULL}};
    static const struct fl_record_value values[] = {
        {2, 0, HOSTILE, true}, {5000, UINT64_MAX, HOSTILE, false}};
    static const struct fl_frame frames[] = {{HOSTILE, HOSTILE, 0},
                                             {NULL, NULL, UINT32_MAX}};
    static const struct fl_record_stack stacks[] = {{HOSTILE, frames, 2},
                                                    {HOSTILE, NULL, 0}};
    f->record.faults = faults;
    f->record.faults_count = 3;
    f->record.messages = messages;
    f->record.messages_count = 3;
    f->record.values = values;
    f->record.values_count = 2;
    f->record.stacks = stacks;
    f->record.stacks_count = 2;
}

/* One operation that never returns, in the last of 64 lanes. */
static inline void fixture_hostile(struct fixture *f)
{
    static struct fl_lane lanes[HOSTILE_LANES];
    static const char *const reason[] = {HOSTILE, "", HOSTILE};
    fixture_begin(f, "stack");
    fixture_hostile_tables(f);
    for (uint32_t k = 0; k < HOSTILE_LANES; k++) {
        lanes[k] =
            (struct fl_lane){k % 2 == 0 ? HOSTILE : NULL, HOSTILE, k % 3 != 2};
    }
    f->record.scenario = HOSTILE;
    f->record.verdict = HOSTILE;
    f->record.subject = HOSTILE;
    f->record.seed = HOSTILE;
    f->record.signature = HOSTILE;
    f->record.setup = HOSTILE;
    f->record.memory_title = HOSTILE;
    f->record.directory = HOSTILE;
    f->record.reason = reason;
    f->record.reason_count = 3;
    f->record.lanes = lanes;
    f->record.lanes_count = HOSTILE_LANES;
    fixture_call(f, 63, FL_STACK_POP, FL_NONE, HOSTILE);
    for (uint32_t k = 0; k < 5; k++) {
        struct fl_step *step =
            fixture_step(f, FL_STEP_UPDATE, k == 4 ? 7777 : 63, 0, HOSTILE);
        step->file = HOSTILE;
        step->path = "/nonexistent/" HOSTILE;
        step->note = HOSTILE;
        step->memory = HOSTILE;
        step->cause = k == 0 ? 9999 : k;
        step->cause_text = HOSTILE;
        step->decisive = true;
        step->time = k == 3 ? UINT64_MAX : k;
    }
    fixture_end(f, NULL);
}

/* Nothing at all, but a verdict. */
static inline void fixture_empty(struct fixture *f)
{
    fixture_begin(f, "stack");
    f->record.scenario = "empty";
    f->record.verdict = "deadlock";
    fixture_end(f, NULL);
}

/* Six concurrent pushes and a pop of something else; 200 steps. */
static inline void fixture_crowd(struct fixture *f)
{
    uint32_t tickets[6];
    fixture_begin(f, "stack");
    f->record.scenario = "crowd";
    f->record.seed = "1";
    for (uint32_t k = 0; k < 6; k++) {
        tickets[k] = fixture_call(f, k, FL_STACK_PUSH, k + 1, "push() {");
    }
    for (uint32_t k = 0; k < 180; k++) {
        fixture_step(f, k % 2 == 0 ? FL_STEP_LOAD : FL_STEP_REFUSE, k % 6, 25,
                     "CAS head n1->n2 failed");
    }
    for (uint32_t k = 0; k < 6; k++) {
        fixture_return(f, tickets[k], FL_NONE, "}");
    }
    uint32_t pop = fixture_call(f, 0, FL_STACK_POP, FL_NONE, "pop() {");
    fixture_return(f, pop, 99, "} = 99");
    fixture_end(f, NULL);
}

#endif
