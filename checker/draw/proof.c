/*
 * The proof: every configuration that can be reached, and why each is a dead
 * end.
 *
 * Automatic layout.  The blue spine is the longest legal prefix; a red box is
 * the stuck operation with what the model answers there.  While all
 * configurations are drawn, the picture is a complete proof; else it shows the
 * spine and what branches off it, and says so.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONFIGURATIONS_MAX = 60,
    REFUSALS_MAX = 5 /* rows beside one configuration */
};

/* A drawing in the making. */
struct plan {
    const struct fl_record *record;
    const struct fl_explanation *e;
    FILE *out;
    bool *drawn; /* of each configuration */
    uint32_t count;
    uint32_t end; /* of the spine */
};

/* "T1 pop() → 2" */
static const char *name_operation(const struct plan *plan, uint32_t i,
                                  char text[FL_TEXT_MAX])
{
    char call[FL_TEXT_MAX];
    char name[16];
    struct fl_phrase phrase;
    const struct fl_operation *op = &plan->record->history->operations[i];
    fl_phrase_init(&phrase, text, FL_TEXT_MAX);
    fl_phrase_add(&phrase, fl_scene_lane(plan->record, op->client, name));
    fl_phrase_add(&phrase, " ");
    fl_phrase_add(&phrase, fl_scene_operation(plan->record, i, call));
    char *rest = strstr(text, "  no response");
    if (rest != NULL) {
        *rest = '\0';
    }
    return text;
}

static bool is_setup_state(uint32_t c)
{
    return c == 0;
}

static void draw_configuration(const struct plan *plan, uint32_t c)
{
    const struct fl_configuration *configuration = &plan->e->configurations[c];
    struct fl_label state;
    fl_dot_plain(&state, configuration->state, 40);
    fprintf(plan->out, "  c%u [label=\"%s\"", c, state.text);
    if (is_setup_state(c)) {
        fprintf(plan->out,
                ", fillcolor=\"" FL_SETUP "\", color=\"" FL_SOFT "\"");
        if (plan->e->setup_count > 0) {
            fprintf(plan->out,
                    ", xlabel=<<font face=\"" FL_SANS
                    "\" point-size=\"10\" color=\"" FL_GREY
                    "\">after %u setup ops  </font>>",
                    plan->e->setup_count);
        }
    } else if (!configuration->spine) {
        fprintf(plan->out, ", fillcolor=\"#F4F6F8\", color=\"" FL_SOFT
                           "\", fontcolor=\"" FL_SETUP_INK "\"");
    }
    if (c == plan->end) {
        fprintf(plan->out, ", color=\"" FL_BLUE "\", penwidth=3.2");
    }
    fprintf(plan->out, "];\n");
}

/* An edge that no operation goes along: everybody crashed. */
static void draw_crash(const struct plan *plan, const struct fl_edge *edge)
{
    const struct fl_configuration *to = &plan->e->configurations[edge->to];
    bool spine = to->spine && to->from == edge->from && to->by == FL_OPEN;
    fprintf(plan->out,
            "  c%u -> c%u [weight=%d, style=dashed, label=\"   crash\\l   the "
            "rest of its era is lost\\l\"%s];\n",
            edge->from, edge->to, spine ? 50 : 1,
            spine ? ", color=\"" FL_BLUE "\", penwidth=2.6" : "");
}

static void draw_edge(const struct plan *plan, const struct fl_edge *edge)
{
    const struct fl_explanation *e = plan->e;
    const struct fl_configuration *to = &e->configurations[edge->to];
    if (edge->by == FL_OPEN) {
        draw_crash(plan, edge);
        return;
    }
    bool spine = to->spine && to->from == edge->from && to->by == edge->by &&
                 e->configurations[edge->from].spine;
    const struct fl_operation *op =
        &plan->record->history->operations[edge->by];
    char text[FL_TEXT_MAX];
    struct fl_label label;
    uint32_t number = fl_scene_number(plan->record, edge->by);
    name_operation(plan, edge->by, text);
    if (spine) {
        char circle[16];
        fl_dot_html(&label, text, 40);
        fprintf(
            plan->out,
            "  c%u -> c%u [weight=50, label=<  <b>%s</b> %s>, color=\"" FL_BLUE
            "\", penwidth=2.6, fontcolor=\"" FL_INK "\"];\n",
            edge->from, edge->to, fl_scene_circled(number, circle), label.text);
        return;
    }
    fl_dot_plain(&label, text, 40);
    fprintf(plan->out, "  c%u -> c%u [weight=2, label=\"   %s%s\"];\n",
            edge->from, edge->to, label.text,
            op->ret == FL_OPEN && fl_scene_crash(plan->record, edge->by) != NULL
                ? ", crashed op\\l   may have taken effect\\l"
                : "");
}

/* One row of the node beside a configuration: who is refused, and what the
 * model answers. */
static void write_refusal(const struct plan *plan,
                          const struct fl_refusal *refusal)
{
    bool stuck = refusal->by == plan->e->stuck;
    char text[FL_TEXT_MAX];
    struct fl_label label;
    struct fl_label must;
    fl_dot_html(&label, name_operation(plan, refusal->by, text), 40);
    fl_dot_html(&must, refusal->must, 24);
    fprintf(plan->out, "<tr><td align=\"left\"%s>",
            stuck && refusal->at == plan->end ? " border=\"3\" color=\"" FL_RED
                                                "\" bgcolor=\"" FL_RED_TINT "\""
            : stuck ? " border=\"1\" color=\"" FL_RED
                      "\" bgcolor=\"" FL_RED_TINT "\""
                    : " border=\"0\"");
    fprintf(plan->out, "%s%s%s%s",
            stuck ? "<font color=\"" FL_RED "\"><b>\u2717 "
                  : "<font color=\"" FL_GREY "\">",
            label.text, stuck ? "</b>" : "", "</font>");
    if (refusal->must[0] != '\0') {
        fprintf(plan->out, "<font color=\"%s\">   model: <b>%s</b></font>",
                stuck ? FL_INK : FL_GREY, must.text);
    } else {
        fprintf(plan->out, "<font color=\"%s\">   not possible</font>",
                stuck ? FL_INK : FL_GREY);
    }
    fprintf(plan->out, "</td></tr>");
}

/* The refusals of one configuration, the stuck operation's first. */
static void write_refusals(const struct plan *plan, uint32_t c, uint32_t count)
{
    uint32_t written = 0;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t k = 0; k < plan->e->refusals_count; k++) {
            const struct fl_refusal *refusal = &plan->e->refusals[k];
            bool first = refusal->by == plan->e->stuck;
            if (refusal->at == c && first == (round == 0) &&
                written < REFUSALS_MAX) {
                write_refusal(plan, refusal);
                written++;
            }
        }
    }
    if (count > written) {
        fprintf(plan->out,
                "<tr><td align=\"left\" border=\"0\"><font color=\"" FL_GREY
                "\">and %u more</font></td></tr>",
                count - written);
    }
}

/* The node beside a configuration, and its blunt edge. */
static void draw_refusals(const struct plan *plan, uint32_t c)
{
    uint32_t count = 0;
    bool stuck = false;
    for (uint32_t k = 0; k < plan->e->refusals_count; k++) {
        if (plan->e->refusals[k].at == c) {
            count++;
            stuck = stuck || plan->e->refusals[k].by == plan->e->stuck;
        }
    }
    if (count == 0) {
        return;
    }
    fprintf(plan->out,
            "  x%u [shape=plain, style=\"\", fontsize=12, margin=0, "
            "label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"2\" "
            "cellpadding=\"5\">",
            c);
    write_refusals(plan, c, count);
    fprintf(plan->out, "</table>>];\n");
    /* Beside the spine there is room to the right; elsewhere below. */
    if (plan->e->configurations[c].spine) {
        fprintf(plan->out, "  { rank=same; c%u; x%u }\n", c, c);
    }
    fprintf(plan->out,
            "  c%u -> x%u [color=\"%s\", style=dashed, penwidth=%s, "
            "arrowhead=tee];\n",
            c, c, stuck ? FL_RED : "#C9CFD6",
            c == plan->end ? "2.6"
            : stuck        ? "1.8"
                           : "1.2");
}

static void draw_head(const struct plan *plan)
{
    struct fl_label title;
    struct fl_label rest;
    uint32_t all = plan->e->configurations_count;
    bool whole = plan->count == all && plan->e->complete;
    char text[160];
    fl_scene_title(plan->record, &title, &rest);
    if (whole) {
        snprintf(text, sizeof(text), "all %u reachable configurations", all);
    } else {
        snprintf(text, sizeof(text),
                 "not a complete proof: %u of %u%s configurations", plan->count,
                 all, plan->e->complete ? "" : " or more");
    }
    fprintf(
        plan->out,
        "digraph proof {\n"
        "  graph [rankdir=TB, bgcolor=white, pad=0.35, nodesep=0.45, "
        "ranksep=0.42, forcelabels=true, charset=\"UTF-8\", fontname=\"" FL_SANS
        "\", labelloc=t, labeljust=l,\n"
        "    label=<<font point-size=\"17\"><b>%s</b></font>"
        "<br align=\"left\"/><font point-size=\"12\" "
        "color=\"" FL_GREY "\">%s \u00b7 %s \u00b7 box = abstract state "
        "of the %s<br align=\"left\"/> <br align=\"left\"/></font>>];\n",
        plan->e->crashes_count > 0
            ? "Why nothing that may have survived explains it"
            : "Why no linearization exists",
        title.text, text, plan->record->history->model->name);
    fprintf(plan->out,
            "  node [fontname=\"" FL_MONO "\", fontsize=14, shape=box, "
            "style=\"filled,rounded\", color=\"" FL_BOX_LINE
            "\", fillcolor=\"" FL_BOX "\", fontcolor=\"" FL_INK
            "\", margin=\"0.18,0.09\", penwidth=1.4];\n"
            "  edge [fontname=\"" FL_MONO
            "\", fontsize=11, color=\"" FL_GREY_LINE "\", fontcolor=\"" FL_GREY
            "\", arrowsize=0.75, penwidth=1.5];\n");
}

/* All, if they fit; else the spine, then what is next to it. */
static void choose(struct plan *plan)
{
    const struct fl_explanation *e = plan->e;
    bool all = e->configurations_count <= CONFIGURATIONS_MAX;
    for (uint32_t c = 1; c < e->configurations_count; c++) {
        bool after = e->configurations[c].spine &&
                     e->configurations[c].from == plan->end;
        plan->end = after ? c : plan->end;
    }
    /* From the end of the spine: a long one loses its beginning. */
    for (uint32_t c = plan->end; c != FL_OPEN && !all;
         c = e->configurations[c].from) {
        plan->drawn[c] = plan->count < CONFIGURATIONS_MAX / 2;
        plan->count += plan->drawn[c];
    }
    for (uint32_t c = 0; c < e->configurations_count && all; c++) {
        plan->drawn[c] = true;
        plan->count++;
    }
    for (uint32_t c = e->configurations_count; c-- > 0;) {
        uint32_t from = e->configurations[c].from;
        if (!plan->drawn[c] && from != FL_OPEN && plan->drawn[from] &&
            e->configurations[from].spine && plan->count < CONFIGURATIONS_MAX) {
            plan->drawn[c] = true;
            plan->count++;
        }
    }
}

static const char *lacks_explanation(const struct fl_record *record)
{
    return record->explanation == NULL || record->history == NULL
               ? "the record has no history without a linearization"
               : NULL;
}

static void draw_proof(const struct fl_record *record, FILE *out)
{
    assert(lacks_explanation(record) == NULL);
    const struct fl_explanation *e = record->explanation;
    struct plan plan = {.record = record, .e = e, .out = out};
    plan.drawn =
        calloc((size_t)e->configurations_count + 1, sizeof(*plan.drawn));
    if (plan.drawn == NULL) {
        return;
    }
    choose(&plan);
    draw_head(&plan);
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        if (plan.drawn[c]) {
            draw_configuration(&plan, c);
        }
    }
    for (uint32_t k = 0; k < e->edges_count; k++) {
        if (plan.drawn[e->edges[k].from] && plan.drawn[e->edges[k].to]) {
            draw_edge(&plan, &e->edges[k]);
        }
    }
    for (uint32_t c = 0; c < e->configurations_count; c++) {
        if (plan.drawn[c]) {
            draw_refusals(&plan, c);
        }
    }
    fprintf(out, "}\n");
    free(plan.drawn);
}

const struct fl_view fl_view_proof = {
    .name = "proof",
    .about = "every reachable configuration, and why each is a dead end",
    .lacks = lacks_explanation,
    .draw = draw_proof,
};
