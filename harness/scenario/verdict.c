/*
 * Forms of what is asked of a run, and of how many runs.
 *
 * What belongs to later work is known here by name: it parses, and the
 * scenario is skipped with the reason.  Any other name is an error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include "checker/model.h"
#include "harness/model_plugin.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum {
    MODELS_MAX = 40,
    JOBS_MAX = 256
};

static const char *const later_models[] = {"group_state_machine", NULL};

static bool is_one_of(const char *text, const char *const *words)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void complain_model(struct reader *reader, const struct node *value)
{
    const char *names[MODELS_MAX + 1] = {NULL};
    uint32_t count = 0;
    for (; count < MODELS_MAX && fl_models[count] != NULL; count++) {
        names[count] = fl_models[count]->name;
    }
    assert(fl_models[count] == NULL);
    char near[80];
    complain_nearest(value->text, names, near, sizeof(near));
    complain(&reader->complaints, value->place, "there is no model '%.60s'%s",
             value->text,
             near[0] == '\0' ? "; `faultline list models` names them" : near);
}

static void read_model(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    struct check_section *check = base;
    const char *text = reader_scalar(reader, key, value, "the name of a model");
    if (text == NULL) {
        return;
    }
    check->model = text;
    check->model_place = value->place;
    /* A path is that of a plug-in, which is loaded when names are bound. */
    check->model_known = model_plugin_is(text) || strcmp(text, "itself") == 0 ||
                         fl_model_find(text) != NULL;
    if (is_one_of(text, later_models)) {
        reader_later(reader, "model %s comes later", text);
    } else if (!check->model_known) {
        complain_model(reader, value);
    }
}

static void describe_text(const struct key *key, FILE *out)
{
    form_text.describe(key, out);
}

const struct form form_model = {read_model, describe_text, "a name"};

/* Those of enum fl_criterion, in its order, then those to come. */
static const char *const criteria[] = {
    [FL_LINEARIZABLE] = "linearizable",
    [FL_STRICT] = "strict",
    [FL_PERSISTENT] = "persistent",
    [FL_RECOVERABLE] = "recoverable",
    [FL_DURABLE] = "durable",
    [FL_DURABLE_STRICT] = "durable_strict",
    [FL_SEQUENTIAL] = "sequential",
    [FL_QUIESCENT] = "quiescent",
    [FL_DETECTABLE] = "detectable",
    [FL_BUFFERED_DURABLE] = "buffered_durable",
    [FL_BUFFERED_STRICT] = "buffered_strict",
    "transient",
    "nrl",
    NULL,
};

static void read_max_loss(struct reader *reader, const struct key *key,
                          const struct node *value, void *base)
{
    struct check_section *check = base;
    struct amount amount;
    if (!reader_amount(reader, key, value, &amount)) {
        return;
    }
    if (amount.of == OF_TIME) {
        check->loss_timed = true;
        check->loss_ns = (uint64_t)amount.value;
    } else if (amount.of == OF_ITERATIONS) {
        reader_later(reader, "max_loss in iterations comes later");
    } else {
        check->loss_bounded = true;
        check->loss_max =
            amount.value < UINT32_MAX ? (uint32_t)amount.value : UINT32_MAX;
    }
}

static void describe_max_loss(const struct key *key, FILE *out)
{
    form_number.describe(key, out);
}

static const struct form form_max_loss = {read_max_loss, describe_max_loss,
                                          "a time or a number of ops"};

static const struct key loss_bound_keys[] = {
    {.name = "max_loss",
     .form = &form_max_loss,
     .required = true,
     .at = NOWHERE,
     .of = OF_TIME | OF_OPS | OF_ITERATIONS,
     .max = INT64_MAX,
     .about = "how much a crash may lose: 1s, 5 ops, 5 iterations"},
    {.name = NULL},
};

const struct table table_loss_bound = {
    .name = "loss_bound",
    .about = "what a buffered criterion allows to be lost",
    .keys = loss_bound_keys,
};

static void take_criterion(struct reader *reader, struct check_section *check,
                           int index)
{
    assert(index >= 0);
    if (index > FL_BUFFERED_STRICT) {
        check->criterion_later = criteria[index];
        reader_later(reader, "criterion %s comes later", criteria[index]);
    } else {
        check->criterion = (enum fl_criterion)index;
    }
}

/* { buffered_durable: { max_loss: 5 iterations } } */
static void read_bounded(struct reader *reader, const struct node *value,
                         struct check_section *check)
{
    assert(value->kind == NODE_MAPPING);
    const struct node *one = value->first;
    if (value->count != 1) {
        complain(&reader->complaints, value->place,
                 "a criterion has one name, such as strict");
        return;
    }
    struct node name = *one;
    name.text = one->key;
    name.place = one->key_place;
    int index = reader_word(reader, &name, criteria);
    if (index < 0) {
        return;
    }
    if (strncmp(one->key, "buffered", 8) != 0) {
        complain(&reader->complaints, one->key_place,
                 "criterion '%s' has no settings; write `criterion: %s`",
                 one->key, one->key);
        return;
    }
    take_criterion(reader, check, index);
    reader_push_table(reader, &table_loss_bound, one->key, one, check);
}

static void read_criterion(struct reader *reader, const struct key *key,
                           const struct node *value, void *base)
{
    struct check_section *check = base;
    if (value->kind == NODE_MAPPING) {
        read_bounded(reader, value, check);
        return;
    }
    if (reader_scalar(reader, key, value, "the name of a criterion") == NULL) {
        return;
    }
    int index = reader_word(reader, value, criteria);
    if (index >= 0) {
        take_criterion(reader, check, index);
    }
}

static void describe_criterion(const struct key *key, FILE *out)
{
    struct key words = *key;
    words.words = criteria;
    fprintf(out, "\"anyOf\": [{");
    form_word.describe(&words, out);
    fprintf(out, "}, {\"type\": \"object\", \"maxProperties\": 1, "
                 "\"additionalProperties\": "
                 "{\"$ref\": \"#/$defs/loss_bound\"}}]");
}

const struct form form_criterion = {
    read_criterion, describe_criterion,
    "a word, or { word: [loss_bound](#loss_bound) }"};

static const struct key within_keys[] = {
    {.name = "within",
     .form = &form_count64,
     .required = true,
     .at = offsetof(struct also, within_ns),
     .of = OF_TIME,
     .min = 1,
     .max = INT64_MAX,
     .about = "virtual time in which it must have happened"},
    {.name = NULL},
};

const struct table table_within = {
    .name = "within", .about = "a time limit", .keys = within_keys};

static const struct key lock_keys[] = {
    {.name = "lock",
     .form = &form_text,
     .required = true,
     .at = offsetof(struct also, lock),
     .about = "name of the lock, as the algorithm holds it"},
    {.name = NULL},
};

const struct table table_lock = {
    .name = "lock", .about = "which lock", .keys = lock_keys};

/* A property, and what it must be given: a table, a number, or nothing. */
static const struct also_word {
    const char *name;
    const struct table *table;
    bool number;
    bool later;
} also_words[] = {
    {"no_use_after_free", NULL, false, false},
    {"no_double_free", NULL, false, false},
    {"lock_recovers", &table_within, false, false},
    {"mutual_exclusion", &table_lock, false, false},
    {"leaked_amount_max", NULL, true, false},
    {"all_ranks_same_checkpoint_id", NULL, false, true},
    {"no_mixed_epoch_restore", NULL, false, true},
    {"refused_cleanly_beyond_limits", NULL, false, true},
};

enum {
    ALSO_WORDS = sizeof(also_words) / sizeof(also_words[0])
};

static const struct also_word *find_also(struct reader *reader,
                                         const char *name, struct place place)
{
    const char *names[ALSO_WORDS + 1] = {NULL};
    for (uint32_t i = 0; i < ALSO_WORDS; i++) {
        names[i] = also_words[i].name;
    }
    struct node node = {.text = name, .place = place};
    int index = reader_word(reader, &node, names);
    return index < 0 ? NULL : &also_words[index];
}

/* The value of a property: `value` is NULL if none was given. */
static void read_property(struct reader *reader, const struct also_word *word,
                          const struct node *value, struct also *also)
{
    assert(also->name == word->name);
    bool wants = word->table != NULL || word->number;
    if (!wants && value != NULL) {
        complain(&reader->complaints, value->key_place,
                 "'%s' has no value; write it alone", word->name);
    } else if (wants && value == NULL) {
        complain(&reader->complaints, also->place,
                 word->number ? "'%s' wants a number, such as %s: 0"
                              : "'%s' wants a value, such as %s: { ... }",
                 word->name, word->name);
    } else if (word->table != NULL) {
        reader_push_table(reader, word->table, word->name, value, also);
    } else if (word->number) {
        struct key key = {.name = word->name, .max = INT64_MAX};
        struct amount amount;
        if (reader_amount(reader, &key, value, &amount)) {
            also->max = amount.value;
        }
    }
    if (word->later) {
        reader_later(reader, "property %s comes later", word->name);
    }
}

static void read_also_item(struct reader *reader, const struct node *item,
                           struct check_section *check)
{
    struct key key = {.name = "also"};
    const struct node *value = NULL;
    const char *name = NULL;
    struct place place = item->place;
    if (item->kind == NODE_MAPPING && item->count == 1) {
        value = item->first;
        name = value->key;
        place = value->key_place;
    } else {
        name = reader_scalar(reader, &key, item,
                             "a property, or { property: value }");
    }
    const struct also_word *word =
        name == NULL ? NULL : find_also(reader, name, place);
    if (word == NULL) {
        return;
    }
    assert(check->also_count < ALSO_MAX);
    struct also *also = &check->also[check->also_count++];
    also->name = word->name;
    also->place = place;
    read_property(reader, word, value, also);
}

static void read_also(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    if (value->kind != NODE_SEQUENCE || value->count > ALSO_MAX) {
        complain(&reader->complaints, value->place,
                 "'%s' wants a list of at most %d properties", key->name,
                 ALSO_MAX);
        return;
    }
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        read_also_item(reader, n, base);
    }
}

static void describe_also(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"array\", \"maxItems\": %d, "
            "\"items\": {\"anyOf\": [{\"enum\": [",
            ALSO_MAX);
    const char *between = "";
    for (uint32_t i = 0; i < ALSO_WORDS; i++) {
        if (also_words[i].table == NULL && !also_words[i].number) {
            fprintf(out, "%s\"%s\"", between, also_words[i].name);
            between = ", ";
        }
    }
    fprintf(out, "]}, {\"type\": \"object\", \"maxProperties\": 1, "
                 "\"additionalProperties\": false, \"properties\": {");
    between = "";
    for (uint32_t i = 0; i < ALSO_WORDS; i++) {
        const struct also_word *word = &also_words[i];
        if (word->table != NULL) {
            fprintf(out, "%s\"%s\": {\"$ref\": \"#/$defs/%s\"}", between,
                    word->name, word->table->name);
            between = ", ";
        } else if (word->number) {
            fprintf(out, "%s\"%s\": {\"type\": \"integer\", \"minimum\": 0}",
                    between, word->name);
            between = ", ";
        }
    }
    fprintf(out, "}}]}");
}

const struct form form_also = {read_also, describe_also,
                               "a list of [properties](#properties)"};

/* "1..1000" for "1-1000", and for "1000". */
static void complain_no_range(struct reader *reader, const struct key *key,
                              const char *text, struct place place)
{
    size_t first = strspn(text, "0123456789");
    const char *dash = text + first;
    bool dashed = first > 0 && *dash == '-' && dash[1] != '\0';
    complain(&reader->complaints, place,
             "'%s' wants a range; write %.*s..%.20s", key->name,
             dashed && first < 20 ? (int)first : 1, dashed ? text : "1",
             dashed ? dash + 1 : text);
}

static void read_seeds(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    struct run_section *run = base;
    const char *text =
        reader_scalar(reader, key, value, "a range, such as 1..5000");
    if (text == NULL) {
        return;
    }
    struct amount first;
    struct amount last;
    char why[WHY_MAX];
    if (strstr(text, "..") == NULL) {
        complain_no_range(reader, key, text, value->place);
    } else if (!amount_read_range(text, OF_PLAIN, &first, &last, why)) {
        complain(&reader->complaints, value->place, "%s", why);
    } else if (first.value < 0) {
        complain(&reader->complaints, value->place, "seeds are not negative");
    } else {
        assert(first.value <= last.value);
        run->first_seed = (uint64_t)first.value;
        run->last_seed = (uint64_t)last.value;
        run->seeds_set = true;
    }
}

static void describe_seeds(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"string\", \"pattern\": \"^[0-9]+\\\\.\\\\.[0-9]+$\"");
}

const struct form form_seeds = {read_seeds, describe_seeds, "a range lo..hi"};

static void read_stop(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    struct run_section *run = base;
    if (value->kind == NODE_SCALAR && strcmp(value->text, "never") == 0) {
        run->stop_after = 0;
        return;
    }
    struct key failures = {
        .name = key->name, .of = OF_FAILURES, .min = 1, .max = UINT32_MAX};
    struct amount amount;
    if (reader_amount(reader, &failures, value, &amount)) {
        assert(amount.value >= 1);
        run->stop_after = (uint32_t)amount.value;
    }
}

static void describe_stop(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, "\"type\": \"string\", \"pattern\": "
                 "\"^(never|[0-9]+ distinct failures?)$\"");
}

const struct form form_stop = {read_stop, describe_stop,
                               "a number of distinct failures, or never"};

static void read_jobs(struct reader *reader, const struct key *key,
                      const struct node *value, void *base)
{
    struct run_section *run = base;
    if (value->kind == NODE_SCALAR && strcmp(value->text, "auto") == 0) {
        run->jobs = UINT32_MAX;
        return;
    }
    struct key number = {.name = key->name, .min = 1, .max = JOBS_MAX};
    struct amount amount;
    if (reader_amount(reader, &number, value, &amount)) {
        assert(amount.value >= 1);
        run->jobs = (uint32_t)amount.value;
    }
}

static void describe_jobs(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"anyOf\": [{\"const\": \"auto\"}, {\"type\": \"integer\", "
            "\"minimum\": 1, \"maximum\": %d}]",
            JOBS_MAX);
}

const struct form form_jobs = {read_jobs, describe_jobs,
                               "a whole number, 1 to 256, or auto"};
