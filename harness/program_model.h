/*
 * The specification of a program with a main(): that main() ends.
 *
 * What such a program must do stands in its own assertions; its history is a
 * single operation, and any result of it is explained.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_PROGRAM_MODEL_H
#define HX_PROGRAM_MODEL_H

#include "checker/model.h"

/* One operation, "main", which answers 0; the state is empty. */
extern const struct fl_model program_model;

#endif
