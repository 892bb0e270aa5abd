/*
 * Narration of runs that do not go on: circles of waits, survivors of a fault,
 * loops; and of reads that had become stale.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/narrate_fixture.h"

static void a_deadlock_is_told_in_sentences(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    uint32_t other = call(&f, 1, FL_STACK_POP, FL_NONE);
    add(&f, FL_STEP_SYNC, 0, pop)->name = "mutex_lock";
    add(&f, FL_STEP_SYNC, 1, other)->name = "mutex_lock";
    const struct fl_record *record = tell(
        &f, RUN_DEADLOCK,
        "T0 waits for a mutex held by T1; T1 waits for a mutex held by T0");
    CU_ASSERT_EQUAL_FATAL(record->reason_count, 4);
    CU_ASSERT_STRING_EQUAL(record->reason[0],
                           "T0 waits for a mutex held by T1.");
    CU_ASSERT_STRING_EQUAL(record->reason[1],
                           "T1 waits for a mutex held by T0.");
    CU_ASSERT_STRING_EQUAL(record->reason[2], "T0 came as far as step 3: lock");
    CU_ASSERT_TRUE(record->steps[3].decisive);
    CU_ASSERT_STRING_EQUAL(record->steps[2].text, "lock");
    end(&f);
}

/* A fiber that still waits for a mutex, or spins on the head. */
static void hold_up(struct fixture *f, uint32_t fiber, uintptr_t object,
                    uint32_t owner)
{
    f->log.waits[fiber] = (struct log_wait){.open = true,
                                            .spins = object == 0,
                                            .what = "mutex",
                                            .object = object,
                                            .owner = owner,
                                            .spun = {ROOT},
                                            .found = {N1},
                                            .spun_count = 1};
}

static void a_circle_of_waits_is_told_first(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    uint32_t push = call(&f, 1, FL_STACK_PUSH, 2);
    load(&f, 0, pop, ROOT, N1); /* tells that the root is a stack */
    add(&f, FL_STEP_SYNC, 1, push)->name = "mutex_lock";
    hold_up(&f, 0, ROOT, 1);
    hold_up(&f, 1, 64, 0);
    const struct fl_record *record = tell(&f, RUN_DEADLOCK, "both wait");
    CU_ASSERT_EQUAL_FATAL(record->reason_count, 3);
    CU_ASSERT_STRING_EQUAL(
        record->reason[0],
        "T0 waits for T1, and T1 for T0: each holds what another wants.");
    CU_ASSERT_STRING_EQUAL(
        record->reason[1],
        "T0 pop() waits for the mutex head, which T1 holds.");
    CU_ASSERT_STRING_EQUAL(record->reason[2],
                           "T1 push(2) waits for a mutex, which T0 holds.");
    CU_ASSERT_EQUAL_FATAL(record->steps_count, 6);
    CU_ASSERT_STRING_EQUAL(record->steps[4].text, "wait for head");
    CU_ASSERT_STRING_EQUAL(record->steps[5].note, "T0 holds it");
    CU_ASSERT_TRUE(record->steps[5].decisive);
    end(&f);
}

static void survivors_wait_for_whom_a_fault_took(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    load(&f, 0, pop, ROOT, N1);
    f.faults[0] = (struct log_fault){.step = 2,
                                     .until = FL_NO_STEP,
                                     .to_time = UINT64_MAX,
                                     .kind = "crash",
                                     .act = ACT_CRASH,
                                     .amount = UINT64_MAX};
    f.log.faults_count = 1;
    uint32_t push = call(&f, 1, FL_STACK_PUSH, 2);
    load(&f, 1, push, ROOT, N1);
    hold_up(&f, 1, 0, 64);
    const struct fl_record *record = tell(&f, RUN_BLOCKED, "T1 spins");
    CU_ASSERT_EQUAL_FATAL(record->reason_count, 2);
    CU_ASSERT_STRING_EQUAL(
        record->reason[0],
        "T1 push(2) spins on head = n1, which nobody will change.");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(record->reason[1], "F1 crash took T0 away after step 2 ("));
    CU_ASSERT_TRUE(record->steps[1].decisive);
    CU_ASSERT_EQUAL(record->steps_count, 4);
    end(&f);
}

static void rounds_of_a_loop_are_told_once(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t pop = call(&f, 0, FL_STACK_POP, FL_NONE);
    for (int round = 0; round < 5; round++) {
        load(&f, 0, pop, ROOT, N1);
        load(&f, 0, pop, N1, N2);
    }
    uint32_t push = call(&f, 1, FL_STACK_PUSH, 2);
    swap(&f, 1, push, N1, N3);
    load(&f, 0, pop, ROOT, N3); /* something new */
    load(&f, 0, pop, N1, N2);
    const struct fl_record *record = tell(&f, RUN_LIVELOCK, "it spins");
    CU_ASSERT_EQUAL_FATAL(record->steps_count, 7);
    CU_ASSERT_STRING_EQUAL(record->steps[1].text, "load  head = n1");
    CU_ASSERT_STRING_EQUAL(record->steps[2].note, "5 times from 2");
    CU_ASSERT_STRING_EQUAL(record->steps[5].text, "load  head = n3");
    CU_ASSERT_PTR_NULL(record->steps[6].note);
    end(&f);
}

static void a_fault_stays_between_the_rounds_of_others(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t a = call(&f, 0, FL_STACK_POP, FL_NONE);
    uint32_t b = call(&f, 1, FL_STACK_POP, FL_NONE);
    load(&f, 1, b, ROOT, N1);
    load(&f, 1, b, ROOT, N1);
    add(&f, FL_STEP_POINT, 0, a)->name = "inside";
    f.faults[0] = (struct log_fault){.step = 5,
                                     .until = FL_NO_STEP,
                                     .to_time = UINT64_MAX,
                                     .kind = "crash",
                                     .act = ACT_CRASH,
                                     .amount = UINT64_MAX};
    f.log.faults_count = 1;
    load(&f, 1, b, ROOT, N1);
    load(&f, 1, b, ROOT, N1);
    hold_up(&f, 1, 0, 64);
    const struct fl_record *record = tell(&f, RUN_BLOCKED, "T1 spins");
    CU_ASSERT_EQUAL_FATAL(record->steps_count, 5);
    CU_ASSERT_STRING_EQUAL(record->steps[3].text, "point inside");
    CU_ASSERT_EQUAL(record->faults[0].before, 4);
    CU_ASSERT_STRING_EQUAL(record->faults[0].text, "at inside");
    CU_ASSERT_TRUE(record->steps[3].decisive);
    end(&f);
}

static void a_stale_read_is_decisive(void)
{
    struct fixture f;
    begin(&f, "stack");
    uint32_t a = call(&f, 0, FL_STACK_POP, FL_NONE);
    load(&f, 0, a, ROOT, N1);
    uint32_t b = call(&f, 1, FL_STACK_POP, FL_NONE);
    swap(&f, 1, b, N1, N2);
    answer(&f, 1, b, 7);
    load(&f, 0, a, N1, N2); /* step 6: by what it read at 2 */
    load(&f, 0, a, N2, 0);
    answer(&f, 0, a, 7);
    const struct fl_record *record = tell(&f, RUN_NOT_LINEARIZABLE, "");
    CU_ASSERT_TRUE(record->steps[5].decisive);
    CU_ASSERT_EQUAL(record->steps[5].cause, 3);
    CU_ASSERT_STRING_EQUAL(record->steps[5].cause_text,
                           "head was n1 when read at 2; T1 made it n2 at 4");
    CU_ASSERT_FALSE(record->steps[6].decisive);
    end(&f);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a deadlock is told in sentences", a_deadlock_is_told_in_sentences},
        {"a circle of waits is told first", a_circle_of_waits_is_told_first},
        {"survivors wait for whom a fault took",
         survivors_wait_for_whom_a_fault_took},
        {"rounds of a loop are told once", rounds_of_a_loop_are_told_once},
        {"a fault stays between the rounds of others",
         a_fault_stays_between_the_rounds_of_others},
        {"a stale read is decisive", a_stale_read_is_decisive},
        {NULL, NULL},
    };
    return tap_run("narrate_waits", cases);
}
