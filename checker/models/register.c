/*
 * A register, with compare-and-set.  State: its value (FL_NONE while unset).
 *
 * A compare-and-set that answers false is an observation: the value was not
 * what it compared with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>

static const struct fl_operation_type types[] = {
    [FL_REGISTER_READ] = {.name = "read", .result = FL_KIND_INT, .pure = true},
    [FL_REGISTER_WRITE] = {.name = "write",
                           .args = {FL_KIND_INT},
                           .result = FL_KIND_VOID},
    [FL_REGISTER_CAS] = {.name = "cas",
                         .args = {FL_KIND_INT, FL_KIND_INT},
                         .result = FL_KIND_BOOL},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static size_t start(const struct fl_space *space, void *state)
{
    fl_value *value = state;
    *value = space->initial;
    return sizeof(*value);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    (void)size;
    assert(op->fn <= FL_REGISTER_CAS);
    fl_value *value = state;
    if (op->fn == FL_REGISTER_READ) {
        return *value;
    }
    if (op->fn == FL_REGISTER_WRITE) {
        *value = op->args[0];
        return FL_NONE;
    }
    if (*value != op->args[0]) {
        return false;
    }
    *value = op->args[1];
    return true;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_REGISTER_READ ||
           (op->fn == FL_REGISTER_CAS && op->result == 0);
}

static void tell_values(const struct fl_operation *op, struct fl_values *values)
{
    bool is_open = op->ret == FL_OPEN;
    *values = (struct fl_values){.given = FL_NONE, .taken = FL_NONE};
    if (op->fn == FL_REGISTER_READ) {
        values->takes = !is_open;
        values->taken = op->result;
    } else if (op->fn == FL_REGISTER_WRITE) {
        values->gives = true;
        values->given = op->args[0];
    } else if (!is_open && op->result == 0) {
        values->misses = true;
    } else {
        values->takes = true;
        values->taken = op->args[0];
        values->gives = true;
        values->given = op->args[1];
    }
}

/* A read, and a compare-and-set that succeeded, need the value they saw. */
static bool lacks(const struct fl_space *space, const void *state, size_t size,
                  const struct fl_operation *goal)
{
    (void)space;
    struct fl_values about;
    tell_values(goal, &about);
    return about.takes && fl_sequence_at(state, size, 0) != about.taken;
}

static bool helps(const struct fl_space *space, const struct fl_operation *op,
                  const struct fl_operation *goal)
{
    (void)space;
    struct fl_values given;
    struct fl_values wanted;
    tell_values(op, &given);
    tell_values(goal, &wanted);
    return given.gives && given.given == wanted.taken;
}

/* Marks all operations that give or take `value`, and failed comparisons. */
static bool drop_value(const struct fl_history *h, fl_value value, bool *drop)
{
    bool grew = false;
    for (uint32_t k = 0; k < h->count; k++) {
        struct fl_values about;
        tell_values(&h->operations[k], &about);
        bool belongs = (about.gives && about.given == value) ||
                       (about.takes && about.taken == value) || about.misses;
        if (belongs && !drop[k]) {
            drop[k] = true;
            grew = true;
        }
    }
    return grew;
}

/*
 * A value with all who wrote, read or compared it.  What a dropped
 * compare-and-set wrote goes, too, until nothing is left that saw it.
 */
static void drop_unit(const struct fl_history *h, uint32_t i, bool *drop)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    if (op->fn == FL_REGISTER_READ || (op->ret != FL_OPEN && is_inert(op))) {
        drop[i] = true;
        return;
    }
    bool grew = drop_value(h, op->args[op->fn == FL_REGISTER_CAS], drop);
    while (grew) {
        grew = false;
        for (uint32_t k = 0; k < h->count; k++) {
            struct fl_values about;
            tell_values(&h->operations[k], &about);
            if (drop[k] && about.gives) {
                grew = drop_value(h, about.given, drop) || grew;
            }
        }
    }
}

const struct fl_model fl_model_of_register = {
    .name = "register",
    .about = "read, write, and compare-and-set",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = fl_number_describe,
    .unit = drop_unit,
    .inert = is_inert,
    .values = tell_values,
    .lacks = lacks,
    .helps = helps,
    .none = "unset",
};

const struct fl_model fl_model_of_cas_register = {
    .name = "cas_register",
    .about = "the same under its other name",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = fl_number_describe,
    .unit = drop_unit,
    .inert = is_inert,
    .values = tell_values,
    .lacks = lacks,
    .helps = helps,
    .none = "unset",
};
