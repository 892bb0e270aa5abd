/*
 * Input: files of histories, whatever their format, for those commands that
 * read them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "checker/format/formats.h"
#include "cli/code.h"

/* What the command line says of it; each may be NULL. */
struct input_texts {
    char *format;  /* --input, --from */
    char *model;   /* --model */
    char *initial; /* --initial */
    int lenient;   /* --lenient */
};

/* A file of histories that is read. */
struct input {
    const char *command; /* for messages */
    const char *path;    /* as shown: "<stdin>" */
    FILE *file;
    struct fl_reader *reader;
    const struct fl_format *format; /* of a stream; NULL: the reader knows */
    const char *hint;               /* after what is wrong; or NULL */
    bool lenient;                   /* as it is read */
    enum code code;                 /* CODE_PASS unless there was trouble */
};

/* Reads the texts into `reading`.  `option` is what the format's is called
 * ("--input"), for the message.  Returns CODE_PASS or CODE_USAGE. */
enum code input_reading(const char *command, const char *option,
                        const struct input_texts *texts,
                        struct fl_reading *reading);

/* Finds the model called `name`, or loads that of the plug-in at this path.
 * Returns CODE_PASS, or the code of what was complained about. */
enum code input_model(const char *command, const char *name,
                      const struct fl_model **model);

/* Finds a format, or complains and returns NULL.  `written`: one that can be
 * written. */
const struct fl_format *input_format(const char *command, const char *option,
                                     const char *name, bool written);

/* Opens `path` ("-": standard input).  False after a message, with the code.
 * Ended by input_close() in any case. */
bool input_open(struct input *input, const char *command, const char *path,
                const struct fl_reading *reading);

/* Ends the reader and closes the file. */
void input_close(struct input *input);

/* Says what is wrong with the input, and where; sets the code. */
void input_complain(struct input *input, enum fl_status status,
                    const struct fl_error *error);

/* Says that a last line was cut off. */
void input_warn_truncated(const struct input *input);

/* The next history, to be freed by the caller; NULL at the end and after
 * trouble, which was told.  Says so if a last line was cut off. */
struct fl_history *input_next(struct input *input, struct fl_header *header);

#endif
