/*
 * The nearest passing run, in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/nearest.h"
#include "harness/narrate/teller.h"

#include <assert.h>

/* What the passing run does at that step instead. */
static const char *tell_instead(const struct teller *t, const struct nearest *n)
{
    switch (n->change) {
    case NEAREST_FAULT:
        return "one fault less, and it passes";
    case NEAREST_CHOICE:
        return "the plainest choice there (newest store, newest block), and it "
               "passes";
    case NEAREST_SWITCH:
    case NEAREST_NONE:
        break;
    }
    if (n->passes == NEAREST_NO_THREAD) {
        return "the passing one has ended by then";
    }
    if (n->passes == n->fails) {
        return arena_print(t->arena, "%s comes there by another way",
                           lane_name(t, n->fails));
    }
    return arena_print(t->arena, "%s goes on there instead of %s",
                       lane_name(t, n->passes), lane_name(t, n->fails));
}

void nearest_tell(struct teller *t)
{
    const struct nearest *n = t->request->nearest;
    if (n == NULL || n->tried == 0) {
        return;
    }
    if (n->change == NEAREST_NONE) {
        t->record->nearest = arena_print(
            t->arena, "none of %u small changes lets the run pass", n->tried);
        return;
    }
    uint32_t step = 0;
    while (step + 1 < t->count && t->log_of[step] < n->step) {
        step++;
    }
    assert(step < t->count || t->count == 0);
    t->record->nearest = arena_print(
        t->arena,
        "passing run differs first at step %u: %s (%u of %u small changes "
        "pass)",
        step + 1, tell_instead(t, n), n->passing, n->tried);
}
