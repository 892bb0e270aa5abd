/*
 * The law of `stall`: who rests, where, and for how long.
 *
 * The seeds are fixed, so nothing here fails by chance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/tap.h"
#include "tests/toy.h"

#include <string.h>

/* How many runs `strategy` makes in which thread 0 comes to its second write
 * only when thread 1 has ended. */
static uint32_t rests(const char *strategy, const char *code)
{
    static struct tally tally;
    struct toy toy = toy_make(code, ".......b", NULL);
    toy_sample(&toy, strategy, true, &tally);
    uint32_t rests = 0;
    for (uint32_t i = 0; i < tally.count; i++) {
        rests += strcmp(tally.orders[i].who, "010") == 0 ? tally.times[i] : 0;
    }
    return rests;
}

/* A hold is drawn in three runs of four, and 1, 2 or 3 of them; each is on
 * thread 0 in half of the cases: 0.53 in all.  Thread 1 cannot be held, since
 * its write is its first access. */
static void who_has_begun_rests_until_the_others_end(void)
{
    uint32_t stalled = rests("stall", "bb");
    CU_ASSERT(stalled > TOY_SAMPLES * 50 / 100);
    CU_ASSERT(stalled < TOY_SAMPLES * 65 / 100);
    CU_ASSERT(rests("pos", "bb") < TOY_SAMPLES * 20 / 100);
}

static void who_has_looked_at_nothing_does_not(void)
{
    uint32_t free = rests("stall", "b/b");
    CU_ASSERT(free < TOY_SAMPLES * 25 / 100);
    CU_ASSERT(rests("stall", "b.b") > 2 * free);
}

/* Three threads that hold one another go on all the same, in any order. */
static void nothing_is_out_of_reach(void)
{
    static struct tally tally;
    struct toy toy = toy_make(".ab.", "b.a", "Ba");
    toy_sample(&toy, "stall", true, &tally);
    CU_ASSERT_EQUAL(tally.count, 90); /* 6! / 2!2!2! */
}

/* Thread 1 never ends: thread 0 goes on after some lengths of the profile. */
static void nobody_rests_for_ever(void)
{
    enum {
        RUNS = 500,
        LONG = 4 * 100, /* steps of a hold */
        LATEST = LONG + 400,
    };
    const struct strategy *stall = strategy_find("stall");
    struct toy toy = toy_make("aa", "a.", NULL);
    toy_tell(&toy);
    toy.profile.steps = 100;
    uint32_t held = 0;
    for (uint32_t run = 0; run < RUNS; run++) {
        struct operation pending[] = {toy_operation('a', 0, 0),
                                      toy_operation('.', 1, 0)};
        struct moment moment = {
            .enabled = 3, .running = TOY_NOBODY, .pending = pending};
        stall->begin(toy_state(), &toy.profile, &toy.choice);
        uint32_t made = 0;
        uint64_t began = 0;
        for (moment.step = 0; made < 2 && moment.step < began + LATEST;
             moment.step++) {
            moment.running =
                stall->pick(toy_state(), &moment, &toy.choice).thread;
            made += moment.running == 0 ? 1 : 0;
            began = made == 0 ? moment.step : began;
        }
        CU_ASSERT_EQUAL(made, 2);
        held += moment.step - began > LONG ? 1 : 0;
    }
    CU_ASSERT(held > RUNS / 3);
}

/* One run in four draws the order of what is selected: thread 1, which only
 * writes `b`, is then the last one to do so in half of them, however long the
 * other one takes to come there (less what the noise takes away). */
static void some_runs_select_what_is_ordered(void)
{
    static struct tally tally;
    struct toy toy = toy_make("aaaaaaaab", "b", NULL);
    toy_sample(&toy, "stall", true, &tally);
    uint32_t last = 0;
    for (uint32_t i = 0; i < tally.count; i++) {
        last += tally.orders[i].who[9] == '1' ? tally.times[i] : 0;
    }
    CU_ASSERT(last > TOY_SAMPLES * 9 / 100);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"who has begun rests until the others end",
         who_has_begun_rests_until_the_others_end},
        {"who has looked at nothing does not",
         who_has_looked_at_nothing_does_not},
        {"nothing is out of reach", nothing_is_out_of_reach},
        {"nobody rests for ever", nobody_rests_for_ever},
        {"some runs select what is ordered", some_runs_select_what_is_ordered},
        {NULL, NULL},
    };
    return tap_run("stall", cases);
}
