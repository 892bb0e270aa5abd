/*
 * Visits, counted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/visits.h"

#include <assert.h>
#include <string.h>

void visits_begin(struct visits *visits)
{
    visits->count = 0;
}

/* The place of this thread and point: its own, or the first free one. */
static uint32_t find_place(const struct visits *visits, const struct site *site)
{
    uint32_t i = 0;
    while (i < visits->count &&
           (visits->list[i].thread != site->thread ||
            strcmp(visits->list[i].point, site->point) != 0)) {
        i++;
    }
    return i;
}

uint32_t visits_count(struct visits *visits, const struct site *site)
{
    assert(site->kind == SITE_POINT && site->point != NULL);
    uint32_t place = find_place(visits, site);
    if (place == VISITS_MAX) {
        return 1;
    }
    struct visit *v = &visits->list[place];
    if (place == visits->count || v->operation != site->operation) {
        visits->count += place == visits->count;
        *v = (struct visit){.point = site->point,
                            .thread = site->thread,
                            .operation = site->operation};
    }
    assert(visits->count <= VISITS_MAX);
    return ++v->times;
}
