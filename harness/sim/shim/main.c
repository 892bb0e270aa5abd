/*
 * A program with a main() as a plug-in: an object with one operation.
 *
 * The linker takes this member only where nothing else defines the descriptor.
 * main() keeps its name: a shared object may have one, and with -Bsymbolic its
 * own is the one that is called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"
#include "harness/sim/shim/ends.h"

/* The program's own. */
int program_main(int count, char **words, char **environment) __asm__("main");

static void *create(const struct fl_setup *setup)
{
    (void)setup;
    return (void *)(uintptr_t)&fl_sim_table; /* nothing to build */
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    (void)client;
    (void)call;
    char **words = NULL;
    int count = fl_program_arguments(&words);
    char **environment =
        environment_list == NULL ? words + count : environment_list();
    int status = program_main(count, words, environment);
    ends_all(status);
    fl_program_returned(status);
    return 0;
}

static const struct fl_variant variants[] = {{"as it is", "", "", ""}, {0}};
static const struct fl_mix mix[] = {{0, 1}};

const struct fl_algorithm fl_algorithm = {.name = "program",
                                          .family = "program",
                                          .row = "",
                                          .source = "",
                                          .about = "a program with a main()",
                                          .model = "program",
                                          .kind = FL_THREADS,
                                          .variants = variants,
                                          .mix = mix,
                                          .mix_count = 1,
                                          .create = create,
                                          .perform = perform};
