/*
 * States that are a row of values, one after another without gaps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t fl_sequence_max(const struct fl_space *space)
{
    return space->adds * sizeof(fl_value);
}

size_t fl_sequence_start(const struct fl_space *space, void *state)
{
    (void)space;
    (void)state;
    return 0;
}

fl_value fl_sequence_at(const void *state, size_t size, size_t index)
{
    const fl_value *values = state;
    return index < size / sizeof(*values) ? values[index] : FL_NONE;
}

void fl_sequence_insert(void *state, size_t *size, size_t index, fl_value value)
{
    fl_value *values = state;
    size_t count = *size / sizeof(*values);
    assert(index <= count);
    memmove(values + index + 1, values + index,
            (count - index) * sizeof(*values));
    values[index] = value;
    *size += sizeof(*values);
}

fl_value fl_sequence_remove(void *state, size_t *size, size_t index)
{
    fl_value *values = state;
    size_t count = *size / sizeof(*values);
    if (index >= count) {
        return FL_NONE;
    }
    fl_value value = values[index];
    memmove(values + index, values + index + 1,
            (count - index - 1) * sizeof(*values));
    *size -= sizeof(*values);
    return value;
}

const char *fl_sequence_describe(const struct fl_space *space,
                                 const void *state, size_t size, char *text,
                                 size_t max)
{
    (void)space;
    assert(max > 0);
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i <= size / sizeof(fl_value); i++) {
        char part[32] = "]";
        fl_value value = fl_sequence_at(state, size, i);
        if (i < size / sizeof(fl_value)) {
            (void)snprintf(part, sizeof(part), "%s%" PRId64, i == 0 ? "[" : " ",
                           value);
        } else if (i == 0) {
            (void)snprintf(part, sizeof(part), "[]");
        }
        int written = snprintf(text + at, max - at, "%s", part);
        if (written < 0 || (size_t)written >= max - at) {
            break; /* cut */
        }
        at += (size_t)written;
    }
    return text;
}

const char *fl_number_describe(const struct fl_space *space, const void *state,
                               size_t size, char *text, size_t max)
{
    fl_value value = fl_sequence_at(state, size, 0);
    if (value == FL_NONE) {
        const char *none = space->history->model->none;
        (void)snprintf(text, max, "%s", none == NULL ? "empty" : none);
    } else {
        (void)snprintf(text, max, "%" PRId64, value);
    }
    return text;
}
