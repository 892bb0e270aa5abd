/*
 * Writing a history as Jepsen would have it: one map an event, in order.
 *
 *     ;; faultline {"model":"register","initial":0}
 *     {:process 3, :type :invoke, :f :cas, :key "x", :value [1 2]}
 *     {:process 3, :type :fail, :f :cas, :key "x", :value [1 2]}
 *
 * Jepsen's tools read it as theirs: an answer of false is :fail, which they
 * leave out.  Our own reader knows by the comment that it was an answer.  The
 * result of an operation with arguments stands in :result, what befell clients
 * is told by the nemesis, and an open operation has no second map.
 *
 * The forms of Knossos, of Jepsen's JSON and of Porcupine's logs are the same
 * without the comment, for histories that need none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/jsonl_line.h"
#include "checker/format/parse.h"
#include "checker/format/write.h"
#include "checker/model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* The signs of EDN, or of JSON. */
struct signs {
    const char *member; /* opens a member's name and closes the one before */
    const char *is;     /* between name and value */
    const char *word;   /* around a keyword: before, and after */
    const char *word_end;
    const char *next;    /* between members, between items */
    const char *nothing; /* nil */
    const char *open;    /* the file: before the first event, between, after */
    const char *between;
    const char *close;
};

static const struct signs edn = {":",   " ", ":",  "",  ", ",
                                 "nil", "",  "\n", "\n"};
static const struct signs json = {"\"",   "\":", "\"",  "\"", ",",
                                  "null", "[",   ",\n", "]\n"};

struct writer {
    FILE *file;
    const struct fl_history *h;
    const struct signs *signs;
};

static void write_name(const struct writer *w, const char *name)
{
    (void)fprintf(w->file, "%s%s%s", w->signs->member, name, w->signs->is);
}

static void write_word(const struct writer *w, const char *name,
                       const char *word)
{
    write_name(w, name);
    (void)fprintf(w->file, "%s%s%s", w->signs->word, word, w->signs->word_end);
}

static const char *item_gap(const struct writer *w)
{
    return w->signs == &json ? "," : " ";
}

static void write_bits(const struct writer *w, fl_value value)
{
    const char *before = "[";
    for (int bit = 0; bit < 63; bit++) {
        if ((uint64_t)value >> bit & 1) {
            (void)fprintf(w->file, "%s%d", before, bit);
            before = item_gap(w);
        }
    }
    (void)fputs(value == 0 ? "[]" : "]", w->file);
}

static void write_value(const struct writer *w, enum fl_kind kind,
                        fl_value value)
{
    if (value == FL_NONE) {
        (void)fputs(w->signs->nothing, w->file);
        return;
    }
    switch (kind) {
    case FL_KIND_VOID:
        (void)fputs(w->signs->nothing, w->file);
        break;
    case FL_KIND_INT:
        (void)fprintf(w->file, "%" PRId64, value);
        break;
    case FL_KIND_BOOL:
        (void)fputs(value ? "true" : "false", w->file);
        break;
    case FL_KIND_STRING:
        fl_line_write_text(w->file, w->h, value);
        break;
    case FL_KIND_BITS:
        write_bits(w, value);
        break;
    }
}

/* Writes nil, the argument, or both in a vector. */
static void write_args(const struct writer *w, const struct fl_operation *op)
{
    const struct fl_operation_type *type = &w->h->model->types[op->fn];
    uint32_t count = fl_write_args(type);
    (void)fputs(count > 1 ? "[" : count == 0 ? w->signs->nothing : "", w->file);
    for (uint32_t i = 0; i < count; i++) {
        (void)fputs(i > 0 ? item_gap(w) : "", w->file);
        write_value(w, type->args[i], op->args[i]);
    }
    (void)fputs(count > 1 ? "]" : "", w->file);
}

static void write_half(const struct writer *w, const struct fl_operation *op,
                       bool is_call)
{
    assert(op->fn < w->h->model->types_count);
    const struct fl_operation_type *type = &w->h->model->types[op->fn];
    const char *next = w->signs->next;
    bool answers = type->result != FL_KIND_VOID && type->result != FL_KIND_BOOL;
    bool refused = type->result == FL_KIND_BOOL && op->result == 0;
    (void)fputs("{", w->file);
    write_name(w, "process");
    (void)fprintf(w->file, "%u%s", op->client, next);
    write_word(w, "type", is_call ? "invoke" : refused ? "fail" : "ok");
    (void)fputs(next, w->file);
    write_word(w, "f", type->name);
    if (op->key != FL_NONE) {
        bool is_text = op->key >= FL_TEXT_KEYS;
        (void)fputs(next, w->file);
        write_name(w, "key");
        write_value(w, is_text ? FL_KIND_STRING : FL_KIND_INT,
                    is_text ? op->key - FL_TEXT_KEYS : op->key);
    }
    (void)fputs(next, w->file);
    write_name(w, "value");
    bool echoes = is_call || !answers || fl_write_args(type) > 0;
    if (echoes) {
        write_args(w, op);
    } else {
        write_value(w, type->result, op->result);
    }
    if (!is_call && answers && echoes) {
        (void)fputs(next, w->file);
        write_name(w, "result");
        write_value(w, type->result, op->result);
    }
    (void)fputs("}", w->file);
}

/* What a client was told of its last operation, as that one's answer is. */
static void write_told(const struct writer *w, const struct fl_event *event)
{
    static const char *const done[] = {"nil", "false", "true"};
    enum fl_kind kind = FL_KIND_VOID;
    for (uint32_t i = 0; i < w->h->count; i++) {
        const struct fl_operation *op = &w->h->operations[i];
        if (op->client == event->client && op->call < event->at) {
            kind = w->h->model->types[op->fn].result;
        }
    }
    (void)fprintf(w->file, ", :done %s", done[event->resolved]);
    if (event->resolved == FL_RESOLVED_DONE && event->result != FL_NONE) {
        (void)fputs(", :result ", w->file);
        write_value(w, kind, event->result);
    }
}

static void write_trouble(const struct writer *w, const struct fl_event *event)
{
    static const char *const names[] = {
        [FL_EVENT_CRASH] = "crash",     [FL_EVENT_CRASH_ALL] = "crash_all",
        [FL_EVENT_RECOVER] = "recover", [FL_EVENT_RESOLVE] = "resolve",
        [FL_EVENT_SYNC] = "sync",
    };
    assert(w->signs == &edn);
    (void)fprintf(w->file, "{:process :nemesis, :type :info, :f :%s, :value %u",
                  names[event->kind], event->client);
    if (event->kind == FL_EVENT_RESOLVE) {
        write_told(w, event);
    }
    (void)fputs("}", w->file);
}

static enum fl_status write_all(const struct writer *w)
{
    struct fl_moment *moments = fl_moments_list(w->h);
    if (moments == NULL) {
        return FL_NO_MEMORY;
    }
    const char *before = w->signs->open;
    for (uint32_t at = 0; at < w->h->stamps; at++) {
        uint32_t i = moments[at].index;
        if (moments[at].kind == FL_MOMENT_NOTHING) {
            continue;
        }
        (void)fputs(before, w->file);
        before = w->signs->between;
        if (moments[at].kind == FL_MOMENT_EVENT) {
            write_trouble(w, &w->h->events[i]);
        } else {
            write_half(w, &w->h->operations[i],
                       moments[at].kind == FL_MOMENT_CALL);
        }
    }
    free(moments);
    if (before == w->signs->open) {
        (void)fputs(before, w->file); /* nothing happened */
    }
    (void)fputs(w->signs->close, w->file);
    return fl_write_end(w->file);
}

enum fl_status fl_edn_write(FILE *file, const struct fl_history *h,
                            const struct fl_header *header)
{
    struct writer w = {.file = file, .h = h, .signs = &edn};
    (void)fputs(";; faultline ", file);
    fl_line_write_header(file, h, header);
    return write_all(&w);
}

enum fl_status fl_knossos_write(FILE *file, const struct fl_history *h,
                                const struct fl_header *header)
{
    struct writer w = {.file = file, .h = h, .signs = &edn};
    char text[200];
    return fl_knossos_fits(h, header, text, sizeof(text)) ? write_all(&w)
                                                          : FL_BAD_INPUT;
}

enum fl_status fl_jepsen_json_write(FILE *file, const struct fl_history *h,
                                    const struct fl_header *header)
{
    struct writer w = {.file = file, .h = h, .signs = &json};
    char text[200];
    return fl_knossos_fits(h, header, text, sizeof(text)) ? write_all(&w)
                                                          : FL_BAD_INPUT;
}

enum fl_status fl_porcupine_kv_write(FILE *file, const struct fl_history *h,
                                     const struct fl_header *header)
{
    struct writer w = {.file = file, .h = h, .signs = &edn};
    char text[200];
    return fl_porcupine_kv_fits(h, header, text, sizeof(text)) ? write_all(&w)
                                                               : FL_BAD_INPUT;
}
