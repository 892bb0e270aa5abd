/*
 * faultline convert: a history in another form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/flow.h"
#include "checker/format/source.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

struct texts {
    struct input_texts input;
    char *to;
    char *output;
    char *history;
    int stream;
};

/* One `convert` command. */
struct conversion {
    struct input input;
    const struct fl_format *to;
    const char *path; /* of the output; NULL: standard output */
    FILE *out;        /* opened with the first history */
    uint64_t wanted;  /* the only history to write; 0: all */
    uint64_t read;
    uint64_t written;
};

static const struct usage usage = {
    .command = "convert",
    .arguments = "HISTORY",
    .about =
        "Writes recorded histories (- is standard input) in another form.  "
        "The form of\nthe input is guessed unless --from says it, that of the "
        "output follows the name\nof its file unless --to says it.  What "
        "each form means: docs/formats.md.",
    .examples =
        "  faultline convert --to edn history.jsonl\n"
        "  faultline convert --from knossos --model register --initial 0 \\\n"
        "      -o history.jsonl store/latest/history.edn\n"
        "  my-log-to-csv app.log | faultline convert --from csv - | "
        "faultline check -\n",
};

/* The format that the name of a file tells, or lines of JSON. */
static const struct fl_format *format_of(const char *path)
{
    const char *dot = path == NULL ? NULL : strrchr(path, '.');
    const struct fl_format *format =
        dot == NULL ? NULL : fl_format_find(dot + 1);
    bool written = format != NULL && format->write != NULL;
    assert(fl_formats[0]->write != NULL);
    return written ? format : fl_formats[0];
}

/* Whether both are one file, which would be lost. */
static bool is_same_file(FILE *in, const char *path)
{
    struct stat a;
    struct stat b;
    assert(in != NULL && path != NULL);
    return fstat(fileno(in), &a) == 0 && stat(path, &b) == 0 &&
           S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool open_output(struct conversion *c)
{
    assert(c->input.file != NULL);
    if (c->out != NULL) {
        return true;
    }
    if (c->path == NULL || strcmp(c->path, "-") == 0) {
        c->out = stdout;
        return true;
    }
    if (is_same_file(c->input.file, c->path)) {
        (void)fprintf(stderr,
                      "faultline convert: %s is the input: say another file\n",
                      c->path);
        c->input.code = CODE_USAGE;
        return false;
    }
    c->out = fopen(c->path, "w");
    if (c->out == NULL) {
        (void)fprintf(stderr, "faultline convert: cannot write %s: %s\n",
                      c->path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        c->input.code = CODE_IO;
    }
    return c->out != NULL;
}

/* Writes one history; false after trouble, which was told. */
static bool write_history(struct conversion *c, const struct fl_history *h,
                          const struct fl_header *header)
{
    assert(c->to->write != NULL);
    if (c->written > 0 && !c->to->holds_several) {
        (void)fprintf(stderr,
                      "faultline convert: %s has several histories, and %s "
                      "holds one: choose with --history N\n",
                      c->input.path, c->to->name);
        c->input.code = CODE_INPUT;
        return false;
    }
    char text[300] = "";
    bool fits =
        c->to->fits == NULL || c->to->fits(h, header, text, sizeof(text));
    if (text[0] != '\0') {
        (void)fprintf(stderr, "faultline convert: %s: %s%s: %s\n",
                      c->input.path, fits ? "" : "not as ", c->to->name, text);
    }
    if (!fits) {
        c->input.code = CODE_INPUT;
        return false;
    }
    if (!open_output(c)) {
        return false;
    }
    assert(c->out != NULL);
    enum fl_status status = c->to->write(c->out, h, header);
    c->written++;
    if (status == FL_OK) {
        return true;
    }
    (void)fprintf(stderr, "faultline convert: %s: %s\n",
                  c->path == NULL ? "<stdout>" : c->path,
                  status == FL_IO          ? "cannot be written whole"
                  : status == FL_NO_MEMORY ? "no memory"
                                           : "this format has no words for "
                                             "zero bytes in a text");
    c->input.code = status == FL_IO          ? CODE_IO
                    : status == FL_NO_MEMORY ? CODE_INTERNAL
                                             : CODE_INPUT;
    return false;
}

/* Closes the output; what is known of it comes into c->input.code. */
static void close_output(struct conversion *c)
{
    if (c->out != NULL && c->out != stdout && fclose(c->out) != 0) {
        (void)fprintf(stderr, "faultline convert: cannot write %s: %s\n",
                      c->path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        c->input.code = code_worse(c->input.code, CODE_IO);
    }
    c->out = NULL;
}

static enum code convert_all(struct conversion *c)
{
    bool more = true;
    assert(c->read == 0 && c->to->write != NULL);
    while (more) {
        struct fl_header header;
        struct fl_history *h = input_next(&c->input, &header);
        if (h == NULL) {
            break;
        }
        c->read++;
        assert(h->model != NULL);
        if (c->wanted == 0 || c->read == c->wanted) {
            more = write_history(c, h, &header);
        }
        fl_history_free(h);
        more = more && (c->wanted == 0 || c->read < c->wanted);
    }
    if (c->input.code == CODE_PASS && c->written == 0) {
        (void)fprintf(stderr,
                      "faultline convert: %s has %" PRIu64 " histories\n",
                      c->input.path, c->read);
        c->input.code = CODE_INPUT;
    }
    close_output(c);
    return c->input.code;
}

/* Converts operation by operation. */
static void convert_stream(struct conversion *c,
                           const struct fl_reading *reading)
{
    struct fl_error error;
    if (!open_output(c)) {
        return;
    }
    struct fl_source source;
    fl_source_init(&source, c->input.file, NULL, 0);
    struct fl_flow flow = {.source = &source, .reading = *reading};
    enum fl_status status = fl_flow_convert(&flow, c->out, c->to, &error);
    fl_source_release(&source);
    c->input.format = flow.reading.format;
    c->input.hint = " as a stream; without --stream the whole is held";
    if (status != FL_OK) {
        input_complain(&c->input, status, &error);
    } else if (flow.truncated) {
        input_warn_truncated(&c->input);
    }
    close_output(c);
}

/* Whether it can be done operation by operation. */
static enum code test_stream(const struct conversion *c, const struct texts *t)
{
    if (t->history != NULL) {
        return options_complain("convert", "--stream takes all histories: "
                                           "leave out --history");
    }
    if (!fl_flow_can(c->to)) {
        return options_complain("convert",
                                "--stream writes jsonl and csv; %s "
                                "needs the whole history",
                                c->to->name);
    }
    return CODE_PASS;
}

static enum code convert_file(const struct texts *t,
                              const struct arguments *arguments)
{
    struct conversion c = {.path = t->output};
    struct fl_reading reading;
    if (arguments->count != 1) {
        return options_complain("convert", arguments->count == 0
                                               ? "no history; - is standard "
                                                 "input"
                                               : "one history at a time");
    }
    if (t->history != NULL &&
        !options_number(t->history, 1, UINT32_MAX, &c.wanted)) {
        return options_complain("convert", "--history %s: say a number from 1",
                                t->history);
    }
    c.to = t->to == NULL ? format_of(t->output)
                         : input_format("convert", "--to", t->to, true);
    if (c.to == NULL) {
        return CODE_USAGE;
    }
    enum code code = input_reading("convert", "--from", &t->input, &reading);
    if (code == CODE_PASS && t->stream != 0) {
        code = test_stream(&c, t);
    }
    if (code != CODE_PASS) {
        return code;
    }
    if (input_open(&c.input, "convert", arguments->word[0], &reading)) {
        if (t->stream != 0) {
            convert_stream(&c, &reading);
        } else {
            (void)convert_all(&c);
        }
    }
    input_close(&c.input);
    return c.input.code;
}

static int convert_main(int count, const char **words)
{
    struct texts t = {0};
    const struct poptOption table[] = {
        {"from", 'f', POPT_ARG_STRING, &t.input.format, 0,
         "the form of the input: see 'faultline list formats'", "FORMAT"},
        {"to", 't', POPT_ARG_STRING, &t.to, 0,
         "the form of the output, of those that are listed", "FORMAT"},
        {"output", 'o', POPT_ARG_STRING, &t.output, 0, "write to this file",
         "FILE"},
        {"model", 'm', POPT_ARG_STRING, &t.input.model, 0,
         "the specification: see 'faultline list models'", "MODEL"},
        {"initial", '\0', POPT_ARG_STRING, &t.input.initial, 0,
         "what the object holds at first", "NUMBER"},
        {"history", '\0', POPT_ARG_STRING, &t.history, 0,
         "only this one of several, counted from 1", "N"},
        {"stream", '\0', POPT_ARG_NONE, &t.stream, 0,
         "write jsonl or csv as it is read, for what is larger than memory",
         NULL},
        {"lenient", '\0', POPT_ARG_NONE, &t.input.lenient, 0,
         "take a last line that is cut off for the end", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    if (state == OPTIONS_READ) {
        code = convert_file(&t, &arguments);
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_convert = {
    .name = "convert",
    .about = "write a history in another form",
    .main = convert_main,
};
