/*
 * Whom rules act on, and what keeps them from acting: targets, links, messages,
 * and the limits of a scenario.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/rules_fixture.h"

/* The targets of an occurrence at a moment. */
static uint64_t targets_at(struct stage *s, uint64_t run)
{
    struct action action = {.act = ACT_NONE};
    begin(s, run);
    act_at(s, at_time(rules_moment(s->rules)), &action);
    return action.act == ACT_NONE ? 0 : action.targets;
}

static void targets_are_picked(void)
{
    static const struct {
        enum target_set set;
        enum target_pick pick;
        uint32_t count;
        uint32_t least;
        uint32_t most;
        uint64_t within;
    } picks[] = {
        {TARGET_NODES, PICK_ANY, 0, 1, 1, 0x1f},
        {TARGET_NODES, PICK_ALL, 0, 5, 5, 0x1f},
        {TARGET_NODES, PICK_RANDOM, 3, 3, 3, 0x1f},
        {TARGET_NODES, PICK_MINORITY, 0, 1, 2, 0x1f},
        {TARGET_NODES, PICK_MAJORITY, 0, 3, 3, 0x1f},
        {TARGET_CLIENTS, PICK_ALL, 0, 2, 2, 0x60},
        {TARGET_CLIENTS, PICK_ANY, 0, 1, 1, 0x60},
    };
    for (uint32_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
        struct stage s;
        open_stage(&s, SYSTEM_NETWORK);
        struct rule *rule = add_rule(&s, "crash");
        target_pick(rule, picks[i].set, picks[i].pick, picks[i].count);
        add_when(rule)->time = constant(UNIT_NS, MS);
        uint64_t met = 0;
        uint32_t least = 64;
        uint32_t most = 0;
        for (uint64_t run = 0; run < 200; run++) {
            uint64_t targets = targets_at(&s, run);
            uint32_t count = (uint32_t)__builtin_popcountll(targets);
            least = count < least ? count : least;
            most = count > most ? count : most;
            met |= targets;
        }
        CU_ASSERT_EQUAL(least, picks[i].least);
        CU_ASSERT_EQUAL(most, picks[i].most);
        CU_ASSERT_EQUAL(met, picks[i].within);
        close_stage(&s);
    }
}

static void links_have_directions(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "loss");
    target_named(rule, TARGET_LINKS, "client*->replica1");
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 0, 1), &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_DROP);
    CU_ASSERT_EQUAL(act_at(&s, at_send(6, 0, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(0, 5, 1), &action), 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 1, 2), &action), 0);
    close_stage(&s);

    open_stage(&s, SYSTEM_NETWORK);
    rule = add_rule(&s, "duplicate");
    target_named(rule, TARGET_NODES, "replica2");
    begin(&s, 0);
    CU_ASSERT_EQUAL(act_at(&s, at_send(1, 5, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 1, 1), &action), 1);
    CU_ASSERT_EQUAL(act_at(&s, at_send(5, 2, 2), &action), 0);
    close_stage(&s);
}

static void messages_are_hit_in_a_window(void)
{
    struct stage s;
    struct action action;
    open_stage(&s, SYSTEM_NETWORK);
    struct rule *rule = add_rule(&s, "latency");
    rule->by = constant(UNIT_NS, 40 * MS);
    rule->duration = constant(UNIT_NS, 10 * MS);
    add_when(rule)->time = constant(UNIT_NS, 100 * MS);
    begin(&s, 0);
    struct site site = at_send(0, 5, 1);
    site.time = 99 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 0);
    CU_ASSERT_EQUAL(rules_moment(s.rules), 100 * MS);
    CU_ASSERT_EQUAL(act_at(&s, at_time(100 * MS), &action), 0);
    site.time = 109 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 1);
    CU_ASSERT_EQUAL(action.act, ACT_LATE);
    CU_ASSERT_EQUAL(action.amount, 40 * MS);
    site.time = 110 * MS;
    CU_ASSERT_EQUAL(act_at(&s, site, &action), 0);
    close_stage(&s);
}

/* The bits of replicas that `action` leaves without a majority. */
static uint64_t stranded(const struct action *action)
{
    return action->lost;
}

/* Who is away, and until when; 0: is not. */
struct absence {
    uint64_t up_again[5];
    uint64_t cut_until[5];
};

/* Those whose time has come are up again. */
static void bring_back(struct stage *s, struct absence *absence, uint64_t now)
{
    for (uint32_t n = 0; n < 5; n++) {
        if (absence->up_again[n] != 0 && absence->up_again[n] <= now) {
            absence->up_again[n] = 0;
            rules_down(s->rules, n, false);
        }
    }
}

static void note_absence(struct absence *absence, const struct action *action,
                         uint64_t now)
{
    for (uint32_t n = 0; n < 5; n++) {
        if (action->act == ACT_CRASH && (action->targets >> n & 1) != 0) {
            CU_ASSERT_EQUAL(absence->up_again[n], 0);
            absence->up_again[n] = now + action->down_for;
        }
        uint64_t until = now + action->amount;
        if (action->act == ACT_CUT && (stranded(action) >> n & 1) != 0 &&
            absence->cut_until[n] < until) {
            absence->cut_until[n] = until;
        }
    }
}

static uint32_t count_away(const struct absence *absence, uint64_t now)
{
    uint32_t away = 0;
    for (uint32_t n = 0; n < 5; n++) {
        away += absence->up_again[n] > now || absence->cut_until[n] > now;
    }
    return away;
}

static void budget_is_kept(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_NETWORK);
    s.scenario.limits.down_or_cut_max = 2;
    struct rule *rule = add_rule(&s, "partition");
    rule->every = range(UNIT_NS, MS, 20 * MS);
    rule->duration = range(UNIT_NS, MS, 30 * MS);
    name_one(&rule->shape, "halves");
    name_one(&rule->shape, "isolate_one");
    rule = add_rule(&s, "restart");
    target_pick(rule, TARGET_NODES, PICK_MINORITY, 0);
    rule->every = range(UNIT_NS, MS, 20 * MS);
    rule->down_for = constant(UNIT_NS, 15 * MS);
    uint32_t together = 0;
    uint32_t acted = 0;
    for (uint64_t run = 0; run < 50; run++) {
        begin(&s, run);
        struct absence absence = {0};
        for (uint32_t i = 0; i < 100; i++) {
            uint64_t now = rules_moment(s.rules);
            bring_back(&s, &absence, now);
            struct site site = at_time(now);
            struct action action;
            while (rules_ask(s.rules, &site, &action)) {
                acted++;
                note_absence(&absence, &action, now);
            }
            uint32_t away = count_away(&absence, now);
            CU_ASSERT(away <= 2);
            together += away == 2;
        }
    }
    CU_ASSERT(together > 100); /* and the limit is reached */
    CU_ASSERT(acted > 1000);
    close_stage(&s);
}

static void nothing_begins_after_the_heal(void)
{
    struct stage s;
    open_stage(&s, SYSTEM_NETWORK);
    s.scenario.liveness.set = true;
    s.scenario.liveness.heal_after_ns = 100 * MS;
    struct rule *rule = add_rule(&s, "partition");
    rule->every = constant(UNIT_NS, 30 * MS);
    rule->duration = constant(UNIT_NS, 50 * MS);
    begin(&s, 0);
    uint32_t acted = 0;
    while (rules_moment(s.rules) != UINT64_MAX) {
        struct action action;
        uint64_t now = rules_moment(s.rules);
        CU_ASSERT_FATAL(now < 100 * MS);
        CU_ASSERT_EQUAL(act_at(&s, at_time(now), &action), 1);
        CU_ASSERT(now + action.amount <= 100 * MS);
        acted++;
    }
    CU_ASSERT_EQUAL(acted, 3);
    close_stage(&s);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"targets are picked", targets_are_picked},
        {"links have directions", links_have_directions},
        {"messages are hit in a window", messages_are_hit_in_a_window},
        {"down_or_cut_max is kept", budget_is_kept},
        {"nothing begins after the heal", nothing_begins_after_the_heal},
        {NULL, NULL},
    };
    return tap_run("rules_targets", cases);
}
