/*
 * Objects of the user's: include/faultline/object.h, as an algorithm.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_OBJECT_H
#define HX_OBJECT_H

#include "checker/model.h"
#include "harness/algorithm.h"
#include "include/faultline/object.h"

#include <stdio.h>

/* An object, and what it is to the harness. */
struct object {
    const struct fl_object *given; /* in the plug-in; NULL: an algorithm */
    uint32_t count;                /* of its operations */
    struct fl_algorithm algorithm;
    struct fl_mix mix[FL_OPERATIONS_MAX];
    bool asked[FL_OPERATIONS_MAX]; /* for by the scenario: bind_object() */
    /* Its operations by their own names, for an object without a model; what
     * they answer is asked of the object itself. */
    struct fl_operation_type types[FL_OPERATIONS_MAX];
    struct fl_model interface;
};

/* Describes `given`, of the plug-in at `path`, as an algorithm.  False: what it
 * lacks was written to `errors`. */
bool object_describe(struct object *object, const struct fl_object *given,
                     const char *path, FILE *errors);

/*
 * Finds what each operation is called in `model`, and fills the mix.  False:
 * what `model` does not know was written to `errors`, with the nearest name.
 */
bool object_bind(struct object *object, const struct fl_model *model,
                 FILE *errors);

/* The operation that the mix has for `fn`, or NULL: it has none such. */
const struct fl_object_operation *object_operation(const struct object *object,
                                                   uint32_t fn);

/* Whether `client`, from 0, may call `fn`, which is in the mix. */
bool object_may(const struct object *object, uint32_t client, uint32_t fn);

/* What `client` calls where `fn` of the mix was drawn: the next operation that
 * is asked for, and for it or for all; UINT32_MAX: there is none. */
uint32_t object_cast(const struct object *object, uint32_t client, uint32_t fn);

#endif
