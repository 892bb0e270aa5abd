/*
 * Criteria, orders and losses in words and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/lattice.h"
#include "checker/draw/scene.h"

#include <assert.h>
#include <inttypes.h>

static const char *name_of(int criterion)
{
    assert(criterion >= 0 && criterion < FL_CRITERIA);
    return fl_criterion_name((enum fl_criterion)criterion);
}

const char *verdict_word(enum fl_verdict verdict)
{
    switch (verdict) {
    case FL_PASS:
        return "holds";
    case FL_VIOLATION:
        return "fails";
    case FL_INCONCLUSIVE:
        return "not known";
    }
    return "not known";
}

void relaxation_describe(const struct fl_relaxation *r, char *text, size_t max)
{
    assert(r->applies && max > 0);
    if (r->verdict == FL_VIOLATION) {
        (void)snprintf(text, max,
                       "no order explains it, however far out of order a "
                       "removal may be");
    } else if (r->verdict == FL_PASS && r->passes == 1) {
        (void)snprintf(text, max,
                       "in order: k = 1, a removal takes the value "
                       "that is next");
    } else if (r->verdict == FL_PASS) {
        (void)snprintf(text, max,
                       "out of order by k = %" PRIu32 ": a removal takes one "
                       "of the %" PRIu32 " values that are next; with %" PRIu32
                       " no order exists",
                       r->passes, r->passes, r->passes - 1);
    } else if (r->passes == FL_OPEN) {
        (void)snprintf(text, max,
                       "out of order by more than k = %" PRIu32
                       "; a budget ran out before the least k was found",
                       r->fails);
    } else {
        (void)snprintf(text, max,
                       "out of order by more than k = %" PRIu32
                       " and at most %" PRIu32
                       "; a budget ran out before the least k was found",
                       r->fails, r->passes);
    }
}

static void print_standing(const struct fl_lattice *l, uint32_t c, FILE *out)
{
    const struct fl_standing *s = &l->standing[c];
    (void)fprintf(out, "    %-17s ", name_of((int)c));
    if (!s->applies) {
        (void)fprintf(out, "does not apply: %s\n", s->unsuited);
    } else if (s->inferred) {
        (void)fprintf(out, "%-10s since %s does\n", verdict_word(s->verdict),
                      name_of((int)s->from));
    } else {
        (void)fprintf(out, "%-10s %" PRIu64 " states, by %s\n",
                      verdict_word(s->verdict), s->nodes, s->decider);
    }
}

void lattice_print(const struct fl_history *h, const struct fl_lattice *l,
                   FILE *out)
{
    assert(h->model != NULL);
    (void)fprintf(out, "  strongest criterion that holds: %s",
                  l->strongest < 0 ? "none" : name_of(l->strongest));
    const char *gap = "; besides it ";
    for (int c = 0; c < FL_CRITERIA; c++) {
        if (l->beside[c]) {
            (void)fprintf(out, "%s%s", gap, name_of(c));
            gap = ", ";
        }
    }
    (void)fprintf(out, "\n  next one that fails: %s\n",
                  l->failing < 0 ? "none" : name_of(l->failing));
    for (uint32_t c = 0; c < FL_CRITERIA; c++) {
        print_standing(l, c, out);
    }
    if (l->relaxation.applies) {
        char text[200];
        relaxation_describe(&l->relaxation, text, sizeof(text));
        (void)fprintf(out, "    %-17s %s\n", "k_relaxed", text);
    } else {
        (void)fprintf(out,
                      "    %-17s does not apply: model %s has no form that may "
                      "be out of order\n",
                      "k_relaxed", h->model->name);
    }
}

void relaxation_json(const struct fl_relaxation *r, struct json *j)
{
    char text[200];
    if (!r->applies) {
        json_none(j, "relaxation");
        return;
    }
    relaxation_describe(r, text, sizeof(text));
    json_open(j, "relaxation", '{');
    json_text(j, "model", r->model->name);
    json_text(j, "verdict", fl_verdict_name(r->verdict));
    if (r->verdict == FL_PASS) {
        json_unsigned(j, "k", r->passes);
    } else {
        json_none(j, "k");
    }
    json_unsigned(j, "fails_with", r->fails);
    json_text(j, "text", text);
    json_unsigned(j, "states", r->nodes);
    json_close(j);
}

static void standing_json(const struct fl_standing *s, const char *name,
                          struct json *j)
{
    json_open(j, name, '{');
    json_bool(j, "applies", s->applies);
    if (!s->applies) {
        json_text(j, "why_not", s->unsuited);
    } else {
        json_text(j, "verdict", fl_verdict_name(s->verdict));
        json_text(j, "inferred_from",
                  s->inferred ? fl_criterion_name(s->from) : NULL);
        json_unsigned(j, "states", s->nodes);
        json_text(j, "decider", s->decider);
    }
    json_close(j);
}

void lattice_json(const struct fl_lattice *l, struct json *j)
{
    assert(l->strongest < FL_CRITERIA && l->failing < FL_CRITERIA);
    json_text(j, "strongest", l->strongest < 0 ? NULL : name_of(l->strongest));
    json_open(j, "besides", '[');
    for (int c = 0; c < FL_CRITERIA; c++) {
        if (l->beside[c]) {
            json_text(j, NULL, name_of(c));
        }
    }
    json_close(j);
    json_text(j, "next_failing", l->failing < 0 ? NULL : name_of(l->failing));
    json_open(j, "criteria", '{');
    for (int c = 0; c < FL_CRITERIA; c++) {
        standing_json(&l->standing[c], name_of(c), j);
    }
    json_close(j);
    relaxation_json(&l->relaxation, j);
}

/* "more than 12 ms" for a bound in time; nothing if it is not known. */
static void print_time(const struct fl_loss_window *w, uint64_t ns, FILE *out)
{
    if (w->timed) {
        char text[32];
        (void)fprintf(out, ", %s%s", w->together > 0 ? "more than " : "",
                      fl_scene_time(ns, text));
    }
}

/* One crash, and what it must have lost. */
static void print_loss(const struct fl_history *h,
                       const struct fl_loss_window *w, uint32_t c, FILE *out)
{
    assert(c < w->count);
    const struct fl_loss *loss = &w->losses[c];
    assert(loss->oldest == FL_OPEN || loss->oldest < h->count);
    char call[FL_TEXT_MAX];
    (void)fprintf(out, "    the crash at event %" PRIu32 " lost ", loss->at);
    if (loss->oldest == FL_OPEN) {
        (void)fputs("nothing that had returned, for all one can see\n", out);
        return;
    }
    const struct fl_operation *op = &h->operations[loss->oldest];
    (void)fprintf(out,
                  "at least %" PRIu32 " operation%s that had returned, the "
                  "oldest no later than c%" PRIu32 " %s at event %" PRIu32,
                  loss->least, loss->least == 1 ? "" : "s", op->client,
                  fl_describe_call(h, op, call, sizeof(call)), op->ret);
    if (w->timed) {
        char text[32];
        (void)fprintf(out, ", %s before it", fl_scene_time(loss->ns, text));
    }
    (void)fputc('\n', out);
}

void window_print(const struct fl_history *h, const struct fl_loss_window *w,
                  FILE *out)
{
    if (w->verdict == FL_VIOLATION) {
        (void)fputs("  loss window: none; no loss, however great, explains "
                    "it\n",
                    out);
        return;
    }
    if (w->verdict == FL_INCONCLUSIVE) {
        (void)fputs("  loss window: not known; a budget ran out\n", out);
        return;
    }
    (void)fprintf(out, "  loss window: %" PRIu32 " operation%s", w->together,
                  w->together == 1 ? "" : "s");
    print_time(w, w->together_ns, out);
    (void)fputs(", the least max_loss that holds at every crash\n", out);
    for (uint32_t c = 0; c < w->count; c++) {
        print_loss(h, w, c, out);
    }
}

void window_json(const struct fl_loss_window *w, struct json *j)
{
    assert(w != NULL);
    json_open(j, "loss_window", '{');
    json_text(j, "verdict", fl_verdict_name(w->verdict));
    if (w->verdict == FL_PASS) {
        json_unsigned(j, "operations", w->together);
        if (w->timed) {
            json_unsigned(j, "ns", w->together_ns);
        } else {
            json_none(j, "ns");
        }
    }
    json_open(j, "crashes", '[');
    for (uint32_t c = 0; c < w->count && w->verdict == FL_PASS; c++) {
        const struct fl_loss *loss = &w->losses[c];
        json_open(j, NULL, '{');
        json_unsigned(j, "at", loss->at);
        json_unsigned(j, "operations", loss->least);
        if (loss->oldest == FL_OPEN) {
            json_none(j, "oldest");
        } else {
            json_unsigned(j, "oldest", loss->oldest);
        }
        if (w->timed) {
            json_unsigned(j, "ns", loss->ns);
        } else {
            json_none(j, "ns");
        }
        json_close(j);
    }
    json_close(j);
    json_close(j);
}
