/*
 * One line of a history in JSON: which kind it is, and what it says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_JSONL_LINE_H
#define FL_JSONL_LINE_H

#include "checker/format/json.h"
#include "checker/format/jsonl.h"

enum fl_line_kind {
    FL_LINE_HEADER,
    FL_LINE_EVENT,
    FL_LINE_OPERATION,
};

/* Looks at members until one gives it away ("client" does not: events have
 * it, too).  False: not an object; the error is filled. */
bool fl_line_kind(struct fl_json *json, enum fl_line_kind *kind);

/* Takes a header into `h` and `header`.  A model that `h` has already wins. */
bool fl_line_header(struct fl_json *json, struct fl_history *h,
                    struct fl_header *header);

/* Appends an operation, an event.  There must be room in `h`. */
bool fl_line_operation(struct fl_json *json, struct fl_history *h);
bool fl_line_event(struct fl_json *json, struct fl_history *h);

/* Writes a header with the end of its line; a text in its quotes, by its
 * number. */
void fl_line_write_header(FILE *file, const struct fl_history *h,
                          const struct fl_header *header);
void fl_line_write_text(FILE *file, const struct fl_history *h, fl_value value);

/* Writes an operation likewise; true, since everything has words here. */
bool fl_line_write_operation(FILE *file, const struct fl_history *h,
                             const struct fl_operation *op);

/* --- values, as both kinds of line have them ------------------------------ */

/* A number from 0 to `max`; `what` is named in the error. */
bool fl_line_number(struct fl_json *json, uint32_t max, const char *what,
                    uint32_t *value);

/* A text, by its number in the history's strings. */
bool fl_line_text(struct fl_json *json, struct fl_history *h, fl_value *value);

/* A whole number that is not one of the two with a meaning. */
bool fl_line_plain(struct fl_json *json, fl_value *value);

/* A set of small numbers: [0, 3], or a number with their bits. */
bool fl_line_bits(struct fl_json *json, fl_value *value);

#endif
