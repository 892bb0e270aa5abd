/*
 * A text under a key: get, put, append.  State: the bytes of the text.
 *
 * The bytes themselves are the state, not a number in the pool of texts: an
 * append makes a new text in each order that the search tries, and the pool
 * would keep them all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct fl_operation_type types[] = {
    [FL_KV_GET] = {.name = "get", .result = FL_KIND_STRING, .pure = true},
    [FL_KV_PUT] = {.name = "put",
                   .args = {FL_KIND_STRING},
                   .result = FL_KIND_VOID},
    [FL_KV_APPEND] = {.name = "append",
                      .args = {FL_KIND_STRING},
                      .result = FL_KIND_VOID},
};

/* All texts one after another: nothing can be longer. */
static size_t state_max(const struct fl_space *space)
{
    const struct fl_history *h = space->history;
    size_t total = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].fn != FL_KV_GET) {
            size_t size;
            (void)fl_strings_text(space->strings, h->operations[i].args[0],
                                  &size);
            total += size;
        }
    }
    if (space->initial != FL_NONE) {
        size_t size;
        (void)fl_strings_text(space->strings, space->initial, &size);
        total += size;
    }
    return total;
}

static size_t start(const struct fl_space *space, void *state)
{
    if (space->initial == FL_NONE) {
        return 0;
    }
    size_t size;
    const char *text = fl_strings_text(space->strings, space->initial, &size);
    memcpy(state, text, size);
    return size;
}

static void change(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op)
{
    size_t added;
    const char *text = fl_strings_text(space->strings, op->args[0], &added);
    assert(op->fn != FL_KV_GET);
    size_t at = op->fn == FL_KV_APPEND ? *size : 0;
    memcpy((char *)state + at, text, added);
    *size = at + added;
}

/* Only this adds to the pool, and only the explanation of a failure calls it
 * for a get: the search asks `allows`. */
static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    if (op->fn == FL_KV_GET) {
        return fl_strings_add(space->strings, state, *size);
    }
    change(space, state, size, op);
    return FL_NONE;
}

static bool allows(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op)
{
    if (op->fn != FL_KV_GET) {
        change(space, state, size, op);
        return true;
    }
    if (op->result == FL_NONE) {
        return false; /* a get answers a text, if only the empty one */
    }
    size_t seen;
    const char *text = fl_strings_text(space->strings, op->result, &seen);
    return seen == *size && memcmp(text, state, seen) == 0;
}

static bool begins_with(const char *text, size_t size, const void *prefix,
                        size_t prefix_size)
{
    return prefix_size <= size && memcmp(text, prefix, prefix_size) == 0;
}

/* What was appended stays until the next put: a get whose answer does not
 * begin with the text of now needs one. */
static bool lacks(const struct fl_space *space, const void *state, size_t size,
                  const struct fl_operation *goal)
{
    if (goal->fn != FL_KV_GET || goal->result == FL_NONE) {
        return false;
    }
    size_t seen;
    const char *text = fl_strings_text(space->strings, goal->result, &seen);
    return !begins_with(text, seen, state, size);
}

static bool helps(const struct fl_space *space, const struct fl_operation *op,
                  const struct fl_operation *goal)
{
    if (op->fn != FL_KV_PUT) {
        return false;
    }
    size_t seen;
    size_t put;
    const char *text = fl_strings_text(space->strings, goal->result, &seen);
    const char *begin = fl_strings_text(space->strings, op->args[0], &put);
    return begins_with(text, seen, begin, put);
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    assert(max > 0);
    int shown = size > max ? (int)max : (int)size;
    (void)snprintf(text, max, "\"%.*s\"", shown, (const char *)state);
    return text;
}

const struct fl_model fl_model_of_kv = {
    .name = "kv",
    .about = "a text under each key; empty at first",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .allows = allows,
    .describe = describe,
    .lacks = lacks,
    .helps = helps,
};
