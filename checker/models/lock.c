/*
 * A lock that only its owner releases.  State: the owner, or no value.
 *
 * A failed try is legal only while the lock is held: the strong reading.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <stdio.h>

static const struct fl_operation_type types[] = {
    [FL_LOCK_ACQUIRE] = {.name = "acquire", .result = FL_KIND_VOID},
    [FL_LOCK_RELEASE] = {.name = "release", .result = FL_KIND_VOID},
    [FL_LOCK_TRY] = {.name = "try", .result = FL_KIND_BOOL},
};

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return sizeof(fl_value);
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(*size <= sizeof(fl_value));
    fl_value owner = fl_sequence_at(state, *size, 0);
    if (op->fn == FL_LOCK_RELEASE) {
        if (owner != (fl_value)op->client) {
            return FL_REFUSED;
        }
        (void)fl_sequence_remove(state, size, 0);
        return FL_NONE;
    }
    if (owner != FL_NONE) {
        return op->fn == FL_LOCK_TRY ? false : FL_REFUSED;
    }
    fl_sequence_insert(state, size, 0, (fl_value)op->client);
    return op->fn == FL_LOCK_TRY ? true : FL_NONE;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    if (size == 0) {
        (void)snprintf(text, max, "free");
    } else {
        (void)snprintf(text, max, "held by T%d",
                       (int)fl_sequence_at(state, size, 0));
    }
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_LOCK_TRY && op->result == 0;
}

static bool takes_lock(const struct fl_operation *op)
{
    return op->fn == FL_LOCK_ACQUIRE ||
           (op->fn == FL_LOCK_TRY && op->result != 0);
}

/*
 * A section: an acquisition and the release that follows it in its client.
 * Failed tries go with every section, for they may have met it.
 */
static void drop_unit(const struct fl_history *h, uint32_t i, bool *drop)
{
    assert(i < h->count);
    const struct fl_operation *op = &h->operations[i];
    if (op->ret != FL_OPEN && is_inert(op)) {
        drop[i] = true;
        return;
    }
    if (op->ret == FL_OPEN || !takes_lock(op)) {
        return; /* a release goes with its acquisition */
    }
    bool is_closed = false;
    for (uint32_t k = i + 1; k < h->count && !is_closed; k++) {
        const struct fl_operation *next = &h->operations[k];
        if (next->client == op->client && !is_inert(next)) {
            if (next->fn != FL_LOCK_RELEASE) {
                return; /* badly nested: leave it as it is */
            }
            drop[k] = true;
            is_closed = true;
        }
    }
    for (uint32_t k = 0; k < h->count; k++) {
        drop[k] = drop[k] || (h->operations[k].ret != FL_OPEN &&
                              is_inert(&h->operations[k]));
    }
    drop[i] = true;
}

const struct fl_model fl_model_of_lock = {
    .name = "lock",
    .about = "released by its owner; a try fails only while it is held",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = fl_sequence_start,
    .step = step,
    .describe = describe,
    .unit = drop_unit,
    .inert = is_inert,
    .by_client = true,
};
