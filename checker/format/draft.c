/*
 * Filling a draft: who has what in flight.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/draft.h"

#include "checker/format/jsonl_line.h"
#include "checker/model.h"
#include "checker/strings.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum {
    CLIENTS_FIRST = 64, /* places in the table; a power of two */
    IDLE = -1
};

/* A place in the table of clients. */
struct fl_draft_client {
    int64_t number;
    int64_t flying; /* the number of the operation in flight, or IDLE */
    uint32_t line;  /* of that */
    bool used;
    bool given_up; /* it will never say what became of it */
};

bool fl_draft_init(struct fl_draft *draft, struct fl_source *source,
                   const struct fl_model *model)
{
    *draft = (struct fl_draft){.source = source};
    draft->header = (struct fl_header){.expect = -1, .criterion = -1};
    draft->h = fl_history_new(model, 0, 0);
    if (draft->h == NULL) {
        return fl_source_no_memory(source);
    }
    draft->h->strings = fl_strings_new();
    return draft->h->strings != NULL || fl_source_no_memory(source);
}

void fl_draft_release(struct fl_draft *draft)
{
    fl_history_free(draft->h);
    fl_block_release(&draft->operations);
    fl_block_release(&draft->clients);
}

struct fl_draft_operation *fl_draft_operations(const struct fl_draft *draft)
{
    return draft->operations.data;
}

struct fl_draft_operation *fl_draft_at(const struct fl_draft *draft,
                                       uint64_t number)
{
    assert(number >= draft->passed && number - draft->passed < draft->count);
    return fl_draft_operations(draft) + draft->first + (number - draft->passed);
}

bool fl_draft_text(struct fl_draft *draft, enum fl_scalar_kind kind,
                   const char *text, size_t size, struct fl_scalar *scalar)
{
    assert(kind == FL_SCALAR_TEXT || kind == FL_SCALAR_RAW);
    scalar->kind = kind;
    scalar->value = fl_strings_add(draft->h->strings, text, size);
    return scalar->value >= 0 || fl_source_no_memory(draft->source);
}

void fl_draft_set(struct fl_draft_operation *op, enum fl_slot slot,
                  struct fl_scalar scalar)
{
    op->kind[slot] = (uint8_t)scalar.kind;
    op->value[slot] = scalar.value;
}

bool fl_draft_name(struct fl_draft *draft, struct fl_draft_operation *op,
                   const char *name)
{
    for (uint32_t i = 0; i < draft->names_count; i++) {
        if (strcmp(draft->names[i], name) == 0) {
            op->name = (uint16_t)i;
            return true;
        }
    }
    if (draft->names_count == FL_DRAFT_NAMES_MAX ||
        strlen(name) >= sizeof(draft->names[0])) {
        return fl_source_fail(draft->source, op->line, op->column,
                              "no model has an operation \"%.40s\"", name);
    }
    op->name = (uint16_t)draft->names_count;
    (void)snprintf(draft->names[op->name], sizeof(draft->names[0]), "%s", name);
    draft->names_count++;
    return true;
}

/* Keeps an operation. */
static bool append(struct fl_draft *draft, const struct fl_draft_operation *op)
{
    assert(draft->source->status == FL_OK);
    assert(op->name < draft->names_count);
    if (draft->passage != NULL && !fl_draft_make_room(draft)) {
        return false;
    }
    if (draft->passage == NULL && draft->count >= FL_JSONL_OPERATIONS_MAX) {
        return fl_source_fail(draft->source, op->line, op->column,
                              "more than %d operations",
                              FL_JSONL_OPERATIONS_MAX);
    }
    size_t size = (draft->first + draft->count + 1ul) * sizeof(*op);
    if (!fl_block_reserve(&draft->operations, size)) {
        return fl_source_no_memory(draft->source);
    }
    fl_draft_operations(draft)[draft->first + draft->count] = *op;
    draft->count++;
    return true;
}

bool fl_draft_add(struct fl_draft *draft, const struct fl_draft_operation *op)
{
    struct fl_draft_operation whole = *op;
    whole.known = true;
    return append(draft, &whole) && fl_draft_pass(draft);
}

/* The place of client `number` in a table of `places`: its own, or a free one.
 */
static struct fl_draft_client *find_place(struct fl_draft_client *clients,
                                          size_t places, int64_t number)
{
    assert(places > 0 && (places & (places - 1)) == 0);
    size_t i = (size_t)((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    for (i &= places - 1; clients[i].used && clients[i].number != number;) {
        i = (i + 1) & (places - 1);
    }
    return &clients[i];
}

/* Doubles the table. */
static bool grow_clients(struct fl_draft *draft)
{
    size_t places = draft->places == 0 ? CLIENTS_FIRST : draft->places * 2;
    struct fl_block block = {NULL, 0};
    if (!fl_block_reserve(&block, places * sizeof(struct fl_draft_client))) {
        return fl_source_no_memory(draft->source);
    }
    memset(block.data, 0, block.size);
    const struct fl_draft_client *old = draft->clients.data;
    for (size_t i = 0; i < draft->places; i++) {
        if (old[i].used) {
            *find_place(block.data, places, old[i].number) = old[i];
        }
    }
    fl_block_release(&draft->clients);
    draft->clients = block;
    draft->places = places;
    return true;
}

/* The client with this number, made if it is new; NULL when memory ends. */
static struct fl_draft_client *take_client(struct fl_draft *draft,
                                           int64_t number)
{
    if ((draft->clients_count + 1ul) * 2 > draft->places &&
        !grow_clients(draft)) {
        return NULL;
    }
    struct fl_draft_client *client =
        find_place(draft->clients.data, draft->places, number);
    if (!client->used) {
        *client = (struct fl_draft_client){
            .number = number, .flying = IDLE, .used = true};
        draft->clients_count++;
    }
    return client;
}

bool fl_draft_call(struct fl_draft *draft, struct fl_draft_operation *op)
{
    assert(op->line > 0 && op->client >= 0);
    struct fl_draft_client *client = take_client(draft, op->client);
    if (client == NULL || !fl_draft_pass(draft)) {
        return false;
    }
    if (client->flying != IDLE) {
        return fl_source_fail(
            draft->source, op->line, op->column,
            client->given_up
                ? "client %" PRId64 " calls again, though it never learnt what "
                  "became of its operation of line %u"
                : "client %" PRId64 " calls while its operation of line %u is "
                  "in flight: that has no response",
            op->client, client->line);
    }
    op->call = draft->now++;
    op->outcome = FL_OUTCOME_OPEN;
    client->flying = (int64_t)(draft->passed + draft->count);
    client->line = op->line;
    return append(draft, op);
}

/* The client that ends its operation; NULL, and the error, if it has none. */
static struct fl_draft_client *find_flying(struct fl_draft *draft,
                                           int64_t number, const char *what)
{
    struct fl_draft_client *client = take_client(draft, number);
    if (client == NULL) {
        return NULL;
    }
    if (client->flying == IDLE || client->given_up) {
        const struct fl_source *source = draft->source;
        (void)fl_source_fail(draft->source, source->line, 1,
                             "%s of client %" PRId64
                             ", which has no operation in flight",
                             what, number);
        return NULL;
    }
    return client;
}

bool fl_draft_return(struct fl_draft *draft, int64_t client, const char *what,
                     struct fl_draft_operation **op)
{
    struct fl_draft_client *flying = find_flying(draft, client, what);
    if (flying == NULL || !fl_draft_pass(draft)) {
        return false;
    }
    *op = fl_draft_at(draft, (uint64_t)flying->flying);
    (*op)->ret = draft->now++;
    (*op)->return_line = draft->source->line;
    (*op)->return_column = 1;
    (*op)->outcome = FL_OUTCOME_OK;
    flying->flying = IDLE;
    return true;
}

bool fl_draft_give_up(struct fl_draft *draft, int64_t client, const char *what)
{
    struct fl_draft_client *flying = find_flying(draft, client, what);
    if (flying == NULL || !fl_draft_pass(draft)) {
        return false;
    }
    assert(flying->flying != IDLE);
    flying->given_up = true;
    fl_draft_at(draft, (uint64_t)flying->flying)->given_up = true;
    return true;
}

/* Ends what a client has in flight, since it crashed: it may call again. */
static void cut_off(struct fl_draft_client *client)
{
    client->flying = IDLE;
    client->given_up = false;
}

bool fl_draft_event(struct fl_draft *draft, enum fl_event_kind kind,
                    int64_t client)
{
    struct fl_history *h = draft->h;
    uint32_t line = draft->source->line;
    if (draft->passage != NULL) {
        return fl_source_fail(
            draft->source, line, 1,
            "a crash, a sync, or what a client was told needs "
            "the whole history, which a stream does not "
            "hold");
    }
    if (client < 0 || client > FL_JSONL_CLIENT_MAX) {
        return fl_source_fail(draft->source, line, 1,
                              "a client must be from 0 to %d",
                              FL_JSONL_CLIENT_MAX);
    }
    if (h->events_count >= FL_JSONL_CLIENT_MAX) {
        return fl_source_fail(draft->source, line, 1, "too many events");
    }
    if (!fl_history_grow(h, 0, h->events_count + 1)) {
        return fl_source_no_memory(draft->source);
    }
    h->events[h->events_count] = (struct fl_event){.kind = kind,
                                                   .client = (uint32_t)client,
                                                   .at = (uint32_t)draft->now++,
                                                   .result = FL_NONE};
    h->events_count++;
    struct fl_draft_client *one = take_client(draft, client);
    if (one == NULL) {
        return false;
    }
    struct fl_draft_client *clients = draft->clients.data;
    for (size_t i = 0; i < draft->places && kind == FL_EVENT_CRASH_ALL; i++) {
        cut_off(&clients[i]);
    }
    if (kind == FL_EVENT_CRASH) {
        cut_off(one);
    }
    return true;
}

bool fl_draft_header(struct fl_draft *draft, const char *text, size_t size,
                     uint32_t line, uint32_t column)
{
    struct fl_source *source = draft->source;
    struct fl_block block = {NULL, 0};
    struct fl_json json = {.start = text,
                           .at = text,
                           .end = text + size,
                           .line = line,
                           .error = source->error,
                           .text = &block};
    struct fl_json look = json;
    enum fl_line_kind kind = FL_LINE_OPERATION;
    fl_value initial = draft->h->initial;
    assert(source->status == FL_OK);
    bool taken = fl_line_kind(&look, &kind);
    if (taken && kind != FL_LINE_HEADER) {
        taken = fl_json_fail(&json, text, "expected a header with a \"model\"");
    }
    taken = taken && fl_line_header(&json, draft->h, &draft->header);
    fl_block_release(&block);
    if (!taken) {
        source->status =
            json.no_memory || look.no_memory ? FL_NO_MEMORY : FL_BAD_INPUT;
        source->error->column += column - 1;
    }
    if (draft->has_initial) {
        draft->h->initial = initial; /* the caller's choice wins */
    }
    return taken;
}
