/*
 * The names of memory models, for options and traces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario.h"

#include <assert.h>
#include <string.h>

static const char *const models[] = {
    [MEMORY_SC] = "sc",
    [MEMORY_TSO] = "tso",
    [MEMORY_C11] = "c11",
};

const char *scenario_memory(enum memory_model model)
{
    assert(model <= MEMORY_C11); /* other words were replaced by the loader */
    return models[model];
}

bool scenario_memory_named(const char *name, enum memory_model *model)
{
    for (uint32_t i = 0; i <= MEMORY_C11; i++) {
        if (strcmp(name, models[i]) == 0) {
            *model = (enum memory_model)i;
            return true;
        }
    }
    if (strcmp(name, "relaxed") == 0) {
        *model = MEMORY_C11;
        return true;
    }
    return false;
}
