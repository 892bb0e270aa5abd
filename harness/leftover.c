/*
 * Leftovers: a balance of reservations.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/leftover.h"

#include "checker/operations.h"
#include "harness/runner.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static const struct also *find_property(const struct scenario *s)
{
    for (uint32_t i = 0; i < s->check.also_count; i++) {
        if (strcmp(s->check.also[i].name, "leaked_amount_max") == 0) {
            return &s->check.also[i];
        }
    }
    return NULL;
}

uint32_t leftover_resolve(const struct scenario *scenario,
                          const struct fl_model *model, FILE *errors)
{
    const struct also *also = find_property(scenario);
    if (also == NULL || model == NULL) {
        return 0;
    }
    if (strcmp(model->name, "quota_counter") != 0) {
        scenario_complain(scenario, also->place, errors,
                          "leaked_amount_max is about reservations, and the "
                          "model %s has none; it wants quota_counter",
                          model->name);
        return 1;
    }
    if (scenario->workload.keys > 1) {
        scenario_complain(scenario, also->place, errors,
                          "leaked_amount_max is about one quota; say keys: 1");
        return 1;
    }
    return 0;
}

void leftover_prepare(struct runner *r)
{
    assert(r != NULL && r->scenario != NULL);
    const struct also *also = find_property(r->scenario);
    r->leftover.asked = also != NULL;
    r->leftover.max = also == NULL ? 0 : also->max;
}

void leftover_begin(struct leftover *leftover)
{
    if (leftover->asked) {
        bool asked = leftover->asked;
        int64_t max = leftover->max;
        *leftover = (struct leftover){.asked = asked, .max = max};
    }
}

void leftover_returned(struct leftover *leftover, uint32_t client,
                       const struct fl_call *call, fl_value result)
{
    if (!leftover->asked) {
        return;
    }
    assert(client < FIBERS_MAX || client == UINT32_MAX);
    int64_t *held =
        client == UINT32_MAX ? &leftover->granted : &leftover->held[client];
    if (result == FL_TIMEOUT) {
        leftover->unclear = true;
    } else if (call->fn == FL_QUOTA_USAGE) {
        leftover->usage = result;
    } else if (result != 0) {
        *held += call->fn == FL_QUOTA_RESERVE ? call->args[0] : -call->args[0];
    }
}

bool leftover_is_due(const struct runner *r)
{
    return r->leftover.asked && r->world.clients_left == 1;
}

/* What those who can still release it have. */
static int64_t sum_held(const struct runner *r)
{
    const struct leftover *l = &r->leftover;
    int64_t sum = l->granted;
    for (uint32_t i = r->replicas; i < r->lanes; i++) {
        const struct fiber *f = &r->world.fibers[i];
        if (f->state != FIBER_CRASHED) {
            sum += l->held[i - r->replicas];
        }
    }
    return sum;
}

void leftover_judge(struct runner *r)
{
    struct world *w = &r->world;
    const struct leftover *l = &r->leftover;
    if (!l->asked || !l->known || l->unclear || w->end != RUN_FINISHED) {
        return;
    }
    assert(w->current == NULL);
    int64_t leaked = l->usage - sum_held(r);
    if (leaked > l->max) {
        w->ended = false;
        world_fail(w, RUN_INVARIANT,
                   "%" PRId64 " of %" PRId64 " reserved at the end belong to "
                   "nobody who could release them; at most %" PRId64 " may",
                   leaked, l->usage, l->max);
        w->ended = true;
    }
}
