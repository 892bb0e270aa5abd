/*
 * faultline list: what there is to choose from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "algorithms/registry.h"
#include "checker/format/formats.h"
#include "checker/weakening.h"
#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/select.h"
#include "harness/fault.h"
#include "harness/report/json.h"
#include "harness/sim/schedule/strategy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How one list is printed: for people, or one object a line. */
struct listing {
    FILE *out;
    bool json;
    enum code code;
};

static const struct usage usage = {
    .command = "list",
    .arguments = "scenarios|algorithms|models|formats|faults|strategies|views "
                 "[DIRECTORY]",
    .about = "Lists what there is to choose from.",
    .examples = "  faultline list algorithms\n"
                "  faultline list scenarios scenarios/\n"
                "  faultline list algorithms --format jsonl\n"
                "  faultline list --schema > scenario.schema.json\n",
};

/* One row of name and text. */
static void print_row(const struct listing *l, const char *name,
                      const char *about)
{
    assert(name != NULL);
    if (l->json) {
        struct json j;
        json_init(&j, l->out, 0);
        json_open(&j, NULL, '{');
        json_text(&j, "name", name);
        json_text(&j, "about", about);
        json_close(&j);
    } else {
        (void)fprintf(l->out, "%-20s %s\n", name, about == NULL ? "" : about);
    }
}

static void list_models(struct listing *l)
{
    for (uint32_t i = 0; fl_models[i] != NULL; i++) {
        print_row(l, fl_models[i]->name, fl_models[i]->about);
    }
    for (uint32_t i = 0; fl_weakenings[i] != NULL; i++) {
        print_row(l, fl_weakenings[i]->name, fl_weakenings[i]->about);
    }
}

static void list_formats(struct listing *l)
{
    for (uint32_t i = 0; fl_formats[i] != NULL; i++) {
        const struct fl_format *format = fl_formats[i];
        assert(format->name != NULL && format->about != NULL);
        if (!l->json) {
            print_row(l, format->name, format->about);
            continue;
        }
        struct json j;
        json_init(&j, l->out, 0);
        json_open(&j, NULL, '{');
        json_text(&j, "name", format->name);
        json_text(&j, "about", format->about);
        json_bool(&j, "written", format->write != NULL);
        json_bool(&j, "several", format->holds_several);
        json_close(&j);
    }
}

static void list_views(struct listing *l)
{
    for (uint32_t i = 0; fl_views[i] != NULL; i++) {
        print_row(l, fl_views[i]->name, fl_views[i]->about);
    }
}

static void list_strategies(struct listing *l)
{
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        print_row(l, strategies[i]->name, strategies[i]->about);
    }
}

static void list_faults(struct listing *l)
{
    for (uint32_t i = 0; faults[i] != NULL; i++) {
        const struct fault *fault = faults[i];
        if (l->json) {
            struct json j;
            json_init(&j, l->out, 0);
            json_open(&j, NULL, '{');
            json_text(&j, "name", fault->name);
            json_text(&j, "about", fault->about);
            json_text(&j, "parameters", fault->parameters);
            json_text(&j, "later", fault->later);
            json_close(&j);
            continue;
        }
        (void)fprintf(l->out, "%-20s %s\n%20s keys: %s\n", fault->name,
                      fault->about, "", fault->parameters);
        if (fault->later != NULL) {
            (void)fprintf(l->out, "%20s skipped: %s\n", "", fault->later);
        }
    }
}

static const char *kind_name(enum fl_system kind)
{
    switch (kind) {
    case FL_THREADS:
        return "threads";
    case FL_PROCESSES:
        return "processes";
    case FL_NETWORK:
        return "network";
    }
    return "threads";
}

static void print_algorithm_json(const struct fl_algorithm *a, FILE *out)
{
    assert(a->name != NULL && a->variants != NULL);
    struct json j;
    json_init(&j, out, 0);
    json_open(&j, NULL, '{');
    json_text(&j, "algorithm", a->name);
    json_text(&j, "family", a->family);
    json_text(&j, "kind", kind_name(a->kind));
    json_text(&j, "model", a->model);
    json_text(&j, "row", a->row);
    json_text(&j, "source", a->source);
    json_text(&j, "about", a->about);
    json_open(&j, "variants", '[');
    for (const struct fl_variant *v = a->variants; v->name != NULL; v++) {
        json_open(&j, NULL, '{');
        json_text(&j, "name", v->name);
        json_text(&j, "row", v->row);
        json_text(&j, "needs", v->needs);
        json_text(&j, "about", v->about);
        json_close(&j);
    }
    json_close(&j);
    json_close(&j);
}

static void print_algorithm(const struct fl_algorithm *a, FILE *out)
{
    assert(a->name != NULL && a->variants != NULL);
    (void)fprintf(out, "%s   row %s, %s, model %s\n  %s\n  after: %s\n",
                  a->name, a->row, kind_name(a->kind), a->model, a->about,
                  a->source);
    for (const struct fl_variant *v = a->variants; v->name != NULL; v++) {
        (void)fprintf(out, "    %-22s %-6s %s%s%s%s\n", v->name, v->row,
                      v->about,
                      v->needs[0] == '\0' ? "" : " (needs: ", v->needs,
                      v->needs[0] == '\0' ? "" : ")");
    }
}

/* An algorithm whose plug-in was not built: nothing is known of its variants,
 * so that it has no place in a list for programs. */
static void list_left_out(struct listing *l, const char *name,
                          const char *reason)
{
    assert(name != NULL && reason != NULL);
    if (!l->json) {
        (void)fprintf(l->out, "%s\n  left out: %s\n", name, reason);
    }
}

static void list_algorithms(struct listing *l)
{
    for (uint32_t i = 0; algorithm_names[i] != NULL; i++) {
        char reason[200];
        if (plugin_left_out(algorithm_names[i], reason, sizeof(reason))) {
            list_left_out(l, algorithm_names[i], reason);
            continue;
        }
        struct plugin *plugin = catalogue_open(algorithm_names[i]);
        if (plugin == NULL) {
            l->code = code_worse(l->code, CODE_INPUT);
            continue;
        }
        const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
        if (l->json) {
            print_algorithm_json(a, l->out);
        } else {
            print_algorithm(a, l->out);
        }
        plugin_free(plugin);
    }
}

static const char *variant_of(const struct scenario *scenario)
{
    return scenario->system.variant.count == 0
               ? "sound"
               : scenario->system.variant.name[0];
}

static void print_scenario(const struct listing *l, const char *path,
                           const struct scenario *s)
{
    assert(path != NULL && s->name != NULL);
    const char *algorithm =
        s->system.algorithm.count == 0 ? "" : s->system.algorithm.name[0];
    const char *expect = s->expect == EXPECT_VIOLATION ? "violation" : "pass";
    if (l->json) {
        struct json j;
        json_init(&j, l->out, 0);
        json_open(&j, NULL, '{');
        json_text(&j, "name", s->name);
        json_text(&j, "file", path);
        json_text(&j, "about", s->about);
        json_text(&j, "algorithm", algorithm);
        json_text(&j, "variant", variant_of(s));
        json_text(&j, "expect", expect);
        json_text(&j, "skip", s->skip);
        json_close(&j);
        return;
    }
    (void)fprintf(l->out, "%-32s %s, %s, expect: %s\n  %s\n  %s\n", s->name,
                  algorithm, variant_of(s), expect, path,
                  s->about == NULL ? "" : s->about);
    if (s->skip != NULL) {
        (void)fprintf(l->out, "  skipped here: %s\n", s->skip);
    }
}

static void list_scenarios(struct listing *l, const char *const *words)
{
    struct selection selection = {0};
    for (uint32_t i = 0; words[i] != NULL; i++) {
        select_add(&selection, words[i]);
    }
    if (words[0] == NULL) {
        select_discover(&selection);
    }
    if (selection.missing > 0) {
        l->code = code_worse(l->code, CODE_INPUT);
    }
    for (uint32_t i = 0; i < selection.count; i++) {
        struct scenario *scenario = select_load(selection.path[i]);
        if (scenario == NULL) {
            l->code = code_worse(l->code, CODE_INPUT);
            continue;
        }
        print_scenario(l, selection.path[i], scenario);
        scenario_free(scenario);
    }
    select_release(&selection);
}

static const struct {
    const char *name;
    void (*list)(struct listing *l); /* NULL: scenarios, which take words */
} lists[] = {
    {"scenarios", NULL},     {"algorithms", list_algorithms},
    {"models", list_models}, {"formats", list_formats},
    {"faults", list_faults}, {"strategies", list_strategies},
    {"views", list_views},
};

enum {
    LISTS = sizeof(lists) / sizeof(lists[0])
};

static enum code refuse(const char *word)
{
    assert(word != NULL);
    const char *names[LISTS + 1] = {NULL};
    for (uint32_t i = 0; i < LISTS; i++) {
        names[i] = lists[i].name;
    }
    const char *nearest = scenario_nearest(word, names);
    return options_complain("list", "no list of '%s'%s%s%s", word,
                            nearest == NULL ? "" : "; did you mean ",
                            nearest == NULL ? "" : nearest,
                            nearest == NULL ? "" : "?");
}

static enum code list_one(struct listing *l, const struct arguments *arguments)
{
    if (arguments->count == 0) {
        return options_complain("list", "say what to list");
    }
    const char *word = arguments->word[0];
    for (uint32_t i = 0; i < LISTS; i++) {
        if (strcmp(lists[i].name, word) != 0) {
            continue;
        }
        if (lists[i].list == NULL) {
            list_scenarios(l, (const char *const *)arguments->word + 1);
        } else if (arguments->count > 1) {
            return options_complain("list", "'%s' is one word too many",
                                    arguments->word[1]);
        } else {
            lists[i].list(l);
        }
        return l->code;
    }
    return refuse(word);
}

static int list_main(int count, const char **words)
{
    char *format = NULL;
    int schema = 0;
    const struct poptOption table[] = {
        {"format", '\0', POPT_ARG_STRING, &format, 0, "text or jsonl", "KIND"},
        {"schema", '\0', POPT_ARG_NONE, &schema, 0,
         "print the JSON Schema of scenario files", NULL},
        POPT_TABLEEND,
    };
    struct arguments arguments;
    enum options_state state =
        options_read(&arguments, &usage, table, count, words);
    enum code code = state == OPTIONS_HELP ? CODE_PASS : CODE_USAGE;
    struct listing l = {.out = stdout};
    if (state == OPTIONS_READ) {
        l.json = format != NULL && strcmp(format, "jsonl") == 0;
        if (format != NULL && !l.json && strcmp(format, "text") != 0) {
            code = options_complain("list", "--format %s: say text or jsonl",
                                    format);
        } else if (schema != 0) {
            scenario_schema(stdout);
            code = CODE_PASS;
        } else {
            code = list_one(&l, &arguments);
        }
    }
    options_release(&arguments);
    return (int)code;
}

const struct command command_list = {
    .name = "list",
    .about = "list scenarios, algorithms, models, formats, faults, views",
    .main = list_main,
};
