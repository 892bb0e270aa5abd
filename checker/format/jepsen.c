/*
 * Histories as Jepsen keeps them: one map an event, in a vector, a list, or
 * bare; EDN or JSON.
 *
 *     {:process 4, :type :invoke, :f :write, :value 2, :time 341, :index 0}
 *     {:process 4, :type :ok, :f :write, :value 2}
 *
 * :ok says that it took effect, :info that nobody knows, and :fail that it did
 * not happen: such a pair is left out.  The nemesis is no client.  A value
 * [k v] where one is wanted is a key and a value.  Times are not read: the
 * order of the events is what counts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/edn.h"
#include "checker/format/parse.h"

#include <assert.h>
#include <string.h>

enum {
    LIST_MAX = 2, /* values of a list that are kept */
    BITS_MAX = 63
};

/* A value as it stands there. */
struct form {
    struct fl_scalar key;            /* of [k [a b]] */
    struct fl_scalar item[LIST_MAX]; /* a scalar is item[0] alone */
    uint32_t count;
    bool is_list;
    bool is_odd;   /* what no model has */
    uint64_t bits; /* of a list of small numbers */
    bool has_bits;
};

enum event_type {
    EVENT_UNSAID,
    EVENT_INVOKE,
    EVENT_OK,
    EVENT_FAIL,
    EVENT_INFO,
};

/* One map. */
struct event {
    enum event_type type;
    bool has_process;
    bool is_client; /* the process is a number */
    int64_t process;
    char f[24];
    struct form value;
    struct fl_scalar key;
    struct form result;    /* where it is not the value */
    struct fl_scalar done; /* of a resolve: what its client was told */
    uint32_t line;
    uint32_t column;
};

struct parser {
    struct fl_draft *draft;
    struct fl_edn edn;
    bool own; /* our writer wrote it */
};

/* Makes a scalar of the token that was just taken. */
static bool take_scalar(struct parser *p, enum fl_edn_kind kind,
                        struct fl_scalar *scalar)
{
    *scalar = (struct fl_scalar){FL_SCALAR_ODD, 0};
    switch (kind) {
    case FL_EDN_NIL:
        scalar->kind = FL_SCALAR_NONE;
        return true;
    case FL_EDN_BOOL:
        *scalar = (struct fl_scalar){FL_SCALAR_BOOL, p->edn.number};
        return true;
    case FL_EDN_INTEGER:
        *scalar = (struct fl_scalar){FL_SCALAR_INT, p->edn.number};
        return true;
    case FL_EDN_STRING:
    case FL_EDN_KEYWORD:
        return fl_draft_text(p->draft, FL_SCALAR_TEXT, fl_edn_text(&p->edn),
                             p->edn.size, scalar);
    case FL_EDN_OPEN:
    case FL_EDN_SYMBOL:
        return fl_edn_skip(&p->edn, kind);
    case FL_EDN_END:
    case FL_EDN_CLOSE:
    case FL_EDN_HEADER:
        break;
    }
    return fl_edn_unexpected(&p->edn, kind, "a value");
}

static void add_item(struct form *form, struct fl_scalar scalar)
{
    bool is_bit = scalar.kind == FL_SCALAR_INT && scalar.value >= 0 &&
                  scalar.value < BITS_MAX;
    form->has_bits = form->has_bits && is_bit;
    form->bits |= is_bit ? (uint64_t)1 << scalar.value : 0;
    if (form->count < LIST_MAX) {
        form->item[form->count] = scalar;
    }
    form->count++;
}

/* Takes the scalars of a list up to its end.  `*inner` says that a list came
 * instead, whose bracket was taken. */
static bool take_items(struct parser *p, struct form *form, bool *inner)
{
    *inner = false;
    enum fl_edn_kind kind = fl_edn_next(&p->edn);
    while (kind != FL_EDN_CLOSE) {
        struct fl_scalar scalar;
        if (kind == FL_EDN_OPEN && p->edn.bracket != '{') {
            *inner = true;
            return true;
        }
        if (!take_scalar(p, kind, &scalar)) {
            return false;
        }
        add_item(form, scalar);
        kind = fl_edn_next(&p->edn);
    }
    return true;
}

static void begin_list(struct form *form)
{
    struct fl_scalar key = form->key;
    *form = (struct form){.key = key, .is_list = true, .has_bits = true};
}

/* Takes a list: [a b], or [k [a b]], whose key goes to form->key. */
static bool take_list(struct parser *p, struct form *form)
{
    bool inner;
    assert(p->edn.depth > 0);
    begin_list(form);
    if (!take_items(p, form, &inner)) {
        return false;
    }
    if (!inner) {
        return true;
    }
    bool is_keyed = form->count == 1;
    form->key = form->item[0];
    begin_list(form);
    uint32_t depth = p->edn.depth;
    if (!take_items(p, form, &inner)) {
        return false;
    }
    form->is_odd = !is_keyed || inner;
    /* what is left of the lists that are open */
    while (p->edn.depth >= depth - 1) {
        enum fl_edn_kind kind = fl_edn_next(&p->edn);
        form->is_odd = form->is_odd || kind != FL_EDN_CLOSE;
        if (kind != FL_EDN_CLOSE && kind != FL_EDN_OPEN &&
            !fl_edn_skip(&p->edn, kind)) {
            return false;
        }
    }
    return true;
}

static bool take_form(struct parser *p, struct form *form)
{
    enum fl_edn_kind kind = fl_edn_next(&p->edn);
    *form = (struct form){.key = {FL_SCALAR_ABSENT, 0}};
    if (kind == FL_EDN_OPEN && p->edn.bracket != '{') {
        return take_list(p, form);
    }
    form->count = 1;
    return take_scalar(p, kind, &form->item[0]);
}

/* Takes a name: a keyword, or, in JSON, a text. */
static bool take_name(struct parser *p, const char *what, char *name,
                      size_t max)
{
    enum fl_edn_kind kind = fl_edn_next(&p->edn);
    if (kind != FL_EDN_KEYWORD && kind != FL_EDN_STRING) {
        return fl_edn_unexpected(&p->edn, kind, what);
    }
    if (p->edn.size >= max) {
        return fl_edn_fail(&p->edn, "expected %s, found \"%.40s...\"", what,
                           fl_edn_text(&p->edn));
    }
    (void)snprintf(name, max, "%s", fl_edn_text(&p->edn));
    return true;
}

static bool take_type(struct parser *p, enum event_type *type)
{
    static const char *const names[] = {"", "invoke", "ok", "fail", "info"};
    char name[16];
    if (!take_name(p, "invoke, ok, fail or info", name, sizeof(name))) {
        return false;
    }
    for (int i = EVENT_INVOKE; i <= EVENT_INFO; i++) {
        if (strcmp(names[i], name) == 0) {
            *type = (enum event_type)i;
            return true;
        }
    }
    return fl_edn_fail(&p->edn, "expected invoke, ok, fail or info, found %s",
                       name);
}

static bool take_process(struct parser *p, struct event *event)
{
    enum fl_edn_kind kind = fl_edn_next(&p->edn);
    event->has_process = true;
    event->is_client = kind == FL_EDN_INTEGER;
    event->process = event->is_client ? p->edn.number : 0;
    if (event->is_client && event->process < 0) {
        return fl_edn_fail(&p->edn, "a process must be 0 or more");
    }
    return event->is_client || kind == FL_EDN_KEYWORD ||
           kind == FL_EDN_STRING || kind == FL_EDN_NIL ||
           fl_edn_unexpected(&p->edn, kind, "a process");
}

/* Takes the value of the member whose name was just taken. */
static bool take_member(struct parser *p, struct event *event)
{
    const char *name = fl_edn_text(&p->edn);
    assert(p->edn.depth > 0);
    if (strcmp(name, "type") == 0) {
        return take_type(p, &event->type);
    }
    if (strcmp(name, "f") == 0) {
        return take_name(p, "the name of an operation", event->f,
                         sizeof(event->f));
    }
    if (strcmp(name, "process") == 0) {
        return take_process(p, event);
    }
    if (strcmp(name, "value") == 0) {
        return take_form(p, &event->value);
    }
    if (strcmp(name, "result") == 0) {
        return take_form(p, &event->result);
    }
    struct fl_scalar *scalar = strcmp(name, "key") == 0    ? &event->key
                               : strcmp(name, "done") == 0 ? &event->done
                                                           : NULL;
    enum fl_edn_kind kind = fl_edn_next(&p->edn);
    return scalar != NULL ? take_scalar(p, kind, scalar)
                          : fl_edn_skip(&p->edn, kind);
}

static bool take_map(struct parser *p, struct event *event)
{
    *event = (struct event){.line = p->edn.line, .column = p->edn.column};
    for (;;) {
        enum fl_edn_kind kind = fl_edn_next(&p->edn);
        if (kind == FL_EDN_CLOSE) {
            break;
        }
        if (kind == FL_EDN_KEYWORD || kind == FL_EDN_STRING) {
            if (!take_member(p, event)) {
                return false;
            }
            continue;
        }
        /* any other name, with its value */
        if (!fl_edn_skip(&p->edn, kind) ||
            !fl_edn_skip(&p->edn, fl_edn_next(&p->edn))) {
            return false;
        }
    }
    const char *missing = !event->has_process           ? "process"
                          : event->type == EVENT_UNSAID ? "type"
                          : event->f[0] == '\0'         ? "f"
                                                        : NULL;
    return missing == NULL ||
           fl_source_fail(p->draft->source, event->line, event->column,
                          "an event needs %s%s", p->edn.json ? "" : ":",
                          missing);
}

static void set_arguments(struct fl_draft_operation *op,
                          const struct event *event)
{
    const struct form *value = &event->value;
    assert(event->type == EVENT_INVOKE && event->is_client);
    struct fl_scalar odd = {FL_SCALAR_ODD, 0};
    bool is_odd = value->is_odd || (value->is_list && value->count > LIST_MAX);
    fl_draft_set(op, FL_SLOT_KEY,
                 event->key.kind != FL_SCALAR_ABSENT ? event->key : value->key);
    fl_draft_set(op, FL_SLOT_FIRST, is_odd ? odd : value->item[0]);
    if (value->count == LIST_MAX) {
        fl_draft_set(op, FL_SLOT_SECOND, value->item[1]);
    }
}

static void set_result(struct fl_draft_operation *op, const struct event *event)
{
    bool is_said = event->result.is_list || event->result.count > 0;
    const struct form *value = is_said ? &event->result : &event->value;
    assert(event->type == EVENT_OK);
    struct fl_scalar result = {FL_SCALAR_ODD, 0};
    if (value->is_list && value->count == LIST_MAX && !value->is_odd) {
        fl_draft_set(op, FL_SLOT_RESULT_FIRST, value->item[0]);
        result = value->item[1];
    } else if (value->is_list && value->has_bits && !value->is_odd) {
        result = (struct fl_scalar){FL_SCALAR_BITS, (int64_t)value->bits};
    } else if (!value->is_list) {
        result = value->item[0];
    }
    fl_draft_set(op, FL_SLOT_RESULT, result);
}

static bool finish_operation(struct parser *p, const struct event *event)
{
    static const char *const answers[] = {"", "", ":ok", ":fail", ":info"};
    struct fl_draft_operation *op;
    assert(event->type >= EVENT_OK);
    struct fl_draft *draft = p->draft;
    uint32_t line = draft->source->line;
    draft->source->line = event->line;
    const char *what = answers[event->type];
    bool done = event->type == EVENT_INFO
                    ? fl_draft_give_up(draft, event->process, what)
                    : fl_draft_return(draft, event->process, what, &op);
    draft->source->line = line;
    if (!done || event->type == EVENT_INFO) {
        return done;
    }
    op->return_column = event->column;
    if (strcmp(draft->names[op->name], event->f) != 0) {
        return fl_source_fail(draft->source, event->line, event->column,
                              "answers %s, but client %lld called %s in line "
                              "%u",
                              event->f, (long long)event->process,
                              draft->names[op->name], op->line);
    }
    if (event->type == EVENT_FAIL) {
        op->outcome = FL_OUTCOME_FAIL;
        return true;
    }
    set_result(op, event);
    return true;
}

/* What a client was told: goes into the event that was added last. */
static bool add_told(struct parser *p, const struct event *event)
{
    struct fl_history *h = p->draft->h;
    assert(h->events_count > 0);
    struct fl_event *told = &h->events[h->events_count - 1];
    const struct form *result = &event->result;
    bool is_said = event->done.kind == FL_SCALAR_BOOL;
    if (!is_said && event->done.kind != FL_SCALAR_NONE) {
        return fl_source_fail(p->draft->source, event->line, event->column,
                              "resolve needs :done, true, false or nil");
    }
    told->resolved = !is_said                 ? FL_RESOLVED_UNKNOWN
                     : event->done.value != 0 ? FL_RESOLVED_DONE
                                              : FL_RESOLVED_NOT_DONE;
    if (result->is_list && result->has_bits && !result->is_odd) {
        told->result = (fl_value)result->bits;
    } else if (result->count > 0 && result->item[0].kind != FL_SCALAR_NONE) {
        told->result = result->item[0].value;
    }
    return result->count == 0 || result->item[0].kind != FL_SCALAR_ODD ||
           fl_source_fail(p->draft->source, event->line, event->column,
                          "no model answers like this");
}

/* What befell a client, in a history of ours. */
static bool add_trouble(struct parser *p, const struct event *event)
{
    static const char *const names[] = {"crash", "crash_all", "recover",
                                        "resolve", "sync"};
    const struct fl_scalar *client = &event->value.item[0];
    for (int i = 0; i < 5; i++) {
        if (strcmp(names[i], event->f) != 0) {
            continue;
        }
        enum fl_event_kind kind = (enum fl_event_kind)i;
        return fl_draft_event(p->draft, kind,
                              client->kind == FL_SCALAR_INT ? client->value
                                                            : 0) &&
               (kind != FL_EVENT_RESOLVE || add_told(p, event));
    }
    return true;
}

static bool add_event(struct parser *p, const struct event *event)
{
    if (!event->is_client) {
        return !p->own || add_trouble(p, event);
    }
    if (event->type != EVENT_INVOKE) {
        return finish_operation(p, event);
    }
    struct fl_draft_operation op = {
        .client = event->process, .line = event->line, .column = event->column};
    set_arguments(&op, event);
    return fl_draft_name(p->draft, &op, event->f) &&
           fl_draft_call(p->draft, &op);
}

/* Takes the header that our writer leaves in a comment. */
static bool take_header(struct parser *p)
{
    if (p->draft->count + p->draft->passed > 0 || p->own) {
        return fl_edn_fail(&p->edn, "a second history; this form holds one");
    }
    p->own = fl_draft_header(p->draft, fl_edn_text(&p->edn), p->edn.size,
                             p->edn.line, p->edn.column);
    p->draft->rules.failures_observe =
        p->own && !p->draft->rules.nil_is_unknown;
    return p->own;
}

static bool parse_events(struct parser *p)
{
    uint32_t lists = 0; /* how deep the list of events lies: 0 or 1 */
    for (;;) {
        enum fl_edn_kind kind = fl_edn_next(&p->edn);
        bool is_open = kind == FL_EDN_OPEN;
        if (kind == FL_EDN_END) {
            return lists == 0 && p->draft->source->status == FL_OK
                       ? true
                       : fl_edn_unexpected(&p->edn, kind, "an event or ']'");
        }
        struct event event;
        bool taken = true;
        if (kind == FL_EDN_HEADER) {
            taken = take_header(p);
        } else if (kind == FL_EDN_CLOSE) {
            lists = 0;
        } else if (is_open && p->edn.bracket == '{') {
            taken = take_map(p, &event) && add_event(p, &event);
        } else if (is_open && lists == 0) {
            lists = 1;
        } else {
            taken = fl_edn_unexpected(&p->edn, kind, "an event: {...}");
        }
        if (!taken) {
            return false;
        }
    }
}

static bool parse(struct fl_draft *draft, bool json)
{
    struct parser p = {.draft = draft};
    p.edn = (struct fl_edn){.source = draft->source, .json = json};
    draft->rules.echoes = true;
    bool parsed = parse_events(&p);
    fl_block_release(&p.edn.block);
    return parsed;
}

bool fl_parse_edn(struct fl_draft *draft)
{
    return parse(draft, false);
}

bool fl_parse_knossos(struct fl_draft *draft)
{
    draft->rules.nil_is_unknown = true;
    return parse(draft, false);
}

bool fl_parse_json(struct fl_draft *draft)
{
    draft->rules.nil_is_unknown = true;
    return parse(draft, true);
}

bool fl_parse_porcupine_kv(struct fl_draft *draft)
{
    draft->rules.model = "kv";
    draft->rules.nil_is_empty = true;
    return parse(draft, false);
}
