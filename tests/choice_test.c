/*
 * The stream of decisions: the same words for ever, the same run twice, and
 * sub-streams that do not disturb each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/choice.h"
#include "tests/tap.h"

#include <string.h>

enum {
    DRAWS = 100000
};

/* splitmix64 of seed 1234567, as published with the generator. */
static void generator_is_splitmix64(void)
{
    struct choice c = {.word = {[STREAM_FAULTS] = 1234567}};
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_FAULTS), 6457827717110365317u);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_FAULTS), 3203168211198807973u);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_FAULTS), 9817491932198370423u);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_FAULTS), 4593380528125082431u);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_FAULTS), 16408922859458223821u);
}

/* Golden: traces and seeds in reports depend on these for ever. */
static void seeds_and_first_words_never_change(void)
{
    CU_ASSERT_EQUAL(choice_seed_of(0, 0), 12035550249420947055u);
    CU_ASSERT_EQUAL(choice_seed_of(7, 41), 4811811758620218513u);
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 42);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_SCHEDULE), 6332618229526065668u);
    CU_ASSERT_EQUAL(choice_word(&c, STREAM_WORKLOAD), 14420089671706069802u);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_NETWORK, 1000000), 376);
}

static void streams_do_not_disturb_each_other(void)
{
    struct choice a = {0};
    struct choice b = {0};
    choice_begin(&a, CHOICE_EXPLORE, 5);
    choice_begin(&b, CHOICE_EXPLORE, 5);
    for (int i = 0; i < 100; i++) {
        choice_below(&b, STREAM_FAULTS, 10);
        CU_ASSERT_EQUAL(choice_word(&a, STREAM_WORKLOAD),
                        choice_word(&b, STREAM_WORKLOAD));
    }
    CU_ASSERT_NOT_EQUAL(choice_word(&a, STREAM_FAULTS),
                        choice_word(&a, STREAM_NETWORK));
}

static void other_seeds_give_other_runs(void)
{
    for (uint64_t i = 1; i < 1000; i++) {
        CU_ASSERT_NOT_EQUAL(choice_seed_of(1, i), choice_seed_of(1, i - 1));
        CU_ASSERT_NOT_EQUAL(choice_seed_of(i, 1), choice_seed_of(i - 1, 1));
        CU_ASSERT_NOT_EQUAL(choice_seed_of(i, 0), 0);
    }
}

/* Chi-square with 9 degrees of freedom: above 27.9 once in a thousand. */
static void below_is_uniform(void)
{
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 99);
    double counts[10] = {0};
    for (int i = 0; i < DRAWS; i++) {
        counts[choice_below(&c, STREAM_SCHEDULE, 10)] += 1;
    }
    double sum = 0;
    for (int i = 0; i < 10; i++) {
        double off = counts[i] - DRAWS / 10.0;
        sum += off * off / (DRAWS / 10.0);
    }
    CU_ASSERT(sum < 27.9);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_SCHEDULE, 1), 0);
}

static void chance_comes_as_often_as_asked(void)
{
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 3);
    int hits = 0;
    for (int i = 0; i < DRAWS; i++) {
        hits += choice_chance(&c, STREAM_FAULTS, 20000);
        CU_ASSERT_FALSE(choice_chance(&c, STREAM_FAULTS, 0));
        CU_ASSERT_TRUE(choice_chance(&c, STREAM_FAULTS, 1000000));
    }
    CU_ASSERT(hits > 1800 && hits < 2200); /* 2000, sd 44 */
}

/* Some decisions of three streams, interleaved, into `out`. */
static void decide_some(struct choice *c, uint64_t out[300])
{
    for (int i = 0; i < 300; i += 3) {
        out[i] = choice_below(c, STREAM_WAKE, 3);
        out[i + 1] = choice_chance(c, STREAM_FAULTS, 100000);
        out[i + 2] = choice_below(c, STREAM_SCHEDULE, 1000);
    }
}

static void replay_gives_back_what_was_recorded(void)
{
    uint64_t explored[300];
    uint64_t recorded[300];
    uint64_t replayed[300];
    struct choice c = {0};
    choice_begin(&c, CHOICE_EXPLORE, 17);
    decide_some(&c, explored);
    choice_begin(&c, CHOICE_RECORD, 17);
    decide_some(&c, recorded);
    choice_sort(&c);
    CU_ASSERT(c.kept_count > 100 && c.kept_count < 300);
    for (uint32_t i = 0; i < c.kept_count; i++) {
        CU_ASSERT_NOT_EQUAL(c.kept[i].value, 0);
    }

    struct choice again = {0};
    choice_replay(&again, c.kept, c.kept_count);
    decide_some(&again, replayed);
    CU_ASSERT_EQUAL(memcmp(explored, recorded, sizeof(explored)), 0);
    CU_ASSERT_EQUAL(memcmp(explored, replayed, sizeof(explored)), 0);

    /* and past the end of the trace everything is plain */
    CU_ASSERT_EQUAL(choice_below(&again, STREAM_WAKE, 3), 0);
    CU_ASSERT_FALSE(choice_chance(&again, STREAM_FAULTS, 1000000));
    choice_release(&again);
    choice_release(&c);
}

static void edited_trace_stays_in_bounds(void)
{
    struct decision kept[] = {
        {.stream = STREAM_FAULTS, .position = 2, .value = 77},
        {.stream = STREAM_MEMORY, .position = 0, .value = UINT64_MAX},
    };
    struct choice c = {0};
    choice_replay(&c, kept, 2);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_FAULTS, 100), 0);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_FAULTS, 100), 0);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_FAULTS, 5), 4);
    CU_ASSERT_EQUAL(choice_below(&c, STREAM_MEMORY, 8), 7);
    choice_begin(&c, CHOICE_EXPLORE, 1);
    CU_ASSERT_PTR_NULL(c.kept);
    choice_release(&c);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the generator is splitmix64", generator_is_splitmix64},
        {"seeds and first words never change",
         seeds_and_first_words_never_change},
        {"streams do not disturb each other",
         streams_do_not_disturb_each_other},
        {"other seeds give other runs", other_seeds_give_other_runs},
        {"below is uniform", below_is_uniform},
        {"a chance comes as often as asked", chance_comes_as_often_as_asked},
        {"a replay gives back what was recorded",
         replay_gives_back_what_was_recorded},
        {"an edited trace stays in bounds", edited_trace_stays_in_bounds},
        {NULL, NULL},
    };
    return tap_run("choice", cases);
}
