/*
 * Forms of what clients call: settings, mixes, fixed programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum {
    WEIGHT_MAX = 1000000
};

static bool wants_kind(struct reader *reader, const struct key *key,
                       const struct node *value, enum node_kind kind,
                       const char *wanted)
{
    if (value->kind == kind) {
        return true;
    }
    char found[80];
    complain(&reader->complaints, value->place, "'%s' wants %s, and this is %s",
             key->name, wanted, node_describe(value, found, sizeof(found)));
    return false;
}

/* A setting: a number, with a unit if it has one, or a word. */
static void read_setting(struct reader *reader, const struct node *value,
                         struct setting *setting)
{
    struct key key = {.name = value->key};
    const char *text = reader_scalar(reader, &key, value, "a number or a word");
    if (text == NULL) {
        return;
    }
    assert(value->key != NULL);
    setting->name = value->key;
    setting->text = text;
    setting->place = value->place;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        setting->is_number = true;
        setting->number = text[0] == 't';
        return;
    }
    const char *digit = text[0] == '-' ? text + 1 : text;
    if (!isdigit((unsigned char)*digit)) {
        return;
    }
    struct amount amount;
    char why[WHY_MAX];
    uint32_t of = OF_PLAIN | OF_TIME | OF_BYTES | OF_OPS | OF_STEPS |
                  OF_ITERATIONS | OF_MESSAGES;
    bool bare = isdigit((unsigned char)text[strlen(text) - 1]) != 0;
    if (!amount_read(text, strlen(text), bare ? OF_PLAIN : of, &amount, why)) {
        complain(&reader->complaints, value->place, "%s", why);
        return;
    }
    setting->is_number = true;
    setting->number = amount.value;
}

static void read_settings(struct reader *reader, const struct key *key,
                          const struct node *value, void *base)
{
    struct system_section *system = base;
    if (!wants_kind(reader, key, value, NODE_MAPPING,
                    "a mapping, such as { capacity: 64 }")) {
        return;
    }
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        if (system->settings_count == SETTINGS_MAX) {
            complain(&reader->complaints, n->key_place, "more than %d settings",
                     SETTINGS_MAX);
            return;
        }
        read_setting(reader, n, &system->settings[system->settings_count++]);
    }
}

static void describe_settings(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"object\", \"maxProperties\": %d, "
            "\"additionalProperties\": "
            "{\"type\": [\"string\", \"number\", \"boolean\"]}",
            SETTINGS_MAX);
}

const struct form form_settings = {read_settings, describe_settings,
                                   "a mapping of names to numbers or words"};

static void read_mix(struct reader *reader, const struct key *key,
                     const struct node *value, void *base)
{
    struct workload_section *workload = base;
    if (!wants_kind(reader, key, value, NODE_MAPPING,
                    "a mapping, such as { push: 60, pop: 40 }")) {
        return;
    }
    assert(workload->mix_count == 0 || reader->complaints.count > 0);
    struct key weight_key = {.name = "mix", .min = 0, .max = WEIGHT_MAX};
    int64_t sum = 0;
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        if (workload->mix_count == MIX_MAX) {
            complain(&reader->complaints, n->key_place,
                     "more than %d operations in a mix", MIX_MAX);
            return;
        }
        struct amount weight;
        if (!reader_amount(reader, &weight_key, n, &weight)) {
            return;
        }
        sum += weight.value;
        workload->mix[workload->mix_count++] =
            (struct mix_entry){n->key, (uint32_t)weight.value, n->key_place};
    }
    if (sum == 0) {
        complain(&reader->complaints, value->place,
                 "the weights of a mix add up to 0");
    }
}

static void describe_mix(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"object\", \"minProperties\": 1, "
            "\"maxProperties\": %d, \"additionalProperties\": "
            "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": %d}",
            MIX_MAX, WEIGHT_MAX);
}

const struct form form_mix = {read_mix, describe_mix,
                              "a mapping of operations to weights"};

static size_t measure_word(const char *text)
{
    return strcspn(text, " \t");
}

/* "push 4": a name and at most FL_ARGS_MAX numbers. */
static bool read_call(struct reader *reader, const struct node *value,
                      struct script_call *call)
{
    struct key key = {.name = "program"};
    const char *text =
        reader_scalar(reader, &key, value, "a call, such as push 4");
    if (text == NULL) {
        return false;
    }
    size_t size = measure_word(text);
    if (size == 0 || strpbrk(text, "(),=") != NULL) {
        complain(&reader->complaints, value->place,
                 "'%.40s' is no call; write the name and its arguments with "
                 "blanks between, such as push 4",
                 text);
        return false;
    }
    assert(size <= strlen(text));
    call->name = arena_text(reader->arena, text, size);
    call->place = value->place;
    const char *at = text + size + strspn(text + size, " \t");
    while (*at != '\0') {
        struct amount amount;
        char why[WHY_MAX];
        if (call->args_count == FL_ARGS_MAX) {
            complain(&reader->complaints, value->place,
                     "'%.40s' has more than %d arguments", text, FL_ARGS_MAX);
            return false;
        }
        size = measure_word(at);
        if (!amount_read(at, size, OF_PLAIN, &amount, why)) {
            complain(&reader->complaints, value->place, "%s", why);
            return false;
        }
        call->args[call->args_count++] = amount.value;
        at += size + strspn(at + size, " \t");
    }
    return true;
}

static void read_script(struct reader *reader, const struct key *key,
                        const struct node *value, struct script *script)
{
    if (!wants_kind(reader, key, value, NODE_SEQUENCE,
                    "a list of calls, such as [push 4, pop]")) {
        return;
    }
    if (value->count > SCRIPT_MAX) {
        complain(&reader->complaints, value->place,
                 "%u calls of one client; at most %d are allowed", value->count,
                 SCRIPT_MAX);
        return;
    }
    assert(script->count == 0);
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        if (read_call(reader, n, &script->calls[script->count])) {
            script->count++;
        }
    }
}

static void read_setup(struct reader *reader, const struct key *key,
                       const struct node *value, void *base)
{
    struct workload_section *workload = base;
    read_script(reader, key, value, &workload->setup);
}

#define CALLS "\"type\": \"array\", \"items\": {\"type\": \"string\"}"

static void describe_setup(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out, CALLS);
}

const struct form form_setup = {read_setup, describe_setup, "a list of calls"};

static void read_program(struct reader *reader, const struct key *key,
                         const struct node *value, void *base)
{
    struct workload_section *workload = base;
    if (!wants_kind(reader, key, value, NODE_SEQUENCE,
                    "a list for each client, such as [[push 4, pop], [pop]]")) {
        return;
    }
    if (value->count == 0 || value->count > CLIENTS_MAX) {
        complain(&reader->complaints, value->place,
                 "a program has 1 to %d clients, and this has %u", CLIENTS_MAX,
                 value->count);
        return;
    }
    for (const struct node *n = value->first; n != NULL; n = n->next) {
        assert(workload->program_count < CLIENTS_MAX);
        struct key client = {.name = "program of a client"};
        read_script(reader, &client, n,
                    &workload->program[workload->program_count++]);
    }
}

static void describe_program(const struct key *key, FILE *out)
{
    (void)key;
    fprintf(out,
            "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %d, "
            "\"items\": {" CALLS "}",
            CLIENTS_MAX);
}

const struct form form_program = {read_program, describe_program,
                                  "a list of calls for each client"};
