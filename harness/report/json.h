/*
 * A streaming JSON writer.
 *
 * Writes to a stream as it is told and keeps only the nesting.  Texts are
 * escaped; bytes that are not UTF-8 become U+FFFD, so that what is written is
 * always valid.  `<` is written as \u003c, so that the result may be embedded
 * in HTML.
 *
 *     json_open(&j, NULL, '{');
 *     json_text(&j, "name", "x");
 *     json_open(&j, "items", '[');
 *     json_number(&j, NULL, 3);
 *     json_close(&j);
 *     json_close(&j);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_JSON_H
#define HX_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    JSON_DEPTH_MAX = 16 /* nesting */
};

struct json {
    FILE *out;
    uint32_t indent; /* spaces a level; 0: all on one line */
    uint32_t depth;
    char closing[JSON_DEPTH_MAX]; /* '}' or ']' of each open level */
    bool filled[JSON_DEPTH_MAX];  /* a member stands there already */
};

/* Begins a document on `out`. */
void json_init(struct json *j, FILE *out, uint32_t indent);

/* Opens an object ('{') or an array ('['), named `name` if within an object,
 * NULL otherwise.  At most JSON_DEPTH_MAX deep. */
void json_open(struct json *j, const char *name, char kind);

/* Closes what was opened last. */
void json_close(struct json *j);

/* Writes a member: a text (NULL: null), one that is null if it is empty, a
 * number, a truth, null. */
void json_text(struct json *j, const char *name, const char *text);
void json_nonempty(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, int64_t number);
void json_unsigned(struct json *j, const char *name, uint64_t number);
void json_bool(struct json *j, const char *name, bool truth);
void json_none(struct json *j, const char *name);

/* Writes a member: an array of `count` texts. */
void json_texts(struct json *j, const char *name, const char *const *texts,
                uint32_t count);

#endif
