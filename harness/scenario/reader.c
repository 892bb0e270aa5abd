/*
 * The walk over the schema: a list of values still to be read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/reader.h"

#include "harness/need.h"
#include "harness/scenario/forms.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    TASKS_FIRST = 64
};

void *reader_field(struct reader *reader, const struct key *key, void *base)
{
    if (key->at == NOWHERE) {
        return arena_take(reader->arena, sizeof(struct quantity));
    }
    return (unsigned char *)base + key->at;
}

void reader_push(struct reader *reader, const struct key *key,
                 const struct node *value, void *base)
{
    assert(key->form != NULL);
    if (reader->tasks_count == reader->tasks_max) {
        uint32_t max =
            reader->tasks_max == 0 ? TASKS_FIRST : reader->tasks_max * 2;
        struct task *tasks =
            need(realloc(reader->tasks, max * sizeof(*tasks)), "a scenario");
        reader->tasks = tasks;
        reader->tasks_max = max;
    }
    reader->tasks[reader->tasks_count++] = (struct task){key, value, base};
}

void reader_push_table(struct reader *reader, const struct table *table,
                       const char *name, const struct node *value, void *base)
{
    assert(table != NULL);
    struct key *key = arena_take(reader->arena, sizeof(*key));
    key->name = name;
    key->form = &form_section;
    key->table = table;
    reader_push(reader, key, value, base);
}

void reader_walk(struct reader *reader, const struct node *root)
{
    assert(reader->tasks_count == 0);
    reader_push_table(reader, scenario_tables[0], scenario_tables[0]->name,
                      root, reader->scenario);
    while (reader->tasks_count > 0) {
        struct task task = reader->tasks[--reader->tasks_count];
        task.key->form->read(reader, task.key, task.value, task.base);
    }
}

void reader_later(struct reader *reader, const char *format, ...)
{
    char reason[sizeof(reader->later)];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    assert(size >= 0);
    if (strstr(reader->later, reason) != NULL) {
        return; /* once is enough */
    }
    size_t used = strlen(reader->later);
    size_t room = sizeof(reader->later) - sizeof("; and more");
    size_t join = used > 0 ? strlen("; ") : 0;
    size_t length = strlen(reason);
    if (used + join + length <= room) {
        memcpy(reader->later + used, "; ", join);
        memcpy(reader->later + used + join, reason, length + 1);
    } else if (strstr(reader->later, "; and more") == NULL) {
        snprintf(reader->later + used, sizeof(reader->later) - used,
                 "; and more");
    }
}

const char *reader_scalar(struct reader *reader, const struct key *key,
                          const struct node *value, const char *wanted)
{
    bool empty = value->kind == NODE_SCALAR && value->text[0] == '\0';
    if (value->kind != NODE_SCALAR || empty) {
        char found[80];
        node_describe(value, found, sizeof(found));
        complain(&reader->complaints, value->place,
                 "'%s' wants %s, and this is %s", key->name, wanted, found);
        return NULL;
    }
    return value->text;
}

int reader_word(struct reader *reader, const struct node *value,
                const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value->text) == 0) {
            return i;
        }
    }
    char near[80];
    complain_nearest(value->text, words, near, sizeof(near));
    if (near[0] == '\0') {
        char all[240];
        complain_words(words, all, sizeof(all));
        complain(&reader->complaints, value->place,
                 "'%.60s' is not allowed here; expected %s", value->text, all);
    } else {
        complain(&reader->complaints, value->place,
                 "'%.60s' is not allowed here%s", value->text, near);
    }
    return -1;
}

bool reader_limits(struct reader *reader, const struct key *key,
                   const struct node *node, int64_t value)
{
    bool limited = key->min != 0 || key->max != 0;
    if (!limited || (value >= key->min && value <= key->max)) {
        return true;
    }
    char shown[32];
    char min[32];
    char max[32];
    uint32_t of = key->of == 0 ? OF_PLAIN : key->of;
    complain(&reader->complaints, node->place,
             "%s is out of range; '%s' goes from %s to %s",
             amount_print(value, of, shown, sizeof(shown)), key->name,
             amount_print(key->min, of, min, sizeof(min)),
             amount_print(key->max, of, max, sizeof(max)));
    return false;
}

bool reader_amount(struct reader *reader, const struct key *key,
                   const struct node *value, struct amount *amount)
{
    char wanted[200];
    uint32_t of = key->of == 0 ? OF_PLAIN : key->of;
    amount_wanted(of, wanted, sizeof(wanted));
    const char *text = reader_scalar(reader, key, value, wanted);
    if (text == NULL) {
        return false;
    }
    char why[WHY_MAX];
    if (!amount_read(text, strlen(text), of, amount, why)) {
        complain(&reader->complaints, value->place, "%s", why);
        return false;
    }
    return reader_limits(reader, key, value, amount->value);
}

void reader_add_name(struct reader *reader, struct names *names,
                     const char *text, struct place place)
{
    if (names->count >= NAMES_MAX) {
        complain(&reader->complaints, place, "more than %d names", NAMES_MAX);
        return;
    }
    names->name[names->count] = text;
    names->place[names->count] = place;
    names->count++;
}
