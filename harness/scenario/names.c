/*
 * Forms of names: one word, or a list of words.
 *
 * Names of algorithms, points and locks are only collected here, each with its
 * place; who knows what there is says later whether they exist.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <string.h>

enum {
    TITLE_MAX = 80,
    NAME_MAX_SIZE = 200,
};

/* One name, checked against the words of the key if it has any. */
static void read_one(struct reader *reader, const struct key *key,
                     const struct node *value, struct names *names)
{
    const char *text = reader_scalar(reader, key, value, "a name");
    if (text == NULL) {
        return;
    }
    if (strlen(text) > NAME_MAX_SIZE) {
        complain(&reader->complaints, value->place,
                 "a name of more than %d bytes", NAME_MAX_SIZE);
        return;
    }
    if (key->words != NULL && reader_word(reader, value, key->words) < 0) {
        return;
    }
    reader_add_name(reader, names, text, value->place);
}

static void read_names(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    struct names *names = key->at == NOWHERE
                              ? arena_take(reader->arena, sizeof(*names))
                              : reader_field(reader, key, base);
    if (value->kind != NODE_SEQUENCE) {
        read_one(reader, key, value, names);
        return;
    }
    if (value->count == 0) {
        complain(&reader->complaints, value->place, "an empty list");
    }
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        read_one(reader, key, n, names);
    }
}

static void describe_names(const struct key *key, FILE *out)
{
    if (key->words == NULL) {
        fprintf(out, "\"anyOf\": [{\"type\": \"string\"}, "
                     "{\"type\": \"array\", "
                     "\"items\": {\"type\": \"string\"}}]");
        return;
    }
    fprintf(out, "\"anyOf\": [{");
    form_word.describe(key, out);
    fprintf(out, "}, {\"type\": \"array\", \"items\": {");
    form_word.describe(key, out);
    fprintf(out, "}}]");
}

const struct form form_names = {read_names, describe_names,
                                "a name, or a list of names"};

static void describe_text(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"type\": \"string\"");
}

static void read_name(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    read_one(reader, key, value, reader_field(reader, key, base));
}

const struct form form_name = {read_name, describe_text, "a name"};

static void read_choice(struct reader *reader, const struct key *key,
                        const struct node *value, void *base)
{
    assert(key->words != NULL);
    char all[200];
    complain_words(key->words, all, sizeof(all));
    if (reader_scalar(reader, key, value, all) == NULL) {
        return;
    }
    int index = reader_word(reader, value, key->words);
    if (index >= 0) {
        assert(strcmp(key->words[index], value->text) == 0);
        const char *word = key->words[index];
        memcpy(reader_field(reader, key, base), &word, sizeof(word));
    }
}

static void describe_choice(const struct key *key, FILE *out)
{
    form_word.describe(key, out);
}

const struct form form_choice = {read_choice, describe_choice, "a word"};

static bool is_title(const char *text)
{
    assert(text[0] != '\0');
    size_t size = strlen(text);
    size_t fine = strspn(text, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+");
    return fine == size && size <= TITLE_MAX && text[0] != '.' &&
           text[0] != '-';
}

/* The name of a scenario names a folder below out/, so it cannot be a path. */
static void read_title(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    const char *text = reader_scalar(reader, key, value, "a name");
    if (text == NULL) {
        return;
    }
    if (!is_title(text)) {
        complain(&reader->complaints, value->place,
                 "a name is made of letters, digits and - _ . +, at most %d, "
                 "since it names a folder",
                 TITLE_MAX);
        return;
    }
    memcpy(reader_field(reader, key, base), &text, sizeof(text));
}

static void describe_title(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"string\", "
            "\"pattern\": \"^[A-Za-z0-9_+][A-Za-z0-9_.+-]{0,%d}$\"",
            TITLE_MAX - 1);
}

const struct form form_title = {read_title, describe_title,
                                "letters, digits and - _ . +"};
