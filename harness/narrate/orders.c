/*
 * Memory orders in words: reads of what is no longer the newest, and the edge
 * that is missing where two accesses race.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include "harness/sim/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *place_of(const struct teller *t, uint32_t i)
{
    const struct fl_step *told = &t->steps[t->of_log[i]];
    return told->file == NULL
               ? ""
               : arena_print(t->arena, " at %s:%u", told->file, told->line);
}

/* "stale: newest is 1; stored by T0 at 3" */
static void note_stale(struct teller *t, uint32_t i)
{
    uint32_t at = t->log_of[i];
    const struct log_step *from = &t->log->steps[at];
    struct fl_step *step = &t->steps[i];
    struct location location = names_location(t, from->address, at);
    const char *newest = names_value(t, from->newest, at, &location);
    if (from->source >= at) {
        step->note = arena_print(t->arena, "stale: newest is %s", newest);
        return;
    }
    const struct log_step *source = &t->log->steps[from->source];
    step->cause = t->of_log[from->source];
    step->note = arena_print(t->arena, "stale: newest is %s", newest);
    step->cause_text = arena_print(
        t->arena,
        "%s read the stale value %s, stored by %s at %u; "
        "the newest is %s",
        lane_name(t, from->thread), names_value(t, from->before, at, &location),
        lane_name(t, source->thread), step->cause + 1, newest);
}

static void note_flush(struct teller *t, uint32_t i)
{
    const struct log_step *from = &t->log->steps[t->log_of[i]];
    if (from->name != NULL && strcmp(from->name, "flush") == 0) {
        t->steps[i].note = "leaves the store buffer";
    }
}

void orders_tell(struct teller *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct log_step *step = &t->log->steps[t->log_of[i]];
        if (steps_accesses(step) && step->stale > 0) {
            note_stale(t, i);
        } else if (step->kind == FL_STEP_STORE) {
            note_flush(t, i);
        }
    }
}

/* The last read by the later thread of what the earlier one stored after its
 * access: where an order could have been made.  FL_NO_STEP: there is none. */
static uint32_t find_link(const struct teller *t, const struct log_race *race)
{
    const struct run_log *log = t->log;
    for (uint32_t i = log->steps_count; i-- > race->other_step;) {
        const struct log_step *step = &log->steps[i];
        if (step->thread == race->thread && steps_accesses(step) &&
            step->kind != FL_STEP_STORE && step->source < i &&
            step->source >= race->other_step &&
            log->steps[step->source].thread == race->other) {
            return i;
        }
    }
    return FL_NO_STEP;
}

static const char *tell_link(const struct teller *t,
                             const struct log_race *race)
{
    const char *self = lane_name(t, race->thread);
    const char *other = lane_name(t, race->other);
    uint32_t link = find_link(t, race);
    if (link == FL_NO_STEP) {
        return arena_print(t->arena,
                           "nothing that %s did after it was seen by %s, by "
                           "lock, acquire load, join or otherwise",
                           other, self);
    }
    const struct log_step *load = &t->log->steps[link];
    uint32_t source = load->source;
    struct location at = names_location(t, load->address, link);
    if (t->log->steps[source].order < ORDER_RELEASE) {
        return arena_print(
            t->arena, "%s read %s%s, but %s had stored it relaxed%s", self,
            at.name, place_of(t, link), other, place_of(t, source));
    }
    if (load->order == ORDER_RELAXED || load->order == ORDER_RELEASE) {
        return arena_print(
            t->arena, "%s released %s%s, but %s read it relaxed%s", other,
            at.name, place_of(t, source), self, place_of(t, link));
    }
    return arena_print(t->arena, "%s acquired %s%s before that", self, at.name,
                       place_of(t, link));
}

bool orders_reason(struct teller *t, struct reasons *reasons)
{
    const struct log_race *race = &t->log->race;
    uint32_t at = t->log->fail_step;
    if (!race->set || at == FL_NO_STEP || at == 0 || at > t->log->steps_count) {
        return false;
    }
    const struct log_step *last = &t->log->steps[at - 1];
    struct location what = names_location(t, last->address, at - 1);
    struct source_place place;
    bool placed = t->symbols != NULL &&
                  symbols_place(t->symbols, race->other_pc, &place) &&
                  place.file != NULL;
    const char *where =
        placed ? arena_print(t->arena, " at %s:%u", place.file, place.line)
               : "";
    reasons_add(reasons,
                arena_print(t->arena,
                            "%s's %s of %s%s is not ordered after %s's %s%s: "
                            "%s.",
                            lane_name(t, race->thread), race->word, what.name,
                            place_of(t, at - 1), lane_name(t, race->other),
                            race->other_word, where, tell_link(t, race)));
    return true;
}
