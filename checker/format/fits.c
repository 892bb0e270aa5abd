/*
 * What each form has no place for.
 *
 * A history that a form cannot hold is not written as another one: it is
 * refused, and the first operation that has no place is named.  What stands
 * beside the operations (an initial value, a bound) can be said again when the
 * file is read, so it is left out with a word.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/write.h"

#include "checker/criterion.h"
#include "checker/model.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

struct fit {
    const struct fl_history *h;
    char *text;
    size_t max;
};

static bool refuse(const struct fit *f, const struct fl_operation *op,
                   const char *why)
{
    char call[80];
    assert(op != NULL && why != NULL);
    (void)snprintf(f->text, f->max, "client %" PRIu32 " %s%s%" PRIu32 "%s: %s",
                   op->client, fl_describe_call(f->h, op, call, sizeof(call)),
                   op->line == 0 ? " (stamp " : " (line ",
                   op->line == 0 ? op->call : op->line, ")", why);
    return false;
}

/* No events; keys only where there is a place for them. */
static bool begin(struct fit *f, const struct fl_history *h, char *text,
                  size_t max)
{
    static const char *const names[] = {
        [FL_EVENT_CRASH] = "crash",     [FL_EVENT_CRASH_ALL] = "crash_all",
        [FL_EVENT_RECOVER] = "recover", [FL_EVENT_RESOLVE] = "resolve",
        [FL_EVENT_SYNC] = "sync",
    };
    *f = (struct fit){.h = h, .text = text, .max = max};
    assert(max > 0);
    text[0] = '\0';
    if (h->events_count > 0) {
        (void)snprintf(text, max, "it has no word for %s at %" PRIu32,
                       names[h->events[0].kind], h->events[0].at);
    }
    return h->events_count == 0;
}

/* What is left out of a history that is written. */
static bool end(const struct fit *f, const struct fl_header *header,
                fl_value initial)
{
    const struct fl_history *h = f->h;
    const char *before = "";
    size_t used = 0;
    if (h->initial != initial && h->initial != FL_NONE) {
        int size = snprintf(
            f->text, f->max,
            "left out: the initial value (--initial %" PRId64 ")", h->initial);
        used = size > 0 ? (size_t)size : 0;
        before = ", ";
    }
    if (header != NULL && header->capacity > 0 && used < f->max) {
        int size =
            snprintf(f->text + used, f->max - used, "%scapacity %" PRIu32,
                     used == 0 ? "left out: " : before, header->capacity);
        used += size > 0 ? (size_t)size : 0;
        before = ", ";
    }
    if (header != NULL && header->criterion > 0 && used < f->max) {
        (void)snprintf(f->text + used, f->max - used, "%scriterion %s",
                       used == 0 ? "left out: " : before,
                       fl_criterion_name((enum fl_criterion)header->criterion));
    }
    return true;
}

static bool is_model(const struct fit *f, const char *const *names)
{
    const char *name = f->h->model->name;
    for (uint32_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    (void)snprintf(f->text, f->max, "it has no word for model %s", name);
    return false;
}

bool fl_csv_fits(const struct fl_history *h, const struct fl_header *header,
                 char *text, size_t max)
{
    struct fit f;
    (void)header; /* it stands in a comment */
    return begin(&f, h, text, max);
}

bool fl_knossos_fits(const struct fl_history *h, const struct fl_header *header,
                     char *text, size_t max)
{
    struct fit f;
    if (!begin(&f, h, text, max)) {
        return false;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        const struct fl_operation_type *type = &h->model->types[op->fn];
        bool returned = op->ret != FL_OPEN;
        if (returned && type->result == FL_KIND_BOOL && op->result == 0) {
            return refuse(&f, op, "false would be :fail, which did not happen");
        }
        if (returned && op->result == FL_NONE && type->result != FL_KIND_VOID) {
            return refuse(&f, op, "nil would say nothing");
        }
        if (type->result != FL_KIND_VOID && type->result != FL_KIND_BOOL &&
            fl_write_args(type) > 0) {
            return refuse(&f, op, "no place for a value and an answer");
        }
    }
    return end(&f, header, FL_NONE);
}

bool fl_porcupine_kv_fits(const struct fl_history *h,
                          const struct fl_header *header, char *text,
                          size_t max)
{
    static const char *const models[] = {"kv", NULL};
    struct fit f;
    return begin(&f, h, text, max) && is_model(&f, models) &&
           end(&f, header, FL_NONE);
}

bool fl_etcd_log_fits(const struct fl_history *h,
                      const struct fl_header *header, char *text, size_t max)
{
    static const char *const models[] = {"register", "cas_register", NULL};
    struct fit f;
    if (!begin(&f, h, text, max) || !is_model(&f, models)) {
        return false;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].key != FL_NONE) {
            return refuse(&f, &h->operations[i], "no place for a key");
        }
    }
    return end(&f, header, FL_NONE);
}

/* The texts of monitors: one object, numbers, and -1 for "empty". */
static bool holds_numbers(const struct fit *f, bool whole, bool has_empty)
{
    const struct fl_history *h = f->h;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        const struct fl_operation_type *type = &h->model->types[op->fn];
        if (op->key != FL_NONE) {
            return refuse(f, op, "no place for a key");
        }
        for (uint32_t k = 0; k < fl_write_args(type); k++) {
            if (op->args[k] == FL_NONE) {
                return refuse(f, op, "an argument is a number there");
            }
        }
        if (whole && op->ret == FL_OPEN) {
            return refuse(f, op, "no place for an operation without a return");
        }
        bool answers_minus = type->result == FL_KIND_INT && op->result == -1;
        if (has_empty && answers_minus) {
            return refuse(f, op, "-1 would be \"empty\"");
        }
    }
    return true;
}

bool fl_limo_fits(const struct fl_history *h, const struct fl_header *header,
                  char *text, size_t max)
{
    static const char *const models[] = {"stack", "fifo_queue", NULL};
    struct fit f;
    return begin(&f, h, text, max) && is_model(&f, models) &&
           holds_numbers(&f, false, false) && end(&f, header, FL_NONE);
}

bool fl_polylin_fits(const struct fl_history *h, const struct fl_header *header,
                     char *text, size_t max)
{
    static const char *const models[] = {
        "stack", "fifo_queue", "priority_queue", "set", "deque", NULL};
    struct fit f;
    return begin(&f, h, text, max) && is_model(&f, models) &&
           holds_numbers(&f, true, true) && end(&f, header, FL_NONE);
}

bool fl_fptlin_fits(const struct fl_history *h, const struct fl_header *header,
                    char *text, size_t max)
{
    static const char *const models[] = {
        "stack",    "fifo_queue",   "priority_queue", "set",
        "register", "cas_register", "semaphore",      NULL};
    struct fit f;
    if (!begin(&f, h, text, max) || !is_model(&f, models) ||
        !holds_numbers(&f, true, true)) {
        return false;
    }
    bool is_register = h->model->types[0].pure; /* read comes first */
    is_register = is_register && strstr(h->model->name, "register") != NULL;
    bool is_semaphore = strcmp(h->model->name, "semaphore") == 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        const char *name = h->model->types[op->fn].name;
        if (is_register && (strcmp(name, "cas") != 0 || op->result != 1)) {
            return refuse(&f, op, "only a cas that succeeded has a word");
        }
        if (is_semaphore && strcmp(name, "try") != 0 &&
            strcmp(name, "release") != 0) {
            return refuse(&f, op, "only try and release have a word");
        }
    }
    if ((is_register || is_semaphore) && h->initial != 0) {
        (void)snprintf(text, max, "there a %s holds 0 at first",
                       h->model->name);
        return false;
    }
    return end(&f, header, 0);
}
