/*
 * What a scenario wants left out of a search, and whether that search can.
 *
 * Symmetry belongs to the search over schedules.  A search without redundancy
 * (DPOR) answers for each order of dependent events by runs that it plans from
 * races; a plan that begins with a thread which is not let begin would be
 * dropped, and what its image under renaming plans is nobody's: so the two are
 * not put together, but refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/bind.h"

#include <string.h>

/* Whether the scenario's one strategy tries all schedules within a bound. */
static bool is_over_schedules(const struct schedule_section *s)
{
    return s->strategy.count == 1 &&
           strcmp(s->strategy.name[0], "exhaustive") == 0 && s->preemptions_set;
}

uint32_t bind_search(const struct scenario *scenario, FILE *errors)
{
    const struct schedule_section *s = &scenario->schedule;
    if (s->symmetry == SYMMETRY_ON && !is_over_schedules(s)) {
        scenario_complain(
            scenario, s->place, errors,
            "symmetry: on is of the search over all schedules within a bound; "
            "write { strategy: exhaustive, preemptions: 2, symmetry: on }, or "
            "symmetry: auto for where it applies");
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
