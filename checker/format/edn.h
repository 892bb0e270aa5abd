/*
 * A scanner for EDN, which is what Clojure prints, and for JSON, which it is
 * nearly: tokens, read from a stream of bytes whatever its lines.
 *
 * Nothing is kept but the brackets that are open and one token, so that a
 * vector of a million maps on one line is read in little memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_EDN_H
#define FL_EDN_H

#include "checker/format/source.h"

enum fl_edn_kind {
    FL_EDN_END, /* of the input, or trouble: see the source's status */
    FL_EDN_NIL,
    FL_EDN_BOOL,
    FL_EDN_INTEGER,
    FL_EDN_STRING,
    FL_EDN_KEYWORD, /* :name, without its colon */
    FL_EDN_SYMBOL,  /* a bare word, a fraction, a character */
    FL_EDN_OPEN,    /* ( [ { and #{ */
    FL_EDN_CLOSE,
    FL_EDN_HEADER, /* a comment that begins with "faultline {": its rest */
};

enum {
    FL_EDN_DEPTH_MAX = 32
};

struct fl_edn {
    struct fl_source *source;
    bool json; /* colons part names from values */
    char closing[FL_EDN_DEPTH_MAX];
    uint32_t depth;        /* brackets that are open */
    struct fl_block block; /* the token's text, zero-ended */
    size_t size;
    int64_t number; /* of an integer; 1 for true */
    char bracket;   /* the one that was opened or closed */
    uint32_t line;  /* where the token begins */
    uint32_t column;
};

/* The next token. */
enum fl_edn_kind fl_edn_next(struct fl_edn *edn);

/* The text of the last string, keyword, symbol or header. */
const char *fl_edn_text(const struct fl_edn *edn);

/* Takes the rest of the form whose first token was `kind`, and forgets it. */
bool fl_edn_skip(struct fl_edn *edn, enum fl_edn_kind kind);

/* Fails at the last token; returns false.  The format is printf's. */
bool fl_edn_fail(struct fl_edn *edn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails since the last token, of `kind`, is not `what`. */
bool fl_edn_unexpected(struct fl_edn *edn, enum fl_edn_kind kind,
                       const char *what);

#endif
