/*
 * WHY, as Markdown: as GitHub and CommonMark with tables read it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "harness/report/explain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FENCE_MAX = 16 /* backticks around code that has backticks */
};

/* Writes `text` for a table cell: no line ends, no bars. */
static void write_cell(const char *text, const char *escaped, FILE *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool is_control = (unsigned char)*at < ' ' || *at == 0x7f;
        if (strchr(escaped, *at) != NULL) {
            (void)fputc('\\', out);
        }
        (void)fputc(is_control ? ' ' : *at, out);
    }
}

void markdown_words(const char *text, FILE *out)
{
    write_cell(text, "\\`*_{}[]<>#|~", out);
}

void markdown_code(const char *text, FILE *out)
{
    size_t longest = 0;
    size_t run = 0;
    for (const char *at = text; *at != '\0'; at++) {
        run = *at == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    if (longest >= FENCE_MAX) {
        markdown_words(text, out);
        return;
    }
    char fence[FENCE_MAX + 2];
    memset(fence, '`', longest + 1);
    fence[longest + 1] = '\0';
    /* A text that begins or ends with a backtick needs room. */
    const char *gap = longest > 0 || text[0] == '\0' ? " " : "";
    (void)fprintf(out, "%s%s", fence, gap);
    write_cell(text, "|", out);
    (void)fprintf(out, "%s%s", gap, fence);
}

/* "c1 enqueue(2)" */
static void write_call(const struct fl_record *record, uint32_t i, FILE *out)
{
    char name[16];
    char call[FL_TEXT_MAX];
    char text[2 * FL_TEXT_MAX];
    const struct fl_operation *op = &record->history->operations[i];
    (void)snprintf(text, sizeof(text), "%s %s",
                   fl_scene_lane(record, op->client, name),
                   fl_describe_call(record->history, op, call, sizeof(call)));
    markdown_code(text, out);
}

static void write_head(const struct fl_record *record, FILE *out)
{
    const struct fl_record_shrink *shrink = &record->shrink;
    (void)fputs("# ", out);
    markdown_words(record->scenario, out);
    (void)fputs(": ", out);
    markdown_words(record->verdict, out);
    (void)fputs("\n\n", out);
    if (record->subject != NULL) {
        (void)fputs("Model ", out);
        markdown_code(record->subject, out);
        (void)fputs(". ", out);
    }
    if (shrink->operations_before > 0) {
        (void)fprintf(
            out, "The smallest part that fails: %u of %u operations%s.",
            shrink->operations_after, shrink->operations_before,
            shrink->complete ? "; without any one of them it would pass"
                             : "; the budget ran out before nothing more could "
                               "be left out");
    }
    (void)fputs("\n\n", out);
}

/* One row of the history. */
static void write_operation(const struct fl_record *record, uint32_t i,
                            FILE *out)
{
    const struct fl_operation *op = &record->history->operations[i];
    const struct fl_explanation *e = record->explanation;
    uint32_t number = fl_scene_number(record, i);
    char name[16];
    char text[FL_TEXT_MAX];
    (void)fprintf(out, "| %u | ", i);
    markdown_words(fl_scene_lane(record, op->client, name), out);
    (void)fputs(" | ", out);
    markdown_code(fl_describe_call(record->history, op, text, sizeof(text)),
                  out);
    if (op->ret == FL_OPEN) {
        (void)fprintf(out, " | no answer | %u | | ", op->call);
    } else {
        (void)fputs(" | ", out);
        markdown_code(fl_describe_result(record->history, op->fn, op->result,
                                         text, sizeof(text)),
                      out);
        (void)fprintf(out, " | %u | %u | ", op->call, op->ret);
    }
    if (number > 0) {
        (void)fprintf(out, "\\#%u | ", number);
        markdown_code(e->prefix_states[number - 1], out);
    } else if (fl_scene_is_stuck(record, i)) {
        (void)fputs("**stuck** | ", out);
        if (e->must[0] != '\0') {
            (void)fputs("must be ", out);
            markdown_code(e->must, out);
        }
    } else {
        (void)fputs("| ", out);
    }
    (void)fputs(" |\n", out);
}

static void write_history(const struct fl_record *record, FILE *out)
{
    const struct fl_history *h = record->history;
    (void)fputs("## History\n\n"
                "| | client | call | answer | called | returned | order | "
                "state |\n"
                "|---|---|---|---|---|---|---|---|\n",
                out);
    for (uint32_t i = 0; i < h->count; i++) {
        write_operation(record, i, out);
    }
    (void)fputc('\n', out);
    uint32_t crashes = 0;
    for (uint32_t k = 0; k < h->events_count; k++) {
        if (h->events[k].kind == FL_EVENT_CRASH_ALL) {
            (void)fprintf(out, "- everybody crashed at event %u\n",
                          h->events[k].at);
            crashes++;
        }
    }
    (void)fputs(crashes > 0 ? "\n" : "", out);
}

static void write_prefix(const struct fl_record *record, FILE *out)
{
    const struct fl_explanation *e = record->explanation;
    (void)fprintf(out,
                  "Longest legal prefix, %u of %u completed operations, from "
                  "state ",
                  e->prefix_returned, e->returned_count);
    markdown_code(e->start_state, out);
    (void)fputs(e->prefix_count == 0 ? ": none.\n\n" : ":\n\n", out);
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        (void)fprintf(out, "%u. ", k + 1);
        write_call(record, e->prefix[k], out);
        (void)fputs(", state ", out);
        markdown_code(e->prefix_states[k], out);
        (void)fputc('\n', out);
    }
    (void)fputs(e->prefix_count == 0 ? "" : "\n", out);
    for (uint32_t k = 0; k < e->crashes_count; k++) {
        const struct fl_crash_loss *crash = &e->crashes[k];
        (void)fprintf(out, "- The crash at event %u lost ", crash->at);
        markdown_words(
            crash->lost > 0 ? crash->what : "nothing that had returned", out);
        (void)fputs("; what is left is ", out);
        markdown_code(crash->state, out);
        (void)fputc('\n', out);
    }
    (void)fputs(e->crashes_count == 0 ? "" : "\n", out);
}

static void write_stuck(const struct fl_record *record, FILE *out)
{
    const struct fl_explanation *e = record->explanation;
    (void)fputs("Next, ", out);
    write_call(record, e->stuck, out);
    if (e->must[0] == '\0') {
        (void)fputs(" is not possible", out);
    } else {
        (void)fputs(" must return ", out);
        markdown_code(e->must, out);
    }
    (void)fputs(". It returned ", out);
    markdown_code(e->got, out);
    if (e->must_all[0] != '\0') {
        (void)fputs("; in every reachable state where it could be next it had "
                    "to return ",
                    out);
        markdown_words(e->must_all, out);
    }
    (void)fputs(".\n\n", out);
}

/* Why no other reachable state helps. */
static void write_reasons(const struct fl_record *record, FILE *out)
{
    const struct fl_explanation *e = record->explanation;
    if (e->reasons_count == 0) {
        return;
    }
    (void)fputs("| other state | when | why it does not help |\n"
                "|---|---|---|\n",
                out);
    for (uint32_t k = 0; k < e->reasons_count; k++) {
        const struct fl_reason *reason = &e->reasons[k];
        (void)fputs("| ", out);
        markdown_code(reason->state, out);
        (void)fputs(" | ", out);
        markdown_words(reason->when, out);
        (void)fputs(" | ", out);
        write_call(record, reason->by, out);
        if (!reason->enabled) {
            (void)fputs(" had not been called yet |\n", out);
        } else if (reason->must[0] == '\0') {
            (void)fputs(" is not possible |\n", out);
        } else {
            (void)fputs(" must return ", out);
            markdown_code(reason->must, out);
            (void)fputs(" |\n", out);
        }
    }
    if (e->reasons_others > 0) {
        (void)fprintf(out, "| and %u others | | |\n", e->reasons_others);
    }
    (void)fputc('\n', out);
}

/* One configuration, and what is next in it or refused. */
static void write_configuration(const struct fl_record *record, uint32_t c,
                                FILE *out)
{
    const struct fl_explanation *e = record->explanation;
    const char *gap = "";
    (void)fprintf(out, "| n%u | ", c);
    markdown_code(e->configurations[c].state, out);
    (void)fputs(" | ", out);
    for (uint32_t k = 0; k < e->edges_count; k++) {
        if (e->edges[k].from != c) {
            continue;
        }
        (void)fputs(gap, out);
        if (e->edges[k].by == FL_OPEN) {
            (void)fputs("crash", out);
        } else {
            write_call(record, e->edges[k].by, out);
        }
        (void)fprintf(out, " to n%u", e->edges[k].to);
        gap = "; ";
    }
    (void)fputs(" | ", out);
    gap = "";
    for (uint32_t k = 0; k < e->refusals_count; k++) {
        if (e->refusals[k].at != c) {
            continue;
        }
        (void)fputs(gap, out);
        write_call(record, e->refusals[k].by, out);
        if (e->refusals[k].must[0] == '\0') {
            (void)fputs(" is not possible", out);
        } else {
            (void)fputs(" must return ", out);
            markdown_code(e->refusals[k].must, out);
        }
        gap = "; ";
    }
    (void)fputs(" |\n", out);
}

static void write_proof(const struct fl_record *record, FILE *out)
{
    const struct fl_explanation *e = record->explanation;
    bool *shown = calloc(e->configurations_count + 1ul, sizeof(*shown));
    if (shown == NULL) {
        return;
    }
    uint32_t count = report_choose(e, shown);
    (void)fputs("## Proof\n\n", out);
    if (count == e->configurations_count && e->complete) {
        (void)fprintf(out,
                      "Complete: all %u reachable configurations. None is the "
                      "end of the history.\n\n",
                      count);
    } else {
        (void)fprintf(out,
                      "Not a complete proof: %u of %u%s configurations, those "
                      "of the prefix and beside it.\n\n",
                      count, e->configurations_count,
                      e->complete ? "" : " or more");
    }
    (void)fputs("| | state | next | refused |\n|---|---|---|---|\n", out);
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        if (shown[c]) {
            write_configuration(record, c, out);
        }
    }
    (void)fputc('\n', out);
    free(shown);
}

void report_markdown(const struct fl_record *record, FILE *out)
{
    assert(record != NULL && record->history != NULL);
    const struct fl_explanation *e = record->explanation;
    write_head(record, out);
    write_history(record, out);
    if (e == NULL) {
        (void)fputs("## What happened\n\n", out);
        for (uint32_t k = 0; k < record->reason_count; k++) {
            markdown_words(record->reason[k], out);
            (void)fputs("\n\n", out);
        }
        return;
    }
    (void)fputs(e->crashes_count > 0
                    ? "## Why nothing that may have survived explains it\n\n"
                    : "## Why no linearization exists\n\n",
                out);
    write_prefix(record, out);
    write_stuck(record, out);
    write_reasons(record, out);
    if (e->hint[0] != '\0') {
        (void)fputs("**Invariant:** ", out);
        markdown_words(e->hint, out);
        (void)fputs(".\n\n", out);
    }
    write_proof(record, out);
}
