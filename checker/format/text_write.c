/*
 * Writing the plain texts: Jepsen's log lines, and those of published monitors.
 *
 *     etcd-log   INFO  jepsen.util - 0 :invoke :write 3      (with tabs)
 *     limo       [0] call push(3)        [0] return
 *     fptlin     0 1 5 PUSH 3
 *     polylin    push 3 1 5
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/parse.h"
#include "checker/format/write.h"
#include "checker/model.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A number, or a word where there is none. */
static void write_number(FILE *file, fl_value value, const char *none)
{
    if (value == FL_NONE) {
        (void)fputs(none, file);
    } else {
        (void)fprintf(file, "%" PRId64, value);
    }
}

/* Writes one line for each call and return, in their order. */
static enum fl_status
write_moments(FILE *file, const struct fl_history *h,
              void (*write)(FILE *, const struct fl_history *,
                            const struct fl_operation *, bool))
{
    struct fl_moment *moments = fl_moments_list(h);
    if (moments == NULL) {
        return FL_NO_MEMORY;
    }
    for (uint32_t at = 0; at < h->stamps; at++) {
        assert(moments[at].kind != FL_MOMENT_EVENT); /* it fits */
        if (moments[at].kind != FL_MOMENT_NOTHING) {
            write(file, h, &h->operations[moments[at].index],
                  moments[at].kind == FL_MOMENT_CALL);
        }
    }
    free(moments);
    return fl_write_end(file);
}

/* --- Jepsen's log -------------------------------------------------------- */

static void write_log_line(FILE *file, const struct fl_history *h,
                           const struct fl_operation *op, bool is_call)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    uint32_t args = fl_write_args(type);
    bool fails = !is_call && type->result == FL_KIND_BOOL && op->result == 0;
    (void)fprintf(file, "INFO  jepsen.util - %" PRIu32 "\t:%s\t:%s\t",
                  op->client,
                  is_call ? "invoke"
                  : fails ? "fail"
                          : "ok",
                  type->name);
    if (args == 2) {
        (void)fputc('[', file);
        write_number(file, op->args[0], "nil");
        (void)fputc(' ', file);
        write_number(file, op->args[1], "nil");
        (void)fputs("]\n", file);
        return;
    }
    write_number(file,
                 args == 1  ? op->args[0]
                 : !is_call ? op->result
                            : FL_NONE,
                 "nil");
    (void)fputc('\n', file);
}

enum fl_status fl_etcd_log_write(FILE *file, const struct fl_history *h,
                                 const struct fl_header *header)
{
    char text[200];
    if (!fl_etcd_log_fits(h, header, text, sizeof(text))) {
        return FL_BAD_INPUT;
    }
    return write_moments(file, h, write_log_line);
}

/* --- LiMo ---------------------------------------------------------------- */

static void write_limo_line(FILE *file, const struct fl_history *h,
                            const struct fl_operation *op, bool is_call)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    if (!is_call) {
        bool answers = type->result != FL_KIND_VOID;
        (void)fprintf(file, "[%" PRIu32 "] return%s", op->client,
                      answers ? " " : "");
        if (answers) {
            write_number(file, op->result, "empty");
        }
        (void)fputc('\n', file);
        return;
    }
    (void)fprintf(file, "[%" PRIu32 "] call %s", op->client, type->name);
    if (fl_write_args(type) > 0) {
        (void)fprintf(file, "(%" PRId64 ")\n", op->args[0]);
    } else {
        (void)fputs("()\n", file);
    }
}

enum fl_status fl_limo_write(FILE *file, const struct fl_history *h,
                             const struct fl_header *header)
{
    char text[200];
    if (!fl_limo_fits(h, header, text, sizeof(text))) {
        return FL_BAD_INPUT;
    }
    bool is_stack = strcmp(h->model->name, "stack") == 0;
    (void)fprintf(file, "# @object atomic-%s\n", is_stack ? "stack" : "queue");
    return write_moments(file, h, write_limo_line);
}

/* --- fptlin, PolyLin ----------------------------------------------------- */

struct name {
    const char *model;
    const char *fptlin;
    const char *polylin;
};

static const struct name names[] = {
    {"stack", "stack", "stack"},
    {"fifo_queue", "queue", "queue"},
    {"priority_queue", "priorityqueue", "pqueue"},
    {"set", "set", "set"},
    {"deque", NULL, "deque"},
    {"register", "rmw", NULL},
    {"cas_register", "rmw", NULL},
    {"semaphore", "semaphore", NULL},
};

static const struct name *find_name(const struct fl_history *h)
{
    const struct name *found = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].model, h->model->name) == 0) {
            found = &names[i];
        }
    }
    assert(found != NULL); /* it fits */
    return found;
}

/* Arguments, or what came back; of a set and of `try` the truth, too. */
static void write_values(FILE *file, const struct fl_history *h,
                         const struct fl_operation *op)
{
    const struct fl_operation_type *type = &h->model->types[op->fn];
    uint32_t args = fl_write_args(type);
    for (uint32_t i = 0; i < args; i++) {
        (void)fprintf(file, " %" PRId64, op->args[i]);
    }
    if (type->result == FL_KIND_BOOL && args < 2) {
        (void)fprintf(file, " %" PRId64, op->result);
    } else if (args == 0) {
        (void)fputc(' ', file);
        write_number(file, op->result,
                     type->result == FL_KIND_VOID ? "1" : "-1");
    }
}

static const struct shout {
    const char *name;
    const char *shout;
} shouts[] = {
    {"enqueue", "ENQ"},  {"dequeue", "DEQ"}, {"cas", "READ_MODIFY_WRITE"},
    {"release", "INCR"}, {"try", "DECR"},
};

static void write_shout(FILE *file, const char *name)
{
    for (size_t i = 0; i < sizeof(shouts) / sizeof(shouts[0]); i++) {
        if (strcmp(shouts[i].name, name) == 0) {
            (void)fputs(shouts[i].shout, file);
            return;
        }
    }
    for (; *name != '\0'; name++) {
        (void)fputc(toupper((unsigned char)*name), file);
    }
}

enum fl_status fl_fptlin_write(FILE *file, const struct fl_history *h,
                               const struct fl_header *header)
{
    char text[200];
    if (!fl_fptlin_fits(h, header, text, sizeof(text))) {
        return FL_BAD_INPUT;
    }
    (void)fprintf(file, "# %s\n", find_name(h)->fptlin);
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        (void)fprintf(file, "%" PRIu32 " %" PRIu32 " %" PRIu32 " ", op->client,
                      op->call, op->ret);
        write_shout(file, h->model->types[op->fn].name);
        write_values(file, h, op);
        (void)fputc('\n', file);
    }
    return fl_write_end(file);
}

enum fl_status fl_polylin_write(FILE *file, const struct fl_history *h,
                                const struct fl_header *header)
{
    char text[200];
    if (!fl_polylin_fits(h, header, text, sizeof(text))) {
        return FL_BAD_INPUT;
    }
    (void)fprintf(file, "# %s\n", find_name(h)->polylin);
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        (void)fputs(h->model->types[op->fn].name, file);
        write_values(file, h, op);
        (void)fprintf(file, " %" PRIu32 " %" PRIu32 "\n", op->call, op->ret);
    }
    return fl_write_end(file);
}
