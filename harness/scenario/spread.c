/*
 * The form of quantities: constant, range, list, or {dist: ...}.
 *
 * The limits of a key hold for whatever is drawn: where a distribution has no
 * `min` or `max` of its own, it is clamped to them, so no latency is negative.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <string.h>

/* A distribution and its parameters.  `second_of` 0: of the key's own unit. */
struct dist_word {
    const char *name;
    enum dist_kind kind;
    const char *first;
    const char *second;
    uint32_t second_of;
};

static const struct dist_word dists[] = {
    {"constant", DIST_CONSTANT, "value", NULL, 0},
    {"uniform", DIST_UNIFORM, "min", "max", 0},
    {"normal", DIST_NORMAL, "mean", "sd", 0},
    {"lognormal", DIST_LOGNORMAL, "median", "sigma", OF_MILLIONTHS},
    {"exponential", DIST_EXPONENTIAL, "mean", NULL, 0},
    {"pareto", DIST_PARETO, "scale", "shape", OF_MILLIONTHS},
    {"weibull", DIST_WEIBULL, "scale", "shape", OF_MILLIONTHS},
    {"mixture", DIST_MIXTURE, "p", "fast", 0},
    {"empirical", DIST_EMPIRICAL, "quantiles", NULL, 0},
};

enum {
    DISTS = sizeof(dists) / sizeof(dists[0])
};

static const char *const dist_names[] = {
    "constant", "uniform", "normal",  "lognormal", "exponential",
    "pareto",   "weibull", "mixture", "empirical", NULL};

_Static_assert(sizeof(dist_names) / sizeof(dist_names[0]) == DISTS + 1,
               "the names are those of the table");

/* All parts of a quantity must have the same unit. */
static bool take_unit(struct reader *reader, const struct node *node,
                      struct quantity *q, enum unit unit)
{
    if (q->set && q->unit != unit) {
        complain(&reader->complaints, node->place,
                 "'%.40s' has another unit than what stands before",
                 node->text);
        return false;
    }
    q->set = true;
    q->unit = unit;
    return true;
}

static void read_scalar(struct reader *reader, const struct key *key,
                        const struct node *value, struct quantity *q)
{
    char wanted[200];
    amount_wanted(key->of, wanted, sizeof(wanted));
    const char *text = reader_scalar(reader, key, value, wanted);
    if (text == NULL) {
        return;
    }
    struct amount lo;
    struct amount hi;
    char why[WHY_MAX];
    if (!amount_read_range(text, key->of, &lo, &hi, why)) {
        complain(&reader->complaints, value->place, "%s", why);
        return;
    }
    if (!reader_limits(reader, key, value, lo.value) ||
        !reader_limits(reader, key, value, hi.value)) {
        return;
    }
    assert(!q->set);
    take_unit(reader, value, q, lo.unit);
    q->kind = lo.value == hi.value ? DIST_CONSTANT : DIST_UNIFORM;
    q->a = lo.value;
    q->b = hi.value;
}

/* The items of a list, or the quantiles of an empirical distribution. */
static void read_items(struct reader *reader, const struct key *key,
                       const struct node *value, struct quantity *q)
{
    if (value->kind != NODE_SEQUENCE || value->count == 0 ||
        value->count > DIST_LIST_MAX) {
        complain(&reader->complaints, value->place,
                 "'%s' wants a list of 1 to %d values", key->name,
                 DIST_LIST_MAX);
        return;
    }
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        struct amount amount;
        if (!reader_amount(reader, key, n, &amount) ||
            !take_unit(reader, n, q, amount.unit)) {
            return;
        }
        if (q->kind == DIST_EMPIRICAL && q->list_count > 0 &&
            amount.value < q->list[q->list_count - 1]) {
            complain(&reader->complaints, n->place,
                     "quantiles rise; '%.40s' is less than the one before",
                     n->text);
            return;
        }
        assert(q->list_count < DIST_LIST_MAX);
        q->list[q->list_count++] = amount.value;
    }
}

/* One parameter that is a number. */
static void read_part(struct reader *reader, const struct key *key,
                      const struct node *value, struct quantity *q,
                      int64_t *number)
{
    struct amount amount;
    if (!reader_amount(reader, key, value, &amount)) {
        return;
    }
    bool same = (key->of & (OF_MILLIONTHS | OF_SHARE)) == 0;
    if (!same || take_unit(reader, value, q, amount.unit)) {
        *number = amount.value;
    }
}

static void read_correlation(struct reader *reader, const struct node *value,
                             struct quantity *q)
{
    static const struct key key = {
        .name = "correlation", .of = OF_SHARE, .min = 0, .max = 999999};
    struct amount amount;
    if (!reader_amount(reader, &key, value, &amount) || amount.value == 0) {
        return;
    }
    if (reader->slots >= CARRIED_MAX) {
        complain(&reader->complaints, value->place,
                 "more than %d quantities with a correlation", CARRIED_MAX);
        return;
    }
    q->correlation = (uint32_t)amount.value;
    assert(amount.value < 1000000); /* sqrt(1 - r * r) must not be 0 */
    q->slot = reader->slots++;
}

/* `fast` and `slow` of a mixture: quantities of their own, read later. */
static void push_component(struct reader *reader, const struct key *key,
                           const struct node *value, struct quantity **part)
{
    const struct node *dist =
        value->kind == NODE_MAPPING ? node_find(value, "dist") : NULL;
    if (dist != NULL && strcmp(dist->text, "mixture") == 0) {
        complain(&reader->complaints, dist->place,
                 "a mixture is not made of mixtures");
        return;
    }
    struct key *own = arena_take(reader->arena, sizeof(*own));
    *own = *key;
    own->name = value->key;
    own->at = 0;
    assert(*part == NULL);
    *part = arena_take(reader->arena, sizeof(**part));
    reader_push(reader, own, value, *part);
}

static bool is_key(const char *name, const char *other)
{
    return other != NULL && strcmp(name, other) == 0;
}

static void complain_parameter(struct reader *reader, const struct node *value,
                               const struct dist_word *dist)
{
    const char *names[8] = {"dist", "min", "max", "correlation", NULL};
    assert(dist->first != NULL);
    uint32_t count = 4;
    bool uniform = dist->kind == DIST_UNIFORM;
    if (!uniform) {
        names[count++] = dist->first;
        names[count++] = dist->second; /* may be NULL, and end the list */
    }
    if (dist->kind == DIST_MIXTURE) {
        names[count++] = "slow";
    }
    char near[80];
    char all[160];
    complain_nearest(value->key, names, near, sizeof(near));
    complain(&reader->complaints, value->key_place,
             "unknown key '%.60s' of dist '%s'%s%s", value->key, dist->name,
             near[0] == '\0' ? "; expected " : near,
             near[0] == '\0' ? complain_words(names, all, sizeof(all)) : "");
}

/* One key of a {dist: ...}. */
static void read_parameter(struct reader *reader, const struct key *key,
                           const struct node *n, const struct dist_word *dist,
                           struct quantity *q)
{
    struct key part = {.name = n->key, .of = key->of};
    if (is_key(n->key, dist->first) && dist->kind == DIST_EMPIRICAL) {
        part.min = key->min;
        part.max = key->max;
        read_items(reader, &part, n, q);
    } else if (is_key(n->key, dist->first) && dist->kind == DIST_MIXTURE) {
        part.of = OF_SHARE;
        part.max = 1000000;
        read_part(reader, &part, n, q, &q->b);
    } else if (is_key(n->key, "fast") && dist->kind == DIST_MIXTURE) {
        push_component(reader, key, n, &q->fast);
    } else if (is_key(n->key, "slow") && dist->kind == DIST_MIXTURE) {
        push_component(reader, key, n, &q->slow);
    } else if (is_key(n->key, dist->first)) {
        part.min = key->min;
        part.max = key->max;
        read_part(reader, &part, n, q, &q->a);
    } else if (is_key(n->key, dist->second) && dist->second_of != 0) {
        part.of = dist->second_of;
        part.min = 1000;
        part.max = 100000000;
        read_part(reader, &part, n, q, &q->b);
    } else if (is_key(n->key, dist->second)) {
        part.min = dist->kind == DIST_UNIFORM ? key->min : 0;
        part.max = key->max;
        read_part(reader, &part, n, q, &q->b);
    } else if (strcmp(n->key, "min") == 0) {
        read_part(reader, &part, n, q, &q->min);
    } else if (strcmp(n->key, "max") == 0) {
        read_part(reader, &part, n, q, &q->max);
    } else if (strcmp(n->key, "correlation") == 0) {
        read_correlation(reader, n, q);
    } else if (strcmp(n->key, "dist") != 0) {
        complain_parameter(reader, n, dist);
    }
}

static void require(struct reader *reader, const struct node *value,
                    const struct dist_word *dist, const char *name)
{
    if (name != NULL && node_find(value, name) == NULL) {
        complain(&reader->complaints, value->place, "dist '%s' lacks '%s'",
                 dist->name, name);
    }
}

static void read_dist(struct reader *reader, const struct key *key,
                      const struct node *value, struct quantity *q)
{
    const struct node *name = node_find(value, "dist");
    if (name == NULL) {
        complain(&reader->complaints, value->place,
                 "'%s' wants a value, a range lo..hi, a list, or "
                 "{ dist: ... }",
                 key->name);
        return;
    }
    char all[200];
    complain_words(dist_names, all, sizeof(all));
    struct key dist_key = {.name = "dist"};
    if (reader_scalar(reader, &dist_key, name, all) == NULL) {
        return;
    }
    int index = reader_word(reader, name, dist_names);
    if (index < 0) {
        return;
    }
    const struct dist_word *dist = &dists[index];
    uint32_t before = reader->complaints.count;
    q->kind = dist->kind;
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        read_parameter(reader, key, n, dist, q);
    }
    require(reader, value, dist, dist->first);
    require(reader, value, dist, dist->second);
    require(reader, value, dist, dist->kind == DIST_MIXTURE ? "slow" : NULL);
    if (reader->complaints.count > before) {
        return;
    }
    assert(q->kind == dist->kind);
    q->set = true;
    if (dist->kind == DIST_UNIFORM && q->a > q->b) {
        complain(&reader->complaints, value->place,
                 "'min' is greater than 'max'");
    }
    if (q->min > q->max) {
        complain(&reader->complaints, value->place,
                 "'min' is greater than 'max'");
    }
}

static void read_quantity(struct reader *reader, const struct key *key,
                          const struct node *value, void *base)
{
    assert(key->of != 0);
    struct quantity *q = reader_field(reader, key, base);
    bool limited = key->min != 0 || key->max != 0;
    *q = (struct quantity){.min = limited ? key->min : INT64_MIN,
                           .max = limited ? key->max : INT64_MAX};
    switch (value->kind) {
    case NODE_SCALAR:
        read_scalar(reader, key, value, q);
        break;
    case NODE_SEQUENCE:
        q->kind = DIST_LIST;
        read_items(reader, key, value, q);
        break;
    case NODE_MAPPING:
        read_dist(reader, key, value, q);
        break;
    }
}

static void describe_quantity(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"$ref\": \"#/$defs/quantity\"");
}

const struct form form_quantity = {read_quantity, describe_quantity,
                                   "a quantity"};
