/*
 * The model of programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/program_model.h"

#include <assert.h>
#include <stdio.h>

static const struct fl_operation_type types[] = {
    {.name = "main", .result = FL_KIND_INT},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return 0;
}

static size_t start(const struct fl_space *space, void *state)
{
    (void)space;
    (void)state;
    return 0;
}

// cppcheck-suppress constParameter ; the port is the same for all models
static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    (void)state;
    (void)op;
    assert(*size == 0);
    return 0; /* main() that returns anything else ends the run itself */
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    (void)state;
    assert(size == 0);
    (void)snprintf(text, max, "-");
    return text;
}

const struct fl_model program_model = {
    .name = "program",
    .about = "main() ends, and returns 0",
    .types = types,
    .types_count = 1,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = describe,
};
