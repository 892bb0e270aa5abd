/*
 * What `check` says beside a verdict: all criteria at once, how far out of
 * order, how much was lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_LATTICE_H
#define CLI_LATTICE_H

#include "checker/lattice.h"
#include "checker/loss_window.h"
#include "harness/report/json.h"

/* "holds", "fails", "not known". */
const char *verdict_word(enum fl_verdict verdict);

/* Writes the lattice: the strongest that holds, each criterion in a line, and
 * the next that fails. */
void lattice_print(const struct fl_history *h, const struct fl_lattice *lattice,
                   FILE *out);

/* The same as members of the open object `j`. */
void lattice_json(const struct fl_lattice *lattice, struct json *j);

/* "out of order by 3: a removal takes one of the 3 values that are next", into
 * `text` of `max` bytes. */
void relaxation_describe(const struct fl_relaxation *relaxation, char *text,
                         size_t max);

/* The same as a member. */
void relaxation_json(const struct fl_relaxation *relaxation, struct json *j);

/* Writes what crashes must have lost, in a line each. */
void window_print(const struct fl_history *h,
                  const struct fl_loss_window *window, FILE *out);

/* The same as a member. */
void window_json(const struct fl_loss_window *window, struct json *j);

#endif
