/*
 * The messages of the network view.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/network_plan.h"
#include "checker/phrase.h"

#include <assert.h>

/* Where a message leaves or meets a lane: at the lower edge of a client's
 * box, on a replica's line. */
static int32_t port_y(const struct fl_net *net, uint32_t thread)
{
    bool client =
        thread < net->record->lanes_count && net->record->lanes[thread].client;
    return fl_net_lane_y(net, thread) - (client ? FL_NET_BOX / 2 : 0);
}

static void draw_dot_at(const struct fl_net *net, const char *name, int32_t x,
                        int32_t y, const char *color)
{
    fprintf(net->out,
            "  %s [shape=\"circle\", style=\"filled\", fillcolor=\"%s\", "
            "color=\"%s\", label=\"\", pos=\"%d,%d!\", width=\"0.07\", "
            "height=\"0.07\", fixedsize=\"true\"];\n",
            name, color, color, x, y);
}

/* The pill on a late message: which fault added how much. */
static void draw_pill(const struct fl_net *net, uint32_t k, int32_t x,
                      int32_t y)
{
    struct fl_label label;
    char name[24];
    const char *fault = net->record->messages[k].fault;
    if (fault == NULL) {
        return;
    }
    snprintf(name, sizeof(name), "q%u", k);
    fl_dot_shape(
        net->out,
        &(struct fl_shape){.name = name,
                           .x = x,
                           .y = y,
                           .width = (int32_t)fl_text_columns(fault) * 6 + 16,
                           .height = 17,
                           .style = "filled,rounded",
                           .fill = FL_CREAM,
                           .line = FL_AMBER,
                           .ink = FL_AMBER_INK,
                           .size = 10,
                           .label = fl_dot_plain(&label, fault, 24)});
}

static const char *message_color(const struct fl_record_message *message)
{
    switch (message->fate) {
    case FL_LATE:
    case FL_DUPLICATE:
        return FL_AMBER;
    case FL_LOST:
        return FL_RED;
    case FL_DELIVERED:
    case FL_IN_FLIGHT:
        break;
    }
    return message->decisive ? FL_RED : FL_GREY_LINE;
}

bool fl_net_arrives(const struct fl_record_message *message)
{
    return message->fate != FL_LOST && message->fate != FL_IN_FLIGHT &&
           message->arrived != UINT64_MAX;
}

/* Where message `k` leaves: those of one thread and moment side by side. */
static int32_t leave_x(const struct fl_net *net, uint32_t k)
{
    const struct fl_record_message *messages = net->record->messages;
    int32_t shift = 0;
    for (uint32_t i = net->first; i < k; i++) {
        shift += messages[i].from == messages[k].from &&
                 messages[i].sent == messages[k].sent && fl_net_shows(net, i);
    }
    return fl_axis_at(&net->axis, messages[k].sent) +
           (shift < 4 ? shift : 4) * 7;
}

/* A late message that the end came before: it leaves the drawing. */
static void draw_beyond(const struct fl_net *net, uint32_t k)
{
    const struct fl_record_message *message = &net->record->messages[k];
    int32_t x1 = leave_x(net, k);
    int32_t y1 = port_y(net, message->from);
    int32_t y2 = port_y(net, message->to);
    char name[24];
    snprintf(name, sizeof(name), "s%u", k);
    draw_dot_at(net, name, x1, y1, FL_AMBER);
    snprintf(name, sizeof(name), "m%u", k);
    fl_dot_line(net->out, name,
                &(struct fl_line){.x1 = x1,
                                  .y1 = y1,
                                  .x2 = net->right,
                                  .y2 = y2 + 12,
                                  .color = FL_AMBER,
                                  .pen = 20,
                                  .style = "dashed",
                                  .arrow = true});
    draw_pill(net, k, x1 + (net->right - x1) * 8 / 10,
              y1 + (y2 + 12 - y1) * 8 / 10);
}

/* A message that never came: its line ends on the way. */
static void draw_lost(const struct fl_net *net, uint32_t k)
{
    const struct fl_record_message *message = &net->record->messages[k];
    int32_t y1 = port_y(net, message->from);
    int32_t y2 = port_y(net, message->to);
    int32_t x1 = leave_x(net, k);
    int32_t x2 = x1 + 34;
    int32_t y = y1 + (y2 - y1) * 7 / 10;
    bool lost = message->fate == FL_LOST;
    char name[24];
    snprintf(name, sizeof(name), "s%u", k);
    draw_dot_at(net, name, x1, y1, "#8793A0");
    snprintf(name, sizeof(name), "m%u", k);
    fl_dot_line(net->out, name,
                &(struct fl_line){.x1 = x1,
                                  .y1 = y1,
                                  .x2 = x2,
                                  .y2 = y,
                                  .color = lost ? FL_RED : FL_GREY_LINE,
                                  .pen = 16,
                                  .style = "dashed"});
    snprintf(name, sizeof(name), "d%u", k);
    fl_dot_words(net->out, &(struct fl_shape){.name = name,
                                              .x = x2,
                                              .y = y + (y2 < y1 ? -6 : 6),
                                              .size = 15,
                                              .ink = lost ? FL_RED : FL_GREY,
                                              .label = lost ? "<b>\u2717</b>"
                                                            : "<b>\u2026</b>",
                                              .html = true});
}

void fl_net_message(const struct fl_net *net, uint32_t k)
{
    const struct fl_record_message *message = &net->record->messages[k];
    if (message->from >= net->lanes || message->to >= net->lanes) {
        return;
    }
    if (message->fate == FL_LOST || message->fate == FL_IN_FLIGHT) {
        draw_lost(net, k);
        return;
    }
    if (!fl_net_arrives(message)) {
        draw_beyond(net, k);
        return;
    }
    const char *color = message_color(message);
    bool plain = message->fate == FL_DELIVERED && !message->decisive;
    int32_t x1 = leave_x(net, k);
    int32_t x2 = fl_axis_at(&net->axis, message->arrived);
    int32_t y1 = port_y(net, message->from);
    int32_t y2 = port_y(net, message->to);
    char from[24];
    char to[24];
    struct fl_label text;
    snprintf(from, sizeof(from), "s%u", k);
    snprintf(to, sizeof(to), "a%u", k);
    draw_dot_at(net, from, x1, y1, plain ? "#8793A0" : color);
    draw_dot_at(net, to, x2, y2, plain ? "#8793A0" : color);
    fprintf(net->out,
            "  %s -> %s [color=\"%s\", penwidth=\"%s\", arrowsize=\"0.6\", "
            "style=\"%s\", tooltip=\"%s\"];\n",
            from, to, color, plain ? "1.3" : "2",
            message->fate == FL_DUPLICATE ? "dotted" : "solid",
            fl_dot_plain(&text, message->text, 60));
    if (message->fate == FL_LATE || message->fate == FL_DUPLICATE) {
        draw_pill(net, k, x1 + (x2 - x1) * 8 / 10, y1 + (y2 - y1) * 8 / 10);
    }
}
