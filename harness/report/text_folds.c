/*
 * Folds: which steps of HOW IT HAPPENED are told together, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/text_folds.h"

#include "checker/draw/scene.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 48 /* beyond, steps of little weight are left out */
};

/* Whether `s` must be seen: it is the reason, or explains or is explained. */
static bool is_telling(const struct fl_record *record, uint32_t s)
{
    const struct fl_step *step = &record->steps[s];
    if (step->decisive || step->cause != FL_NO_STEP ||
        step->kind == FL_STEP_CRASH) {
        return true;
    }
    for (uint32_t k = s + 1; k < record->steps_count; k++) {
        if (record->steps[k].cause == s) {
            return true;
        }
    }
    return false;
}

uint32_t fold_fault_place(const struct fl_record *record,
                          const struct fl_record_fault *fault)
{
    if (fault->before != FL_NO_STEP) {
        return fault->before < record->steps_count ? fault->before
                                                   : record->steps_count;
    }
    uint32_t s = 0;
    while (s < record->steps_count &&
           record->steps[s].time < fault->from_time) {
        s++;
    }
    return s;
}

bool fold_fault_before(const struct fl_record *record, uint32_t s)
{
    for (uint32_t k = 0; k < record->faults_count; k++) {
        if (fold_fault_place(record, &record->faults[k]) == s) {
            return true;
        }
    }
    return false;
}

/* The last step of the operation that begins at `s`, if it ran alone, was
 * never disturbed and explains nothing; else `s`. */
static uint32_t boring_until(const struct fl_record *record, uint32_t s)
{
    const struct fl_step *first = &record->steps[s];
    if (first->kind != FL_STEP_CALL || first->operation == FL_OPEN ||
        fl_scene_is_stuck(record, first->operation)) {
        return s;
    }
    for (uint32_t k = s; k < record->steps_count; k++) {
        const struct fl_step *step = &record->steps[k];
        bool disturbed = k > s && fold_fault_before(record, k);
        if (step->thread != first->thread || disturbed ||
            is_telling(record, k)) {
            return s;
        }
        if (step->kind == FL_STEP_RETURN) {
            return k;
        }
    }
    return s;
}

size_t fold_receiver(const struct fl_step *step)
{
    const char *to = NULL;
    for (const char *at = step->text; (at = strstr(at, " to ")) != NULL;) {
        at += 4;
        to = at;
    }
    return to == NULL ? 0 : (size_t)(to - step->text);
}

/* Whether step `s` sends what the one before it sent, to another node. */
static bool is_joined(const struct fl_record *record, uint32_t s)
{
    const struct fl_step *step = &record->steps[s];
    if (s == 0 || step->kind != FL_STEP_SEND || step->text == NULL) {
        return false;
    }
    const struct fl_step *before = step - 1;
    size_t size = fold_receiver(step);
    return before->kind == FL_STEP_SEND && before->thread == step->thread &&
           before->text != NULL && before->time == step->time && size > 0 &&
           fold_receiver(before) == size &&
           strncmp(before->text, step->text, size) == 0 &&
           !is_telling(record, s) && !fold_fault_before(record, s);
}

static void join_sends(const struct fl_record *record, enum fold *folds)
{
    for (uint32_t s = 1; s < record->steps_count; s++) {
        folds[s] = is_joined(record, s) ? FOLD_JOINED : FOLD_NONE;
    }
}

/* Leaves the steps of least weight out, until the table is short enough. */
static void thin_steps(const struct fl_record *record, enum fold *folds)
{
    bool *shown = calloc(record->steps_count, sizeof(*shown));
    if (shown == NULL) {
        abort(); /* the harness ends without memory */
    }
    fl_scene_steps(record, ROWS_MAX, shown);
    for (uint32_t s = 0; s < record->steps_count; s++) {
        /* A fold takes a line, too: one step alone is not worth it. */
        bool alone = (s == 0 || shown[s - 1]) &&
                     (s + 1 == record->steps_count || shown[s + 1]);
        bool seen = shown[s] || alone;
        bool joined = seen && s > 0 && folds[s] == FOLD_JOINED &&
                      folds[s - 1] != FOLD_PART;
        folds[s] = joined ? FOLD_JOINED : seen ? FOLD_NONE : FOLD_PART;
    }
    free(shown);
}

void fold_steps(const struct fl_record *record, enum fold *folds)
{
    uint32_t rows = 0;
    join_sends(record, folds);
    for (uint32_t s = 0; s < record->steps_count; s++) {
        uint32_t last = boring_until(record, s);
        for (uint32_t k = s; k <= last && last > s + 1; k++) {
            folds[k] = FOLD_OPERATION;
        }
        rows += folds[s] == FOLD_JOINED ? 0 : 1;
        s = last > s + 1 ? last : s;
    }
    if (rows > ROWS_MAX) {
        thin_steps(record, folds);
    }
}
