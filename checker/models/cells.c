/*
 * States that are cells: numbered places with a value each, those that were
 * written, by ascending number.
 *
 *     | number, value | number, value | ...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The index of the first cell that is not before `number`. */
static size_t find_place(const struct fl_cell *cells, size_t count,
                         fl_value number)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (cells[middle].number < number) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}

fl_value fl_cells_read(const void *state, size_t size, fl_value number)
{
    const struct fl_cell *cells = state;
    size_t count = size / sizeof(*cells);
    assert(size % sizeof(*cells) == 0);
    size_t at = find_place(cells, count, number);
    return at < count && cells[at].number == number ? cells[at].value : FL_NONE;
}

void fl_cells_write(void *state, size_t *size, fl_value number, fl_value value)
{
    struct fl_cell *cells = state;
    size_t count = *size / sizeof(*cells);
    assert(*size % sizeof(*cells) == 0);
    size_t at = find_place(cells, count, number);
    if (at == count || cells[at].number != number) {
        memmove(cells + at + 1, cells + at, (count - at) * sizeof(*cells));
        *size += sizeof(*cells);
    }
    cells[at] = (struct fl_cell){.number = number, .value = value};
}

const char *fl_cells_describe(const struct fl_space *space, const void *state,
                              size_t size, char *text, size_t max)
{
    (void)space;
    assert(max > 0);
    const struct fl_cell *cells = state;
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < size / sizeof(*cells); i++) {
        int written =
            snprintf(text + at, max - at, "%s%" PRId64 "=%" PRId64,
                     i == 0 ? "" : " ", cells[i].number, cells[i].value);
        if (written < 0 || (size_t)written >= max - at) {
            break; /* cut */
        }
        at += (size_t)written;
    }
    if (size == 0) {
        (void)snprintf(text, max, "nothing");
    }
    return text;
}
