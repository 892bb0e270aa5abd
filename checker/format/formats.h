/*
 * The formats in which histories come and go, and one reader for all of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_FORMATS_H
#define FL_FORMATS_H

#include "checker/format/jsonl.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fl_draft;

struct fl_format {
    const char *name;
    const char *about; /* one line */

    /* Whether the input, of which these bytes come first, is probably of this
     * format.  The first format in the list that says so is taken.  `text`
     * ends with a zero byte. */
    bool (*sniff)(const char *text);

    /* Takes one history from the draft's source.  NULL: lines of JSON, which
     * hold several. */
    bool (*parse)(struct fl_draft *draft);

    /* Whether it has words for this history; if not, `text` (cut at `max`
     * bytes) says what for.  If so, `text` says what will be left out, or is
     * empty.  NULL: it has words for everything. */
    bool (*fits)(const struct fl_history *h, const struct fl_header *header,
                 char *text, size_t max);

    /* Writes a history that fits; FL_BAD_INPUT if it does not, or if a text in
     * it has a zero byte. */
    enum fl_status (*write)(FILE *file, const struct fl_history *h,
                            const struct fl_header *header);
    bool holds_several; /* histories in one file */
};

/* All formats, in the order in which they are tried; ends with NULL. */
extern const struct fl_format *const fl_formats[];

/* The format called `name` (or by one of its other names), or NULL. */
const struct fl_format *fl_format_find(const char *name);

/* The first format that the bytes which come next look like; that of our own
 * lines if they look like none. */
struct fl_source;
const struct fl_format *fl_format_guess(struct fl_source *source);

/* What a reader is told.  All zero: find out everything. */
struct fl_reading {
    const struct fl_format *format; /* NULL: by its looks */
    const struct fl_model *model;   /* NULL: as the input says */
    bool lenient;                   /* a last line that is cut off is the end */
    bool has_initial; /* the object's initial value is the one below */
    fl_value initial;
};

struct fl_reader;

/* Reads from `file`, or from `size` bytes; both are borrowed.  NULL when
 * memory ends.  Ended by fl_reader_close(). */
struct fl_reader *fl_reader_open(FILE *file, const struct fl_reading *reading);
struct fl_reader *fl_reader_open_bytes(const char *bytes, size_t size,
                                       const struct fl_reading *reading);

/* Ends a reader.  NULL is allowed. */
void fl_reader_close(struct fl_reader *reader);

/* Reads the next history as fl_jsonl_next() does. */
enum fl_status fl_reader_next(struct fl_reader *reader, struct fl_history **out,
                              struct fl_header *header, struct fl_error *error);

/* The format that is read; NULL before the first fl_reader_next(). */
const struct fl_format *fl_reader_format(const struct fl_reader *reader);

/* Whether a last line that was cut off was taken for the end. */
bool fl_reader_truncated(const struct fl_reader *reader);

/* Whether what was refused is a last line without its end, which a lenient
 * reading would have taken for the end. */
bool fl_reader_cut(const struct fl_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
