/*
 * The hint: the broken invariant, for registers, locks and counters.
 *
 * A hint is a pattern of two to four operations that no order can explain,
 * taken from the monitors' rules (checker.md 4: Gibbons and Korach 1997;
 * Henzinger, Sezgin and Vafeiadis 2013).  It is only said when it is certain;
 * where values repeat, most patterns are silent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/explain_graph.h"

#include <assert.h>
#include <string.h>

bool fl_is_named(const struct fl_history *h, uint32_t i, const char *name)
{
    assert(i < h->count);
    return strcmp(h->model->types[h->operations[i].fn].name, name) == 0;
}

static bool is_read(const struct fl_history *h, uint32_t i)
{
    return fl_is_named(h, i, "read") || fl_is_named(h, i, "get");
}

/* Whether `i` writes, or may have written, and what. */
static bool is_write(const struct fl_history *h, uint32_t i, fl_value *value)
{
    const struct fl_operation *op = &h->operations[i];
    if (fl_is_named(h, i, "cas")) {
        *value = op->args[1];
        return op->ret == FL_OPEN || op->result != 0;
    }
    *value = op->args[0];
    return fl_is_named(h, i, "write") || fl_is_named(h, i, "put");
}

/* The only write of `value` to `key`: its index; FL_OPEN if there is none,
 * h->count if there are several. */
static uint32_t only_write(const struct fl_history *h, fl_value key,
                           fl_value value)
{
    uint32_t found = FL_OPEN;
    fl_value written = FL_NONE;
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->operations[i].key == key && is_write(h, i, &written) &&
            written == value) {
            if (found != FL_OPEN) {
                return h->count;
            }
            found = i;
        }
    }
    return found;
}

static bool precedes(const struct fl_history *h, uint32_t a, uint32_t b)
{
    return h->operations[a].ret < h->operations[b].call;
}

/* Whether the value of write `older` (FL_OPEN: the initial value) is certainly
 * gone once `newer` took effect. */
static bool is_replaced(const struct fl_history *h, uint32_t older,
                        uint32_t newer)
{
    return older != newer && (older == FL_OPEN || precedes(h, older, newer));
}

/* `read` gave a value that nobody wrote, or not yet. */
static bool hint_unwritten(const struct fl_graph *g, struct fl_explanation *e,
                           struct fl_phrase *hint, uint32_t read)
{
    const struct fl_operation *op = &g->h->operations[read];
    uint32_t write = only_write(g->h, op->key, op->result);
    char text[FL_TEXT_MAX];
    fl_describe_result(g->h, op->fn, op->result, text, sizeof(text));
    if (write == FL_OPEN && op->result != g->h->initial &&
        op->result != FL_NONE) {
        fl_phrase_add(hint, text);
        fl_phrase_add(hint, " was read but never written");
    } else if (write < g->h->count && precedes(g->h, read, write)) {
        fl_phrase_add(hint, text);
        fl_phrase_add(hint, " was read before ");
        fl_add_call(hint, g, write);
        fl_phrase_add(hint, " began");
    } else {
        return false;
    }
    e->hint_operations[0] = read;
    return true;
}

/* `read` gave a value that had been overwritten before it began. */
static bool hint_overwritten(const struct fl_graph *g, struct fl_explanation *e,
                             struct fl_phrase *hint, uint32_t read)
{
    const struct fl_history *h = g->h;
    const struct fl_operation *op = &h->operations[read];
    uint32_t write = only_write(h, op->key, op->result);
    fl_value value = FL_NONE;
    char text[FL_TEXT_MAX];
    for (uint32_t i = 0; i < h->count && write != h->count; i++) {
        if (h->operations[i].key != op->key || !is_write(h, i, &value) ||
            !is_replaced(h, write, i) || !precedes(h, i, read)) {
            continue;
        }
        fl_phrase_add(hint, fl_describe_result(h, op->fn, op->result, text,
                                               sizeof(text)));
        fl_phrase_add(hint, " was overwritten by ");
        fl_add_call(hint, g, i);
        fl_phrase_add(hint, " before ");
        fl_add_call(hint, g, read);
        fl_phrase_add(hint, " began");
        e->hint_operations[0] = i;
        e->hint_operations[1] = read;
        return true;
    }
    return false;
}

/* `read` gave an older value than a read that had returned before it. */
static bool hint_inversion(const struct fl_graph *g, struct fl_explanation *e,
                           struct fl_phrase *hint, uint32_t read)
{
    const struct fl_history *h = g->h;
    const struct fl_operation *op = &h->operations[read];
    uint32_t write = only_write(h, op->key, op->result);
    char text[FL_TEXT_MAX];
    for (uint32_t i = 0; i < h->count && write != h->count; i++) {
        const struct fl_operation *before = &h->operations[i];
        if (!is_read(h, i) || before->key != op->key ||
            before->result == op->result || !precedes(h, i, read)) {
            continue;
        }
        uint32_t newer = only_write(h, op->key, before->result);
        if (newer >= h->count || !is_replaced(h, write, newer)) {
            continue;
        }
        fl_add_call(hint, g, i);
        fl_phrase_add(hint, " had already returned ");
        fl_phrase_add(hint, fl_describe_result(h, before->fn, before->result,
                                               text, sizeof(text)));
        fl_phrase_add(hint, ", which is newer, before ");
        fl_add_call(hint, g, read);
        fl_phrase_add(hint, " began");
        e->hint_operations[0] = i;
        e->hint_operations[1] = read;
        return true;
    }
    return false;
}

bool fl_hint_register(const struct fl_graph *g, struct fl_explanation *e)
{
    const struct fl_history *h = g->h;
    struct fl_phrase hint;
    fl_phrase_init(&hint, e->hint, sizeof(e->hint));
    for (uint32_t i = 0; i < h->count; i++) {
        if (fl_is_named(h, i, "append")) {
            return false; /* reads see parts: other rules */
        }
    }
    for (uint32_t i = 0; i < h->count; i++) {
        bool answered = is_read(h, i) && h->operations[i].ret != FL_OPEN;
        if (answered && (hint_unwritten(g, e, &hint, i) ||
                         hint_overwritten(g, e, &hint, i) ||
                         hint_inversion(g, e, &hint, i))) {
            return true;
        }
    }
    return false;
}

/* The section that the acquire `i` begins: from its return until its client
 * calls release.  False: `i` acquired nothing. */
static bool find_section(const struct fl_history *h, uint32_t i, uint32_t *from,
                         uint32_t *until)
{
    const struct fl_operation *op = &h->operations[i];
    bool took = fl_is_named(h, i, "acquire") ||
                (fl_is_named(h, i, "try") && op->result == 1);
    if (!took || op->ret == FL_OPEN) {
        return false;
    }
    *from = op->ret;
    *until = FL_OPEN;
    for (uint32_t j = h->count; j-- > i + 1;) {
        bool releases = fl_is_named(h, j, "release") &&
                        h->operations[j].client == op->client;
        *until = releases ? h->operations[j].call : *until;
    }
    return true;
}

/* Two clients certainly held one lock at the same time. */
static bool hint_lock(const struct fl_graph *g, struct fl_explanation *e)
{
    const struct fl_history *h = g->h;
    uint32_t from[2];
    uint32_t until[2];
    for (uint32_t i = 0; i < h->count; i++) {
        for (uint32_t j = i + 1; j < h->count; j++) {
            const struct fl_operation *a = &h->operations[i];
            const struct fl_operation *b = &h->operations[j];
            if (a->client == b->client || a->key != b->key ||
                !find_section(h, i, &from[0], &until[0]) ||
                !find_section(h, j, &from[1], &until[1]) ||
                from[0] >= until[1] || from[1] >= until[0]) {
                continue;
            }
            struct fl_phrase hint;
            fl_phrase_init(&hint, e->hint, sizeof(e->hint));
            fl_add_client(&hint, g->context, a->client);
            fl_phrase_add(&hint, " and ");
            fl_add_client(&hint, g->context, b->client);
            fl_phrase_add(&hint, " held the lock at the same time");
            e->hint_operations[0] = i;
            e->hint_operations[1] = j;
            return true;
        }
    }
    return false;
}

/* Two increments cannot have found the same value. */
static bool hint_counter(const struct fl_graph *g, struct fl_explanation *e)
{
    const struct fl_history *h = g->h;
    for (uint32_t i = 0; i < h->count; i++) {
        for (uint32_t j = i + 1; j < h->count; j++) {
            const struct fl_operation *a = &h->operations[i];
            const struct fl_operation *b = &h->operations[j];
            if (!fl_is_named(h, i, "add") || !fl_is_named(h, j, "add") ||
                a->ret == FL_OPEN || b->ret == FL_OPEN ||
                a->result != b->result || a->args[0] <= 0 || b->args[0] <= 0) {
                continue;
            }
            char text[FL_TEXT_MAX];
            struct fl_phrase hint;
            fl_phrase_init(&hint, e->hint, sizeof(e->hint));
            fl_add_call(&hint, g, i);
            fl_phrase_add(&hint, " and ");
            fl_add_call(&hint, g, j);
            fl_phrase_add(&hint, " both found ");
            fl_phrase_add(&hint, fl_describe_result(h, a->fn, a->result, text,
                                                    sizeof(text)));
            e->hint_operations[0] = i;
            e->hint_operations[1] = j;
            return true;
        }
    }
    return false;
}

/* Increments that may be negative or of other kinds prove nothing. */
static bool only_grows(const struct fl_history *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        if (!fl_is_named(h, i, "read") && h->operations[i].args[0] <= 0) {
            return false;
        }
    }
    return true;
}

void fl_explain_hint(const struct fl_graph *g, struct fl_explanation *e)
{
    const char *name = g->h->model->name;
    e->hint[0] = '\0';
    if (strcmp(name, "set") == 0) {
        fl_hint_set(g, e);
    } else if (strcmp(name, "lock") == 0 || strcmp(name, "mutex") == 0) {
        hint_lock(g, e);
    } else if (strcmp(name, "counter") == 0) {
        if (only_grows(g->h)) {
            hint_counter(g, e);
        }
    } else if (strcmp(name, "register") == 0 ||
               strcmp(name, "cas_register") == 0 || strcmp(name, "kv") == 0) {
        fl_hint_register(g, e);
    } else {
        fl_hint_container(g, e);
    }
}
