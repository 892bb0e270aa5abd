/*
 * Lines of words: what the text formats are made of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_FIELDS_H
#define FL_FIELDS_H

#include "checker/format/draft.h"

enum {
    FL_FIELDS_MAX = 16,
    FL_FIELD_SIZE = 64 /* bytes of one, with its zero */
};

/* One line, split.  What is longer or more is cut: it is no number and no
 * name. */
struct fl_fields {
    char word[FL_FIELDS_MAX][FL_FIELD_SIZE];
    uint32_t column[FL_FIELDS_MAX];
    uint32_t count;
};

/* A word of a format, and what it is called here. */
struct fl_meaning {
    const char *word; /* in small letters; the last is NULL */
    const char *means;
};

/*
 * Splits the next line that is not blank at the bytes in `gaps`.  False at the
 * end, and after trouble.  A last line without an end is left out if the draft
 * is lenient: half a number would look like a whole one.
 */
bool fl_fields_next(struct fl_draft *draft, const char *gaps,
                    struct fl_fields *fields);

/* Reads a word as a number of 64 bits, or fails: `what` it must be. */
bool fl_fields_number(struct fl_draft *draft, const struct fl_fields *fields,
                      uint32_t i, const char *what, int64_t *number);

/* Finds what a word means, whatever its letters; NULL if it is not there. */
const char *fl_fields_meaning(const struct fl_meaning *meanings,
                              const char *word);

/* Fails at a word (or the end of the line). */
bool fl_fields_fail(struct fl_draft *draft, const struct fl_fields *fields,
                    uint32_t i, const char *text);

/* What the monitors' texts share: takes the line "# TYPE", which comes first,
 * and the model that TYPE means. */
bool fl_fields_type(struct fl_draft *draft, const char *gaps,
                    const struct fl_meaning *types, const char **type);

/* Sets a container's operation: `adds` a value, or answers one, -1 being
 * nothing. */
void fl_fields_contain(struct fl_draft_operation *op, const char *name,
                       int64_t value);

#endif
