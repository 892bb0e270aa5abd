/*
 * Forms of mappings and lists of mappings: where the walk goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <string.h>

enum {
    TABLE_KEYS_MAX = 48
};

static const struct key *find_key(const struct table *table, const char *name)
{
    for (const struct key *key = table->keys; key->name != NULL; key++) {
        if (strcmp(key->name, name) == 0) {
            return key;
        }
    }
    return NULL;
}

static void complain_unknown(struct reader *reader, const struct table *table,
                             const struct node *value)
{
    const char *names[TABLE_KEYS_MAX + 1] = {NULL};
    uint32_t count = 0;
    for (const struct key *key = table->keys; key->name != NULL; key++) {
        assert(count < TABLE_KEYS_MAX);
        names[count++] = key->name;
    }
    char near[80];
    char all[240] = "";
    complain_nearest(value->key, names, near, sizeof(near));
    if (near[0] == '\0') {
        complain_words(names, all, sizeof(all));
    }
    complain(&reader->complaints, value->key_place,
             "unknown key '%.60s' in '%s'%s%s", value->key, table->name,
             near[0] == '\0' ? "; expected " : near, all);
}

static void mark_set(const struct key *key, void *base)
{
    if (key->set_at != 0) {
        bool set = true;
        memcpy((unsigned char *)base + key->set_at, &set, sizeof(set));
    }
}

/* Reads the keys of `value` into `base`, each by its row of `table`. */
static void read_keys(struct reader *reader, const struct table *table,
                      const struct node *value, void *base)
{
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        const struct key *key = find_key(table, n->key);
        if (key == NULL) {
            complain_unknown(reader, table, n);
            continue;
        }
        if (key->later != NULL) {
            reader_later(reader, "%s", key->later);
        }
        mark_set(key, base);
        reader_push(reader, key, n, base);
    }
    struct place place = value->key != NULL ? value->key_place : value->place;
    for (const struct key *key = table->keys; key->name != NULL; key++) {
        if (key->required && node_find(value, key->name) == NULL) {
            complain(&reader->complaints, place, "'%s' lacks '%s': %s",
                     table->name, key->name, key->about);
        }
    }
}

static void read_section(struct reader *reader, const struct key *key,
                         const struct node *value, void *base)
{
    assert(key->table != NULL);
    if (value->kind != NODE_MAPPING) {
        char found[80];
        complain(&reader->complaints, value->place,
                 "'%s' wants a mapping, such as { %s: ... }, and this is %s",
                 key->name, key->table->keys[0].name,
                 node_describe(value, found, sizeof(found)));
        return;
    }
    void *into = key->at == NOWHERE ? base : (unsigned char *)base + key->at;
    if (key->table->place_at != 0) {
        memcpy((unsigned char *)into + key->table->place_at, &value->place,
               sizeof(value->place));
    }
    read_keys(reader, key->table, value, into);
}

static void describe_section(const struct key *key, FILE *out)
{
    fprintf(out, "\"$ref\": \"#/$defs/%s\"", key->table->name);
}

const struct form form_section = {read_section, describe_section, "a mapping"};

static void read_list(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    assert(key->item_size > 0);
    if (value->kind != NODE_SEQUENCE) {
        char found[80];
        complain(&reader->complaints, value->place,
                 "'%s' wants a list; begin each item with '- ', and this is %s",
                 key->name, node_describe(value, found, sizeof(found)));
        return;
    }
    if (value->count > key->items_max) {
        complain(&reader->complaints, value->place,
                 "'%s' has %u items; at most %u are allowed", key->name,
                 value->count, key->items_max);
        return;
    }
    assert(key->at == NOWHERE || base != NULL);
    unsigned char *items =
        key->at == NOWHERE ? NULL : (unsigned char *)base + key->at;
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        void *item = items;
        if (items == NULL) {
            item = arena_take(reader->arena, key->item_size);
        } else {
            items += key->item_size;
        }
        reader_push_table(reader, key->table, key->table->name, n, item);
    }
    if (key->at != NOWHERE) {
        memcpy((unsigned char *)base + key->count_at, &value->count,
               sizeof(value->count));
    }
}

static void describe_list(const struct key *key, FILE *out)
{
    fprintf(out,
            "\"type\": \"array\", \"maxItems\": %u, \"items\": "
            "{\"$ref\": \"#/$defs/%s\"}",
            key->items_max, key->table->name);
}

const struct form form_list = {read_list, describe_list, "a list"};
