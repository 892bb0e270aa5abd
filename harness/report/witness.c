/*
 * The witness of a pass, in words: in which order the operations can have
 * taken effect, and the state after each.
 *
 * The states are those of the sequential specification along the order; where
 * that may go several ways they are not told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/report/explain.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    SHOWN_MAX = 40, /* operations of a text that is not full */
    STATE_ALIGN = 16,
    LINE_MAX_BYTES = 4 * FL_TEXT_MAX
};

/* A walk along the order. */
struct walk {
    const struct report_witness *witness;
    struct fl_space space;
    void *state; /* NULL: states are not told */
    size_t size;
    uint32_t at; /* how many were taken */
    char text[FL_TEXT_MAX];
};

static void begin_walk(struct walk *w, const struct report_witness *witness)
{
    const struct fl_history *h = witness->history;
    *w = (struct walk){.witness = witness};
    assert(h->model != NULL);
    if (h->model->ways != NULL || h->model->by_client) {
        return;
    }
    fl_space_init(&w->space, h);
    fl_space_limit(&w->space, witness->options->capacity,
                   witness->options->relax);
    w->state = calloc(fl_state_max(&w->space) / STATE_ALIGN + 1, STATE_ALIGN);
    if (w->state != NULL) {
        w->size = fl_state_start(&w->space, w->state);
    }
}

/* Takes the next operation; the state after it, or NULL. */
static const char *step_walk(struct walk *w, uint32_t *operation)
{
    *operation = w->witness->order[w->at];
    w->at++;
    const struct fl_operation *op =
        &w->witness->history->operations[*operation];
    if (w->state == NULL ||
        !fl_state_accepts(&w->space, w->state, &w->size, op)) {
        free(w->state);
        w->state = NULL;
        return NULL;
    }
    return fl_state_describe(&w->space, w->state, w->size, w->text,
                             sizeof(w->text));
}

static void end_walk(struct walk *w)
{
    free(w->state);
}

/* Whether the operation at place `k` is told: the ends of a long order. */
static bool is_shown(const struct report_witness *witness, uint32_t k)
{
    return witness->full || witness->order_count <= SHOWN_MAX ||
           k < SHOWN_MAX / 2 || k + SHOWN_MAX / 2 >= witness->order_count;
}

/* "c1 pop() = 3" */
static const char *describe(const struct report_witness *witness, uint32_t i,
                            char text[LINE_MAX_BYTES])
{
    const struct fl_history *h = witness->history;
    const struct fl_operation *op = &h->operations[i];
    char call[FL_TEXT_MAX];
    char answer[FL_TEXT_MAX];
    char key[FL_TEXT_MAX];
    fl_describe_call(h, op, call, sizeof(call));
    fl_describe_result(h, op->fn, op->result, answer, sizeof(answer));
    fl_describe_key(h, op->key, key, sizeof(key));
    bool told =
        op->ret != FL_OPEN && h->model->types[op->fn].result != FL_KIND_VOID;
    (void)snprintf(text, LINE_MAX_BYTES, "c%" PRIu32 " %s%s%s%s%s%s",
                   op->client, key, key[0] == '\0' ? "" : ": ", call,
                   told ? " = " : "", told ? answer : "",
                   op->ret == FL_OPEN ? " (no answer)" : "");
    return text;
}

void report_witness_text(const struct report_witness *witness, FILE *out)
{
    struct walk w;
    char text[LINE_MAX_BYTES];
    (void)fprintf(out,
                  "  WITNESS  %s: an order in which all can have taken "
                  "effect\n",
                  witness->name);
    begin_walk(&w, witness);
    for (uint32_t k = 0; k < witness->order_count; k++) {
        uint32_t i;
        const char *state = step_walk(&w, &i);
        if (is_shown(witness, k)) {
            (void)fprintf(out, "    #%-4" PRIu32 " %-36s  %s\n", k + 1,
                          describe(witness, i, text),
                          state == NULL ? "" : state);
        } else if (k == SHOWN_MAX / 2) {
            (void)fprintf(out,
                          "    ...   %" PRIu32 " more   (--full shows "
                          "every one)\n",
                          witness->order_count - SHOWN_MAX);
        }
    }
    end_walk(&w);
    (void)fputc('\n', out);
}

void report_witness_markdown(const struct report_witness *witness, FILE *out)
{
    struct walk w;
    char text[LINE_MAX_BYTES];
    (void)fputs("# ", out);
    markdown_words(witness->name, out);
    (void)fprintf(out,
                  ": pass\n\nModel `%s`, criterion `%s`. An order in which all "
                  "can have taken effect:\n\n| | operation | state |\n"
                  "|---|---|---|\n",
                  witness->history->model->name,
                  fl_criterion_name(witness->options->criterion));
    begin_walk(&w, witness);
    for (uint32_t k = 0; k < witness->order_count; k++) {
        uint32_t i;
        const char *state = step_walk(&w, &i);
        if (is_shown(witness, k)) {
            (void)fprintf(out, "| %" PRIu32 " | ", k + 1);
            markdown_code(describe(witness, i, text), out);
            (void)fputs(" | ", out);
            if (state != NULL) {
                markdown_code(state, out);
            }
            (void)fputs(" |\n", out);
        } else if (k == SHOWN_MAX / 2) {
            (void)fprintf(out, "| ... | %" PRIu32 " more | |\n",
                          witness->order_count - SHOWN_MAX);
        }
    }
    end_walk(&w);
    (void)fputc('\n', out);
}

void report_witness_json(const struct report_witness *witness, struct json *j)
{
    struct walk w;
    char text[LINE_MAX_BYTES];
    json_open(j, "witness", '[');
    begin_walk(&w, witness);
    for (uint32_t k = 0; k < witness->order_count; k++) {
        uint32_t i;
        const char *state = step_walk(&w, &i);
        json_open(j, NULL, '{');
        json_unsigned(j, "operation", i);
        json_text(j, "text", describe(witness, i, text));
        json_unsigned(j, "line", witness->history->operations[i].line);
        json_text(j, "state", state);
        json_close(j);
    }
    end_walk(&w);
    json_close(j);
}
