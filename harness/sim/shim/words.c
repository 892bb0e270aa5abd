/*
 * strtok(), which keeps where it is for whoever calls it next: in the program's
 * own memory, so that it is as at the start in each run, and threads that call
 * it at once are seen to race.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

/* mutable: the program's own memory, put back before each run */
static char *words_left;

HIDDEN char *next_word(char *restrict text,
                       const char *restrict delimiters) __asm__("strtok");

HIDDEN char *next_word(char *restrict text, const char *restrict delimiters)
{
    return fl_sim_table->text_token(text, delimiters, &words_left, PC);
}
