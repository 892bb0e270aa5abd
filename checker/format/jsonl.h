/*
 * Histories as lines of JSON.
 *
 * The first line of a history is a header, each further line an operation or
 * an event; a file may hold several histories.
 *
 *     {"model":"register","initial":0,"expect":"pass"}
 *     {"client":3,"op":"cas","key":"x","args":[1,2],"result":true,
 *      "call":17,"return":24}
 *     {"event":"crash","client":3,"at":20}
 *
 * (each on one line).  `"return":null` is an open operation, whose result is
 * not known.  Stamps are event numbers below 2^32 - 1, distinct in a history;
 * the order of the lines is free.  A key is null, a number or a text.  Events
 * are "crash" and "recover" of a client, "crash_all" and "sync", which have
 * none, and what a client was told of its last operation:
 *
 *     {"event":"resolve","client":3,"at":25,"done":true,"result":7}
 *
 * "done" is true, false, or null where nobody could say.  A header may say what
 * stamps are worth, "unit":"ns" (us, ms, s): then a loss has a length in time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_JSONL_H
#define FL_JSONL_H

#include "checker/check.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FL_JSONL_LINE_MAX = 1 << 20,       /* bytes of a line */
    FL_JSONL_OPERATIONS_MAX = 1 << 24, /* of one history */
    FL_JSONL_CLIENT_MAX = 65535
};

/* What a header says beside model and initial value. */
struct fl_header {
    int expect;        /* an fl_verdict, or -1: it does not say */
    int criterion;     /* an fl_criterion, or -1 */
    uint32_t capacity; /* of a bounded object; 0: unbounded */
    uint32_t relax;    /* of one that may be out of order; 0: by nothing */
    bool loss_bounded; /* "max_loss": a crash may lose so many operations */
    uint32_t loss_max;
    bool loss_timed; /* "max_loss_ns": and only of fewer nanoseconds */
    uint64_t loss_ns;
    uint32_t line; /* where the history begins */
    char id[64];   /* each empty if it is not said; cut if too long */
    char source[200];
    char seed[32];
    char fault[120];
};

/* A reader of histories. */
struct fl_jsonl;

/* Reads from `file`, which is borrowed; NULL when memory ends. */
struct fl_jsonl *fl_jsonl_open(FILE *file);

/* Reads the `size` bytes at `bytes`, which are borrowed, likewise. */
struct fl_jsonl *fl_jsonl_open_bytes(const char *bytes, size_t size);

/* Reads from a source that others began to read, and which is borrowed. */
struct fl_source;
struct fl_jsonl *fl_jsonl_open_source(struct fl_source *source);

/* Ends a reader.  NULL is allowed. */
void fl_jsonl_close(struct fl_jsonl *reader);

/*
 * The model to use whatever the headers say; then a file may also begin
 * without one.  `model` is borrowed.
 */
void fl_jsonl_use_model(struct fl_jsonl *reader, const struct fl_model *model);

/* Takes a last line that is cut off (no end, and not to be understood) for the
 * end, as a crash while writing leaves it.  Whether that happened. */
void fl_jsonl_be_lenient(struct fl_jsonl *reader);
bool fl_jsonl_truncated(const struct fl_jsonl *reader);

/*
 * Reads the next history, settled.  At the end `*out` is NULL and the status
 * FL_OK; an input without any history is bad input.
 *
 * The caller owns the history.  `header` may be NULL.  For FL_BAD_INPUT and
 * FL_IO `error` says where and what; the reader must not be used on.
 */
enum fl_status fl_jsonl_next(struct fl_jsonl *reader, struct fl_history **out,
                             struct fl_header *header, struct fl_error *error);

/* Takes each line of its file as soon as it is there. */
void fl_jsonl_be_live(struct fl_jsonl *reader);

/*
 * Reads a history operation by operation, keeping none of them: begin makes
 * `*out`, empty, with what the header says (NULL at the end of the input), and
 * each next leaves one operation in it, or none at the end of the history.
 * Events are passed over; stamps are as in the line.  Texts are kept in its
 * strings.  Errors and ownership as with fl_jsonl_next().
 */
enum fl_status fl_jsonl_stream_begin(struct fl_jsonl *reader,
                                     struct fl_history **out,
                                     struct fl_header *header,
                                     struct fl_error *error);
enum fl_status fl_jsonl_stream_next(struct fl_jsonl *reader,
                                    struct fl_history *h,
                                    struct fl_error *error);

/*
 * Writes `h` in the same form; `header` may be NULL.  Returns FL_OK, or FL_IO
 * if the file did not take it all.
 */
enum fl_status fl_jsonl_write(FILE *file, const struct fl_history *h,
                              const struct fl_header *header);

#ifdef __cplusplus
}
#endif

#endif
