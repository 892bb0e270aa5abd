/*
 * Atomic broadcast into one accumulator a reader.
 *
 * An atom is a small number, and an accumulator the set of atoms that arrived
 * since its reader received last.  A send reaches every reader registered at
 * that moment, all at once.  Readers are clients.
 *
 *     state   client, atoms | client, atoms | ...     by ascending client
 *
 * The initial value names, as bits, the clients that are readers from the
 * start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ATOMS_MAX = 63 /* a sign bit would collide with FL_NONE */
};

struct reader {
    int64_t client;
    uint64_t atoms;
};

static const struct fl_operation_type types[] = {
    [FL_ACCUMULATOR_SEND] = {.name = "send",
                             .args = {FL_KIND_INT},
                             .result = FL_KIND_VOID},
    [FL_ACCUMULATOR_RECEIVE] = {.name = "receive", .result = FL_KIND_BITS},
    [FL_ACCUMULATOR_REGISTER] = {.name = "register", .result = FL_KIND_VOID},
    [FL_ACCUMULATOR_DROP] = {.name = "drop", .result = FL_KIND_VOID},
};

static size_t state_max(const struct fl_space *space)
{
    return (space->adds + (size_t)ATOMS_MAX) * sizeof(struct reader);
}

static size_t start(const struct fl_space *space, void *state)
{
    struct reader *readers = state;
    size_t count = 0;
    uint64_t first = space->initial == FL_NONE ? 0 : (uint64_t)space->initial;
    for (int64_t client = 0; client < ATOMS_MAX; client++) {
        if (first >> client & 1) {
            readers[count++] = (struct reader){.client = client};
        }
    }
    return count * sizeof(*readers);
}

static fl_value send_atom(struct reader *readers, size_t count, fl_value atom)
{
    if (atom < 0 || atom >= ATOMS_MAX) {
        return FL_REFUSED;
    }
    for (size_t i = 0; i < count; i++) {
        readers[i].atoms |= (uint64_t)1 << atom;
    }
    return FL_NONE;
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    assert(*size % sizeof(struct reader) == 0);
    struct reader *readers = state;
    size_t count = *size / sizeof(*readers);
    if (op->fn == FL_ACCUMULATOR_SEND) {
        return send_atom(readers, count, op->args[0]);
    }
    size_t at = 0;
    while (at < count && readers[at].client < (int64_t)op->client) {
        at++;
    }
    bool found = at < count && readers[at].client == (int64_t)op->client;
    if (op->fn == FL_ACCUMULATOR_RECEIVE) {
        uint64_t atoms = found ? readers[at].atoms : 0;
        if (found) {
            readers[at].atoms = 0;
        }
        return (fl_value)atoms;
    }
    if (found) { /* out, and perhaps in again with nothing */
        memmove(readers + at, readers + at + 1,
                (count - at - 1) * sizeof(*readers));
        count--;
    }
    if (op->fn == FL_ACCUMULATOR_REGISTER) {
        memmove(readers + at + 1, readers + at,
                (count - at) * sizeof(*readers));
        readers[at] = (struct reader){.client = (int64_t)op->client};
        count++;
    }
    *size = count * sizeof(*readers);
    return FL_NONE;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    assert(max > 0);
    const struct reader *readers = state;
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < size / sizeof(*readers); i++) {
        int written = snprintf(text + at, max - at, "%sT%" PRId64 " {",
                               i == 0 ? "" : "  ", readers[i].client);
        at += written > 0 ? (size_t)written : 0;
        const char *space_before = "";
        for (int atom = 0; atom < ATOMS_MAX && at < max; atom++) {
            if (readers[i].atoms >> atom & 1) {
                written =
                    snprintf(text + at, max - at, "%s%d", space_before, atom);
                at += written > 0 ? (size_t)written : 0;
                space_before = " ";
            }
        }
        if (at + 2 > max) {
            break; /* cut */
        }
        text[at++] = '}';
        text[at] = '\0';
    }
    if (size == 0) {
        (void)snprintf(text, max, "no readers");
    }
    return text;
}

static bool is_inert(const struct fl_operation *op)
{
    return op->fn == FL_ACCUMULATOR_RECEIVE && op->result == 0;
}

const struct fl_model fl_model_of_accumulator = {
    .name = "accumulator",
    .about = "atomic broadcast: a receive gives the atoms since the last one",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .describe = describe,
    .inert = is_inert,
    .by_client = true,
};
