/*
 * Writing a history as Jepsen would have it: one map an event, in order.
 *
 *     ;; faultline {"model":"register","initial":0}
 *     {:process 3, :type :invoke, :f :cas, :key "x", :value [1 2]}
 *     {:process 3, :type :fail, :f :cas, :key "x", :value [1 2]}
 *
 * Jepsen's tools read it as theirs: an answer of false is :fail, which they
 * leave out.  Our own reader knows by the comment that it was an answer.  The
 * result of an operation with arguments stands in :result, crashes are events
 * of the nemesis, and an open operation has no second map.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"
#include "checker/format/parse.h"
#include "checker/model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* What happens at a stamp. */
enum moment_kind {
    NOTHING,
    CALL,
    RETURN,
    EVENT,
};

struct moment {
    enum moment_kind kind;
    uint32_t index;
};

static void write_bits(FILE *file, fl_value value)
{
    const char *before = "[";
    for (int bit = 0; bit < 63; bit++) {
        if ((uint64_t)value >> bit & 1) {
            (void)fprintf(file, "%s%d", before, bit);
            before = " ";
        }
    }
    (void)fputs(value == 0 ? "[]" : "]", file);
}

static void write_value(FILE *file, const struct fl_history *h,
                        enum fl_kind kind, fl_value value)
{
    if (value == FL_NONE) {
        (void)fputs("nil", file);
        return;
    }
    switch (kind) {
    case FL_KIND_VOID:
        (void)fputs("nil", file);
        break;
    case FL_KIND_INT:
        (void)fprintf(file, "%" PRId64, value);
        break;
    case FL_KIND_BOOL:
        (void)fputs(value ? "true" : "false", file);
        break;
    case FL_KIND_STRING:
        fl_line_write_text(file, h, value);
        break;
    case FL_KIND_BITS:
        write_bits(file, value);
        break;
    }
}

static int count_args(const struct fl_operation_type *type)
{
    int count = 0;
    while (count < FL_ARGS_MAX && type->args[count] != FL_KIND_VOID) {
        count++;
    }
    return count;
}

/* Writes nil, the argument, or both in a vector. */
static void write_args(FILE *file, const struct fl_history *h,
                       const struct fl_operation *op)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    int count = count_args(type);
    (void)fputs(count > 1 ? "[" : count == 0 ? "nil" : "", file);
    for (int i = 0; i < count; i++) {
        (void)fputs(i > 0 ? " " : "", file);
        write_value(file, h, type->args[i], op->args[i]);
    }
    (void)fputs(count > 1 ? "]" : "", file);
}

static void write_half(FILE *file, const struct fl_history *h,
                       const struct fl_operation *op, bool is_call)
{
    assert(op->fn < h->model->types_count);
    const struct fl_operation_type *type = &h->model->types[op->fn];
    bool answers = type->result != FL_KIND_VOID && type->result != FL_KIND_BOOL;
    bool refused = type->result == FL_KIND_BOOL && op->result == 0;
    (void)fprintf(file, "{:process %u, :type :%s, :f :%s", op->client,
                  is_call   ? "invoke"
                  : refused ? "fail"
                            : "ok",
                  type->name);
    if (op->key != FL_NONE) {
        bool is_text = op->key >= FL_TEXT_KEYS;
        (void)fputs(", :key ", file);
        write_value(file, h, is_text ? FL_KIND_STRING : FL_KIND_INT,
                    is_text ? op->key - FL_TEXT_KEYS : op->key);
    }
    (void)fputs(", :value ", file);
    bool echoes = is_call || !answers || count_args(type) > 0;
    if (echoes) {
        write_args(file, h, op);
    } else {
        write_value(file, h, type->result, op->result);
    }
    if (!is_call && answers && echoes) {
        (void)fputs(", :result ", file);
        write_value(file, h, type->result, op->result);
    }
    (void)fputs("}\n", file);
}

/* Whether there is a word for each event. */
static bool has_words(const struct fl_history *h)
{
    bool all = true;
    for (uint32_t i = 0; i < h->events_count; i++) {
        all = all && h->events[i].kind <= FL_EVENT_RECOVER;
    }
    return all;
}

static void write_trouble(FILE *file, const struct fl_event *event)
{
    static const char *const names[] = {
        [FL_EVENT_CRASH] = "crash",
        [FL_EVENT_CRASH_ALL] = "crash_all",
        [FL_EVENT_RECOVER] = "recover",
    };
    assert(event->kind <= FL_EVENT_RECOVER);
    (void)fprintf(file, "{:process :nemesis, :type :info, :f :%s, :value %u}\n",
                  names[event->kind], event->client);
}

/* What happens at each stamp; NULL when memory ends. */
static struct moment *list_moments(const struct fl_history *h)
{
    struct moment *moments = calloc(h->stamps + 1ul, sizeof(*moments));
    if (moments == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        assert(op->call < h->stamps);
        moments[op->call] = (struct moment){CALL, i};
        if (op->ret != FL_OPEN) {
            moments[op->ret] = (struct moment){RETURN, i};
        }
    }
    for (uint32_t i = 0; i < h->events_count; i++) {
        assert(h->events[i].at < h->stamps);
        moments[h->events[i].at] = (struct moment){EVENT, i};
    }
    return moments;
}

enum fl_status fl_edn_write(FILE *file, const struct fl_history *h,
                            const struct fl_header *header)
{
    if (!has_words(h)) {
        return FL_BAD_INPUT;
    }
    struct moment *moments = list_moments(h);
    if (moments == NULL) {
        return FL_NO_MEMORY;
    }
    (void)fputs(";; faultline ", file);
    fl_line_write_header(file, h, header);
    for (uint32_t at = 0; at < h->stamps; at++) {
        uint32_t i = moments[at].index;
        switch (moments[at].kind) {
        case NOTHING:
            break;
        case CALL:
        case RETURN:
            write_half(file, h, &h->operations[i], moments[at].kind == CALL);
            break;
        case EVENT:
            write_trouble(file, &h->events[i]);
            break;
        }
    }
    free(moments);
    return fflush(file) == 0 && !ferror(file) ? FL_OK : FL_IO;
}
