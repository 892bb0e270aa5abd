/*
 * Output streams by format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/output.h"
#include "cli/options.h"
#include "harness/report/jsonl.h"
#include "harness/report/junit.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const char *const names[OUTPUTS] = {"text", "jsonl", "junit"};

/* Which format `word` begins with; *path is what follows '=', or NULL. */
static enum output_kind read_format(const char *word, const char **path)
{
    size_t size = strcspn(word, "=");
    *path = word[size] == '=' ? word + size + 1 : NULL;
    uint32_t i = 0;
    while (i < OUTPUTS &&
           (strlen(names[i]) != size || strncmp(names[i], word, size) != 0)) {
        i++;
    }
    return (enum output_kind)i;
}

static enum code open_format(struct output *output, const char *command,
                             const char *word)
{
    const char *path = NULL;
    enum output_kind kind = read_format(word, &path);
    if (kind == OUTPUTS) {
        return options_complain(
            command,
            "--format %s: unknown format; say text, jsonl or junit, or "
            "with a file: junit=FILE",
            word);
    }
    if (output->stream[kind] != NULL || (path != NULL && path[0] == '\0')) {
        return options_complain(command, "--format %s: %s", word,
                                output->stream[kind] != NULL
                                    ? "given twice"
                                    : "no file behind '='");
    }
    assert(kind < OUTPUTS);
    output->path[kind] = path;
    output->stream[kind] = path == NULL ? stdout : fopen(path, "w");
    if (output->stream[kind] == NULL) {
        (void)fprintf(stderr, "faultline: cannot write %s: %s\n", path,
                      strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        return CODE_IO;
    }
    return CODE_PASS;
}

enum code output_open(struct output *output, const char *command,
                      const char *const *formats)
{
    assert(output != NULL && command != NULL);
    *output = (struct output){0};
    bool to_stdout = false;
    for (uint32_t i = 0; formats != NULL && formats[i] != NULL; i++) {
        enum code code = open_format(output, command, formats[i]);
        if (code != CODE_PASS) {
            (void)output_close(output);
            return code;
        }
        if (strchr(formats[i], '=') == NULL) {
            if (to_stdout) {
                (void)output_close(output);
                return options_complain(
                    command, "--format: two formats for standard output; "
                             "give one a file: junit=FILE");
            }
            to_stdout = true;
        }
    }
    if (!to_stdout && output->stream[OUTPUT_TEXT] == NULL) {
        output->stream[OUTPUT_TEXT] = stdout; /* people read along */
    }
    return CODE_PASS;
}

void output_scenario(const struct output *output,
                     const struct scenario_summary *summary, bool colour,
                     bool text)
{
    assert(summary->name != NULL);
    FILE *lines = output->stream[OUTPUT_JSONL];
    if (output->stream[OUTPUT_TEXT] != NULL && text) {
        summary_scenario(summary, colour, output->stream[OUTPUT_TEXT]);
        (void)fflush(output->stream[OUTPUT_TEXT]);
    }
    if (lines != NULL) {
        for (uint32_t i = 0; i < summary->failures_count; i++) {
            jsonl_failure(summary, &summary->failures[i], lines);
        }
        jsonl_scenario(summary, lines);
        (void)fflush(lines);
    }
}

void output_campaign(const struct output *output,
                     const struct campaign_summary *campaign, bool colour)
{
    if (output->stream[OUTPUT_TEXT] != NULL) {
        summary_campaign(campaign, colour, output->stream[OUTPUT_TEXT]);
    }
    if (output->stream[OUTPUT_JSONL] != NULL) {
        jsonl_campaign(campaign, output->stream[OUTPUT_JSONL]);
    }
    if (output->stream[OUTPUT_JUNIT] != NULL) {
        junit_write(campaign, output->stream[OUTPUT_JUNIT]);
    }
}

enum code output_close(struct output *output)
{
    assert(output != NULL);
    enum code code = CODE_PASS;
    for (uint32_t i = 0; i < OUTPUTS; i++) {
        FILE *stream = output->stream[i];
        output->stream[i] = NULL;
        if (stream == NULL || stream == stdout) {
            continue;
        }
        bool failed = ferror(stream) != 0;
        if (fclose(stream) != 0 || failed) {
            (void)fprintf(stderr, "faultline: cannot write %s: %s\n",
                          output->path[i],
                          strerror(errno)); // NOLINT(concurrency-mt-unsafe)
            code = CODE_IO;
        }
    }
    return code;
}
