/*
 * A history in the making, as a foreign file tells it: clients of any number,
 * operations by name, values of any type, stamps of 64 bits that may be equal.
 *
 * Readers fill a draft and know nothing of models.  Once all is read the
 * draft becomes a history: the model is found, values are tested against it,
 * stamps are ranked.  So the rules by which formats differ stand in one place,
 * and each format's file holds only its form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_DRAFT_H
#define FL_DRAFT_H

#include "checker/format/jsonl.h"
#include "checker/format/source.h"

/* What a value is in the file. */
enum fl_scalar_kind {
    FL_SCALAR_ABSENT, /* it is not said */
    FL_SCALAR_NONE,   /* nil, null, "empty" */
    FL_SCALAR_INT,
    FL_SCALAR_BOOL,
    FL_SCALAR_TEXT, /* the number of a text */
    FL_SCALAR_RAW,  /* likewise, but of no type: a field of CSV */
    FL_SCALAR_BITS, /* a list of small numbers, as bits */
    FL_SCALAR_ODD,  /* what no model has: a fraction, a map */
};

struct fl_scalar {
    enum fl_scalar_kind kind;
    int64_t value;
};

/* The values of an operation.  A pair [a b] stands in two. */
enum fl_slot {
    FL_SLOT_KEY,
    FL_SLOT_FIRST, /* arguments */
    FL_SLOT_SECOND,
    FL_SLOT_RESULT,
    FL_SLOT_RESULT_FIRST, /* of a pair, RESULT being its second */
};

enum {
    FL_SLOTS = FL_SLOT_RESULT_FIRST + 1,
    FL_DRAFT_NAMES_MAX = 32,
    FL_DRAFT_NOBODY = -1 /* a client that the file does not name */
};

/* How an operation ended. */
enum fl_outcome {
    FL_OUTCOME_OPEN,
    FL_OUTCOME_OK,
    FL_OUTCOME_FAIL, /* it answered no, or did not happen: the rules say */
    FL_OUTCOME_GONE, /* it did not happen */
};

struct fl_draft_operation {
    int64_t client;
    int64_t call;
    int64_t ret; /* unless open */
    int64_t value[FL_SLOTS];
    uint8_t kind[FL_SLOTS]; /* enum fl_scalar_kind */
    uint8_t outcome;        /* enum fl_outcome */
    uint16_t name;          /* which of the draft's */
    bool given_up;          /* its client said that it does not know */
    bool known;             /* added whole: no return of it is to come */
    uint32_t line;
    uint32_t column;
    uint32_t return_line; /* 0: as the call */
    uint32_t return_column;
};

/* How a format is to be understood where formats differ. */
struct fl_rules {
    bool failures_observe; /* a failed operation answered false */
    bool nil_is_unknown;   /* a register's read of nil says nothing */
    bool nil_is_empty;     /* a text that is nil is the empty one */
    bool echoes;           /* answers repeat arguments; calls may guess */
    bool returns_first;    /* at equal stamps; else calls, so they overlap */
    const char *model;     /* unless something else says; NULL: by names */
};

struct fl_draft_client;
struct fl_passage;

/* Readers set the rules, header, initial value and `truncated`; the rest, from
 * the operations on, is the draft's own. */
struct fl_draft {
    struct fl_source *source; /* borrowed: places and errors */
    struct fl_rules rules;
    struct fl_history *h; /* texts, events, model; becomes the history */
    struct fl_header header;
    bool has_initial; /* h->initial was given */
    bool lenient;
    bool truncated; /* and that was needed */

    struct fl_passage *passage; /* borrowed: what operations leave by as soon
                                 * as they are known; NULL: all are kept */

    struct fl_block operations;
    uint32_t first;  /* place of the first that is kept: 0, without a passage */
    uint32_t count;  /* kept */
    uint64_t passed; /* left before */
    int64_t now;     /* the next moment of those told in order */
    struct fl_block clients; /* a table by number */
    size_t places;           /* in it; a power of two */
    uint32_t clients_count;
    char names[FL_DRAFT_NAMES_MAX][24];
    uint32_t names_count;
};

/* What it is read by: see checker/format/formats.h. */
struct fl_format;
struct fl_reading;

/*
 * Reads a draft by the parser of `format`, to the end of its source; if
 * `reading` is lenient a last line that is cut off is the end.  Begins the
 * draft.  False after trouble, and if a passage has enough.
 */
bool fl_draft_read(struct fl_draft *draft, struct fl_source *source,
                   const struct fl_format *format,
                   const struct fl_reading *reading);

/* Begins a draft; `model` may be NULL: by header, rules or names.  False when
 * memory ends.  Ended by fl_draft_release(). */
bool fl_draft_init(struct fl_draft *draft, struct fl_source *source,
                   const struct fl_model *model);

/* Ends a draft, and its history unless fl_draft_finish() gave it away. */
void fl_draft_release(struct fl_draft *draft);

/* The scalar of a text.  Like all that follow it returns false after filling
 * the source's error. */
bool fl_draft_text(struct fl_draft *draft, enum fl_scalar_kind kind,
                   const char *text, size_t size, struct fl_scalar *scalar);

/* Sets a value of an operation. */
void fl_draft_set(struct fl_draft_operation *op, enum fl_slot slot,
                  struct fl_scalar scalar);

/* Sets the name of the operation. */
bool fl_draft_name(struct fl_draft *draft, struct fl_draft_operation *op,
                   const char *name);

/*
 * Adds an operation that is known whole, or that is called now (the draft then
 * sets the stamp): `op` with line and column set.  Its client may have no
 * other one in flight.
 */
bool fl_draft_add(struct fl_draft *draft, const struct fl_draft_operation *op);
bool fl_draft_call(struct fl_draft *draft, struct fl_draft_operation *op);

/* The operation that `client` has in flight and is to end now, at this place:
 * `*op`, to be filled.  The client must have one; `what` is the answer's name
 * in the message if it has not. */
bool fl_draft_return(struct fl_draft *draft, int64_t client, const char *what,
                     struct fl_draft_operation **op);

/* Likewise, but what became of it stays unknown. */
bool fl_draft_give_up(struct fl_draft *draft, int64_t client, const char *what);

/* Takes a header as lines of JSON have it, which stands here in a comment. */
bool fl_draft_header(struct fl_draft *draft, const char *text, size_t size,
                     uint32_t line, uint32_t column);

/* Something befell a client. */
bool fl_draft_event(struct fl_draft *draft, enum fl_event_kind kind,
                    int64_t client);

/* Makes the history, settled, which the caller owns. */
bool fl_draft_finish(struct fl_draft *draft, struct fl_history **out);

/* --- between the draft's files -------------------------------------------- */

/* Finds the model that all names are of. */
bool fl_draft_find_model(struct fl_draft *draft);

/* Turns an operation's values into those of the model.  `*keep` is false if
 * there is nothing to be learnt from it. */
bool fl_draft_convert(struct fl_draft *draft,
                      const struct fl_draft_operation *from,
                      struct fl_operation *op, bool *keep);

/* Ranks the stamps of all operations and events, into 32 bits. */
bool fl_draft_rank(struct fl_draft *draft);

/* The operations in order of their addition; all of them, unless there is a
 * passage. */
struct fl_draft_operation *fl_draft_operations(const struct fl_draft *draft);

/* One that is kept, by its number from the beginning. */
struct fl_draft_operation *fl_draft_at(const struct fl_draft *draft,
                                       uint64_t number);

/* Lets go what is known, if there is a passage; makes room in it for one more;
 * lets go all that is left, and ends the history.  False also when the outlet
 * has enough. */
bool fl_draft_pass(struct fl_draft *draft);
bool fl_draft_make_room(struct fl_draft *draft);
bool fl_draft_pass_end(struct fl_draft *draft);

#endif
