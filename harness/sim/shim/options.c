/*
 * getopt() and its kin: libc reads the words, and what it keeps from one call
 * to the next begins anew in each run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/shim.h"

#include <getopt.h>

/* mutable: the program's own memory, put back before each run */
HIDDEN char *optarg = NULL;
/* mutable: likewise */
HIDDEN int optind = 1;
/* mutable: likewise */
HIDDEN int opterr = 1;
/* mutable: likewise */
HIDDEN int optopt = '?';
/* mutable: likewise */
static bool begun;

static int read_next(const struct sim_options *options)
{
    struct sim_option_state state = {.argument = optarg,
                                     .next = optind,
                                     .tells = opterr,
                                     .option = optopt,
                                     .begun = begun};
    int result = fl_sim_table->program_options(options, &state);
    begun = state.begun;
    optarg = state.argument;
    optind = state.next;
    optopt = state.option;
    return result;
}

HIDDEN int getopt(int count, char *const words[], const char *letters)
{
    return read_next(&(struct sim_options){
        .count = count, .words = words, .letters = letters});
}

HIDDEN int getopt_long(int count, char *const words[], const char *letters,
                       const struct option *names, int *index)
{
    return read_next(&(struct sim_options){.count = count,
                                           .words = words,
                                           .letters = letters,
                                           .names = names,
                                           .index = index});
}

HIDDEN int getopt_long_only(int count, char *const words[], const char *letters,
                            const struct option *names, int *index)
{
    return read_next(&(struct sim_options){.count = count,
                                           .words = words,
                                           .letters = letters,
                                           .names = names,
                                           .index = index,
                                           .only_long = true});
}
