/*
 * What `check` prints of a history: a line for people, a line of JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/check.h"
#include "cli/decider.h"
#include "harness/report/json.h"

#include <assert.h>
#include <inttypes.h>

static uint32_t count_open(const struct fl_history *h)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        count += h->operations[i].ret == FL_OPEN;
    }
    return count;
}

static const char *exhausted_name(enum fl_exhausted exhausted)
{
    switch (exhausted) {
    case FL_WITHIN:
        return "no budget";
    case FL_NODES:
        return "the state budget";
    case FL_BYTES:
        return "the memory budget";
    case FL_TIME:
        return "the time budget";
    }
    return "a budget";
}

/* What was found out beside the verdict. */
static void print_more(const struct decision_of *d, FILE *out)
{
    char text[FL_UNSUITED_MAX];
    assert(d->weaker_count == 0 || d->lattice != NULL);
    if (d->relaxation != NULL) {
        relaxation_describe(d->relaxation, text, sizeof(text));
        (void)fprintf(out, "  %s\n", text);
    }
    if (d->lattice != NULL) {
        lattice_print(d->history, d->lattice, out);
        for (uint32_t i = 0; i < d->weaker_count; i++) {
            (void)fprintf(out, "    %-18s %s\n", fl_weakenings[i]->name,
                          verdict_word(d->weaker[i]));
        }
    } else if (!fl_criterion_suits(d->history, d->options.criterion, text)) {
        (void)fprintf(out, "  %s: %s\n",
                      fl_criterion_name(d->options.criterion), text);
    }
    if (d->window != NULL) {
        window_print(d->history, d->window, out);
    }
}

/* The same as members. */
static void print_more_json(const struct decision_of *d, struct json *j)
{
    if (d->lattice != NULL) {
        lattice_json(d->lattice, j);
        json_open(j, "weaker_forms", '{');
        for (uint32_t i = 0; i < d->weaker_count; i++) {
            json_text(j, fl_weakenings[i]->name, fl_verdict_name(d->weaker[i]));
        }
        json_close(j);
    }
    if (d->relaxation != NULL) {
        relaxation_json(d->relaxation, j);
    }
    if (d->window != NULL) {
        window_json(d->window, j);
    }
    json_open(j, "drawings", '[');
    for (int v = 0; v < TELL_VIEWS; v++) {
        if (d->drawings[v][0] != '\0') {
            json_text(j, NULL, d->drawings[v]);
        }
    }
    json_close(j);
}

void check_print_line(const struct decision_of *d, FILE *out)
{
    assert(d->result != NULL && d->header != NULL);
    const struct fl_result *result = d->result;
    (void)fprintf(out, "%-12s  %s:%" PRIu32, fl_verdict_name(result->verdict),
                  d->path, d->header->line);
    if (d->header->id[0] != '\0') {
        (void)fprintf(out, "  %s", d->header->id);
    }
    (void)fprintf(out,
                  "  %s, %s, %" PRIu32 " operations, %" PRIu32 " open, %" PRIu64
                  " states, %" PRIu64 " ms",
                  d->history->model->name,
                  fl_criterion_name(d->options.criterion), d->history->count,
                  count_open(d->history), result->nodes, d->milliseconds);
    char split[80];
    decider_split(d->history, result, split, sizeof(split));
    (void)fprintf(out, "%s%s", split[0] == '\0' ? "" : ", ", split);
    if (d->format != fl_formats[0]) {
        (void)fprintf(out, ", read as %s", d->format->name);
    }
    if (result->verdict == FL_INCONCLUSIVE) {
        (void)fprintf(out,
                      "; %s ran out, give more with --max-states or "
                      "--time-budget",
                      exhausted_name(result->exhausted));
    }
    (void)fputc('\n', out);
    if (result->pattern[0] != '\0') {
        (void)fprintf(out, "  pattern: %s\n", result->pattern);
    }
    print_more(d, out);
}

void check_print_json(const struct decision_of *d, FILE *out)
{
    assert(d->result != NULL && d->header != NULL);
    struct json j;
    json_init(&j, out, 0);
    json_open(&j, NULL, '{');
    json_text(&j, "event", "history");
    json_unsigned(&j, "schema", 1);
    json_text(&j, "file", d->path);
    json_unsigned(&j, "line", d->header->line);
    json_text(&j, "id", d->header->id[0] == '\0' ? NULL : d->header->id);
    json_text(&j, "format", d->format->name);
    json_text(&j, "model", d->history->model->name);
    json_text(&j, "criterion", fl_criterion_name(d->options.criterion));
    json_bool(&j, "all_criteria", d->lattice != NULL);
    json_unsigned(&j, "operations", d->history->count);
    json_unsigned(&j, "open", count_open(d->history));
    json_text(&j, "verdict", fl_verdict_name(d->result->verdict));
    json_text(&j, "expect",
              d->header->expect < 0
                  ? NULL
                  : fl_verdict_name((enum fl_verdict)d->header->expect));
    json_unsigned(&j, "states", d->result->nodes);
    json_text(&j, "decider", d->result->decider);
    json_unsigned(&j, "partitions", d->result->partitions);
    json_text(&j, "split", decider_split_by(d->history, d->result));
    json_unsigned(&j, "cuts", d->result->cuts);
    json_text(&j, "pattern",
              d->result->pattern[0] == '\0' ? NULL : d->result->pattern);
    json_unsigned(&j, "configurations", d->result->entries);
    json_unsigned(&j, "parse_ns", d->parse_ns);
    json_unsigned(&j, "check_ns", d->check_ns);
    json_unsigned(&j, "milliseconds", d->milliseconds);
    print_more_json(d, &j);
    json_close(&j);
}
