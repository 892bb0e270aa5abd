/*
 * The network: clients, replicas, and every message between them.
 *
 * Clients as lanes with their operations, replicas as lines with the values
 * that they held, messages as arrows over virtual time: late ones amber with
 * what a fault added, lost ones ending in a cross, partitions as bands.
 * Pinned layout; the axis keeps order, and scale where there is room.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/network_plan.h"
#include "checker/draw/views.h"
#include "checker/phrase.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT = 110,
    BAND = 62,
    SCALE = 1000,
    GAP = 11,
    MESSAGES_MAX = 200, /* the last ones are drawn */
    VALUES_MAX = 64,
    LANES_MAX = 24
};

/* The virtual time of the call or return of operation `i`; false: unknown. */
static bool find_time(const struct fl_net *net, uint32_t i, bool ret,
                      uint64_t *time)
{
    const struct fl_record *record = net->record;
    const uint32_t *steps = ret ? record->return_steps : record->call_steps;
    if (steps == NULL || steps[i] >= record->steps_count) {
        return false;
    }
    *time = record->steps[steps[i]].time;
    return true;
}

static uint64_t last_time(const struct fl_net *net)
{
    const struct fl_record *record = net->record;
    uint64_t last = 0;
    for (uint32_t s = 0; s < record->steps_count; s++) {
        uint64_t time = record->steps[s].time;
        last = time > last ? time : last;
    }
    for (uint32_t k = 0; k < record->messages_count; k++) {
        const struct fl_record_message *message = &record->messages[k];
        if (!fl_net_shows(net, k)) {
            continue;
        }
        uint64_t time =
            fl_net_arrives(message) ? message->arrived : message->sent;
        last = time > last ? time : last;
    }
    return last;
}

/* Adds what happens in lane order, so that boxes can hold their text. */
static void lay_axis(struct fl_net *net)
{
    const struct fl_record *record = net->record;
    uint64_t end = last_time(net);
    char text[FL_TEXT_MAX];
    fl_axis_add(&net->axis, 0);
    fl_axis_add(&net->axis, end);
    for (uint32_t k = net->first; k < record->messages_count; k++) {
        const struct fl_record_message *message = &record->messages[k];
        if (!fl_net_shows(net, k)) {
            continue;
        }
        fl_axis_add(&net->axis, message->sent);
        if (message->arrived <= end) {
            fl_axis_add(&net->axis, message->arrived);
        }
    }
    for (uint32_t k = 0; k < record->faults_count; k++) {
        if (record->faults[k].nodes != 0 && record->faults[k].from_time < end) {
            fl_axis_add(&net->axis, record->faults[k].from_time);
            fl_axis_add(&net->axis, record->faults[k].to_time < end
                                        ? record->faults[k].to_time
                                        : end);
        }
    }
    for (uint32_t i = fl_scene_setup(record);
         record->history != NULL && i < record->history->count; i++) {
        uint64_t call = 0;
        uint64_t ret = end;
        if (find_time(net, i, false, &call)) {
            fl_scene_operation(record, i, text);
            find_time(net, i, true, &ret);
            if (ret >= call) {
                fl_axis_span(&net->axis, call, ret,
                             (int32_t)fl_text_columns(text) * 8 + 24);
            }
        }
    }
    /* Few moments: room to tell messages of one moment apart. */
    fl_axis_lay(&net->axis, LEFT + 40, net->axis.count < 40 ? 3 * GAP : GAP,
                SCALE);
    net->right = fl_axis_end(&net->axis) + 60;
}

static void draw_lane(const struct fl_net *net, uint32_t thread)
{
    const struct fl_lane *lane = &net->record->lanes[thread];
    bool client = lane->client;
    int32_t y = fl_net_lane_y(net, thread);
    char name[24];
    char text[16];
    char bold[FL_LABEL_BYTES + 8];
    struct fl_label label;
    snprintf(name, sizeof(name), "lane%u", thread);
    fl_dot_line(net->out, name,
                &(struct fl_line){.x1 = LEFT,
                                  .y1 = y,
                                  .x2 = net->right,
                                  .y2 = y,
                                  .color = client ? FL_LANE : FL_SOFT,
                                  .pen = client ? BAND * 10 : 16});
    fl_dot_html(&label, fl_scene_lane(net->record, thread, text), 16);
    snprintf(bold, sizeof(bold), "<b>%s</b>", label.text);
    snprintf(name, sizeof(name), "ln%u", thread);
    fl_dot_words(net->out, &(struct fl_shape){.name = name,
                                              .x = 58,
                                              .y = client ? y + 7 : y,
                                              .size = 14,
                                              .label = bold,
                                              .html = true});
    snprintf(name, sizeof(name), "lr%u", thread);
    fl_dot_words(net->out, &(struct fl_shape){
                               .name = name,
                               .x = 58,
                               .y = client ? y - 9 : y - 14,
                               .size = 9,
                               .ink = "#8793A0",
                               .label = fl_dot_plain(&label, lane->role, 16)});
}

/* A partition: a band on each lane of its first side, while it lasted. */
static void draw_partition(const struct fl_net *net, uint32_t k)
{
    const struct fl_record_fault *fault = &net->record->faults[k];
    if (fault->nodes == 0) {
        return;
    }
    uint64_t end = last_time(net);
    int32_t from = fl_axis_at(&net->axis, fault->from_time);
    int32_t to =
        fl_axis_at(&net->axis, fault->to_time < end ? fault->to_time : end);
    bool told = false;
    for (uint32_t lane = 0; lane < net->lanes && lane < 64; lane++) {
        if ((fault->nodes >> lane & 1) == 0) {
            continue;
        }
        char name[32];
        char text[FL_TEXT_MAX];
        struct fl_label label;
        int32_t y = fl_net_lane_y(net, lane);
        snprintf(name, sizeof(name), "cut%u_%u", k, lane);
        fl_dot_line(net->out, name,
                    &(struct fl_line){.x1 = from,
                                      .y1 = y,
                                      .x2 = to,
                                      .y2 = y,
                                      .color = FL_PINK,
                                      .pen = 220});
        if (told) {
            continue;
        }
        told = true;
        snprintf(text, sizeof(text), "%.16s %.24s%s%.60s", fault->label,
                 fault->kind, fault->text != NULL ? ": " : "",
                 fault->text != NULL ? fault->text : "");
        snprintf(name, sizeof(name), "cut%u", k);
        fl_dot_words(net->out, &(struct fl_shape){
                                   .name = name,
                                   .x = from + 10,
                                   .y = y - 20,
                                   .size = 11,
                                   .ink = FL_PINK_INK,
                                   .label = fl_dot_plain(&label, text, 60)});
    }
}

static void draw_operation(const struct fl_net *net, uint32_t i)
{
    const struct fl_operation *op = &net->record->history->operations[i];
    uint64_t call = 0;
    uint64_t ret = last_time(net);
    if (op->client >= net->lanes || !find_time(net, i, false, &call)) {
        return;
    }
    find_time(net, i, true, &ret);
    int32_t left = fl_axis_at(&net->axis, call);
    int32_t right =
        op->ret == FL_OPEN ? net->right - 20 : fl_axis_at(&net->axis, ret);
    bool stuck = fl_scene_is_stuck(net->record, i);
    char name[24];
    char text[FL_TEXT_MAX];
    char bold[FL_LABEL_BYTES + 8];
    struct fl_label label;
    snprintf(name, sizeof(name), "o%u", i);
    fl_scene_operation(net->record, i, text);
    fl_dot_html(&label, text, 40);
    snprintf(bold, sizeof(bold), stuck ? "<b>%s</b>" : "%s", label.text);
    struct fl_shape shape = {.name = name,
                             .x = (left + right) / 2,
                             .y = fl_net_lane_y(net, op->client),
                             .width = right > left ? right - left : 1,
                             .height = FL_NET_BOX,
                             .style = op->ret == FL_OPEN
                                          ? "filled,rounded,dashed"
                                          : "filled,rounded",
                             .fill = FL_BOX,
                             .line = FL_BOX_LINE,
                             .font = FL_MONO,
                             .pen = 13,
                             .label = bold,
                             .html = true};
    if (stuck) {
        shape.fill = FL_RED_TINT;
        shape.line = shape.ink = FL_RED;
        shape.pen = 30;
    } else if (op->ret == FL_OPEN) {
        shape.fill = "white";
        shape.line = shape.ink = FL_GREY;
    }
    fl_dot_shape(net->out, &shape);
}

static void draw_values(const struct fl_net *net)
{
    const struct fl_record *record = net->record;
    uint32_t first = record->values_count > VALUES_MAX
                         ? record->values_count - VALUES_MAX
                         : 0;
    for (uint32_t k = first; k < record->values_count; k++) {
        const struct fl_record_value *value = &record->values[k];
        char name[24];
        struct fl_label label;
        if (value->thread >= net->lanes) {
            continue;
        }
        snprintf(name, sizeof(name), "v%u", k);
        fl_dot_words(
            net->out,
            &(struct fl_shape){.name = name,
                               .x = fl_axis_at(&net->axis, value->time) + 14,
                               .y = fl_net_lane_y(net, value->thread) - 13,
                               .size = 10,
                               .ink = value->stale       ? FL_RED
                                      : value->time == 0 ? "#8793A0"
                                                         : FL_BLUE,
                               .font = FL_MONO,
                               .label = fl_dot_plain(&label, value->text, 16)});
    }
}

/* The middle of operation `i`'s box; false: it has none. */
static bool find_middle(const struct fl_net *net, uint32_t i, int32_t *x,
                        int32_t *y)
{
    uint64_t call = 0;
    uint64_t ret = last_time(net);
    const struct fl_operation *op = &net->record->history->operations[i];
    if (op->client >= net->lanes || !find_time(net, i, false, &call)) {
        return false;
    }
    find_time(net, i, true, &ret);
    *x = (fl_axis_at(&net->axis, call) + fl_axis_at(&net->axis, ret)) / 2;
    *y = fl_net_lane_y(net, op->client);
    return true;
}

/* Discs as on the timeline: each as early as its box and those before it
 * allow, so that the line runs from left to right. */
static void draw_prefix(const struct fl_net *net)
{
    const struct fl_explanation *e = net->record->explanation;
    char name[24];
    char number[16];
    char text[FL_LABEL_BYTES + 32];
    struct fl_label label;
    int32_t x = 0;
    int32_t y = 0;
    int32_t low = 0;
    uint32_t previous = FL_OPEN;
    for (uint32_t k = 0; k < e->prefix_count; k++) {
        uint64_t call = 0;
        if (!find_middle(net, e->prefix[k], &x, &y)) {
            continue;
        }
        find_time(net, e->prefix[k], false, &call);
        x = fl_axis_at(&net->axis, call) + 18;
        x = x < low + 40 ? low + 40 : x;
        low = x;
        snprintf(name, sizeof(name), "p%u", k);
        snprintf(number, sizeof(number), "%u", k + 1);
        fl_dot_disc(net->out, name, x, y + 16, number);
        if (previous != FL_OPEN) {
            fprintf(net->out,
                    "  p%u -> p%u [color=\"" FL_BLUE
                    "\", penwidth=\"2.6\", arrowsize=\"0.7\"];\n",
                    previous, k);
        }
        previous = k;
    }
    if (!find_middle(net, e->stuck, &x, &y)) {
        return;
    }
    fl_dot_disc(net->out, "px", x, y + 16, "\u2717");
    fl_dot_html(&label, e->must_all, 40);
    snprintf(text, sizeof(text), "<b>%s%s</b>",
             e->must_all[0] != '\0' ? "must return " : "not possible",
             label.text);
    /* On a ground of its own: messages leave and arrive there. */
    int32_t columns = (int32_t)fl_text_columns(e->must_all) + 12;
    fl_dot_shape(net->out, &(struct fl_shape){.name = "must",
                                              .x = x,
                                              .y = y - 27,
                                              .width = columns * 6 + 8,
                                              .height = 14,
                                              .style = "filled",
                                              .fill = FL_LANE,
                                              .line = FL_LANE,
                                              .size = 10,
                                              .ink = FL_RED,
                                              .font = FL_MONO,
                                              .label = text,
                                              .html = true});
    if (previous != FL_OPEN) {
        fprintf(net->out,
                "  p%u -> px [color=\"" FL_RED "\", penwidth=\"2.4\", "
                "style=\"dashed\", arrowsize=\"0.8\"];\n",
                previous);
    }
}

/* Times along the bottom, where there is room. */
static void draw_axis(const struct fl_net *net)
{
    int32_t last = 0;
    char name[24];
    char text[32];
    for (uint32_t k = 0; k < net->axis.count; k++) {
        if (net->axis.places[k] - last < 90 && k > 0) {
            continue;
        }
        last = net->axis.places[k];
        snprintf(name, sizeof(name), "ax%u", k);
        fl_dot_words(net->out,
                     &(struct fl_shape){
                         .name = name,
                         .x = last,
                         .y = 2,
                         .size = 9,
                         .ink = FL_GREY,
                         .label = fl_scene_time(net->axis.moments[k], text)});
    }
    fl_dot_words(net->out, &(struct fl_shape){.name = "axl",
                                              .x = 58,
                                              .y = 2,
                                              .size = 9,
                                              .ink = FL_GREY,
                                              .label = "virtual time"});
}

static void draw_rest(const struct fl_net *net)
{
    char text[FL_TEXT_MAX];
    uint32_t idle = 0;
    for (uint32_t k = net->first; k < net->record->messages_count; k++) {
        idle += !fl_net_shows(net, k);
    }
    if (net->first == 0 && idle == 0) {
        return;
    }
    if (net->first == 0) {
        snprintf(text, sizeof(text),
                 "left out: %u message%s that no answer depended on", idle,
                 idle == 1 ? "" : "s");
    } else {
        snprintf(text, sizeof(text),
                 "left out: the first %u messages, and %u that no answer "
                 "depended on",
                 net->first, idle);
    }
    fl_dot_words(net->out, &(struct fl_shape){.name = "rest",
                                              .x = LEFT + 120,
                                              .y = -14,
                                              .size = 10,
                                              .ink = FL_GREY,
                                              .label = text});
}

static const char *lacks_messages(const struct fl_record *record)
{
    if (record->messages_count == 0) {
        return "the run sent no messages";
    }
    return record->lanes_count == 0 ? "the record names no nodes" : NULL;
}

/* What the title says of the network, before the rest. */
static void describe_net(const struct fl_net *net, const char *rest,
                         struct fl_label *span)
{
    char text[32];
    snprintf(span->text, sizeof(span->text),
             "%u replicas \u00b7 virtual time 0 to %s \u00b7 %.700s",
             net->rows - net->clients, fl_scene_time(last_time(net), text),
             rest);
}

static void draw_all(struct fl_net *net)
{
    const struct fl_record *record = net->record;
    struct fl_label title;
    struct fl_label rest;
    struct fl_label span;
    fl_scene_title(record, &title, &rest);
    describe_net(net, rest.text, &span);
    fl_dot_pinned(net->out, title.text, span.text,
                  (int32_t)net->rows * FL_NET_LANE + 40);
    for (uint32_t k = 0; k < net->lanes; k++) {
        if (fl_net_draws(record, k)) {
            draw_lane(net, k);
        }
    }
    for (uint32_t k = 0; k < record->faults_count; k++) {
        draw_partition(net, k);
    }
    for (uint32_t i = fl_scene_setup(record);
         record->history != NULL && i < record->history->count; i++) {
        draw_operation(net, i);
    }
    for (uint32_t k = net->first; k < record->messages_count; k++) {
        if (fl_net_shows(net, k)) {
            fl_net_message(net, k);
        }
    }
    draw_values(net);
    if (record->explanation != NULL && record->history != NULL) {
        draw_prefix(net);
    }
    draw_axis(net);
    draw_rest(net);
    fl_scene_why(record, LEFT + 20, -24, net->out);
    fprintf(net->out, "}\n");
}

static void draw_network(const struct fl_record *record, FILE *out)
{
    assert(lacks_messages(record) == NULL);
    struct fl_net *net = calloc(1, sizeof(*net));
    if (net == NULL) {
        return;
    }
    net->record = record;
    net->out = out;
    net->first = record->messages_count > MESSAGES_MAX
                     ? record->messages_count - MESSAGES_MAX
                     : 0;
    net->lanes =
        record->lanes_count < LANES_MAX ? record->lanes_count : LANES_MAX;
    for (uint32_t k = 0; k < net->lanes; k++) {
        bool drawn = fl_net_draws(record, k);
        net->rows += drawn;
        net->clients += record->lanes[k].client && drawn;
    }
    lay_axis(net);
    draw_all(net);
    free(net);
}

const struct fl_view fl_view_network = {
    .name = "network",
    .about = "messages between clients and replicas over virtual time",
    .lacks = lacks_messages,
    .draw = draw_network,
};
