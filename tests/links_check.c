/*
 * Links in real runs: what the network does to messages is what the scenario
 * says.  Latencies are measured from the log of many messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/acts_fixture.h"

#include <math.h>
#include <stdlib.h>

enum {
    RUNS = 20,
    SAMPLES_MAX = 1 << 16,
    US = 1000,
    MS = 1000000,
};

static struct acts acts;

/* Latencies of one scenario, in ns. */
static double samples[SAMPLES_MAX];
static uint32_t samples_count;
static uint32_t sent_count;
static uint32_t lost_count;
static uint32_t twice_count;
static uint32_t overtaken_count;

/* Counts how often a message of a link arrives before one sent earlier. */
static uint32_t count_overtakings(const struct run_log *log)
{
    uint64_t last[8][8] = {{0}};
    uint32_t count = 0;
    for (uint32_t k = 0; k < log->messages_count; k++) {
        const struct log_message *m = &log->messages[k];
        if (m->arrived == UINT64_MAX || m->fate == FL_IN_FLIGHT) {
            continue;
        }
        ck_assert(m->from < 8 && m->to < 8);
        uint64_t *before = &last[m->from][m->to];
        count += m->arrived < *before ? 1 : 0;
        *before = m->arrived > *before ? m->arrived : *before;
    }
    return count;
}

static void measure(const char *network)
{
    char text[600];
    snprintf(text, sizeof(text), "network: { default: { %s } }", network);
    acts_open(&acts, REGISTER, text);
    samples_count = 0;
    sent_count = 0;
    lost_count = 0;
    twice_count = 0;
    overtaken_count = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        overtaken_count += count_overtakings(run.log);
        for (uint32_t k = 0; k < run.log->messages_count; k++) {
            const struct log_message *m = &run.log->messages[k];
            sent_count += m->fate == FL_DUPLICATE ? 0 : 1;
            lost_count += m->fate == FL_LOST ? 1 : 0;
            twice_count += m->fate == FL_DUPLICATE ? 1 : 0;
            if (m->fate == FL_DELIVERED && samples_count < SAMPLES_MAX) {
                samples[samples_count++] = (double)(m->arrived - m->sent);
            }
        }
    }
    acts_close(&acts);
}

static int by_size(const void *a, const void *b)
{
    double x;
    double y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

/* The share `q` of the samples is below this. */
static double quantile(double q)
{
    qsort(samples, samples_count, sizeof(samples[0]), by_size);
    return samples[(uint32_t)(q * (samples_count - 1))];
}

/* Quantiles by the formulas of the distributions; 0: not looked at. */
static const struct {
    const char *latency;
    double least;
    double low; /* quantile 0.25 */
    double median;
    double high; /* quantile 0.75 */
    double most;
} latencies[] = {
    {"3ms", 3 * MS, 3 * MS, 3 * MS, 3 * MS, 3 * MS},
    {"{ dist: constant, value: 3ms }", 3 * MS, 3 * MS, 3 * MS, 3 * MS, 3 * MS},
    {"1ms..5ms", 1 * MS, 2 * MS, 3 * MS, 4 * MS, 5 * MS},
    {"[1ms, 9ms]", 1 * MS, 1 * MS, 0, 9 * MS, 9 * MS},
    {"{ dist: uniform, min: 2ms, max: 4ms }", 2 * MS, 2.5 * MS, 3 * MS,
     3.5 * MS, 4 * MS},
    {"{ dist: normal, mean: 10ms, sd: 2ms }", 0, 8.651 * MS, 10 * MS,
     11.349 * MS, 0},
    {"{ dist: normal, mean: 10ms, sd: 2ms, min: 9ms, max: 11ms }", 9 * MS,
     9 * MS, 10 * MS, 11 * MS, 11 * MS},
    {"{ dist: exponential, mean: 10ms }", 0, 2.877 * MS, 6.931 * MS,
     13.863 * MS, 0},
    {"{ dist: lognormal, median: 2ms, sigma: 0.6 }", 0, 1.334 * MS, 2 * MS,
     2.998 * MS, 0},
    {"{ dist: pareto, scale: 5ms, shape: 1.5, max: 1s }", 5 * MS, 6.057 * MS,
     7.937 * MS, 12.599 * MS, 0},
    {"{ dist: weibull, scale: 4ms, shape: 0.7 }", 0, 0.675 * MS, 2.37 * MS,
     6.378 * MS, 0},
    {"{ dist: mixture, p: 0.4, fast: 1ms, slow: 50ms }", 1 * MS, 1 * MS, 1 * MS,
     50 * MS, 50 * MS},
    {"{ dist: empirical, quantiles: [1ms, 2ms, 10ms] }", 1 * MS, 1.5 * MS,
     2 * MS, 6 * MS, 10 * MS},
};

enum {
    LATENCIES = sizeof(latencies) / sizeof(latencies[0])
};

static void expect_quantile(const char *latency, double q, double wanted,
                            double tolerance)
{
    double found = quantile(q);
    ck_assert_msg(wanted <= 0 || fabs(found - wanted) <= tolerance * wanted,
                  "%s: quantile %g is %g ns instead of %g", latency, q, found,
                  wanted);
}

START_TEST(latency_has_its_distribution)
{
    char network[300];
    const char *latency = latencies[_i].latency;
    snprintf(network, sizeof(network), "latency: %s", latency);
    measure(network);
    ck_assert_uint_gt(samples_count, 5000);
    ck_assert_uint_eq(lost_count, 0);
    expect_quantile(latency, 0.25, latencies[_i].low, 0.08);
    expect_quantile(latency, 0.5, latencies[_i].median, 0.08);
    expect_quantile(latency, 0.75, latencies[_i].high, 0.08);
    ck_assert(quantile(0) >= latencies[_i].least);
    ck_assert(latencies[_i].most <= 0 || quantile(1) <= latencies[_i].most);
}
END_TEST

START_TEST(loss_and_copies_have_their_shares)
{
    measure("loss: 0.1, duplicate: 5%");
    ck_assert_uint_gt(sent_count, 5000);
    double lost = (double)lost_count / sent_count;
    double twice = (double)twice_count / (sent_count - lost_count);
    ck_assert_msg(lost > 0.085 && lost < 0.115, "lost %g", lost);
    ck_assert_msg(twice > 0.04 && twice < 0.06, "twice %g", twice);
}
END_TEST

/* In the bad state, reached with 2 % and left with 30 %, 80 % are lost: a
 * share of 2 / 32 of the time, and a loss is likely to follow a loss. */
START_TEST(losses_come_in_bursts)
{
    acts_open(&acts, REGISTER,
              "network: { default: { loss: { model: gilbert_elliott, p: 0.02, "
              "r: 0.3, good: 0, bad: 0.8 } } }");
    double sent = 0;
    double lost = 0;
    double pairs = 0;
    for (uint64_t i = 1; i <= RUNS; i++) {
        struct act_run run = acts_run(&acts, i);
        bool before[8][8] = {{false}};
        for (uint32_t k = 0; k < run.log->messages_count; k++) {
            const struct log_message *m = &run.log->messages[k];
            bool is = m->fate == FL_LOST;
            sent++;
            lost += is ? 1 : 0;
            pairs += is && before[m->from][m->to] ? 1 : 0;
            before[m->from][m->to] = is;
        }
    }
    ck_assert_msg(lost / sent > 0.03 && lost / sent < 0.07, "%g", lost / sent);
    ck_assert_msg(pairs / lost > 0.4, "%g of losses follow one", pairs / lost);
    acts_close(&acts);
}
END_TEST

START_TEST(order_is_kept_where_asked_for)
{
    measure("latency: 1ms..9ms, reorder: fifo");
    ck_assert_uint_eq(overtaken_count, 0);
    measure("latency: 1ms..9ms, reorder: allowed");
    ck_assert_uint_gt(overtaken_count, 50);
    measure("latency: 1ms..9ms");
    ck_assert_uint_gt(overtaken_count, 50);
}
END_TEST

/* At 10 KB/s a byte takes 100 us: no message is there before its bytes, and
 * those of one link come one after the other. */
START_TEST(bytes_take_their_time)
{
    acts_open(&acts, REGISTER,
              "network: { default: { latency: 1us, bandwidth: 10KB/s } }");
    struct act_run run = acts_run(&acts, 1);
    uint64_t last[8][8] = {{0}};
    uint32_t count = 0;
    for (uint32_t i = 0; i < run.log->steps_count; i++) {
        const struct log_step *s = &run.log->steps[i];
        if (s->kind != FL_STEP_SEND || s->after >= run.log->messages_count) {
            continue;
        }
        const struct log_message *m = &run.log->messages[s->after];
        if (m->fate != FL_DELIVERED) {
            continue;
        }
        uint64_t *before = &last[m->from][m->to];
        uint64_t start = *before > m->sent ? *before : m->sent;
        ck_assert_uint_eq(m->arrived, start + s->size * 100ull * US + US);
        *before = m->arrived - US;
        count++;
    }
    ck_assert_uint_gt(count, 100);
    acts_close(&acts);
}
END_TEST

START_TEST(a_full_queue_loses)
{
    measure("latency: 50ms, queue: 1 messages");
    ck_assert_uint_gt(lost_count, 0);
    measure("latency: 50ms, queue: 64 messages");
    ck_assert_uint_eq(lost_count, 0);
}
END_TEST

/* A rule for some links leaves the others as they are. */
START_TEST(a_link_may_differ)
{
    acts_open(&acts, REGISTER,
              "network:\n  default: { latency: 2ms }\n  links:\n"
              "    - { target: \"client->*\", latency: 0ms }\n"
              "    - { target: \"replica4<->replica5\", latency: 9ms }\n"
              "    - { target: \"client2->replica1\", loss: 1 }\n");
    struct act_run run = acts_run(&acts, 1);
    for (uint32_t i = 0; i < run.log->messages_count; i++) {
        const struct log_message *m = &run.log->messages[i];
        bool dead = m->from == 6 && m->to == 0;
        ck_assert_int_eq(m->fate == FL_LOST, dead);
        if (m->fate == FL_DELIVERED) {
            ck_assert_uint_eq(m->arrived - m->sent, m->from >= 5 ? 0 : 2 * MS);
        }
    }
    acts_close(&acts);
}
END_TEST

/* The nodes' clocks differ by what the scenario says, and a timeout of 100 ms
 * on a clock that is fast by a tenth comes after 91 ms. */
START_TEST(clocks_are_off_as_asked)
{
    static const char *const clocks[] = {"0..0", "100000..100000"};
    static const uint64_t timeouts[] = {100 * MS, 90909091};
    for (int c = 0; c < 2; c++) {
        char system[400];
        snprintf(system, sizeof(system),
                 "system: { kind: network, algorithm: abd_register, nodes: { "
                 "replica: 3, client: 1 }, clock: { skew: -50ms..50ms, "
                 "drift_ppm: %s } }\nworkload: { clients: { ops: 1 }, timeout: "
                 "100ms }\n",
                 clocks[c]);
        acts_open(&acts, system, "network: { default: { loss: 1 } }");
        struct act_run run = acts_run(&acts, 1);
        ck_assert_int_eq(run.outcome->end, RUN_FINISHED);
        ck_assert_msg(llabs((long long)run.outcome->time -
                            (long long)timeouts[c]) < 10 * US,
                      "%llu ns", (unsigned long long)run.outcome->time);
        acts_close(&acts);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("links");
    TCase *cases = tcase_create("links");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, latency_has_its_distribution, 0, LATENCIES);
    tcase_add_test(cases, loss_and_copies_have_their_shares);
    tcase_add_test(cases, losses_come_in_bursts);
    tcase_add_test(cases, order_is_kept_where_asked_for);
    tcase_add_test(cases, bytes_take_their_time);
    tcase_add_test(cases, a_full_queue_loses);
    tcase_add_test(cases, a_link_may_differ);
    tcase_add_test(cases, clocks_are_off_as_asked);
    suite_add_tcase(suite, cases);
    return check_tap_run(suite);
}
