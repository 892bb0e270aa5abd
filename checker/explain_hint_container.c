/*
 * The hint: the broken invariant, for queues, stacks and sets.
 *
 * The patterns are those of the monitors (Henzinger, Sezgin and Vafeiadis
 * 2013: a value from nowhere, a value twice, an order broken, a wrong
 * "empty").  All but the counting ones need the value to be added once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/explain_graph.h"

#include <assert.h>
#include <string.h>

enum role {
    NEITHER,
    ADD,
    REMOVE,
};

/* The words of each operation type that adds or removes one value. */
static const struct verb {
    const char *name;
    const char *done;
    enum role role;
} verbs[] = {
    {"push", "pushed", ADD},      {"pop", "popped", REMOVE},
    {"enqueue", "enqueued", ADD}, {"dequeue", "dequeued", REMOVE},
    {"insert", "inserted", ADD},  {"poll", "taken", REMOVE},
    {"add", "added", ADD},        {"remove", "removed", REMOVE},
};

/* How a container hands its values out. */
enum discipline {
    FIRST_IN,
    LAST_IN,
    GREATEST,
    ANY,
};

/* One search for a pattern. */
struct hunt {
    const struct fl_graph *g;
    const struct fl_history *h;
    struct fl_explanation *e;
    struct fl_phrase *hint;
    enum discipline discipline;
    bool open_removes; /* somebody may have removed we know not what */
};

static const struct verb *verb_of(const struct fl_history *h, uint32_t i)
{
    static const struct verb none = {"", "touched", NEITHER};
    for (size_t k = 0; k < sizeof(verbs) / sizeof(verbs[0]); k++) {
        if (fl_is_named(h, i, verbs[k].name)) {
            return &verbs[k];
        }
    }
    return &none;
}

/* Whether `i` adds or removes a value, which goes to `*value`.  "Full" and
 * "empty" answers do neither. */
static enum role role_of(const struct fl_history *h, uint32_t i,
                         fl_value *value)
{
    const struct fl_operation *op = &h->operations[i];
    const struct verb *verb = verb_of(h, i);
    bool refused = h->model->types[op->fn].result == FL_KIND_BOOL &&
                   op->ret != FL_OPEN && op->result == 0;
    *value = verb->role == ADD ? op->args[0] : op->result;
    return refused || *value == FL_NONE ? NEITHER : verb->role;
}

/* How many operations of `role` have `value`; the first and last of them. */
static uint32_t count_of(const struct fl_history *h, enum role role,
                         fl_value value, uint32_t ends[2])
{
    uint32_t count = 0;
    fl_value other = FL_NONE;
    ends[0] = FL_OPEN;
    ends[1] = FL_OPEN;
    for (uint32_t i = 0; i < h->count; i++) {
        if (role_of(h, i, &other) == role && other == value) {
            ends[0] = count == 0 ? i : ends[0];
            ends[1] = i;
            count++;
        }
    }
    return count;
}

static const char *times(uint32_t count, char *text, size_t max)
{
    if (count == 1) {
        return "once";
    }
    if (count == 2) {
        return "twice";
    }
    struct fl_phrase phrase;
    fl_phrase_init(&phrase, text, max);
    fl_phrase_print(&phrase, "%u times", count);
    return text;
}

static void add_value(struct hunt *hunt, uint32_t remove, fl_value value)
{
    char text[FL_TEXT_MAX];
    fl_phrase_add(hunt->hint,
                  fl_describe_result(hunt->h, hunt->h->operations[remove].fn,
                                     value, text, sizeof(text)));
}

/* A value was removed more often than it was added. */
static bool hint_twice(struct hunt *hunt, uint32_t remove, fl_value value)
{
    uint32_t adds[2];
    uint32_t removes[2];
    uint32_t in = count_of(hunt->h, ADD, value, adds);
    uint32_t out = count_of(hunt->h, REMOVE, value, removes);
    char text[32];
    if (out <= in) {
        return false;
    }
    const struct verb *taken = verb_of(hunt->h, remove);
    assert(taken->role == REMOVE);
    if (in == 0) {
        add_value(hunt, remove, value);
        fl_phrase_print(hunt->hint, " was %s but never added", taken->done);
        hunt->e->hint_operations[0] = remove;
        return true;
    }
    fl_phrase_add(hunt->hint, "the value ");
    add_value(hunt, remove, value);
    fl_phrase_print(hunt->hint, " was %s %s", verb_of(hunt->h, adds[0])->done,
                    times(in, text, sizeof(text)));
    fl_phrase_print(hunt->hint, " but %s %s", taken->done,
                    times(out, text, sizeof(text)));
    hunt->e->hint_operations[0] = removes[0];
    hunt->e->hint_operations[1] = removes[1];
    return true;
}

/* A value was removed before it was added. */
static bool hint_early(struct hunt *hunt, uint32_t remove, fl_value value)
{
    uint32_t adds[2];
    if (count_of(hunt->h, ADD, value, adds) != 1 ||
        hunt->h->operations[remove].ret > hunt->h->operations[adds[0]].call) {
        return false;
    }
    add_value(hunt, remove, value);
    fl_phrase_print(hunt->hint, " was %s before it was %s",
                    verb_of(hunt->h, remove)->done,
                    verb_of(hunt->h, adds[0])->done);
    hunt->e->hint_operations[0] = remove;
    hunt->e->hint_operations[1] = adds[0];
    return true;
}

/* Whether the value added by `add` was certainly inside during all of `i`;
 * its removal, or FL_OPEN, in `*out`. */
static bool was_inside(const struct hunt *hunt, uint32_t add, uint32_t i,
                       uint32_t *out)
{
    const struct fl_history *h = hunt->h;
    uint32_t ends[2];
    fl_value value = FL_NONE;
    *out = FL_OPEN;
    if (role_of(h, add, &value) != ADD ||
        h->operations[add].ret > h->operations[i].call ||
        count_of(h, ADD, value, ends) != 1) {
        return false;
    }
    uint32_t removes = count_of(h, REMOVE, value, ends);
    *out = ends[0];
    return removes == 0 ? !hunt->open_removes
                        : removes == 1 && h->operations[ends[0]].call >
                                              h->operations[i].ret;
}

/* Whether the discipline forbids to remove what `mine` added while what
 * `other` added is inside. */
static bool is_forbidden(const struct hunt *hunt, uint32_t mine, uint32_t other)
{
    const struct fl_operation *a = &hunt->h->operations[mine];
    const struct fl_operation *b = &hunt->h->operations[other];
    switch (hunt->discipline) {
    case FIRST_IN:
        return b->ret < a->call;
    case LAST_IN:
        return a->ret < b->call;
    case GREATEST:
        return b->args[0] > a->args[0];
    case ANY:
        break;
    }
    return false;
}

/* A value was removed while one was inside that had to go first. */
static bool hint_order(struct hunt *hunt, uint32_t remove, fl_value value)
{
    uint32_t adds[2];
    uint32_t out = FL_OPEN;
    if (count_of(hunt->h, ADD, value, adds) != 1) {
        return false;
    }
    for (uint32_t i = 0; i < hunt->h->count; i++) {
        if (i == adds[0] || !was_inside(hunt, i, remove, &out) ||
            !is_forbidden(hunt, adds[0], i)) {
            continue;
        }
        const struct verb *verb = verb_of(hunt->h, remove);
        add_value(hunt, remove, value);
        fl_phrase_print(hunt->hint, " was %s while ", verb->done);
        add_value(hunt, remove, hunt->h->operations[i].args[0]);
        fl_phrase_print(hunt->hint,
                        hunt->discipline == GREATEST
                            ? ", which is greater, was still inside"
                        : hunt->discipline == FIRST_IN
                            ? ", which was %s before it, was still inside"
                            : ", which was %s after it, was still inside",
                        verb_of(hunt->h, i)->done);
        hunt->e->hint_operations[0] = remove;
        hunt->e->hint_operations[1] = out;
        return true;
    }
    return false;
}

/* "Empty" was answered while a value was certainly inside. */
static bool hint_empty(struct hunt *hunt, uint32_t remove)
{
    uint32_t out = FL_OPEN;
    for (uint32_t i = 0; i < hunt->h->count; i++) {
        if (!was_inside(hunt, i, remove, &out)) {
            continue;
        }
        fl_add_call(hunt->hint, hunt->g, remove);
        fl_phrase_add(hunt->hint, " found nothing, although ");
        add_value(hunt, remove, hunt->h->operations[i].args[0]);
        fl_phrase_print(hunt->hint, " had been %s and not %s yet",
                        verb_of(hunt->h, i)->done,
                        verb_of(hunt->h, remove)->done);
        hunt->e->hint_operations[0] = i;
        hunt->e->hint_operations[1] = remove;
        return true;
    }
    return false;
}

static enum discipline discipline_of(const struct fl_model *model)
{
    for (uint32_t k = 0; k < model->types_count; k++) {
        if (strcmp(model->types[k].name, "push") == 0) {
            return LAST_IN;
        }
        if (strcmp(model->types[k].name, "enqueue") == 0) {
            return FIRST_IN;
        }
        if (strcmp(model->types[k].name, "poll") == 0) {
            return GREATEST;
        }
    }
    return ANY;
}

/* Tries every pattern on one removal that returned. */
static bool hint_remove(struct hunt *hunt, uint32_t i)
{
    const struct verb *verb = verb_of(hunt->h, i);
    if (verb->role != REMOVE || hunt->h->operations[i].ret == FL_OPEN) {
        return false;
    }
    fl_value value = hunt->h->operations[i].result;
    if (value == FL_NONE) {
        return hint_empty(hunt, i);
    }
    return hint_twice(hunt, i, value) || hint_early(hunt, i, value) ||
           hint_order(hunt, i, value);
}

/* A bounded object was "full" and nobody said how much it holds. */
static bool hint_unbounded(struct hunt *hunt)
{
    const struct fl_history *h = hunt->h;
    if (strcmp(h->model->name, "bounded_queue") != 0 ||
        hunt->g->space.capacity != 0) {
        return false;
    }
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        if (verb_of(h, i)->role == ADD && op->ret != FL_OPEN &&
            op->result == 0) {
            fl_add_call(hunt->hint, hunt->g, i);
            fl_phrase_add(hunt->hint, " was refused, but no capacity was "
                                      "given, so it is never full");
            hunt->e->hint_operations[0] = i;
            return true;
        }
    }
    return false;
}

bool fl_hint_container(const struct fl_graph *g, struct fl_explanation *e)
{
    struct fl_phrase hint;
    fl_phrase_init(&hint, e->hint, sizeof(e->hint));
    struct hunt hunt = {
        .g = g,
        .h = g->h,
        .e = e,
        .hint = &hint,
        .discipline = discipline_of(g->h->model),
    };
    for (uint32_t i = 0; i < g->h->count; i++) {
        const struct verb *verb = verb_of(g->h, i);
        hunt.open_removes =
            hunt.open_removes ||
            (verb->role == REMOVE && g->h->operations[i].ret == FL_OPEN);
    }
    for (uint32_t i = 0; i < g->h->count; i++) {
        if (hint_remove(&hunt, i)) {
            return true;
        }
    }
    return hint_unbounded(&hunt);
}

/* How many operations `name`(element) succeeded, or may have. */
static uint32_t successes(const struct fl_history *h, const char *name,
                          fl_value element, bool may)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *op = &h->operations[i];
        bool good = op->ret == FL_OPEN ? may : op->result != 0;
        count += good && op->args[0] == element && fl_is_named(h, i, name);
    }
    return count;
}

bool fl_hint_set(const struct fl_graph *g, struct fl_explanation *e)
{
    const struct fl_history *h = g->h;
    struct fl_phrase hint;
    char in[32];
    char out[32];
    fl_phrase_init(&hint, e->hint, sizeof(e->hint));
    for (uint32_t i = 0; i < h->count; i++) {
        fl_value element = h->operations[i].args[0];
        long long shown = (long long)element;
        uint32_t inserted = successes(h, "insert", element, false);
        uint32_t removed = successes(h, "remove", element, false);
        uint32_t may_insert = successes(h, "insert", element, true);
        uint32_t may_remove = successes(h, "remove", element, true);
        if (inserted > may_remove + 1) {
            fl_phrase_print(&hint, "%lld was inserted %s but removed %s", shown,
                            times(inserted, in, sizeof(in)),
                            may_remove == 0
                                ? "never"
                                : times(may_remove, out, sizeof(out)));
        } else if (removed > may_insert) {
            fl_phrase_print(
                &hint, "%lld was removed %s but inserted %s", shown,
                times(removed, out, sizeof(out)),
                may_insert == 0 ? "never" : times(may_insert, in, sizeof(in)));
        } else if (may_insert == 0 && fl_is_named(h, i, "contains") &&
                   h->operations[i].ret != FL_OPEN &&
                   h->operations[i].result != 0) {
            fl_phrase_print(&hint, "%lld was found but never inserted", shown);
        }
        if (e->hint[0] != '\0') {
            e->hint_operations[0] = i;
            return true;
        }
    }
    return false;
}
