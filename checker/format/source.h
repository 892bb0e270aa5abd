/*
 * Where the bytes of a history come from: a file or memory, read once.
 *
 * All readers take their input from here, by line or by byte, so that all
 * refuse the same things at the same places: a byte that is zero, bytes that
 * are no UTF-8, a line that does not end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_SOURCE_H
#define FL_SOURCE_H

#include "checker/block.h"
#include "checker/check.h"

#include <stdio.h>

enum {
    FL_SOURCE_LINE_MAX = 1 << 20, /* bytes of a line */
    FL_SOURCE_END = -1            /* no byte: the end, or trouble */
};

/* What a byte may not be. */
enum fl_source_trouble {
    FL_SOURCE_FINE,
    FL_SOURCE_ZERO,
    FL_SOURCE_UTF8,
    FL_SOURCE_CUT, /* the input ends within a character */
};

/* Only `line`, `column`, `status`, `text`, `text_size`, `unended` are for
 * readers.  After trouble `status` is not FL_OK, and everything is at its
 * end. */
struct fl_source {
    FILE *file;        /* or NULL: bytes */
    const char *bytes; /* what is not yet read of them */
    size_t size;
    bool
        live; /* the file is a pipe, say, whose lines are wanted as they come */
    struct fl_block chunk; /* what was read ahead */
    size_t at;
    size_t end;
    enum fl_source_trouble trouble; /* it lies at `end` */
    bool at_end;
    unsigned more; /* bytes that the character at `end` still needs */
    unsigned char low;
    unsigned char high; /* what the next of them may be */
    uint32_t line;      /* of the next byte; of the current line */
    uint32_t column;
    uint32_t lines_read;
    struct fl_block text_block;
    const char *text; /* the current line, without its end */
    size_t text_size;
    bool unended; /* it is the last and has no end */
    enum fl_status status;
    struct fl_error *error; /* borrowed; filled when status changes */
};

/* Begins to read `file`, or `bytes` if that is NULL; both are borrowed.  The
 * source is ended by fl_source_release(). */
void fl_source_init(struct fl_source *source, FILE *file, const char *bytes,
                    size_t size);

/* Ends a source; the file stays open. */
void fl_source_release(struct fl_source *source);

/* The bytes that come next, as many as are at hand (64 KiB of a long input),
 * without taking them.  `*size` is 0 at the end. */
const char *fl_source_look(struct fl_source *source, size_t *size);

/* The next byte, left or taken; FL_SOURCE_END if there is none. */
int fl_source_peek(struct fl_source *source);
int fl_source_take(struct fl_source *source);

/* Gets the next line that is not blank into source->text; false at the end.
 * One longer than FL_SOURCE_LINE_MAX is bad input. */
bool fl_source_line(struct fl_source *source);

/* Fails at a place: fills the error, sets the status, returns false.  The
 * format is printf's. */
bool fl_source_fail(struct fl_source *source, uint32_t line, uint32_t column,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fails because memory ended; returns false. */
bool fl_source_no_memory(struct fl_source *source);

/* Whether the input failed only because it ends too early: within a character
 * or within its last line. */
bool fl_source_cut(const struct fl_source *source);

#endif
