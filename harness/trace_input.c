/*
 * Judging the values of a JSON text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/trace_input.h"

#include "harness/need.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void input_fail(struct input *in, const char *format, ...)
{
    if (in->failed) {
        return;
    }
    in->failed = true;
    struct place place = json_place(in->text, in->size, &in->at);
    fprintf(in->errors, "%s:%" PRIu32 ":%" PRIu32 ": error: expected ",
            in->path, place.line, place.column);
    va_list args;
    va_start(args, format);
    vfprintf(in->errors, format, args);
    va_end(args);
    fprintf(in->errors, "; `faultline replay` reads traces that `faultline "
                        "run` wrote\n");
}

void input_enter_key(struct input *in, const char *key)
{
    assert(in->at.depth < JSON_PATH_MAX);
    in->at.steps[in->at.depth++] = (struct json_step){.key = key};
}

void input_enter_item(struct input *in, size_t index)
{
    assert(in->at.depth < JSON_PATH_MAX);
    in->at.steps[in->at.depth++] = (struct json_step){.index = index};
}

void input_leave(struct input *in)
{
    assert(in->at.depth > 0);
    in->at.depth--;
}

uint64_t input_number(struct input *in, const json_t *value, uint64_t max)
{
    uint64_t number = 0;
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        number = (uint64_t)json_integer_value(value);
    } else if (json_is_string(value) &&
               strncmp(json_string_value(value), "0x", 2) == 0) {
        const char *digits = json_string_value(value) + 2;
        size_t size = strlen(digits);
        if (size == 0 || size > 16 ||
            strspn(digits, "0123456789abcdefABCDEF") != size) {
            input_fail(in,
                       "a number, or \"0x\" and 1 to 16 hexadecimal digits");
            return 0;
        }
        number = strtoull(digits, NULL, 16);
    } else {
        input_fail(in, "a number that is not negative, or \"0x...\"");
        return 0;
    }
    if (number > max) {
        input_fail(in, "a number of at most %" PRIu64, max);
        return 0;
    }
    return number;
}

uint64_t input_member(struct input *in, const json_t *object, const char *key,
                      uint64_t max)
{
    const json_t *value = json_object_get(object, key);
    assert(key != NULL);
    if (value == NULL) {
        return 0;
    }
    input_enter_key(in, key);
    uint64_t number = input_number(in, value, max);
    input_leave(in);
    return number;
}

fl_value input_value(struct input *in, const json_t *value)
{
    if (json_is_null(value)) {
        return FL_NONE;
    }
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    return (fl_value)input_number(in, value, UINT64_MAX);
}

char *input_text(struct input *in, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    char *text = NULL;
    input_enter_key(in, key);
    if (json_is_string(value)) {
        text = need(strdup(json_string_value(value)), "a trace");
    } else if (!json_is_null(value)) {
        input_fail(in, "\"%s\": a text, or null", key);
    }
    input_leave(in);
    return text;
}

uint32_t input_word(struct input *in, const json_t *value,
                    const char *const *words)
{
    const char *text = json_string_value(value);
    for (uint32_t i = 0; text != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    const char *near = text == NULL ? NULL : scenario_nearest(text, words);
    input_fail(in, "one of %s, %s, ...%s%s", words[0], words[1],
               near != NULL ? "; did you mean " : "", near != NULL ? near : "");
    return 0;
}

const json_t *input_enter_array(struct input *in, const json_t *object,
                                const char *key, size_t max)
{
    const json_t *array = json_object_get(object, key);
    input_enter_key(in, key);
    if (json_is_array(array) && json_array_size(array) <= max) {
        return array;
    }
    input_fail(in, "\"%s\": an array of at most %zu items", key, max);
    input_leave(in);
    return NULL;
}

const json_t *input_tuple(struct input *in, const json_t *array, size_t index,
                          size_t size)
{
    const json_t *item = json_array_get(array, index);
    if (json_is_array(item) && json_array_size(item) == size) {
        return item;
    }
    input_fail(in, "an array of %zu items", size);
    return NULL;
}

uint64_t input_item(struct input *in, const json_t *tuple, size_t index,
                    uint64_t max)
{
    input_enter_item(in, index);
    uint64_t number = input_number(in, json_array_get(tuple, index), max);
    input_leave(in);
    return number;
}

const json_t *input_enter_object(struct input *in, const json_t *object,
                                 const char *key)
{
    const json_t *value = json_object_get(object, key);
    input_enter_key(in, key);
    if (json_is_object(value)) {
        return value;
    }
    input_fail(in, "\"%s\": an object", key);
    input_leave(in);
    return NULL;
}
