/*
 * Binding: the names of a scenario against an algorithm's descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_BIND_H
#define HX_BIND_H

#include "harness/object.h"
#include "harness/plugin.h"
#include "harness/scenario.h"

/* What a scenario's names turned out to mean. */
struct binding {
    struct plugin *plugin;
    const struct fl_model *model;
    bool itself; /* only its operations: the object is the model */
    uint32_t variant;
    int64_t params[16];
    struct fl_options options;
    uint32_t clients;
    uint32_t replicas;
    uint64_t subject;   /* hash of the user's code, by content; 0: ours */
    uint32_t exclusive; /* bits: locks of `mutual_exclusion` */
};

/* How many of the ways in which `scenario` wants its search reduced are not for
 * the search that it asks for; complains of each. */
uint32_t bind_search(const struct scenario *scenario, FILE *errors);

/*
 * Finds out which operations of `object`, which is bound to `model`, `scenario`
 * asks for.  Returns how many clients have nothing to call, or call what is
 * only for another, and whether the object lacks what finding leaks takes;
 * complains of each.
 */
uint32_t bind_object(const struct scenario *scenario, struct object *object,
                     const struct fl_model *model, FILE *errors);

/*
 * Loads the plug-in of `scenario` and resolves everything that it names.
 * `variant` overrides the scenario's (NULL: as written).  False: there were
 * errors, all written to `errors`, and nothing is loaded.
 */
bool bind_scenario(const struct scenario *scenario, const char *variant,
                   struct binding *names, FILE *errors);

#endif
