/*
 * getopt() of the program under test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_OPTIONS_H
#define HX_SIM_OPTIONS_H

#include "harness/sim/table.h"

/* What getopt() and its kin return; *state is read and written. */
int program_options(const struct sim_options *options,
                    struct sim_option_state *state);

#endif
