/*
 * Signatures: rename, then hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/signature.h"
#include "checker/model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    NAMES_KEPT = 256 /* clients, values; those beyond share the last name */
};

struct signature {
    uint64_t hash;
    uint32_t clients_count;
    uint32_t clients[NAMES_KEPT];
    uint32_t values_count;
    fl_value values[NAMES_KEPT];
};

static void mix(struct signature *s, uint64_t value)
{
    s->hash = (s->hash ^ value) * 0x9e3779b97f4a7c15u;
    s->hash ^= s->hash >> 29;
}

static void mix_text(struct signature *s, const char *text)
{
    for (size_t i = 0; text != NULL && text[i] != '\0'; i++) {
        mix(s, (unsigned char)text[i]);
    }
    mix(s, 0);
}

static uint64_t client_name(struct signature *s, uint32_t client)
{
    uint32_t i = 0;
    while (i < s->clients_count && s->clients[i] != client) {
        i++;
    }
    if (i == s->clients_count && i < NAMES_KEPT) {
        s->clients[s->clients_count++] = client;
    }
    return i;
}

static uint64_t value_name(struct signature *s, enum fl_kind kind,
                           fl_value value)
{
    if (kind == FL_KIND_VOID || kind == FL_KIND_BOOL || value == FL_NONE) {
        return (uint64_t)value;
    }
    uint32_t i = 0;
    while (i < s->values_count && s->values[i] != value) {
        i++;
    }
    if (i == s->values_count && i < NAMES_KEPT) {
        s->values[s->values_count++] = value;
    }
    return i;
}

static void mix_operation(struct signature *s, const struct fl_history *h,
                          const struct fl_operation *op)
{
    assert(h->model != NULL);
    assert(op->fn < h->model->types_count);
    const struct fl_operation_type *type = &h->model->types[op->fn];
    mix(s, client_name(s, op->client));
    mix(s, op->fn);
    mix(s, value_name(s, FL_KIND_INT, op->key));
    for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
        mix(s, value_name(s, type->args[a], op->args[a]));
    }
    if (op->ret == FL_OPEN) {
        mix(s, FL_OPEN);
    } else {
        mix(s, value_name(s, type->result, op->result));
    }
}

void signature_write(const struct scenario *scenario,
                     const struct run_outcome *outcome,
                     const struct trace *trace, char text[SIGNATURE_MAX])
{
    assert(scenario != NULL && outcome != NULL && trace != NULL);
    struct signature s = {.hash = 0x6661756c746c696eu};
    mix_text(&s, run_end_name(outcome->end));
    for (uint32_t i = 0; i < trace->occurrences_count; i++) {
        uint32_t rule = trace->occurrences[i].rule;
        if (rule < scenario->rules_count) {
            mix_text(&s, scenario->rules[rule].kind);
        }
    }
    const struct fl_history *h = outcome->history;
    for (uint32_t i = 0; h != NULL && i < h->count; i++) {
        mix_operation(&s, h, &h->operations[i]);
    }
    (void)snprintf(text, SIGNATURE_MAX, "%08" PRIx32, (uint32_t)(s.hash >> 32));
}
