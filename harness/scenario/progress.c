/*
 * What a progress property asks of the runs, where the file does not say.
 *
 * A property like lock_free is about those whom somebody left alone: whoever
 * stops, wherever, the others must go on.  So somebody must stop.  A file with
 * rules of its own that take threads away says who and where; for all others
 * the property brings the rule that its definition needs:
 *
 *     lock_free, wait_free     one is frozen for ever, before any of its steps
 *     obstruction_free         all but one are, at any moment
 *
 * It is a rule like any other: it is drawn, recorded, replayed and shrunk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/reader.h"
#include "harness/targets.h"

#include <assert.h>
#include <string.h>

enum {
    STEPS_OF_OPERATION = 24, /* points: where a thread may be frozen */
    POINT_NS = 100,
    FROZEN_PPM = 850000, /* of the runs; in the others nobody stops */
    BYPASS_BOUND = 16,   /* of starvation_free, if the file says none */
};

static bool takes_away(const struct rule *rule)
{
    static const char *const kinds[] = {"crash", "kill", "pause", "restart",
                                        NULL};
    for (uint32_t i = 0; kinds[i] != NULL && rule->kind != NULL; i++) {
        if (strcmp(rule->kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool somebody_stops(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->rules_count; i++) {
        if (takes_away(&scenario->rules[i])) {
            return true;
        }
    }
    return false;
}

static uint32_t operations_of(const struct workload_section *workload)
{
    uint32_t most = workload->program_count > 0 ? 0 : workload->ops_per_client;
    for (uint32_t c = 0; c < workload->program_count; c++) {
        uint32_t count = workload->program[c].count;
        most = count > most ? count : most;
    }
    return most > 0 ? most : 1;
}

static struct quantity up_to(int64_t most, enum unit unit)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_UNIFORM,
                             .a = 1,
                             .b = most,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

/* Adds the rule: `all_but_one` at a moment of the run, or one thread at a step
 * of its own. */
static void add_freeze(struct scenario *scenario, struct place place,
                       bool all_but_one)
{
    assert(scenario->rules_count < RULES_MAX);
    struct rule *rule = &scenario->rules[scenario->rules_count++];
    bool threads = scenario->system.kind == SYSTEM_THREADS;
    uint32_t count = targets_count(scenario);
    int64_t steps =
        (int64_t)operations_of(&scenario->workload) * STEPS_OF_OPERATION;
    rule->kind = "pause";
    rule->place = place;
    rule->limit = 1;
    rule->swarm_ppm = FROZEN_PPM;
    rule->target.set = true;
    rule->target.set_of = threads ? TARGET_THREADS : TARGET_PROCESSES;
    rule->target.place = place;
    rule->when_count = 1;
    rule->when[0].set = true;
    if (all_but_one) {
        rule->target.pick = PICK_RANDOM;
        rule->target.count = count - 1;
        rule->when[0].time = up_to(steps * count * POINT_NS, UNIT_NS);
    } else {
        rule->target.pick = PICK_ANY;
        rule->when[0].step = up_to(steps, UNIT_STEPS);
    }
}

static struct place place_of(const struct node *root)
{
    const struct node *check = node_find(root, "check");
    const struct node *progress =
        check == NULL ? NULL : node_find(check, "progress");
    return progress == NULL ? root->place : progress->key_place;
}

void reader_settle_progress(struct reader *reader, const struct node *root)
{
    struct scenario *scenario = reader->scenario;
    struct check_section *check = &scenario->check;
    struct place place = place_of(root);
    bool freezes = check->progress >= PROGRESS_LOCK_FREE;
    bool exclusive = scenario->system.kind == SYSTEM_THREADS ||
                     scenario->system.kind == SYSTEM_PROCESSES;
    if (check->progress == PROGRESS_WAIT_FREE && check->steps_bound == 0) {
        complain(&reader->complaints, place,
                 "wait_free is about a bound: write steps_bound: N, the own "
                 "steps that an operation may take");
    }
    if (check->progress == PROGRESS_BOUNDED_BYPASS &&
        check->bypass_bound == 0) {
        complain(&reader->complaints, place,
                 "bounded_bypass is about a bound: write bypass_bound: N, the "
                 "operations of others that may overtake one");
    }
    if (check->progress == PROGRESS_STARVATION_FREE &&
        check->bypass_bound == 0) {
        check->bypass_bound = BYPASS_BOUND;
    }
    if (reader->complaints.count > 0) {
        return; /* the rest needs a scenario that is whole */
    }
    if (!freezes || !exclusive || targets_count(scenario) < 2 ||
        somebody_stops(scenario)) {
        return;
    }
    if (scenario->rules_count == RULES_MAX) {
        complain(&reader->complaints, place,
                 "this property freezes a thread, and there are %d rules "
                 "already",
                 RULES_MAX);
        return;
    }
    add_freeze(scenario, place, check->progress == PROGRESS_OBSTRUCTION_FREE);
}
