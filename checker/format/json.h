/*
 * A strict scanner for one line of JSON, libc only.
 *
 * It does not build a tree: the caller knows what must come next, asks for
 * it, and gets it or an error that names line and column, what was found and
 * what was expected.  Numbers are whole numbers of 64 bits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_JSON_H
#define FL_JSON_H

#include "checker/block.h"
#include "checker/check.h"

struct fl_json {
    const char *start; /* of the line */
    const char *at;
    const char *end;
    uint32_t line;
    struct fl_error *error; /* filled by whatever returns false */
    struct fl_block *text;  /* the last string, unescaped, zero-ended */
    size_t text_size;
    const char *text_at; /* where it began */
    bool no_memory;      /* why false was returned, if it was that */
};

/* What a value begins like. */
enum fl_json_kind {
    FL_JSON_NULL,
    FL_JSON_BOOL,
    FL_JSON_NUMBER,
    FL_JSON_STRING,
    FL_JSON_ARRAY,
    FL_JSON_OBJECT,
    FL_JSON_NOTHING, /* none of these, or the end */
};

/* Fails at `at`: fills the error; returns false.  The format is printf's. */
bool fl_json_fail(struct fl_json *json, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fails with "expected `what`, found ...", at the next character. */
bool fl_json_unexpected(struct fl_json *json, const char *what);

/* What comes next, after spaces. */
enum fl_json_kind fl_json_peek(struct fl_json *json);

/* Takes `c`, after spaces, if it comes next. */
bool fl_json_accept(struct fl_json *json, char c);

/* Takes `c`, after spaces, or fails. */
bool fl_json_expect(struct fl_json *json, char c);

/* The end of the line must come next. */
bool fl_json_end(struct fl_json *json);

/* Takes null, a truth value, a whole number, a string. */
bool fl_json_null(struct fl_json *json);
bool fl_json_bool(struct fl_json *json, bool *value);
bool fl_json_integer(struct fl_json *json, int64_t *value);
bool fl_json_string(struct fl_json *json);

/*
 * Takes the name and colon of the next member of an object, or its end, which
 * sets `*more` to false.  `first` is true before the first member.  The name
 * is in json->text.
 */
bool fl_json_member(struct fl_json *json, bool first, bool *more);

/* Takes any value and forgets it. */
bool fl_json_skip(struct fl_json *json);

#endif
