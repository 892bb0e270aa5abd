/*
 * Runs without a verdict: the first of each kind is kept, so that somebody can
 * look at it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/campaign_page.h"

#include <assert.h>
#include <string.h>

static void drop(const char *found)
{
    if (found[0] != '\0') {
        store_remove(found);
    }
}

void campaign_note_open(struct campaign_outcome *o,
                        const struct campaign_failure *run)
{
    assert(run_end_verdict(run->end) == FL_INCONCLUSIVE);
    uint32_t i = 0;
    while (i < o->open_count && o->open[i].end != run->end) {
        i++;
    }
    if (i == CAMPAIGN_OPEN_MAX ||
        (i < o->open_count && o->open[i].index <= run->index)) {
        drop(run->found);
        return;
    }
    if (i < o->open_count) {
        drop(o->open[i].found);
    } else {
        o->open_count++;
    }
    struct campaign_open *open = &o->open[i];
    open->index = run->index;
    open->end = run->end;
    memcpy(open->detail, run->detail, sizeof(open->detail));
    memcpy(open->found, run->found, sizeof(open->found));
}
