/*
 * getopt() of the program under test, by that of libc.
 *
 * What libc keeps where nobody can put it back, how far it is in a word, is
 * begun anew by a call without words; the rest is swapped.  A variable of the
 * machine's environment that would change the order is not seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/options.h"

#include "harness/environment.h"
#include "harness/sim/world.h"

#include <assert.h>
#include <getopt.h>

/* libc forgets what it was reading. */
static void begin_anew(const struct sim_options *options)
{
    char name[] = "program";
    char *const words[] = {name, NULL};
    optind = 0;
    (void)getopt(1, words, options->letters);
}

static int read_next(const struct sim_options *o)
{
    assert(o->letters != NULL);
    if (o->names == NULL) {
        return getopt(o->count, o->words, o->letters);
    }
    return o->only_long ? getopt_long_only(o->count, o->words, o->letters,
                                           o->names, o->index)
                        : getopt_long(o->count, o->words, o->letters, o->names,
                                      o->index);
}

int program_options(const struct sim_options *options,
                    struct sim_option_state *state)
{
    const struct world *w = world;
    const struct names none = {.count = 0};
    struct environment environment;
    assert(options != NULL && state != NULL);
    environment_enter(&environment, &none);
    if (!state->begun) {
        begin_anew(options);
        state->begun = true;
    }
    optind = state->next;
    opterr = w != NULL && w->recording ? state->tells : 0;
    int result = read_next(options);
    environment_leave(&environment);
    state->argument = optarg;
    state->next = optind;
    state->option = optopt;
    return result;
}
