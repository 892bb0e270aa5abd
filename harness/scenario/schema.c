/*
 * The JSON Schema of scenario files, printed from the tables.
 *
 * Each table becomes a definition, so that nothing is nested and nothing is
 * said twice.  Editors complete and check with it; the loader is stricter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <assert.h>

static void print_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', out);
        }
        fputc(*c, out);
    }
    fputc('"', out);
}

static void print_key(const struct key *key, FILE *out)
{
    assert(key->about != NULL);
    fprintf(out, "        \"%s\": {", key->name);
    key->form->describe(key, out);
    fprintf(out, ", \"description\": ");
    print_text(key->about, out);
    fputc('}', out);
}

static void print_required(const struct table *table, FILE *out)
{
    const char *between = "";
    fprintf(out, "      \"required\": [");
    for (const struct key *key = table->keys; key->name != NULL; key++) {
        if (key->required) {
            fprintf(out, "%s\"%s\"", between, key->name);
            between = ", ";
        }
    }
    fprintf(out, "]\n");
}

static void print_table(const struct table *table, FILE *out)
{
    fprintf(out, "    \"%s\": {\n      \"type\": \"object\",\n", table->name);
    fprintf(out, "      \"description\": ");
    print_text(table->about, out);
    fprintf(out, ",\n      \"additionalProperties\": false,\n"
                 "      \"properties\": {\n");
    for (const struct key *key = table->keys; key->name != NULL; key++) {
        print_key(key, out);
        fprintf(out, "%s\n", key[1].name == NULL ? "" : ",");
    }
    fprintf(out, "      },\n");
    print_required(table, out);
    fprintf(out, "    },\n");
}

/* What has a form of its own and no table. */
static const char *const other_definitions =
    "    \"quantity\": {\n"
    "      \"description\": \"a value with its unit, a range lo..hi, a list, "
    "or a distribution\",\n"
    "      \"anyOf\": [\n"
    "        {\"type\": [\"number\", \"string\"]},\n"
    "        {\"type\": \"array\", \"minItems\": 1, \"items\": "
    "{\"type\": [\"number\", \"string\"]}},\n"
    "        {\"type\": \"object\", \"required\": [\"dist\"], "
    "\"additionalProperties\": false,\n"
    "         \"properties\": {\n"
    "           \"dist\": {\"enum\": [\"constant\", \"uniform\", \"normal\", "
    "\"lognormal\", \"exponential\", \"pareto\", \"weibull\", \"mixture\", "
    "\"empirical\"]},\n"
    "           \"value\": {}, \"min\": {}, \"max\": {}, \"mean\": {}, "
    "\"sd\": {}, \"median\": {}, \"sigma\": {}, \"scale\": {}, "
    "\"shape\": {}, \"p\": {}, \"quantiles\": {}, \"correlation\": {},\n"
    "           \"fast\": {\"$ref\": \"#/$defs/quantity\"}, "
    "\"slow\": {\"$ref\": \"#/$defs/quantity\"}}}\n"
    "      ]\n"
    "    },\n"
    "    \"target\": {\n"
    "      \"description\": \"whom a fault is about\",\n"
    "      \"anyOf\": [\n"
    "        {\"type\": \"string\"},\n"
    "        {\"type\": \"object\", \"minProperties\": 1, "
    "\"maxProperties\": 1, \"additionalProperties\": false,\n"
    "         \"properties\": {\"threads\": {}, \"processes\": {}, "
    "\"nodes\": {}, \"ranks\": {}, \"hosts\": {}, \"clients\": {}, "
    "\"links\": {}}}\n"
    "      ]\n"
    "    }\n";

void scenario_schema(FILE *out)
{
    fprintf(out, "{\n"
                 "  \"$schema\": "
                 "\"https://json-schema.org/draft/2020-12/schema\",\n"
                 "  \"title\": \"Faultline scenario\",\n"
                 "  \"$ref\": \"#/$defs/scenario\",\n"
                 "  \"$defs\": {\n");
    for (uint32_t i = 0; scenario_tables[i] != NULL; i++) {
        print_table(scenario_tables[i], out);
    }
    fprintf(out, "%s  }\n}\n", other_definitions);
}
