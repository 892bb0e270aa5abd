/*
 * docs/scenarios.md says what the schema says: each table has its section, and
 * each key its row, word for word.
 *
 * Run with --print, this program prints those sections for the page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"
#include "tests/tap.h"

#include <string.h>

enum {
    PAGE_MAX = 256 * 1024,
    ROW_MAX = 1024
};

/* "1 to 60", or nothing where a key has no limits worth saying. */
static const char *describe_limits(const struct key *key, char *out, size_t max)
{
    uint32_t of = key->of == 0 ? OF_PLAIN : key->of;
    out[0] = '\0';
    bool number = key->form == &form_count || key->form == &form_count64 ||
                  key->form == &form_number || key->form == &form_millis;
    if (number && (of & OF_SHARE) == 0 && key->max < 1000000000) {
        char least[40];
        char most[40];
        snprintf(out, max, ", %s to %s",
                 amount_print(key->min, of, least, sizeof(least)),
                 amount_print(key->max, of, most, sizeof(most)));
    }
    return out;
}

static const char *describe_value(const struct key *key, char *out, size_t max)
{
    char text[400];
    char limits[80];
    if (key->table != NULL) {
        bool list = key->form == &form_list;
        snprintf(out, max, "%s [%s](#%s)", list ? "list of" : "mapping",
                 key->table->name, key->table->name);
    } else if (key->words != NULL) {
        complain_words(key->words, text, sizeof(text));
        snprintf(out, max, "%s", text);
    } else if (key->form == &form_quantity) {
        snprintf(out, max, "quantity: %s",
                 amount_wanted(key->of, text, sizeof(text)));
    } else if (key->of != 0 || key->max != 0) {
        amount_wanted(key->of == 0 ? OF_PLAIN : key->of, text, sizeof(text));
        snprintf(out, max, "%s%s", text,
                 describe_limits(key, limits, sizeof(limits)));
    } else {
        snprintf(out, max, "%s", key->form->name);
    }
    return out;
}

static const char *make_row(const struct key *key, char row[ROW_MAX])
{
    char value[512];
    snprintf(row, ROW_MAX, "| `%s`%s | %s | %s%s%s%s |\n", key->name,
             key->required ? " (required)" : "",
             describe_value(key, value, sizeof(value)), key->about,
             key->later == NULL ? "" : " (",
             key->later == NULL ? "" : "later: ",
             key->later == NULL ? "" : key->later);
    if (key->later != NULL) {
        size_t size = strlen(row);
        snprintf(row + size - 3, ROW_MAX - size, ") |\n");
    }
    return row;
}

static void make_title(const struct table *table, char row[ROW_MAX])
{
    snprintf(row, ROW_MAX, "### %s\n", table->name);
}

static void print_sections(void)
{
    char row[ROW_MAX];
    for (size_t i = 0; scenario_tables[i] != NULL; i++) {
        const struct table *table = scenario_tables[i];
        make_title(table, row);
        printf("%s\n%s.\n\n| key | value | about |\n| --- | --- | --- |\n", row,
               table->about);
        for (const struct key *key = table->keys; key->name != NULL; key++) {
            printf("%s", make_row(key, row));
        }
        printf("\n");
    }
}

static void page_has_every_key_of_the_schema(void)
{
    static char page[PAGE_MAX];
    FILE *file = fopen("docs/scenarios.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t size = fread(page, 1, sizeof(page) - 1, file);
    (void)fclose(file);
    CU_ASSERT(size > 1000 && size < sizeof(page) - 1);
    char row[ROW_MAX];
    for (size_t i = 0; scenario_tables[i] != NULL; i++) {
        const struct table *table = scenario_tables[i];
        make_title(table, row);
        const char *section = strstr(page, row);
        if (section == NULL) {
            printf("# lacks %s", row);
            CU_FAIL("a section is missing");
            continue;
        }
        for (const struct key *key = table->keys; key->name != NULL; key++) {
            if (strstr(section, make_row(key, row)) == NULL) {
                printf("# %s lacks %s", table->name, row);
                CU_FAIL("a row is missing or stale");
            }
        }
    }
}

static void schema_has_every_table(void)
{
    static char schema[PAGE_MAX];
    FILE *out = fmemopen(schema, sizeof(schema), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    scenario_schema(out);
    (void)fclose(out);
    for (size_t i = 0; scenario_tables[i] != NULL; i++) {
        const struct table *table = scenario_tables[i];
        char text[256];
        snprintf(text, sizeof(text), "    \"%s\": {\n", table->name);
        CU_ASSERT_PTR_NOT_NULL(strstr(schema, text));
        for (const struct key *key = table->keys; key->name != NULL; key++) {
            snprintf(text, sizeof(text), "        \"%s\": {\"", key->name);
            CU_ASSERT_PTR_NOT_NULL(strstr(schema, text));
        }
    }
    /* every reference leads somewhere */
    for (const char *at = schema; at != NULL; at = strstr(at + 1, "#/$defs/")) {
        if (at == schema) {
            continue;
        }
        char text[128];
        snprintf(text, sizeof(text), "    \"%.*s\": {\n",
                 (int)strcspn(at + 8, "\""), at + 8);
        CU_ASSERT_PTR_NOT_NULL(strstr(schema, text));
    }
}

int main(int count, char **arguments)
{
    static const struct tap_case cases[] = {
        {"the page has every key of the schema",
         page_has_every_key_of_the_schema},
        {"the JSON Schema has every table", schema_has_every_table},
        {NULL, NULL},
    };
    if (count > 1 && strcmp(arguments[1], "--print") == 0) {
        print_sections();
        return 0;
    }
    return tap_run("scenario page", cases);
}
