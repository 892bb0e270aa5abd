/*
 * Reasons: verdicts in sentences where no history has to be explained.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/narrate/teller.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

void reasons_add(struct reasons *reasons, const char *text)
{
    assert(reasons->count <= REASONS_MAX);
    if (reasons->count < REASONS_MAX && text != NULL && text[0] != '\0') {
        reasons->text[reasons->count++] = text;
    }
}

/* Sentences begin with a capital, unless with a name: "abort() was called". */
static const char *sentence(struct teller *t, const char *text, size_t size)
{
    bool ends = size > 0 && text[size - 1] == '.';
    size_t word = 0;
    while (word < size && islower((unsigned char)text[word])) {
        word++;
    }
    bool plain = word > 0 && word < size && text[word] == ' ';
    int first = plain ? toupper((unsigned char)text[0]) : text[0];
    return arena_print(t->arena, "%c%.*s%s", first, (int)size - 1, text + 1,
                       ends ? "" : ".");
}

/* One sentence for each part of a detail: waits are parted by semicolons. */
static void add_detail(struct teller *t, struct reasons *reasons,
                       const char *detail)
{
    while (detail != NULL && *detail != '\0') {
        size_t size = strcspn(detail, ";");
        if (size > 0) {
            reasons_add(reasons, sentence(t, detail, size));
        }
        detail += size;
        detail += strspn(detail, "; ");
    }
}

static const char *place_of(const struct teller *t, uint32_t step)
{
    assert(step < t->record->steps_count);
    const struct fl_step *told = &t->steps[step];
    return told->file == NULL
               ? ""
               : arena_print(t->arena, " (%s:%u)", told->file, told->line);
}

/* "n2 was freed at step 9 (queue.c:12) by T1."  What the object's constructor
 * does is not logged, and what its destructor does is no step of anybody's. */
static void add_moment(struct teller *t, struct reasons *reasons,
                       const char *what, uint32_t at)
{
    const char *text = NULL;
    if (at == FL_NO_STEP) {
        text = arena_print(t->arena, "%s in the set-up.", what);
    } else if (t->log->steps[at].thread == FL_OPEN) {
        text = arena_print(t->arena, "%s when all had ended.", what);
    } else {
        uint32_t step = t->of_log[at];
        text = arena_print(t->arena, "%s at step %u%s by %s.", what, step + 1,
                           place_of(t, step),
                           lane_name(t, t->log->steps[at].thread));
    }
    reasons_add(reasons, text);
}

/* The life of the block that was misused. */
static void add_block(struct teller *t, struct reasons *reasons)
{
    if (t->log->fail_step == FL_NO_STEP || t->log->fail_step == 0 ||
        t->log->fail_step > t->log->steps_count) {
        return;
    }
    uint32_t at = t->log->fail_step - 1;
    const struct log_step *step = &t->log->steps[at];
    uint32_t block = step->kind == FL_STEP_CRASH
                         ? names_block(t, step->address, at)
                         : UINT32_MAX;
    if (block == UINT32_MAX) {
        return;
    }
    const struct log_block *life = &t->log->blocks[block];
    const char *name = names_of_block(t, block);
    add_moment(t, reasons, arena_print(t->arena, "%s was allocated", name),
               life->allocated);
    if (life->freed < at) {
        add_moment(t, reasons, arena_print(t->arena, "%s was freed", name),
                   life->freed);
    }
}

/* Where each thread stands that did not finish, unless that was told. */
static void add_standing(struct teller *t, struct reasons *reasons)
{
    assert(t->record->lanes != NULL);
    for (uint32_t lane = 0; lane < t->record->lanes_count; lane++) {
        if (waits_are_told(t, lane)) {
            continue;
        }
        uint32_t last = FL_NO_STEP;
        for (uint32_t i = 0; i < t->count; i++) {
            last = t->steps[i].thread == lane ? i : last;
        }
        if (last == FL_NO_STEP || t->steps[last].kind == FL_STEP_RETURN) {
            continue;
        }
        reasons_add(reasons,
                    arena_print(t->arena, "%s came as far as step %u%s: %s",
                                t->record->lanes[lane].name, last + 1,
                                place_of(t, last), t->steps[last].text));
    }
}

static bool is_waiting_end(enum run_end end)
{
    return end == RUN_DEADLOCK || end == RUN_LIVELOCK || end == RUN_BLOCKED ||
           end == RUN_NOT_RECOVERED || end == RUN_STEP_LIMIT ||
           end == RUN_STUCK || end == RUN_OUTSIDE;
}

void reasons_tell(struct teller *t)
{
    assert(t->record->reason == NULL);
    const struct run_outcome *outcome = t->request->outcome;
    struct reasons reasons = {.count = 0};
    if (outcome->end == RUN_NOT_LINEARIZABLE) {
        if (t->record->explanation == NULL) {
            reasons_add(&reasons,
                        "No order of the operations explains what the "
                        "clients saw; the history is too long to say why.");
        }
    } else if (is_waiting_end(outcome->end)) {
        if (!waits_tell(t, &reasons) || outcome->end == RUN_NOT_RECOVERED) {
            add_detail(t, &reasons, outcome->detail);
        }
        add_standing(t, &reasons);
    } else {
        if (outcome->end != RUN_RACE || !orders_reason(t, &reasons)) {
            add_detail(t, &reasons, outcome->detail);
        }
        add_block(t, &reasons);
    }
    if (t->log->truncated) {
        reasons_add(&reasons, "The log is full: later steps are not shown.");
    }
    const char **texts = arena_take(t->arena, REASONS_MAX * sizeof(*texts));
    memcpy(texts, reasons.text, reasons.count * sizeof(*texts));
    t->record->reason = texts;
    t->record->reason_count = reasons.count;
}
