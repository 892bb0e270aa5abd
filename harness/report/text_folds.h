/*
 * Folds: which steps of HOW IT HAPPENED are told together, or not at all.
 *
 * Private to the terminal report.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TEXT_FOLDS_H
#define HX_TEXT_FOLDS_H

#include "checker/record.h"

enum fold {
    FOLD_NONE,
    FOLD_OPERATION, /* a whole operation, told in one line */
    FOLD_PART,      /* steps left out */
    FOLD_JOINED,    /* a message like the one before, to another node */
};

/* Decides for each step of `record`; `folds` has as many. */
void fold_steps(const struct fl_record *record, enum fold *folds);

/* The step before which `fault` is told: where it acted, or by its time. */
uint32_t fold_fault_place(const struct fl_record *record,
                          const struct fl_record_fault *fault);

/* Whether a fault is told before step `s`. */
bool fold_fault_before(const struct fl_record *record, uint32_t s);

/* Where the receiver stands in the text of a send, "send ask to s1"; 0: there
 * is none. */
size_t fold_receiver(const struct fl_step *step);

#endif
