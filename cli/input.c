/*
 * Reading files of histories, and saying what is wrong with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/input.h"
#include "checker/model.h"
#include "checker/weakening.h"
#include "cli/options.h"
#include "harness/model_plugin.h"
#include "harness/scenario.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX = 64
};

static enum code bad_model(const char *command, const char *name)
{
    assert(name != NULL);
    const char *names[WORDS_MAX + 1] = {NULL};
    for (uint32_t i = 0; i < WORDS_MAX && fl_models[i] != NULL; i++) {
        names[i] = fl_models[i]->name;
    }
    const char *nearest = scenario_nearest(name, names);
    return options_complain(
        command,
        "--model %s: unknown model%s%s%s\nsee: faultline list models; one of "
        "your own is a path: ./%s.so",
        name, nearest == NULL ? "" : "; did you mean ",
        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?", name);
}

enum code input_model(const char *command, const char *name,
                      const struct fl_model **model)
{
    assert(command != NULL && name != NULL);
    if (model_plugin_is(name)) {
        *model = model_plugin_load(name, stderr);
        return *model == NULL ? CODE_INPUT : CODE_PASS;
    }
    *model = fl_model_find(name);
    const struct fl_weakening *weaker = fl_weakening_find(name);
    if (*model == NULL && weaker != NULL && strcmp(command, "check") == 0) {
        *model = weaker->of; /* which is taken apart when it is read */
    }
    return *model == NULL ? bad_model(command, name) : CODE_PASS;
}

const struct fl_format *input_format(const char *command, const char *option,
                                     const char *name, bool written)
{
    assert(command != NULL && option != NULL && name != NULL);
    const struct fl_format *format = fl_format_find(name);
    if (format != NULL && (!written || format->write != NULL)) {
        return format;
    }
    const char *names[WORDS_MAX + 1] = {NULL};
    uint32_t count = 0;
    for (uint32_t i = 0; fl_formats[i] != NULL && count < WORDS_MAX; i++) {
        if (!written || fl_formats[i]->write != NULL) {
            names[count] = fl_formats[i]->name;
            count++;
        }
    }
    const char *nearest = scenario_nearest(name, names);
    (void)options_complain(
        command, "%s %s: %s%s%s%s\nsee: faultline list formats", option, name,
        format == NULL ? "unknown format" : "that format is only read",
        nearest == NULL ? "" : "; did you mean ",
        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "?");
    return NULL;
}

enum code input_reading(const char *command, const char *option,
                        const struct input_texts *texts,
                        struct fl_reading *reading)
{
    *reading = (struct fl_reading){.lenient = texts->lenient != 0};
    assert(command != NULL && option != NULL);
    if (texts->model != NULL) {
        enum code code = input_model(command, texts->model, &reading->model);
        if (code != CODE_PASS) {
            return code;
        }
    }
    if (texts->format != NULL && strcmp(texts->format, "auto") != 0) {
        reading->format = input_format(command, option, texts->format, false);
        if (reading->format == NULL) {
            return CODE_USAGE;
        }
    }
    if (texts->initial != NULL) {
        char *end = NULL;
        errno = 0;
        reading->initial = strtoll(texts->initial, &end, 10);
        reading->has_initial = true;
        if (errno != 0 || end == texts->initial || *end != '\0') {
            return options_complain(command, "--initial %s: say a number",
                                    texts->initial);
        }
    }
    return CODE_PASS;
}

bool input_open(struct input *input, const char *command, const char *path,
                const struct fl_reading *reading)
{
    assert(path != NULL && reading != NULL);
    bool is_stdin = strcmp(path, "-") == 0;
    *input = (struct input){.command = command,
                            .path = is_stdin ? "<stdin>" : path,
                            .lenient = reading->lenient,
                            .file = is_stdin ? stdin : fopen(path, "r")};
    if (input->file == NULL) {
        (void)fprintf(stderr, "faultline %s: cannot read %s: %s\n", command,
                      path, strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        input->code = CODE_INPUT;
        return false;
    }
    input->reader = fl_reader_open(input->file, reading);
    if (input->reader == NULL) {
        (void)fprintf(stderr, "faultline %s: %s: no memory\n", command,
                      input->path);
        input->code = CODE_INTERNAL;
        return false;
    }
    return true;
}

void input_close(struct input *input)
{
    assert(input->file != NULL || input->reader == NULL);
    fl_reader_close(input->reader);
    if (input->file != NULL && input->file != stdin) {
        (void)fclose(input->file);
    }
}

void input_warn_truncated(const struct input *input)
{
    (void)fflush(stdout);
    (void)fprintf(stderr,
                  "%s: warning: the last line is cut off, and taken for the "
                  "end\n",
                  input->path);
}

void input_complain(struct input *input, enum fl_status status,
                    const struct fl_error *error)
{
    assert(status != FL_OK);
    (void)fflush(stdout);
    if (status == FL_NO_MEMORY) {
        (void)fprintf(stderr, "faultline %s: %s: no memory\n", input->command,
                      input->path);
        input->code = CODE_INTERNAL;
        return;
    }
    input->code = status == FL_IO ? CODE_IO : CODE_INPUT;
    if (error->line == 0) {
        (void)fprintf(stderr, "%s: error: %s\n", input->path, error->text);
    } else {
        (void)fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": error: %s\n",
                      input->path, error->line, error->column, error->text);
    }
    if (status == FL_BAD_INPUT) {
        const struct fl_format *format = input->format != NULL
                                             ? input->format
                                             : fl_reader_format(input->reader);
        (void)fprintf(stderr,
                      "read as %s%s; see: faultline %s --help, faultline list "
                      "formats, docs/formats.md\n",
                      format == NULL ? "jsonl" : format->name,
                      input->hint == NULL ? "" : input->hint, input->command);
        if (!input->lenient && fl_reader_cut(input->reader)) {
            (void)fputs("the last line has no end: if a crash cut it off, "
                        "--lenient takes it for the end\n",
                        stderr);
        }
    }
}

struct fl_history *input_next(struct input *input, struct fl_header *header)
{
    struct fl_history *h = NULL;
    struct fl_error error = {0};
    assert(input->reader != NULL);
    enum fl_status status = fl_reader_next(input->reader, &h, header, &error);
    if (status != FL_OK) {
        input_complain(input, status, &error);
        return NULL;
    }
    const struct fl_format *format = fl_reader_format(input->reader);
    assert(format != NULL);
    /* once: where several may come, at the end; else with the only one */
    bool is_over = format->holds_several ? h == NULL : h != NULL;
    if (is_over && fl_reader_truncated(input->reader)) {
        input_warn_truncated(input);
    }
    return h;
}
