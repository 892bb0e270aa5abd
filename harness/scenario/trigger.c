/*
 * Forms of a fault rule: on whom, and when.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <string.h>

enum {
    RANDOM_MAX = 63
};

static const char *const sets[] = {
    [TARGET_THREADS] = "threads", [TARGET_PROCESSES] = "processes",
    [TARGET_NODES] = "nodes",     [TARGET_RANKS] = "ranks",
    [TARGET_HOSTS] = "hosts",     [TARGET_CLIENTS] = "clients",
    [TARGET_LINKS] = "links",     NULL,
};

/* The words of enum target_pick; the others are names and random(n). */
static const struct {
    const char *word;
    enum target_pick pick;
} picks[] = {
    {"any", PICK_ANY},           {"all", PICK_ALL},
    {"minority", PICK_MINORITY}, {"majority", PICK_MAJORITY},
    {"leader", PICK_LEADER},
};

/* "random(2)".  0: it is no such text; -1: it is a wrong one, and said so. */
static int read_random(struct reader *reader, const struct node *value,
                       struct target *target)
{
    if (strncmp(value->text, "random", 6) != 0) {
        return 0;
    }
    size_t size = strlen(value->text);
    struct amount amount;
    char why[WHY_MAX];
    bool good = size > 8 && value->text[6] == '(' &&
                value->text[size - 1] == ')' &&
                amount_read(value->text + 7, size - 8, OF_PLAIN, &amount, why);
    if (!good || amount.value < 1 || amount.value > RANDOM_MAX) {
        complain(&reader->complaints, value->place,
                 "'%.40s' is not understood; write random(n), n from 1 to %d",
                 value->text, RANDOM_MAX);
        return -1;
    }
    assert(target->names.count == 0);
    target->pick = PICK_RANDOM;
    target->count = (uint32_t)amount.value;
    return 1;
}

static void read_pick(struct reader *reader, const struct key *key,
                      const struct node *value, struct target *target)
{
    const char *text = reader_scalar(
        reader, key, value,
        "any, all, random(n), minority, majority, leader, or names");
    if (text == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
        if (strcmp(picks[i].word, text) == 0) {
            target->pick = picks[i].pick;
            return;
        }
    }
    if (read_random(reader, value, target) == 0) {
        target->pick = PICK_NAMED;
        reader_add_name(reader, &target->names, text, value->place);
    }
}

static void check_links(struct reader *reader, const struct target *target)
{
    for (uint32_t i = 0; i < target->names.count; i++) {
        if (!link_is_one(target->names.name[i])) {
            complain(&reader->complaints, target->names.place[i],
                     "'%.60s' is no link; write \"a->b\", \"a<->b\" or \"*\"",
                     target->names.name[i]);
        }
    }
}

static void read_set(struct reader *reader, const struct node *value,
                     struct target *target)
{
    assert(value->key != NULL);
    struct key key = {.name = value->key};
    if (value->kind != NODE_SEQUENCE) {
        read_pick(reader, &key, value, target);
    } else {
        target->pick = PICK_NAMED;
        if (value->count == 0) {
            complain(&reader->complaints, value->place, "an empty list");
        }
        for (const struct node *n = value->first; n != NULL; n = n->next) {
            const char *text = reader_scalar(reader, &key, n, "a name");
            if (text != NULL) {
                reader_add_name(reader, &target->names, text, n->place);
            }
        }
    }
    if (target->set_of == TARGET_LINKS && target->pick == PICK_NAMED) {
        check_links(reader, target);
    }
}

/* "a->b": the short form of { links: "a->b" }. */
static void read_link_target(struct reader *reader, const struct node *value,
                             struct target *target)
{
    if (value->kind == NODE_SCALAR && link_is_one(value->text)) {
        target->set_of = TARGET_LINKS;
        target->pick = PICK_NAMED;
        reader_add_name(reader, &target->names, value->text, value->place);
        return;
    }
    char found[80];
    complain(&reader->complaints, value->place,
             "%s is no target; write { threads: any } (or processes, nodes, "
             "clients, ...), or a link such as \"a->b\"",
             node_describe(value, found, sizeof(found)));
}

static void read_target(struct reader *reader, const struct key *key,
                        const struct node *value, void *base)
{
    struct target *target = reader_field(reader, key, base);
    assert(!target->set);
    target->set = true;
    target->place = value->place;
    if (value->kind != NODE_MAPPING) {
        read_link_target(reader, value, target);
        return;
    }
    if (value->count != 1) {
        complain(&reader->complaints, value->place,
                 "a target has exactly one key, such as { threads: any }");
        return;
    }
    const struct node *set = value->first;
    for (uint32_t i = 0; sets[i] != NULL; i++) {
        if (strcmp(sets[i], set->key) == 0) {
            target->set_of = (enum target_set)i;
            target->place = set->place;
            read_set(reader, set, target);
            return;
        }
    }
    char near[80];
    char all[160];
    complain_nearest(set->key, sets, near, sizeof(near));
    complain(&reader->complaints, set->key_place,
             "unknown key '%.60s' in 'target'%s%s", set->key,
             near[0] == '\0' ? "; expected " : near,
             near[0] == '\0' ? complain_words(sets, all, sizeof(all)) : "");
}

static void describe_target(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"$ref\": \"#/$defs/target\"");
}

const struct form form_target = {read_target, describe_target,
                                 "a [target](#targets)"};

/* One trigger into rule->when[]. */
static void push_when(struct reader *reader, struct rule *rule,
                      const struct node *value)
{
    assert(rule->when_count < ANY_OF_MAX);
    struct when *when = &rule->when[rule->when_count++];
    when->set = true;
    reader_push_table(reader, &table_when, "when", value, when);
    if (value->kind != NODE_MAPPING) {
        return; /* the table says so */
    }
    const struct node *hit = node_find(value, "hit");
    if (value->count == 0) {
        complain(&reader->complaints, value->place, "an empty trigger");
    }
    if (hit != NULL && node_find(value, "point") == NULL &&
        node_find(value, "event") == NULL) {
        complain(&reader->complaints, hit->key_place,
                 "'hit' counts how often a point is reached; add 'point'");
    }
}

static void read_when(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    (void)key;
    struct rule *rule = base;
    const struct node *any =
        value->kind == NODE_MAPPING ? node_find(value, "any_of") : NULL;
    if (any == NULL) {
        push_when(reader, rule, value);
        return;
    }
    if (value->count > 1) {
        complain(&reader->complaints, any->key_place,
                 "'any_of' stands alone; put the other keys into its items");
    }
    assert(rule->when_count == 0);
    if (any->kind != NODE_SEQUENCE || any->count == 0 ||
        any->count > ANY_OF_MAX) {
        complain(&reader->complaints, any->place,
                 "'any_of' wants a list of 1 to %d triggers", ANY_OF_MAX);
        return;
    }
    for (const struct node *n = any->first; n != NULL; n = n->next) {
        push_when(reader, rule, n);
    }
}

static void describe_when(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"$ref\": \"#/$defs/when\"");
}

const struct form form_when = {read_when, describe_when, "a [trigger](#when)"};

static void refuse_alternative(struct reader *reader, const struct key *key,
                               const struct node *value, void *base)
{
    (void)base;
    complain(&reader->complaints, value->key_place,
             "'%s' does not stand inside itself", key->name);
}

static void describe_alternative(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %d, "
            "\"items\": {\"$ref\": \"#/$defs/when\"}",
            ANY_OF_MAX);
}

const struct form form_alternative = {refuse_alternative, describe_alternative,
                                      "a list of triggers"};
