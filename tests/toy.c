/*
 * Toys: what the laws of strategies are measured on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/toy.h"

#include <CUnit/CUnit.h>
#include <string.h>

static char cells[TOY_THREADS * TOY_POINTS + 32]; /* what addresses are of */

void *toy_state(void)
{
    static _Alignas(64) unsigned char state[TOY_STATE];
    return state;
}

struct operation toy_operation(char c, uint32_t thread, size_t at)
{
    struct operation o = {.kind = FL_STEP_STORE, .size = 1};
    if (c == '\0') { /* it has ended */
        o.location = NULL;
    } else if (c == '.' || c == '/') {
        o.location = &cells[32 + thread * TOY_POINTS + at];
    } else if (c >= 'a') {
        o.location = &cells[c - 'a'];
    } else {
        o.location = &cells[c - 'A'];
        o.kind = FL_STEP_LOAD;
    }
    return o;
}

struct order toy_run(struct toy *toy, const struct strategy *strategy,
                     void *state)
{
    struct order order = {""};
    struct operation pending[TOY_NOBODY] = {{0}};
    struct footprint done = {0};
    size_t at[TOY_THREADS] = {0};
    uint64_t enabled = ((uint64_t)1 << toy->threads) - 1;
    strategy->begin(state, &toy->profile, &toy->choice);
    struct moment moment = {
        .running = TOY_NOBODY, .forced = true, .done = &done};
    struct pick pick = {.distance = 0};
    uint64_t due = 0;
    for (uint64_t step = 0; enabled != 0; step++) {
        for (uint32_t t = 0; t < toy->threads; t++) {
            pending[t] = toy_operation(toy->code[t][at[t]], t, at[t]);
        }
        if (moment.forced || step >= due) {
            moment.enabled = enabled;
            moment.step = step;
            moment.pending = pending;
            pick = strategy->pick(state, &moment, &toy->choice);
            due =
                pick.distance == UINT64_MAX ? UINT64_MAX : step + pick.distance;
        }
        order.who[step] = (char)('0' + pick.thread);
        moment.running = pick.thread;
        // cppcheck-suppress unreadVariable ; moment.done reads it
        done.returned = toy->code[pick.thread][at[pick.thread]] == '/';
        moment.forced = toy->code[pick.thread][++at[pick.thread]] == '\0';
        if (moment.forced) {
            enabled &= ~((uint64_t)1 << pick.thread);
        }
    }
    return order;
}

struct toy toy_make(const char *a, const char *b, const char *c)
{
    struct toy toy = {.threads = c == NULL ? 2 : 3, .code = {a, b, c}};
    memset(toy_state(), 0, TOY_STATE);
    choice_begin(&toy.choice, CHOICE_EXPLORE, 77);
    toy.profile.threads = toy.threads;
    (void)toy_run(&toy, &strategy_survey, &toy.survey);
    survey_end(&toy.survey);
    for (uint32_t t = 0; t < toy.threads; t++) {
        toy.points[t] = (uint32_t)strlen(toy.code[t]);
        CU_ASSERT_EQUAL(toy.survey.points[t], toy.points[t]);
        toy.profile.steps += toy.points[t];
    }
    return toy;
}

void toy_tell(struct toy *toy)
{
    toy->profile.points = toy->points;
    toy->profile.survey = &toy->survey;
}

/* The part of an order that is about shared operations. */
static struct order shared_of(const struct toy *toy, const struct order *order)
{
    struct order shared = {""};
    size_t at[TOY_THREADS] = {0};
    size_t length = 0;
    for (size_t i = 0; order->who[i] != '\0'; i++) {
        uint32_t t = (uint32_t)(order->who[i] - '0');
        char c = toy->code[t][at[t]++];
        if (c != '.' && c != '/') {
            shared.who[length++] = order->who[i];
        }
    }
    return shared;
}

void toy_count(struct tally *tally, const struct order *order)
{
    uint32_t i = 0;
    while (i < tally->count && strcmp(tally->orders[i].who, order->who) != 0) {
        i++;
    }
    if (i == TOY_ORDERS) {
        CU_FAIL("more orders than there are");
        return;
    }
    if (i == tally->count) {
        tally->count++;
        tally->orders[i] = *order;
    }
    tally->times[i]++;
}

void toy_sample(struct toy *toy, const char *name, bool shared,
                struct tally *tally)
{
    const struct strategy *strategy = strategy_find(name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strategy);
    memset(tally, 0, sizeof(*tally));
    toy_tell(toy);
    for (uint32_t i = 0; i < TOY_SAMPLES; i++) {
        toy->profile.turn = i;
        struct order order = toy_run(toy, strategy, toy_state());
        struct order part = shared_of(toy, &order);
        toy_count(tally, shared ? &part : &order);
    }
}
