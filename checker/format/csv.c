/*
 * Histories as a table, for logs that come out of other programs.
 *
 *     client,op,key,arg1,arg2,result,call,return
 *     0,write,x,1,,,10,25
 *     1,cas,x,1,2,true,12,31
 *     2,read,x,,,,14,
 *
 * The first line names the columns, in any order; op and call are needed.
 * Stamps are numbers of 64 bits in any unit, and equal ones are concurrent; an
 * empty return is an operation that never returned.  A field in quotes is a
 * text, any other what the model makes of it; an empty one, null or nil is
 * nothing.  Without the column client nobody is named, and whoever is free is
 * the client.  Lines that begin with # are comments, and "# faultline {...}"
 * is the header that our writer leaves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/parse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum column {
    COLUMN_CLIENT,
    COLUMN_OP,
    COLUMN_KEY,
    COLUMN_FIRST,
    COLUMN_SECOND,
    COLUMN_RESULT,
    COLUMN_CALL,
    COLUMN_RETURN,
};

enum {
    COLUMNS = COLUMN_RETURN + 1,
    NOWHERE = -1
};

static const char *const column_names[COLUMNS] = {
    "client", "op", "key", "arg1", "arg2", "result", "call", "return"};

/* One field of the current row. */
struct field {
    size_t at; /* in the text */
    size_t size;
    uint32_t line;
    uint32_t column;
    bool quoted;
};

struct parser {
    struct fl_draft *draft;
    struct fl_source *source;
    struct fl_block block; /* the row's fields, each zero-ended */
    size_t size;
    struct field field[COLUMNS];
    uint32_t count;
    int place[COLUMNS]; /* the field of each column, or NOWHERE */
    uint32_t columns;
};

static const char *text_of(const struct parser *p, uint32_t i)
{
    return (const char *)p->block.data + p->field[i].at;
}

static bool fail_at(struct parser *p, uint32_t i, const char *what)
{
    assert(i < p->count);
    return fl_source_fail(p->source, p->field[i].line, p->field[i].column,
                          "expected %s, found \"%.40s\"", what, text_of(p, i));
}

static bool add_byte(struct parser *p, int c)
{
    if (p->size >= FL_SOURCE_LINE_MAX) {
        return fl_source_fail(p->source, p->source->line, 1,
                              "line longer than 1 MiB");
    }
    if (!fl_block_reserve(&p->block, p->size + 1)) {
        return fl_source_no_memory(p->source);
    }
    ((char *)p->block.data)[p->size] = (char)c;
    p->size++;
    return true;
}

/* Takes a field in quotes, whose first was taken. */
static bool take_quoted(struct parser *p, const struct field *field)
{
    for (;;) {
        int c = fl_source_take(p->source);
        if (c == '"' && fl_source_peek(p->source) != '"') {
            return true;
        }
        if (c == '"') {
            (void)fl_source_take(p->source); /* two stand for one */
        }
        if (c == FL_SOURCE_END) {
            p->source->unended = true;
            return fl_source_fail(p->source, field->line, field->column,
                                  "a quote without its end");
        }
        if (!add_byte(p, c)) {
            return false;
        }
    }
}

static bool is_end(int c)
{
    return c == '\n' || c == FL_SOURCE_END;
}

/* Takes a field up to the comma or the end of the line. */
static bool take_field(struct parser *p)
{
    struct field field = {
        .at = p->size, .line = p->source->line, .column = p->source->column};
    int c = fl_source_peek(p->source);
    if (c == '"') {
        field.quoted = true;
        (void)fl_source_take(p->source);
        if (!take_quoted(p, &field)) {
            return false;
        }
        c = fl_source_peek(p->source);
        if (c == '\r') {
            (void)fl_source_take(p->source);
            c = fl_source_peek(p->source);
        }
        if (c != ',' && !is_end(c)) {
            return fl_source_fail(p->source, p->source->line, p->source->column,
                                  "expected ',' after the quote");
        }
    }
    for (; c != ',' && !is_end(c); c = fl_source_peek(p->source)) {
        (void)fl_source_take(p->source);
        if (c != '\r' && !add_byte(p, c)) {
            return false;
        }
    }
    assert(p->size >= field.at);
    field.size = p->size - field.at;
    if (p->count == COLUMNS) {
        return fl_source_fail(p->source, field.line, field.column,
                              "more than %d fields", COLUMNS);
    }
    p->field[p->count] = field;
    p->count++;
    return add_byte(p, '\0');
}

/* Takes a row; `*any` is false at the end. */
static bool take_row(struct parser *p, bool *any)
{
    p->size = 0;
    p->count = 0;
    while (fl_source_peek(p->source) == '\n' ||
           fl_source_peek(p->source) == '\r') {
        (void)fl_source_take(p->source);
    }
    *any = fl_source_peek(p->source) != FL_SOURCE_END;
    bool more = *any;
    while (more) {
        if (!take_field(p)) {
            return false;
        }
        more = fl_source_peek(p->source) == ',';
        (void)fl_source_take(p->source);
    }
    p->source->unended = p->source->at_end && *any;
    return p->source->status == FL_OK;
}

/* Takes the comments before the table. */
static bool take_comments(struct parser *p)
{
    static const char mark[] = " faultline {";
    while (fl_source_peek(p->source) == '#') {
        uint32_t line = p->source->line;
        (void)fl_source_take(p->source);
        p->size = 0;
        while (!is_end(fl_source_peek(p->source))) {
            if (!add_byte(p, fl_source_take(p->source))) {
                return false;
            }
        }
        (void)fl_source_take(p->source);
        if (p->source->status != FL_OK) {
            return false;
        }
        size_t skipped = sizeof(mark) - 2; /* all but the bracket */
        if (p->size > skipped &&
            memcmp(p->block.data, mark, skipped + 1) == 0) {
            if (!fl_draft_header(
                    p->draft, (const char *)p->block.data + skipped,
                    p->size - skipped, line, (uint32_t)skipped + 2)) {
                return false;
            }
        }
    }
    return p->source->status == FL_OK;
}

static bool take_names(struct parser *p)
{
    bool any;
    for (int i = 0; i < COLUMNS; i++) {
        p->place[i] = NOWHERE;
    }
    if (!take_row(p, &any)) {
        return false;
    }
    if (!any) {
        return fl_source_fail(p->source, 1, 1, "no history in it");
    }
    for (uint32_t i = 0; i < p->count; i++) {
        int column = 0;
        while (column < COLUMNS &&
               strcmp(column_names[column], text_of(p, i)) != 0) {
            column++;
        }
        if (column == COLUMNS && strcmp(text_of(p, i), "arg") == 0) {
            column = COLUMN_FIRST;
        }
        if (column == COLUMNS || p->place[column] != NOWHERE) {
            return fail_at(p, i,
                           "each once: client, op, key, arg1, arg2, result, "
                           "call, return");
        }
        p->place[column] = (int)i;
    }
    p->columns = p->count;
    bool needed = p->place[COLUMN_OP] != NOWHERE &&
                  p->place[COLUMN_CALL] != NOWHERE &&
                  p->place[COLUMN_RETURN] != NOWHERE;
    return needed || fl_source_fail(p->source, p->field[0].line, 1,
                                    "the columns op, call, return are needed");
}

/* Whether the row says something in this column. */
static bool says(const struct parser *p, enum column column)
{
    int place = p->place[column];
    if (place == NOWHERE) {
        return false;
    }
    const char *text = text_of(p, (uint32_t)place);
    return p->field[place].quoted ||
           (text[0] != '\0' && strcmp(text, "null") != 0 &&
            strcmp(text, "nil") != 0);
}

static bool take_number(struct parser *p, enum column column, const char *what,
                        int64_t *number)
{
    assert(says(p, column));
    uint32_t place = (uint32_t)p->place[column];
    const char *text = text_of(p, place);
    char *end = NULL;
    errno = 0;
    *number = strtoll(text, &end, 10);
    bool begins = text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
    return (begins && *end == '\0' && errno == 0) || fail_at(p, place, what);
}

static bool set_values(struct parser *p, struct fl_draft_operation *op)
{
    static const struct {
        enum column column;
        enum fl_slot slot;
    } values[] = {{COLUMN_KEY, FL_SLOT_KEY},
                  {COLUMN_FIRST, FL_SLOT_FIRST},
                  {COLUMN_SECOND, FL_SLOT_SECOND},
                  {COLUMN_RESULT, FL_SLOT_RESULT}};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct fl_scalar scalar = {FL_SCALAR_NONE, 0};
        if (says(p, values[i].column)) {
            int place = p->place[values[i].column];
            const struct field *field = &p->field[place];
            if (!fl_draft_text(
                    p->draft, field->quoted ? FL_SCALAR_TEXT : FL_SCALAR_RAW,
                    text_of(p, (uint32_t)place), field->size, &scalar)) {
                return false;
            }
        }
        fl_draft_set(op, values[i].slot, scalar);
    }
    return true;
}

static bool add_row(struct parser *p)
{
    struct fl_draft_operation op = {.client = FL_DRAFT_NOBODY,
                                    .outcome = FL_OUTCOME_OPEN,
                                    .line = p->field[0].line,
                                    .column = 1};
    assert(p->count > 0);
    if (p->count != p->columns) {
        return fl_source_fail(p->source, p->field[0].line, 1,
                              "%u fields; the header has %u", p->count,
                              p->columns);
    }
    if (!says(p, COLUMN_OP) || !says(p, COLUMN_CALL) ||
        (!says(p, COLUMN_CLIENT) && p->place[COLUMN_CLIENT] != NOWHERE)) {
        return fl_source_fail(p->source, p->field[0].line, 1,
                              "an operation needs client, op and call");
    }
    if (p->place[COLUMN_CLIENT] != NOWHERE) {
        if (!take_number(p, COLUMN_CLIENT, "a client", &op.client)) {
            return false;
        }
        if (op.client < 0) {
            return fail_at(p, (uint32_t)p->place[COLUMN_CLIENT],
                           "a client of 0 or more");
        }
    }
    if (!take_number(p, COLUMN_CALL, "a stamp", &op.call)) {
        return false;
    }
    if (says(p, COLUMN_RETURN)) {
        op.outcome = FL_OUTCOME_OK;
        if (!take_number(p, COLUMN_RETURN, "a stamp, or nothing", &op.ret)) {
            return false;
        }
    } else if (says(p, COLUMN_RESULT)) {
        return fail_at(p, (uint32_t)p->place[COLUMN_RESULT],
                       "no result, since the operation never returned");
    }
    return set_values(p, &op) &&
           fl_draft_name(p->draft, &op,
                         text_of(p, (uint32_t)p->place[COLUMN_OP])) &&
           fl_draft_add(p->draft, &op);
}

static bool take_table(struct parser *p)
{
    bool any = true;
    if (!take_comments(p) || !take_names(p)) {
        return false;
    }
    while (any) {
        if (!take_row(p, &any)) {
            return false;
        }
        if (any && p->source->unended && p->draft->lenient) {
            p->draft->truncated = true; /* half a number would look whole */
            return true;
        }
        if (any && !add_row(p)) {
            return false;
        }
    }
    return true;
}

bool fl_parse_csv(struct fl_draft *draft)
{
    struct parser p = {.draft = draft, .source = draft->source};
    bool taken = take_table(&p);
    fl_block_release(&p.block);
    return taken;
}
