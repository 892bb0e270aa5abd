/*
 * What faults do in real runs: each kind acts as its rule asks, and on nobody
 * else.  Steps, blocks and virtual times are those of the log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/acts_fixture.h"

enum {
    RUNS = 100,
    MS = 1000000,
};

static struct acts acts;

static void open_rule(const char *system, const char *rule)
{
    char text[600];
    snprintf(text, sizeof(text), "faults:\n  - { %s }", rule);
    acts_open(&acts, system, text);
}

static void close_rule(void)
{
    acts_close(&acts);
}

/* The first step of `thread` in the log from index `from` on, or NULL. */
static const struct log_step *next_step(const struct run_log *log,
                                        uint32_t from, uint32_t thread)
{
    for (uint32_t i = from; i < log->steps_count; i++) {
        if (log->steps[i].thread == thread) {
            return &log->steps[i];
        }
    }
    return NULL;
}

/* --- threads and processes ------------------------------------------------ */

/* It ends early only where the others have ended, or just spin. */
START_TEST(a_delay_lasts_its_steps)
{
    open_rule(QUEUE, "kind: delay, target: { threads: T1 }, when: { step: 9 }, "
                     "for: 15 steps");
    uint32_t whole = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_uint_eq(run.log->faults_count, 1);
        const struct log_fault *f = &run.log->faults[0];
        ck_assert_uint_eq(f->thread, 1);
        ck_assert_uint_eq(f->amount, 15);
        uint64_t at = run.trace->occurrences[0].site.step;
        const struct log_step *next = next_step(run.log, f->step, 1);
        ck_assert_ptr_nonnull(next);
        whole += next->point >= at + 15 ? 1 : 0;
    }
    ck_assert_uint_ge(whole, RUNS * 8 / 10);
    close_rule();
}
END_TEST

START_TEST(a_crash_is_for_ever)
{
    open_rule(QUEUE, "kind: crash, target: { threads: any }, when: { step: "
                     "3..40 }, limit: 1");
    uint32_t open = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        if (run.log->faults_count == 0) {
            continue; /* it had ended before */
        }
        const struct log_fault *f = &run.log->faults[0];
        ck_assert_ptr_null(next_step(run.log, f->step, f->thread));
        ck_assert_uint_eq(run.log->crashed, 1u << f->thread);
        const struct fl_history *h = run.outcome->history;
        for (uint32_t k = 0; k < h->count; k++) {
            bool is_open = h->operations[k].ret == FL_OPEN;
            ck_assert(!is_open || h->operations[k].client == f->thread);
            open += is_open ? 1 : 0;
        }
    }
    ck_assert_uint_gt(open, RUNS / 2);
    close_rule();
}
END_TEST

/* Kinds that take a process or node away until a moment. */
static const struct {
    const char *system;
    const char *rule;
    uint64_t least; /* ns */
    uint64_t most;
} absences[] = {
    {REGION,
     "kind: restart, target: { processes: P1 }, when: { time: 3us }, down_for: "
     "2ms..5ms",
     2 * MS, 5 * MS},
    {REGION,
     "kind: kill, target: { processes: P1 }, when: { time: 3us }, respawn: "
     "7ms, pid_reuse: 0.5",
     7 * MS, 7 * MS},
    {REGION,
     "kind: crash, target: { processes: P1 }, when: { time: 3us }, down_for: "
     "4ms",
     4 * MS, 4 * MS},
    {REGION,
     "kind: pause, target: { processes: P1 }, when: { time: 3us }, for: 6ms",
     6 * MS, 6 * MS},
    {REGISTER,
     "kind: restart, target: { nodes: replica2 }, when: { time: 8ms }, "
     "down_for: 10ms..20ms",
     10 * MS, 20 * MS},
    {REGISTER,
     "kind: pause, target: { nodes: replica2 }, when: { time: 8ms }, for: "
     "15ms",
     15 * MS, 15 * MS},
    {REGISTER,
     "kind: delay, target: { nodes: replica2 }, when: { time: 8ms }, for: "
     "15ms",
     15 * MS, 15 * MS},
};

enum {
    ABSENCES = sizeof(absences) / sizeof(absences[0])
};

START_TEST(an_absence_lasts_as_long_as_it_says)
{
    open_rule(absences[_i].system, absences[_i].rule);
    uint32_t back = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        ck_assert_uint_eq(run.log->faults_count, 1);
        const struct log_fault *f = &run.log->faults[0];
        ck_assert_uint_eq(f->thread, 1);
        const struct log_step *next = next_step(run.log, f->step, 1);
        if (next == NULL) {
            continue; /* the run ended meanwhile */
        }
        back++;
        uint64_t gone = next->time - f->from_time;
        ck_assert_msg(gone >= absences[_i].least, "%s: back after %llu ns",
                      absences[_i].rule, (unsigned long long)gone);
        if (f->to_time != UINT64_MAX) {
            ck_assert(f->to_time - f->from_time >= absences[_i].least);
            ck_assert(f->to_time - f->from_time <= absences[_i].most + 1000);
        }
    }
    ck_assert_uint_gt(back, RUNS / 2);
    close_rule();
}
END_TEST

/* --- memory --------------------------------------------------------------- */

START_TEST(a_weak_swap_fails_where_it_says)
{
    open_rule(QUEUE, "kind: cas_spurious_fail, p: 0.3");
    if (!runner_tells_weak(acts.runner)) {
        close_rule();
        return; /* compiled by clang */
    }
    uint32_t acted = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        uint32_t spurious = 0;
        for (uint32_t k = 0; k < run.log->steps_count; k++) {
            const struct log_step *s = &run.log->steps[k];
            spurious +=
                s->kind == FL_STEP_REFUSE && s->before == s->expected ? 1 : 0;
        }
        ck_assert_uint_eq(spurious, run.log->faults_count);
        acted += spurious;
    }
    ck_assert_uint_gt(acted, RUNS);
    close_rule();
}
END_TEST

START_TEST(an_allocation_fails_where_it_says)
{
    open_rule(QUEUE, "kind: alloc_fail, target: { threads: any }, p: 0.3");
    uint32_t acted = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        uint32_t none = 0;
        for (uint32_t k = 0; k < run.log->steps_count; k++) {
            const struct log_step *s = &run.log->steps[k];
            none += s->kind == FL_STEP_ALLOC && s->address == 0 ? 1 : 0;
        }
        ck_assert_uint_eq(none, run.log->faults_count);
        acted += none;
    }
    ck_assert_uint_gt(acted, RUNS);
    close_rule();
}
END_TEST

/* The block before `i` in the log that was freed last, or first, of those
 * whose address is free when `i` is allocated; NULL: there is none. */
static const struct log_block *free_one(const struct run_log *log, uint32_t i,
                                        bool last)
{
    const struct log_block *found = NULL;
    for (uint32_t k = 0; k < i; k++) {
        const struct log_block *b = &log->blocks[k];
        bool taken = b->freed >= log->blocks[i].allocated ||
                     b->size != log->blocks[i].size;
        for (uint32_t j = k + 1; j < i; j++) {
            taken = taken || log->blocks[j].address == b->address;
        }
        if (!taken && (found == NULL || (b->freed > found->freed) == last)) {
            found = b;
        }
    }
    return found;
}

static const struct {
    const char *rule;
    bool reused;
    bool last;
} orders[] = {
    {"kind: reuse, reuse: newest", true, true},
    {"kind: reuse, reuse: oldest", true, false},
    {"kind: reuse, reuse: never", false, false},
};

START_TEST(freed_blocks_come_back_as_it_says)
{
    open_rule(FREEING_QUEUE, orders[_i].rule);
    uint32_t again = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        for (uint32_t k = 0; k < run.log->blocks_count; k++) {
            const struct log_block *b = &run.log->blocks[k];
            const struct log_block *wanted =
                free_one(run.log, k, orders[_i].last);
            if (b->setup || wanted == NULL) {
                continue;
            }
            again++;
            ck_assert_msg((wanted->address == b->address) == orders[_i].reused,
                          "%s: run %llu, block %u", orders[_i].rule,
                          (unsigned long long)i, k);
        }
    }
    ck_assert_uint_gt(again, RUNS);
    close_rule();
}
END_TEST

/* --- clocks --------------------------------------------------------------- */

/* A waiter whose clock jumps forward gives up at once: the waits of 50 ms for
 * a dead owner end early, and monotonic time, which runs here, says so. */
START_TEST(the_clock_of_a_process_jumps)
{
    static const char *const jumps[] = {"1us", "10s"};
    uint64_t times[2] = {0};
    for (int k = 0; k < 2; k++) {
        char rules[600];
        snprintf(rules, sizeof(rules),
                 "faults:\n"
                 "  - { kind: kill, target: { processes: P0 }, when: { point: "
                 "region.half_written }, limit: 1 }\n"
                 "  - { kind: clock_jump, target: { processes: all }, by: %s, "
                 "when: { time: 1ms } }",
                 jumps[k]);
        acts_open(&acts,
                  "system: { kind: processes, algorithm: shm_region, "
                  "processes: 2, params: { lock: sem_owner_pid } }\n"
                  "workload: { ops_per_process: 2, amount: 1 }\n",
                  rules);
        for (uint64_t i = 1; i <= RUNS; i++) {
            struct act_run run = acts_run(&acts, i);
            ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
            times[k] += run.outcome->time;
        }
        acts_close(&acts);
    }
    ck_assert_msg(times[1] < times[0] / 2, "%llu, %llu",
                  (unsigned long long)times[0], (unsigned long long)times[1]);
}
END_TEST

/* --- messages ------------------------------------------------------------- */

static const struct {
    const char *rule;
    enum fl_message_fate fate;
    uint64_t least; /* ns that it is late */
    uint64_t most;
} messages[] = {
    {"kind: latency, by: 20ms..30ms, p: 0.2", FL_LATE, 20 * MS, 30 * MS},
    {"kind: loss, p: 0.2", FL_LOST, 0, 0},
    {"kind: duplicate, p: 0.2", FL_DUPLICATE, 0, 0},
    {"kind: reorder, by: 2ms..3ms, p: 0.2", FL_LATE, 2 * MS, 3 * MS},
};

enum {
    MESSAGES = sizeof(messages) / sizeof(messages[0])
};

START_TEST(a_message_is_hit_as_it_says)
{
    open_rule(REGISTER, messages[_i].rule);
    double sent = 0;
    double hit = 0;
    for (uint64_t i = 1; i <= 10; i++) {
        struct act_run run = acts_run(&acts, i);
        for (uint32_t k = 0; k < run.log->messages_count; k++) {
            const struct log_message *m = &run.log->messages[k];
            bool is = m->fault < run.log->faults_count &&
                      m->fate == messages[_i].fate;
            sent += m->fate == FL_DUPLICATE ? 0 : 1;
            hit += is ? 1 : 0;
            if (is && messages[_i].most > 0) {
                ck_assert(m->extra >= messages[_i].least);
                ck_assert(m->extra <= messages[_i].most);
                ck_assert(m->arrived - m->sent >= messages[_i].least);
            }
            ck_assert(!is || messages[_i].fate != FL_LOST ||
                      m->arrived == UINT64_MAX);
        }
    }
    ck_assert_msg(hit > 0.15 * sent && hit < 0.25 * sent, "%s: %g of %g",
                  messages[_i].rule, hit, sent);
    close_rule();
}
END_TEST

/* --- partitions and clogs ------------------------------------------------- */

static const struct {
    const char *shape;
    const char *direction;
} cuts[] = {
    {"halves", "both"},         {"halves", "one_way"}, {"isolate_one", "both"},
    {"isolate_one", "one_way"}, {"ring", "both"},      {"bridge", "both"},
    {"bridge", "one_way"},
};

enum {
    CUTS = sizeof(cuts) / sizeof(cuts[0])
};

/* While the links of an occurrence are cut, no message crosses one of them,
 * and others pass. */
static void expect_cut(const struct act_run *run, const struct occurrence *o,
                       uint64_t counts[2])
{
    uint64_t from = o->site.time;
    uint64_t to = from + o->action.amount;
    for (uint32_t k = 0; k < run->log->messages_count; k++) {
        const struct log_message *m = &run->log->messages[k];
        if (m->sent <= from || m->sent >= to) {
            continue;
        }
        bool cut = (o->action.cut[m->from] >> m->to & 1) != 0;
        bool lost = m->fate == FL_LOST;
        ck_assert_msg(lost || !cut, "%u->%u passes", m->from, m->to);
        /* ... or would have arrived in the cut that comes next. */
        counts[0] += cut ? 1 : 0;
        counts[1] += cut ? 0 : 1;
    }
}

static bool is_symmetric(const struct action *a)
{
    for (uint32_t i = 0; i < 8; i++) {
        for (uint32_t k = 0; k < 8; k++) {
            if ((a->cut[i] >> k & 1) != (a->cut[k] >> i & 1)) {
                return false;
            }
        }
    }
    return true;
}

START_TEST(a_partition_cuts_what_it_says)
{
    char rule[300];
    snprintf(rule, sizeof(rule),
             "kind: partition, shape: %s, direction: %s, every: 30ms, for: "
             "10ms",
             cuts[_i].shape, cuts[_i].direction);
    open_rule(REGISTER, rule);
    bool one_way = strcmp(cuts[_i].direction, "one_way") == 0;
    uint64_t counts[2] = {0};
    for (uint64_t i = 1; i <= 20; i++) {
        struct act_run run = acts_run(&acts, i);
        for (uint32_t k = 0; k < run.trace->occurrences_count; k++) {
            const struct occurrence *o = &run.trace->occurrences[k];
            ck_assert_int_eq(o->action.act, ACT_CUT);
            ck_assert_int_ne(is_symmetric(&o->action), one_way);
            expect_cut(&run, o, counts);
        }
    }
    ck_assert_uint_gt(counts[0], 50);
    ck_assert_uint_gt(counts[1], 50);
    close_rule();
}
END_TEST

/* What is sent to or by a clogged node comes when it is released, not before,
 * and is not lost. */
START_TEST(a_clog_holds_and_releases)
{
    open_rule(REGISTER, "kind: clog, target: { nodes: replica3 }, when: { "
                        "time: 10ms }, for: 40ms");
    uint32_t held = 0;
    for (uint64_t i = 1; i <= 20; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_uint_eq(run.log->faults_count, 1);
        for (uint32_t k = 0; k < run.log->messages_count; k++) {
            const struct log_message *m = &run.log->messages[k];
            bool inside = m->sent > 10 * MS && m->sent < 50 * MS;
            if (!inside || (m->from != 2 && m->to != 2)) {
                continue;
            }
            held++;
            ck_assert_uint_ge(m->arrived, 50 * MS);
            ck_assert_int_ne(m->fate, FL_LOST);
        }
    }
    ck_assert_uint_gt(held, 100);
    close_rule();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acts");
    TCase *cases = tcase_create("acts");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_delay_lasts_its_steps);
    tcase_add_test(cases, a_crash_is_for_ever);
    tcase_add_loop_test(cases, an_absence_lasts_as_long_as_it_says, 0,
                        ABSENCES);
    tcase_add_test(cases, a_weak_swap_fails_where_it_says);
    tcase_add_test(cases, an_allocation_fails_where_it_says);
    tcase_add_loop_test(cases, freed_blocks_come_back_as_it_says, 0, 3);
    tcase_add_test(cases, the_clock_of_a_process_jumps);
    tcase_add_loop_test(cases, a_message_is_hit_as_it_says, 0, MESSAGES);
    tcase_add_loop_test(cases, a_partition_cuts_what_it_says, 0, CUTS);
    tcase_add_test(cases, a_clog_holds_and_releases);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
