/*
 * The order: what real time demands, with the longest linearization on top.
 *
 * Automatic layout, a cluster for each client.  Grey edges are the real-time
 * order, transitively reduced; for intervals that is exact and cheap: `a` is
 * joined to `b` if `a` precedes `b` and nothing lies wholly between them.  An
 * edge that the linearization uses, too, is drawn once, in blue.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/scene.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <string.h>

enum {
    OPERATIONS_MAX = 120,
    CLIENTS_MAX = 64
};

/* A drawing in the making. */
struct plan {
    const struct fl_record *record;
    const struct fl_history *h;
    FILE *out;
    uint32_t first; /* operations before it are not drawn */
    bool setup;     /* a node stands for what was done before */
};

static bool precedes(const struct fl_history *h, uint32_t a, uint32_t b)
{
    assert(a < h->count);
    assert(b < h->count);
    return h->operations[a].ret < h->operations[b].call;
}

/* Whether `a` precedes `b` with nothing wholly between. */
static bool is_edge(const struct plan *plan, uint32_t a, uint32_t b)
{
    if (!precedes(plan->h, a, b)) {
        return false;
    }
    for (uint32_t c = plan->first; c < plan->h->count; c++) {
        if (precedes(plan->h, a, c) && precedes(plan->h, c, b)) {
            return false;
        }
    }
    return true;
}

/* Whether the linearization goes from `a` straight to `b`. */
static bool is_spine(const struct plan *plan, uint32_t a, uint32_t b)
{
    uint32_t from = fl_scene_number(plan->record, a);
    return from != 0 && fl_scene_number(plan->record, b) == from + 1;
}

/* "steps 4 to 7 · stack.c:31", "events 3 to 9", "step 16, no response". */
static void describe_span(const struct plan *plan, uint32_t i, char *text)
{
    const struct fl_record *record = plan->record;
    const struct fl_operation *op = &plan->h->operations[i];
    bool steps =
        record->call_steps != NULL && record->call_steps[i] != FL_NO_STEP;
    uint32_t call = steps ? record->call_steps[i] + 1 : op->call;
    const char *noun = steps ? "step" : "event";
    struct fl_phrase span;
    fl_phrase_init(&span, text, FL_TEXT_MAX);
    if (op->ret == FL_OPEN) {
        fl_phrase_print(&span, "%s %u, no response", noun, call);
    } else {
        bool known = steps && record->return_steps[i] != FL_NO_STEP;
        fl_phrase_print(&span, "%ss %u to %u", noun, call,
                        known ? record->return_steps[i] + 1 : op->ret);
    }
    const struct fl_step *step =
        steps && record->call_steps[i] < record->steps_count
            ? &record->steps[record->call_steps[i]]
            : NULL;
    if (step != NULL && step->file != NULL) {
        fl_phrase_print(&span, " \u00b7 %s:%u", step->file, step->line);
    }
}

/* Links a node of the SVG to its source line. */
static void write_link(const struct plan *plan, uint32_t i)
{
    const struct fl_record *record = plan->record;
    struct fl_label path;
    if (record->call_steps == NULL ||
        record->call_steps[i] >= record->steps_count) {
        return;
    }
    const struct fl_step *step = &record->steps[record->call_steps[i]];
    if (step->path != NULL) {
        fprintf(plan->out, ", URL=\"vscode://file%s:%u\", tooltip=\"%s\"",
                fl_dot_plain(&path, step->path, 200), step->line,
                fl_dot_plain(&path, step->text, 60));
    }
}

static void draw_operation(const struct plan *plan, uint32_t i)
{
    bool stuck = fl_scene_is_stuck(plan->record, i);
    bool open = plan->h->operations[i].ret == FL_OPEN;
    uint32_t number = fl_scene_number(plan->record, i);
    char text[FL_TEXT_MAX];
    char span[FL_TEXT_MAX];
    char mark[32] = "";
    struct fl_label label;
    struct fl_label below;
    if (number != 0) {
        char circle[16];
        snprintf(mark, sizeof(mark), "<b>%s</b> ",
                 fl_scene_circled(number, circle));
    }
    fl_scene_operation(plan->record, i, text);
    char *rest = strstr(text, "  no response");
    if (rest != NULL) {
        *rest = '\0'; /* said in the second line */
    }
    describe_span(plan, i, span);
    if (stuck && plan->record->explanation->must_all[0] != '\0') {
        snprintf(span, sizeof(span), "legal: %.100s",
                 plan->record->explanation->must_all);
    }
    fl_dot_html(&label, text, 40);
    fl_dot_html(&below, span, 60);
    fprintf(plan->out,
            "    o%u [label=<<table border=\"0\" cellspacing=\"0\" "
            "cellpadding=\"1\"><tr><td>%s%s%s</td></tr><tr><td>"
            "<font face=\"" FL_SANS "\" point-size=\"%d\" color=\"%s\">%s"
            "</font></td></tr></table>>",
            i, stuck ? "<font color=\"" FL_RED "\"><b>\u2717 " : mark,
            label.text, stuck ? "</b></font>" : "", stuck ? 10 : 9,
            stuck ? FL_RED : FL_GREY, below.text);
    if (stuck) {
        fprintf(plan->out, ", fillcolor=\"" FL_RED_TINT "\", color=\"" FL_RED
                           "\", penwidth=3");
    } else if (open) {
        fprintf(plan->out, ", style=\"filled,rounded,dashed\", "
                           "fillcolor=white, color=\"" FL_GREY
                           "\", fontcolor=\"" FL_GREY "\"");
    }
    write_link(plan, i);
    fprintf(plan->out, ", group=t%u];\n", plan->h->operations[i].client);
}

/* The faults that acted on a client, beside its name. */
static void write_faults(const struct plan *plan, uint32_t client)
{
    struct fl_label label;
    char text[FL_TEXT_MAX];
    for (uint32_t k = 0; k < plan->record->faults_count; k++) {
        const struct fl_record_fault *fault = &plan->record->faults[k];
        if (fault->thread != client) {
            continue;
        }
        bool crash = fl_scene_is_crash(fault);
        bool lasts = !crash && fault->until != FL_NO_STEP &&
                     fault->until > fault->before;
        if (lasts) {
            snprintf(text, sizeof(text), "%.20s %.40s %u steps", fault->label,
                     fault->kind, fault->until - fault->before);
        } else {
            snprintf(text, sizeof(text), "%.20s %.40s", fault->label,
                     fault->kind);
        }
        fprintf(plan->out, "  <font point-size=\"10\" color=\"%s\">%s</font>",
                crash ? FL_RED : FL_AMBER_INK, fl_dot_html(&label, text, 40));
    }
}

static void draw_client(const struct plan *plan, uint32_t client)
{
    char name[16];
    struct fl_label label;
    bool begun = false;
    for (uint32_t i = plan->first; i < plan->h->count; i++) {
        if (plan->h->operations[i].client != client) {
            continue;
        }
        if (!begun) {
            fprintf(plan->out, "  subgraph cluster_t%u { label=<<b>%s</b>",
                    client,
                    fl_dot_html(&label,
                                fl_scene_lane(plan->record, client, name), 16));
            write_faults(plan, client);
            fprintf(
                plan->out,
                ">; labeljust=l; labelloc=b; fontname=\"" FL_SANS
                "\"; fontsize=14; style=\"filled,rounded\"; color=\"" FL_LANE
                "\"; fillcolor=\"" FL_LANE "\"; margin=14;\n");
            begun = true;
        }
        draw_operation(plan, i);
    }
    if (begun) {
        fprintf(plan->out, "  }\n");
    }
}

/* Each client once, in the order of their first operations. */
static void draw_clients(const struct plan *plan)
{
    uint32_t drawn[CLIENTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = plan->first; i < plan->h->count; i++) {
        uint32_t client = plan->h->operations[i].client;
        bool known = false;
        for (uint32_t k = 0; k < count; k++) {
            known = known || drawn[k] == client;
        }
        if (!known && count < CLIENTS_MAX) {
            drawn[count] = client;
            count++;
            draw_client(plan, client);
        } else if (!known) {
            draw_operation(plan, i); /* beyond the clusters: alone */
        }
    }
}

/* Grey: real time, reduced, what the spine says apart. */
static void draw_real_time(const struct plan *plan)
{
    const struct fl_history *h = plan->h;
    fprintf(plan->out, "  { edge [color=\"" FL_SOFT "\", penwidth=1.5];\n");
    for (uint32_t b = plan->first; b < h->count; b++) {
        bool root = true;
        for (uint32_t a = plan->first; a < h->count; a++) {
            root = root && !precedes(h, a, b);
            if (is_edge(plan, a, b) && !is_spine(plan, a, b)) {
                bool same = h->operations[a].client == h->operations[b].client;
                fprintf(plan->out, "    o%u -> o%u [weight=%d];\n", a, b,
                        same ? 30 : 1);
            }
        }
        if (root && plan->setup && fl_scene_number(plan->record, b) != 1) {
            fprintf(plan->out, "    init -> o%u [weight=0];\n", b);
        }
    }
    fprintf(plan->out, "  }\n");
}

/* Blue: the linearization, with the state after each. */
static void draw_linearization(const struct plan *plan)
{
    const struct fl_explanation *e = plan->record->explanation;
    struct fl_label state;
    uint32_t previous = FL_OPEN;
    fprintf(plan->out, "  { edge [color=\"" FL_BLUE "\", penwidth=2.8, "
                       "fontcolor=\"" FL_BLUE "\"];\n");
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        uint32_t i = e->prefix[k];
        if (i < plan->first) {
            continue;
        }
        fl_dot_plain(&state, e->prefix_states[k], 24);
        bool same =
            previous != FL_OPEN && plan->h->operations[previous].client ==
                                       plan->h->operations[i].client;
        if (previous != FL_OPEN) {
            fprintf(plan->out, "    o%u -> o%u [label=\"  %s\", weight=%d];\n",
                    previous, i, state.text, same ? 30 : 1);
        } else if (plan->setup) {
            fprintf(plan->out, "    init -> o%u [label=\"  %s\", weight=30];\n",
                    i, state.text);
        }
        previous = i;
    }
    fprintf(plan->out, "  }\n");
    if (previous != FL_OPEN && e->stuck >= plan->first) {
        fprintf(plan->out,
                "  o%u -> o%u [color=\"" FL_RED
                "\", penwidth=2.4, style=dashed, weight=1];\n",
                previous, e->stuck);
    }
}

static void draw_head(const struct plan *plan)
{
    struct fl_label title;
    struct fl_label rest;
    fl_scene_title(plan->record, &title, &rest);
    fprintf(
        plan->out,
        "digraph order {\n"
        "  graph [rankdir=TB, newrank=true, bgcolor=white, pad=0.35, "
        "nodesep=0.55, ranksep=0.5, splines=spline, fontname=\"" FL_SANS
        "\", labelloc=t, labeljust=l, charset=\"UTF-8\",\n"
        "    label=<<font point-size=\"17\"><b>%s</b></font>"
        "<font point-size=\"12\" color=\"" FL_GREY "\">   real-time order "
        "and longest linearization<br align=\"left\"/></font>"
        "<font point-size=\"10\" color=\"" FL_GREY_LINE
        "\">grey: must precede (real time, reduced)   <font color=\"" FL_BLUE
        "\">blue \u2460\u2026: linearization, state after</font>"
        "   <font color=\"" FL_RED "\">red: stuck</font><br align=\"left\"/>",
        title.text);
    uint32_t left_out = plan->first - fl_scene_setup(plan->record);
    if (left_out > 0) {
        fprintf(plan->out,
                "left out: the first %u operations<br align=\"left\"/>",
                left_out);
    }
    fprintf(plan->out,
            " <br align=\"left\"/></font>>];\n"
            "  node [fontname=\"" FL_MONO "\", fontsize=13, shape=box, "
            "style=\"filled,rounded\", color=\"" FL_BOX_LINE
            "\", fillcolor=\"" FL_BOX "\", fontcolor=\"" FL_INK
            "\", margin=\"0.16,0.09\", penwidth=1.3, width=1.9];\n"
            "  edge [fontname=\"" FL_MONO "\", fontsize=11, "
            "arrowsize=0.7];\n");
}

static const char *lacks_history(const struct fl_record *record)
{
    return record->history == NULL ||
                   record->history->count == fl_scene_setup(record)
               ? "the record has no operations"
               : NULL;
}

static void draw_order(const struct fl_record *record, FILE *out)
{
    assert(lacks_history(record) == NULL);
    uint32_t setup = fl_scene_setup(record);
    uint32_t count = record->history->count;
    struct plan plan = {
        .record = record,
        .h = record->history,
        .out = out,
        .first =
            count - setup > OPERATIONS_MAX ? count - OPERATIONS_MAX : setup,
        .setup = setup > 0,
    };
    struct fl_label state;
    draw_head(&plan);
    if (plan.setup) {
        fl_dot_plain(
            &state,
            record->explanation == NULL ? "" : record->explanation->start_state,
            24);
        fprintf(out,
                "  init [label=\"%u setup ops\\n%s\", fillcolor=\"" FL_SETUP
                "\", color=\"" FL_SOFT "\", fontcolor=\"" FL_SETUP_INK
                "\", fontsize=11];\n",
                setup, state.text);
    }
    draw_clients(&plan);
    draw_real_time(&plan);
    if (record->explanation != NULL) {
        draw_linearization(&plan);
    }
    fprintf(out, "}\n");
}

const struct fl_view fl_view_order = {
    .name = "order",
    .about = "real-time order with the longest linearization on top",
    .lacks = lacks_history,
    .draw = draw_order,
};
