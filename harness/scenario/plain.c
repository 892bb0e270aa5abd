/*
 * Forms of one scalar: texts, words, flags, numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <string.h>

static const char *const false_and_true[] = {"false", "true", NULL};

static void read_text(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    const char *text = reader_scalar(reader, key, value, "a text");
    if (text != NULL) {
        memcpy(reader_field(reader, key, base), &text, sizeof(text));
    }
}

static void describe_text(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"type\": \"string\"");
}

const struct form form_text = {read_text, describe_text, "a text"};

static void read_word(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    char all[200];
    complain_words(key->words, all, sizeof(all));
    if (reader_scalar(reader, key, value, all) == NULL) {
        return;
    }
    int index = reader_word(reader, value, key->words);
    if (index >= 0) {
        unsigned word = (unsigned)index; /* the type behind every enum here */
        memcpy(reader_field(reader, key, base), &word, sizeof(word));
    }
}

static void describe_word(const struct key *key, FILE *out)
{
    fprintf(out, "\"enum\": [");
    for (uint32_t i = 0; key->words[i] != NULL; i++) {
        fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", key->words[i]);
    }
    fprintf(out, "]");
}

const struct form form_word = {read_word, describe_word, "a word"};

static void read_flag(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    const char *const *words = key->words != NULL ? key->words : false_and_true;
    char all[100];
    complain_words(words, all, sizeof(all));
    const char *text = reader_scalar(reader, key, value, all);
    if (text == NULL) {
        return;
    }
    bool flag = false;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        flag = text[0] == 't';
    } else {
        int index = reader_word(reader, value, words);
        if (index < 0) {
            return;
        }
        flag = index == 1;
    }
    memcpy(reader_field(reader, key, base), &flag, sizeof(flag));
}

static void describe_flag(const struct key *key, FILE *out)
{
    if (key->words == NULL) {
        fprintf(out, "\"type\": \"boolean\"");
        return;
    }
    fprintf(out, "\"enum\": [\"%s\", \"%s\", false, true]", key->words[0],
            key->words[1]);
}

const struct form form_flag = {read_flag, describe_flag, "true or false"};

/* A number needs limits, or it would be cut off silently. */
static bool read_amount(struct reader *reader, const struct key *key,
                        const struct node *value, int64_t *number)
{
    assert(key->max > 0);
    struct amount amount;
    if (!reader_amount(reader, key, value, &amount)) {
        return false;
    }
    *number = amount.value;
    return true;
}

static void read_count(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    assert(key->min >= 0);
    assert(key->max <= UINT32_MAX);
    int64_t number = 0;
    if (read_amount(reader, key, value, &number)) {
        uint32_t count = (uint32_t)number;
        memcpy(reader_field(reader, key, base), &count, sizeof(count));
    }
}

static void read_count64(struct reader *reader, const struct key *key,
                         const struct node *value, void *base)
{
    assert(key->min >= 0);
    int64_t number = 0;
    if (read_amount(reader, key, value, &number)) {
        uint64_t count = (uint64_t)number;
        memcpy(reader_field(reader, key, base), &count, sizeof(count));
    }
}

static void read_number(struct reader *reader, const struct key *key,
                        const struct node *value, void *base)
{
    int64_t number = 0;
    if (read_amount(reader, key, value, &number)) {
        memcpy(reader_field(reader, key, base), &number, sizeof(number));
    }
}

static void read_millis(struct reader *reader, const struct key *key,
                        const struct node *value, void *base)
{
    assert(key->of == OF_TIME);
    int64_t number = 0;
    if (!read_amount(reader, key, value, &number)) {
        return;
    }
    if (number % 1000000 != 0) {
        complain(&reader->complaints, value->place,
                 "'%s' is in whole milliseconds", key->name);
        return;
    }
    uint64_t millis = (uint64_t)number / 1000000;
    memcpy(reader_field(reader, key, base), &millis, sizeof(millis));
}

static void describe_amount(const struct key *key, FILE *out)
{
    if ((key->of & ~(uint32_t)OF_PLAIN) == 0) {
        fprintf(out,
                "\"type\": \"integer\", \"minimum\": %lld, "
                "\"maximum\": %lld",
                (long long)key->min, (long long)key->max);
        return;
    }
    bool bare = (key->of & (OF_PLAIN | OF_SHARE | OF_MILLIONTHS)) != 0;
    fprintf(out, "\"type\": %s",
            bare ? "[\"number\", \"string\"]" : "\"string\"");
    fprintf(out, ", \"pattern\": \"");
    amount_pattern(key->of, out);
    fputc('"', out);
}

const struct form form_count = {read_count, describe_amount, "a number"};
const struct form form_count64 = {read_count64, describe_amount, "a number"};
const struct form form_number = {read_number, describe_amount, "a number"};
const struct form form_millis = {read_millis, describe_amount, "a time"};

static void read_version(struct reader *reader, const struct key *key,
                         const struct node *value, void *base)
{
    (void)base;
    const char *text = reader_scalar(reader, key, value, "the number 1");
    if (text != NULL && strcmp(text, "1") != 0) {
        complain(&reader->complaints, value->place,
                 "this program reads version 1 of the format, not '%.20s'; "
                 "write `scenario: 1`",
                 text);
    }
}

static void describe_version(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"const\": 1");
}

const struct form form_version = {read_version, describe_version, "1"};
