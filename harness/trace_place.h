/*
 * Where in a JSON text a value stands.
 *
 * jansson forgets places once it has parsed; so when a value turns out wrong,
 * its place is found again by walking the text along the path to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_TRACE_PLACE_H
#define HX_TRACE_PLACE_H

#include "harness/scenario.h"

enum {
    JSON_PATH_MAX = 8
};

/* A step down: into a member of an object, or an item of an array. */
struct json_step {
    const char *key; /* NULL: an item */
    size_t index;
};

struct json_path {
    uint32_t depth;
    struct json_step steps[JSON_PATH_MAX];
};

/*
 * The place of the value at `path` in the `size` bytes of valid JSON at
 * `text`; of the innermost value on the path that there is.
 */
struct place json_place(const char *text, size_t size,
                        const struct json_path *path);

#endif
