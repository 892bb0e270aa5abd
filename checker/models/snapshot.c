/*
 * An atomic snapshot (Afek and others 1993): components that are updated one
 * by one and seen all at once.  A scan answers a text, "0=5 2=7": the
 * components that are set, by ascending number.  With a capacity n the
 * components 0 to n - 1 are set from the start, to the initial value or 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL_TEXT = 42, /* bytes of "number=value " */
    SCAN_MAX = 4096
};

static const struct fl_operation_type types[] = {
    [FL_SNAPSHOT_UPDATE] = {.name = "update",
                            .args = {FL_KIND_INT, FL_KIND_INT},
                            .result = FL_KIND_VOID},
    [FL_SNAPSHOT_SCAN] = {.name = "scan",
                          .result = FL_KIND_STRING,
                          .pure = true},
};

static size_t state_max(const struct fl_space *space)
{
    return ((size_t)space->adds + space->capacity) * sizeof(struct fl_cell);
}

static size_t start(const struct fl_space *space, void *state)
{
    size_t size = 0;
    for (uint32_t i = 0; i < space->capacity; i++) {
        fl_cells_write(state, &size, i,
                       space->initial == FL_NONE ? 0 : space->initial);
    }
    return size;
}

static void update(void *state, size_t *size, const struct fl_operation *op)
{
    assert(op->fn == FL_SNAPSHOT_UPDATE);
    fl_cells_write(state, size, op->args[0], op->args[1]);
}

/* Only this adds to the pool; the search asks `allows`.  Texts that are longer
 * than SCAN_MAX are cut: they are for explanations of small histories. */
static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    if (op->fn == FL_SNAPSHOT_UPDATE) {
        update(state, size, op);
        return FL_NONE;
    }
    char text[SCAN_MAX] = "";
    if (*size > 0) {
        fl_cells_describe(space, state, *size, text, sizeof(text));
    }
    return fl_strings_add(space->strings, text, strlen(text));
}

/* Takes a number at `*at`, which ends before `end`. */
static bool take_number(const char **at, const char *end, char after,
                        fl_value *number)
{
    char digits[CELL_TEXT];
    size_t count = 0;
    while (*at + count < end && (*at)[count] != after &&
           count < sizeof(digits) - 1) {
        digits[count] = (*at)[count];
        count++;
    }
    digits[count] = '\0';
    char *rest = digits;
    errno = 0;
    *number = strtoll(digits, &rest, 10);
    *at += count;
    return count > 0 && *rest == '\0' && errno == 0;
}

/* Whether the text says what the cells are; nothing is written. */
static bool is_text_of(const void *state, size_t size, const char *text,
                       size_t text_size)
{
    const struct fl_cell *cells = state;
    const char *at = text;
    const char *end = text + text_size;
    for (size_t i = 0; i < size / sizeof(*cells); i++) {
        fl_value number = 0;
        fl_value value = 0;
        bool is_read = take_number(&at, end, '=', &number) && at < end;
        at++;
        if (!is_read || !take_number(&at, end, ' ', &value) ||
            number != cells[i].number || value != cells[i].value) {
            return false;
        }
        at += at < end;
    }
    return at >= end;
}

static bool allows(const struct fl_space *space, void *state, size_t *size,
                   const struct fl_operation *op)
{
    if (op->fn == FL_SNAPSHOT_UPDATE) {
        update(state, size, op);
        return op->result == FL_NONE;
    }
    if (op->result == FL_NONE) {
        return false; /* a scan answers a text, if only the empty one */
    }
    size_t text_size;
    const char *text = fl_strings_text(space->strings, op->result, &text_size);
    return is_text_of(state, *size, text, text_size);
}

const struct fl_model fl_model_of_snapshot = {
    .name = "snapshot",
    .about = "components updated one by one, scanned all at once",
    .types = types,
    .types_count = sizeof(types) / sizeof(types[0]),
    .keyed = true,
    .state_max = state_max,
    .start = start,
    .step = step,
    .allows = allows,
    .describe = fl_cells_describe,
};
