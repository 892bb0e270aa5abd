/*
 * Judging the values of a JSON text, with the place of each.
 *
 * The path to the value in hand is kept, so that an error can name its line
 * and column.  Only the first error is told; after it, every value is 0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRACE_INPUT_H
#define HX_TRACE_INPUT_H

#include "checker/history.h"
#include "harness/trace_place.h"

#include <jansson.h>

struct input {
    const char *path;
    const char *text;
    size_t size;
    FILE *errors;
    struct json_path at; /* the value in hand */
    bool failed;
};

/* Tells the first error, at the value in hand: "expected ...". */
void input_fail(struct input *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Steps down to a member or an item, and up again. */
void input_enter_key(struct input *in, const char *key);
void input_enter_item(struct input *in, size_t index);
void input_leave(struct input *in);

/* A number of at most `max`, or such a number as "0x...". */
uint64_t input_number(struct input *in, const json_t *value, uint64_t max);

/* The member `key` of `object` as such a number; 0 if it is absent. */
uint64_t input_member(struct input *in, const json_t *object, const char *key,
                      uint64_t max);

/* Item `index` of an array as such a number. */
uint64_t input_item(struct input *in, const json_t *tuple, size_t index,
                    uint64_t max);

/* A value of an operation: a number with a sign, or null for FL_NONE. */
fl_value input_value(struct input *in, const json_t *value);

/* A text, or NULL for null; owned by the caller. */
char *input_text(struct input *in, const json_t *object, const char *key);

/* The index of a word; 0, and an error, if it is none of `words`. */
uint32_t input_word(struct input *in, const json_t *value,
                    const char *const *words);

/* The member `key`, an array of at most `max` items or an object, entered;
 * NULL, and an error, if it is none: it is not entered then. */
const json_t *input_enter_array(struct input *in, const json_t *object,
                                const char *key, size_t max);
const json_t *input_enter_object(struct input *in, const json_t *object,
                                 const char *key);

/* Item `index` of `array`, an array of `size` items itself; NULL, and an
 * error, if it is none. */
const json_t *input_tuple(struct input *in, const json_t *array, size_t index,
                          size_t size);

#endif
