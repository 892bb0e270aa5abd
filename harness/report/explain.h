/*
 * Explanations for other eyes than a terminal's: Markdown for issues and
 * reviews, JSON for programs; and the witness of a pass in all three.
 *
 * What they say is what the terminal report says, read off the same record.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_EXPLAIN_H
#define HX_EXPLAIN_H

#include "harness/report/json.h"
#include "harness/report/report.h"

/* A pass: the order that proves it. */
struct report_witness {
    const char *name; /* of the history: "queue-17", "history.jsonl" */
    const struct fl_history *history;
    const struct fl_options *options; /* that it passed under */
    const uint32_t *order;            /* operation indices */
    uint32_t order_count;
    bool full; /* leave nothing out */
};

/* WHY, as Markdown: history, longest legal prefix, what had to be answered in
 * each reachable state, the invariant, and the proof up to 60 configurations.
 */
void report_markdown(const struct fl_record *record, FILE *out);

/* The same as members of the open object `j`; the proof is whole or, above 60
 * configurations, the prefix and what is next to it. */
void report_explanation(const struct fl_record *record, struct json *j);

/* Parts of it, wherever they stand: the longest legal prefix with the state
 * after each operation, as the array `name`; of configuration `c`, which
 * operations are done, and which are refused there and why. */
void report_prefix_json(const struct fl_explanation *e, const char *name,
                        struct json *j);
void report_done_json(const struct fl_explanation *e, uint32_t c,
                      uint32_t operations, struct json *j);
void report_refused_json(const struct fl_explanation *e, uint32_t c,
                         struct json *j);

/* The witness: as text, as Markdown, as members of the open object `j`. */
void report_witness_text(const struct report_witness *witness, FILE *out);
void report_witness_markdown(const struct report_witness *witness, FILE *out);
void report_witness_json(const struct report_witness *witness, struct json *j);

/* The configurations of a proof that are shown (flags, one each): all of up to
 * 60, else the end of the prefix and what branches off it.  How many. */
uint32_t report_choose(const struct fl_explanation *explanation, bool *shown);

/* Writes `text` as code in Markdown, whatever is in it; within a table cell. */
void markdown_code(const char *text, FILE *out);

/* Writes `text` as plain words in Markdown, within a table cell. */
void markdown_words(const char *text, FILE *out);

#endif
