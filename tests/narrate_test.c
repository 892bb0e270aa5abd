/*
 * Narration of logs made by hand: the stack of ux.md's mock-up, a use after
 * free, a network.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/narrate_fixture.h"

/* The mock-up: T0 is held in its pop, T1 pops twice and pushes 4 into n1. */
static void build_aba(struct fixture *f)
{
    begin(f, "stack");
    for (fl_value value = 3; value >= 1; value--) {
        fl_value args[FL_ARGS_MAX] = {value, FL_NONE};
        uint32_t i =
            fl_history_call(f->history, 2, FL_STACK_PUSH, FL_NONE, args);
        fl_history_return(f->history, i, FL_NONE);
    }
    f->log.setup_operations = 3;
    uint32_t pop0 = call(f, 0, FL_STACK_POP, FL_NONE);
    load(f, 0, pop0, ROOT, N1);
    load(f, 0, pop0, N1, N2);
    f->faults[0] = (struct log_fault){.step = 3,
                                      .until = 14,
                                      .thread = 0,
                                      .kind = "delay",
                                      .act = ACT_DELAY,
                                      .amount = 11,
                                      .in_steps = true};
    f->log.faults_count = 1;
    uint32_t pop1 = call(f, 1, FL_STACK_POP, FL_NONE);
    swap(f, 1, pop1, N1, N2);
    release(f, 1, pop1, 1);
    answer(f, 1, pop1, 1);
    uint32_t pop2 = call(f, 1, FL_STACK_POP, FL_NONE);
    swap(f, 1, pop2, N2, N3);
    release(f, 1, pop2, 2);
    answer(f, 1, pop2, 2);
    uint32_t push = call(f, 1, FL_STACK_PUSH, 4);
    struct log_step *step = add(f, FL_STEP_ALLOC, 1, push);
    step->address = N1;
    add_block(f, N1, f->log.steps_count - 1);
    swap(f, 1, push, N3, N1);
    answer(f, 1, push, FL_NONE);
    swap(f, 0, pop0, N1, N2);
    uint32_t pop3 = call(f, 1, FL_STACK_POP, FL_NONE);
    swap(f, 1, pop3, N2, N3);
    answer(f, 1, pop3, 2);
    answer(f, 0, pop0, 4);
}

static void aba_is_told_as_in_the_mock_up(void)
{
    struct fixture f;
    build_aba(&f);
    const struct fl_record *record = tell(&f, RUN_NOT_LINEARIZABLE, "");
    CU_ASSERT_EQUAL_FATAL(record->steps_count, 20);
    const struct fl_step *steps = record->steps;
    CU_ASSERT_STRING_EQUAL(steps[0].text, "pop() {");
    CU_ASSERT_STRING_EQUAL(steps[1].text, "load  head = n1");
    CU_ASSERT_STRING_EQUAL(steps[2].text, "load  n1.next = n2");
    CU_ASSERT_STRING_EQUAL(steps[4].text, "CAS head n1->n2 ok");
    CU_ASSERT_STRING_EQUAL(steps[5].text, "free n1");
    CU_ASSERT_STRING_EQUAL(steps[6].text, "} = 1");
    CU_ASSERT_STRING_EQUAL(steps[11].text, "push(4) {");
    CU_ASSERT_STRING_EQUAL(steps[12].text, "alloc = n1");
    CU_ASSERT_STRING_EQUAL(steps[12].note, "freed at 6");
    CU_ASSERT_EQUAL(steps[12].cause, 5);
    CU_ASSERT_STRING_EQUAL(steps[14].text, "}");
    CU_ASSERT_STRING_EQUAL(steps[15].note, "<== head holds freed n2");
    CU_ASSERT_STRING_EQUAL(
        steps[15].cause_text,
        "n1 read at 2, changed at 5, n1 again since 14: ABA");
    CU_ASSERT_EQUAL(steps[15].cause, 1);
    CU_ASSERT_TRUE(steps[15].decisive);
    CU_ASSERT_STRING_EQUAL(steps[17].note, "n2 freed at 10");
    CU_ASSERT_STRING_EQUAL(steps[15].memory, "n2:freed");
    CU_ASSERT_STRING_EQUAL(record->memory_title, "shared state: head");
    CU_ASSERT_STRING_EQUAL(steps[1].file, "narrate_fixture.h");
    CU_ASSERT_TRUE(steps[1].line > 0);
    CU_ASSERT_STRING_EQUAL(record->setup, "push(3) push(2) push(1)");
    CU_ASSERT_STRING_EQUAL(record->subject, "treiber, variant aba");
    CU_ASSERT_PTR_NOT_NULL(record->explanation);
    CU_ASSERT_EQUAL(record->call_steps[0], FL_NO_STEP);
    CU_ASSERT_EQUAL(record->call_steps[3], 0);
    CU_ASSERT_EQUAL(record->return_steps[3], 19);
    CU_ASSERT_FALSE(steps[17].decisive);
    end(&f);
}

static void faults_and_lanes_are_told(void)
{
    struct fixture f;
    build_aba(&f);
    const struct fl_record *record = tell(&f, RUN_NOT_LINEARIZABLE, "");
    CU_ASSERT_EQUAL_FATAL(record->faults_count, 1);
    const struct fl_record_fault *fault = &record->faults[0];
    CU_ASSERT_STRING_EQUAL(fault->label, "F1");
    CU_ASSERT_STRING_EQUAL(fault->kind, "delay");
    CU_ASSERT_EQUAL(fault->before, 3);
    CU_ASSERT_EQUAL(fault->until, 14);
    CU_ASSERT_PTR_NOT_NULL(strstr(fault->text, "held before the CAS at "));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault->text, ", 11 steps"));
    CU_ASSERT_EQUAL(record->lanes_count, 2);
    CU_ASSERT_STRING_EQUAL(record->lanes[0].name, "T0");
    CU_ASSERT_STRING_EQUAL(record->lanes[0].role, "delayed");
    CU_ASSERT_STRING_EQUAL(record->lanes[1].role, "");
    CU_ASSERT_TRUE(record->lanes[0].client);
    end(&f);
}

static void a_use_after_free_leads_to_its_free(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    load(&f, 0, pop, ROOT, N1);
    load(&f, 0, pop, N1, N2);
    uint32_t other = call(&f, 1, FL_STACK_POP, FL_NONE);
    swap(&f, 1, other, N1, N2);
    release(&f, 1, other, 1);
    answer(&f, 1, other, 1);
    struct log_step *step = add(&f, FL_STEP_CRASH, 0, pop);
    step->address = N1 + 8;
    step->name = "read";
    step->pc = get_places().plain;
    f.log.fail_step = f.log.steps_count;
    f.log.stacks[0] = (struct log_stack){
        .title = "use of freed memory in T0", .count = 1, .pc = {step->pc}};
    f.log.stacks_count = 1;
    const struct fl_record *record =
        tell(&f, RUN_USE_AFTER_FREE, "T0 reads 8 bytes of n1, freed by T1");
    const struct fl_step *last = &record->steps[record->steps_count - 1];
    CU_ASSERT_STRING_EQUAL(last->text, "read  n1.value");
    CU_ASSERT_TRUE(last->decisive);
    CU_ASSERT_EQUAL(last->cause, 5);
    CU_ASSERT_STRING_EQUAL(last->cause_text, "n1 was freed at 6 by T1");
    CU_ASSERT_PTR_NULL(record->explanation);
    CU_ASSERT_EQUAL_FATAL(record->reason_count, 3);
    CU_ASSERT_STRING_EQUAL(record->reason[0],
                           "T0 reads 8 bytes of n1, freed by T1.");
    CU_ASSERT_STRING_EQUAL(record->reason[1],
                           "n1 was allocated in the set-up.");
    CU_ASSERT_PTR_NOT_NULL(strstr(record->reason[2], "freed at step 6"));
    CU_ASSERT_EQUAL_FATAL(record->stacks_count, 1);
    CU_ASSERT_TRUE(record->stacks[0].frames_count >= 1);
    end(&f);
}

static void values_are_readable(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    load(&f, 0, pop, ROOT, N1 | (uint64_t)3 << 48);
    load(&f, 0, pop, ROOT, N1 | 1);
    load(&f, 0, pop, ROOT, 0);
    load(&f, 0, pop, N1 + 8, 7);
    load(&f, 0, pop, N1 + 8, (uint64_t)-2);
    load(&f, 0, pop, N1 + 8, (uint64_t)INT64_MIN);
    load(&f, 0, pop, N1 + 8, (uint64_t)5 << 32 | 6);
    load(&f, 0, pop, ROOT, N1 + 8);
    add_access(&f, (struct log_step){.kind = FL_STEP_REFUSE,
                                     .operation = pop,
                                     .pc = get_places().swap_head,
                                     .address = ROOT,
                                     .before = N3,
                                     .after = N3,
                                     .expected = N1,
                                     .name = "cas"});
    const struct fl_record *record = tell(&f, RUN_LEAK, "1 block lost");
    static const char *const texts[] = {"load  head = n1|3",
                                        "load  head = n1|1",
                                        "load  head = null",
                                        "load  n1.value = 7",
                                        "load  n1.value = -2",
                                        "load  n1.value = none",
                                        "load  n1.value = 5|6",
                                        "load  head = &n1.value",
                                        "CAS head from n1 failed (head = n3)"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CU_ASSERT_STRING_EQUAL(record->steps[i + 1].text, texts[i]);
    }
    end(&f);
}

static void lost_updates_and_loops_are_seen(void)
{
    struct fixture f;
    begin(&f, "counter");
    uint32_t a = call(&f, 0, FL_COUNTER_ADD, 1);
    uint32_t b = call(&f, 1, FL_COUNTER_ADD, 1);
    load(&f, 0, a, ROOT, 0);
    load(&f, 0, a, ROOT, 0); /* the same again: not told */
    load(&f, 1, b, ROOT, 0);
    for (uint32_t thread = 2; thread > 0; thread--) {
        add_access(&f, (struct log_step){.kind = FL_STEP_STORE,
                                         .thread = thread - 1,
                                         .operation = thread == 1 ? a : b,
                                         .address = ROOT,
                                         .before = thread == 2 ? 0 : 1,
                                         .after = thread == 2 ? 1 : 2});
    }
    answer(&f, 0, a, 0);
    answer(&f, 1, b, 0);
    const struct fl_record *record = tell(&f, RUN_NOT_LINEARIZABLE, "");
    CU_ASSERT_EQUAL_FATAL(record->steps_count, 8);
    CU_ASSERT_STRING_EQUAL(record->steps[3].text, "load  head = null");
    CU_ASSERT_TRUE(record->steps[5].decisive);
    CU_ASSERT_EQUAL(record->steps[5].cause, 4);
    CU_ASSERT_STRING_EQUAL(
        record->steps[5].cause_text,
        "overwrites the 1 of step 5; head was null when read at 3");
    end(&f);
}

static void networks_have_clients_first(void)
{
    struct fixture f;
    begin(&f, "register");
    f.log.replicas = 1;
    f.messages[0] = (struct log_message){.from = 1,
                                         .to = 0,
                                         .arrived = 9,
                                         .fate = FL_LATE,
                                         .fault = 0,
                                         .extra = 40000000,
                                         .text = "v=1"};
    f.log.messages_count = 1;
    f.faults[0] = (struct log_fault){.until = FL_NO_STEP,
                                     .thread = FL_OPEN,
                                     .kind = "partition",
                                     .act = ACT_CUT,
                                     .amount = 10000000,
                                     .nodes = 1};
    f.log.faults_count = 1;
    struct log_step *step = add(&f, FL_STEP_SEND, 1, FL_OPEN);
    step->before = 0;
    step->after = 0;
    const struct fl_record *record = tell(&f, RUN_INVARIANT, "no");
    CU_ASSERT_EQUAL(record->messages[0].from, 0);
    CU_ASSERT_EQUAL(record->messages[0].to, 1);
    CU_ASSERT_STRING_EQUAL(record->messages[0].fault, "F1 +40 ms");
    CU_ASSERT_STRING_EQUAL(record->lanes[0].name, "T1");
    CU_ASSERT_FALSE(record->lanes[1].client);
    CU_ASSERT_STRING_EQUAL(record->steps[0].text, "send v=1 to T0");
    CU_ASSERT_STRING_EQUAL(record->faults[0].text, "T0 | T1, 10 ms");
    CU_ASSERT_EQUAL(record->faults[0].nodes, 2);
    end(&f);
}

/* A message that arrives at once, logged at both ends. */
static void pass(struct fixture *f, uint32_t from, uint32_t to,
                 uint32_t operation)
{
    uint32_t index = f->log.messages_count++;
    bool reply = from == 0;
    struct log_step *step =
        add(f, FL_STEP_SEND, from, reply ? FL_OPEN : operation);
    step->before = to;
    step->after = index;
    f->messages[index] = (struct log_message){.from = from,
                                              .to = to,
                                              .sent = step->time,
                                              .arrived = step->time + 1,
                                              .fate = FL_DELIVERED,
                                              .fault = UINT32_MAX};
    step = add(f, FL_STEP_RECEIVE, to, reply ? operation : FL_OPEN);
    step->before = from;
    step->after = index;
}

static void answers_that_nobody_needed_are_idle(void)
{
    struct fixture f;
    begin(&f, "register");
    f.log.replicas = 1;
    f.log.lanes = 2;
    fl_value args[FL_ARGS_MAX] = {FL_NONE, FL_NONE};
    uint32_t read =
        fl_history_call(f.history, 0, FL_REGISTER_READ, FL_NONE, args);
    add(&f, FL_STEP_CALL, 1, read);
    pass(&f, 1, 0, read);
    pass(&f, 0, 1, read);
    add(&f, FL_STEP_RETURN, 1, read);
    fl_history_return(f.history, read, 7);
    pass(&f, 1, 0, FL_OPEN); /* after all operations */
    const struct fl_record *record = tell(&f, RUN_NOT_LINEARIZABLE, "");
    CU_ASSERT_EQUAL_FATAL(record->messages_count, 3);
    CU_ASSERT_FALSE(record->messages[0].idle);
    CU_ASSERT_FALSE(record->messages[1].idle);
    CU_ASSERT_TRUE(record->messages[2].idle);
    CU_ASSERT_FALSE(record->messages[0].decisive); /* a question */
    CU_ASSERT_TRUE(record->messages[1].decisive);  /* the wrong answer */
    end(&f);
}

static void nothing_can_be_told_of_nothing(void)
{
    struct fixture f;
    memset(&f, 0, sizeof(f));
    f.log.fail_step = FL_NO_STEP;
    const struct fl_record *record = tell(&f, RUN_CRASHED, "SIGSEGV in T0");
    CU_ASSERT_EQUAL(record->steps_count, 0);
    CU_ASSERT_EQUAL(record->reason_count, 1);
    CU_ASSERT_PTR_NULL(record->setup);
    end(&f);
    narrative_free(NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"ABA is told as in the mock-up", aba_is_told_as_in_the_mock_up},
        {"faults and lanes are told", faults_and_lanes_are_told},
        {"a use after free leads to its free",
         a_use_after_free_leads_to_its_free},
        {"values are readable", values_are_readable},
        {"lost updates and loops are seen", lost_updates_and_loops_are_seen},
        {"networks have clients first", networks_have_clients_first},
        {"answers that nobody needed are idle",
         answers_that_nobody_needed_are_idle},
        {"nothing can be told of nothing", nothing_can_be_told_of_nothing},
        {NULL, NULL},
    };
    return tap_run("narrate", cases);
}
