/*
 * What a scenario wants left out of a search, and whether that search can.
 *
 * Symmetry belongs to searches that come to an end.  A state that was met
 * before ends runs of the search over schedules only: one without redundancy
 * (DPOR) plans from races, and would lose those that the rest of a run has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/bind.h"

#include <string.h>

/* Whether the scenario's one strategy tries all that there is. */
static bool is_over_all(const struct schedule_section *s)
{
    return s->strategy.count == 1 &&
           (strcmp(s->strategy.name[0], "exhaustive") == 0 ||
            strcmp(s->strategy.name[0], "dpor") == 0);
}

/* ... namely schedules within a bound. */
static bool is_over_schedules(const struct schedule_section *s)
{
    return s->strategy.count == 1 &&
           strcmp(s->strategy.name[0], "exhaustive") == 0 && s->preemptions_set;
}

uint32_t bind_search(const struct scenario *scenario, FILE *errors)
{
    const struct schedule_section *s = &scenario->schedule;
    if (s->symmetry == SYMMETRY_ON && !is_over_all(s)) {
        scenario_complain(
            scenario, s->place, errors,
            "symmetry: on is of a search that tries all there is; write "
            "{ strategy: exhaustive, symmetry: on }, or symmetry: auto for "
            "where it applies");
        return 1;
    }
    if (s->prune_states && !is_over_schedules(s)) {
        scenario_complain(
            scenario, s->place, errors,
            "prune: state is of the search over all schedules within a bound; "
            "write { strategy: exhaustive, preemptions: 2, prune: state }; a "
            "search without a bound has no state twice, and a sample that is "
            "cut short would lose what follows");
        return 1;
    }
    return 0;
}
