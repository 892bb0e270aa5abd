/*
 * Forms of the network: which link, and how it loses messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const char *const loss_words[] = {
    [LOSS_INDEPENDENT] = "independent",
    [LOSS_GILBERT_ELLIOTT] = "gilbert_elliott",
    NULL,
};

#define SHARE_KEY(field)                                           \
    .form = &form_count, .at = offsetof(struct link_model, field), \
    .of = OF_SHARE, .max = 1000000

static const struct key loss_keys[] = {
    {.name = "model",
     .form = &form_word,
     .required = true,
     .at = offsetof(struct link_model, loss_model),
     .words = loss_words,
     .about = "independent, or in bursts (Gilbert-Elliott)"},
    {.name = "p",
     .required = true,
     SHARE_KEY(ge_p_ppm),
     .about = "share lost; in bursts: from the good state to the bad"},
    {.name = "r",
     SHARE_KEY(ge_r_ppm),
     .about = "in bursts: from the bad state to the good"},
    {.name = "good",
     SHARE_KEY(ge_good_ppm),
     .about = "in bursts: share lost in the good state"},
    {.name = "bad",
     SHARE_KEY(ge_bad_ppm),
     .about = "in bursts: share lost in the bad state"},
    {.name = NULL},
};

const struct table table_loss = {
    .name = "loss",
    .about = "how a link loses messages",
    .keys = loss_keys,
};

/* One side of a link: a node, a kind of node, or a pattern with *. */
static bool is_side(const char *text, size_t size)
{
    if (size == 0) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        bool fine =
            strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789_*",
                   text[i]) != NULL;
        if (!fine) {
            return false;
        }
    }
    return true;
}

bool link_is_one(const char *text)
{
    const char *arrow = strstr(text, "->");
    if (arrow == NULL) {
        return strcmp(text, "*") == 0;
    }
    const char *left_end = arrow > text && arrow[-1] == '<' ? arrow - 1 : arrow;
    const char *right = arrow + 2;
    assert(left_end >= text);
    return is_side(text, (size_t)(left_end - text)) &&
           is_side(right, strlen(right));
}

static void read_link(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    const char *text =
        reader_scalar(reader, key, value, "a link, such as \"a->b\"");
    if (text == NULL) {
        return;
    }
    if (!link_is_one(text)) {
        complain(&reader->complaints, value->place,
                 "'%.60s' is no link; write \"a->b\", \"a<->b\" or \"*\", in "
                 "quotes",
                 text);
        return;
    }
    memcpy(reader_field(reader, key, base), &text, sizeof(text));
}

static void describe_link(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"type\": \"string\", \"pattern\": "
                 "\"^(\\\\*|[A-Za-z0-9_*]+<?->[A-Za-z0-9_*]+)$\"");
}

const struct form form_link = {read_link, describe_link,
                               "\"a->b\", \"a<->b\" or \"*\""};

/* A share, or a mapping with a model; both go into the link. */
static void read_loss(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    assert(base != NULL);
    struct link_model *link = base;
    link->loss_set = true;
    if (value->kind == NODE_MAPPING) {
        reader_push_table(reader, &table_loss, key->name, value, base);
        return;
    }
    struct key share = {.name = key->name, .of = OF_SHARE, .max = 1000000};
    struct amount amount;
    if (reader_amount(reader, &share, value, &amount)) {
        link->loss_ppm = (uint32_t)amount.value;
    }
}

static void describe_loss(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"anyOf\": [{\"type\": [\"number\", \"string\"]}, "
                 "{\"$ref\": \"#/$defs/loss\"}]");
}

const struct form form_loss = {
    read_loss, describe_loss,
    "a share from 0 to 1, or in %, or a mapping [loss](#loss)"};
