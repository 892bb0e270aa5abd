/*
 * The algorithms: what they say of themselves, and what they answer to one
 * client alone.
 *
 * With one client there is nothing to interleave, so a run that is not
 * linearizable is a mistake in the algorithm's own sequential code, in its
 * model, or in what ties the two together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/model.h"
#include "harness/plugin.h"
#include "harness/run.h"
#include "tests/check_tap.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 300,
    TEXT_MAX = 600,
};

/* The files of the algorithms; borrowed from `glob` until the program ends. */
static glob_t files;

/* The name of algorithm `i`: its file's, without folder and ending. */
static const char *name_of(int i)
{
    static char name[64];
    const char *base = strrchr(files.gl_pathv[i], '/') + 1;
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
    return name;
}

/* Whether the file at `path` contains `text`. */
static bool contains(const char *path, const char *text)
{
    char content[8192] = "";
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is not there", path);
    size_t size = fread(content, 1, sizeof(content) - 1, file);
    (void)fclose(file);
    ck_assert_uint_lt(size, sizeof(content) - 1);
    return strstr(content, text) != NULL;
}

static struct plugin *load(const char *name)
{
    char path[512];
    ck_assert_msg(plugin_find(name, NULL, path, sizeof(path)), "no plug-in %s",
                  name);
    struct plugin *plugin = plugin_load(path, 1, stderr);
    ck_assert_msg(plugin != NULL, "%s does not load", path);
    return plugin;
}

static bool is_said(const char *text)
{
    return text != NULL && text[0] != '\0';
}

START_TEST(it_is_on_the_menu)
{
    char entry[80];
    (void)snprintf(entry, sizeof(entry), "\"%s\",", name_of(_i));
    ck_assert_msg(contains("algorithms/registry.c", entry),
                  "%s is not in algorithms/registry.c", entry);
}
END_TEST

START_TEST(it_names_itself_and_its_source)
{
    const char *name = name_of(_i);
    struct plugin *plugin = load(name);
    const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
    ck_assert_str_eq(a->name, name);
    ck_assert(is_said(a->family) && is_said(a->row));
    ck_assert(is_said(a->source) && is_said(a->about));
    char path[512];
    (void)snprintf(path, sizeof(path), "algorithms/%s/%s.c", a->family,
                   a->name);
    ck_assert_str_eq(path, files.gl_pathv[_i]);
    plugin_free(plugin);
}
END_TEST

START_TEST(its_calls_are_those_of_its_model)
{
    struct plugin *plugin = load(name_of(_i));
    const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
    const struct fl_model *model = fl_model_find(a->model);
    ck_assert_msg(model != NULL, "no model %s", a->model);
    ck_assert_uint_gt(a->mix_count, 0);
    for (uint32_t i = 0; i < a->mix_count; i++) {
        ck_assert_uint_lt(a->mix[i].fn, model->types_count);
        ck_assert_uint_gt(a->mix[i].weight, 0);
    }
    plugin_free(plugin);
}
END_TEST

START_TEST(its_first_variant_is_sound_and_each_flaw_has_a_scenario)
{
    struct plugin *plugin = load(name_of(_i));
    const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
    ck_assert_str_eq(a->variants[0].name, "sound");
    ck_assert_str_eq(a->variants[0].row, a->row);
    ck_assert_str_eq(a->variants[0].needs, "");
    for (const struct fl_variant *v = a->variants + 1; v->name != NULL; v++) {
        ck_assert(is_said(v->row) && is_said(v->needs) && is_said(v->about));
        ck_assert_msg(strstr(v->row, ".B") != NULL, "%s: row %s", v->name,
                      v->row);
        char path[512];
        (void)snprintf(path, sizeof(path), "scenarios/%s-%s.yaml", a->name,
                       v->name);
        ck_assert_msg(access(path, R_OK) == 0, "%s is not there", path);
    }
    plugin_free(plugin);
}
END_TEST

START_TEST(its_params_start_within_their_limits)
{
    struct plugin *plugin = load(name_of(_i));
    const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
    for (const struct fl_param *p = a->params; p != NULL && p->name != NULL;
         p++) {
        int64_t max = p->max;
        if (p->words != NULL) {
            max = -1;
            while (p->words[max + 1] != NULL) {
                max++;
            }
        }
        ck_assert_msg(p->min <= p->initial && p->initial <= max,
                      "%s of %s starts outside its limits", p->name, a->name);
        ck_assert(is_said(p->about));
    }
    plugin_free(plugin);
}
END_TEST

/* A scenario in which one client calls alone. */
/* What a bounded queue holds by default. */
static int64_t capacity_of(const struct fl_algorithm *a)
{
    for (const struct fl_param *p = a->params; p != NULL && p->name != NULL;
         p++) {
        if (strcmp(p->name, "capacity") == 0) {
            return p->initial;
        }
        if (strcmp(p->name, "size") == 0) {
            return p->initial - 1; /* a ring with one empty slot */
        }
    }
    return 0;
}

static struct scenario *solitude(const struct fl_algorithm *a)
{
    char text[TEXT_MAX];
    const char *words = a->kind == FL_PROCESSES ? "processes" : "threads";
    const char *word = a->kind == FL_PROCESSES ? "process" : "thread";
    int size = snprintf(
        text, sizeof(text),
        "scenario: 1\nname: alone\nabout: one client\n"
        "system: { kind: %s, algorithm: %s, %s: 1 }\n"
        "workload: { ops_per_%s: 40%s }\n"
        "check: { model: %s%s%.0lld, criterion: linearizable }\n",
        words, a->name, words, word,
        strcmp(a->model, "quota_counter") == 0 ? ", amount: 1..50" : "",
        a->model,
        strcmp(a->model, "quota_counter") == 0   ? ", capacity: 100"
        : strcmp(a->model, "bounded_queue") == 0 ? ", capacity: "
                                                 : "",
        strcmp(a->model, "bounded_queue") == 0 ? (long long)capacity_of(a) : 0);
    ck_assert(size > 0 && size < TEXT_MAX);
    struct scenario *scenario =
        scenario_parse("alone", text, (size_t)size, stderr);
    ck_assert_msg(scenario != NULL, "%s", text);
    return scenario;
}

START_TEST(alone_it_answers_as_its_model_does)
{
    struct plugin *plugin = load(name_of(_i));
    const struct fl_algorithm *a = plugin_algorithm(plugin, 0);
    if (a->kind != FL_NETWORK) { /* which has no meaning without replicas */
        struct scenario *scenario = solitude(a);
        struct runner *runner = runner_new(scenario, "sound", stderr);
        ck_assert_ptr_nonnull(runner);
        for (uint64_t index = 1; index <= RUNS; index++) {
            struct run_request request = {
                .mode = RUN_EXPLORE, .seed = 11, .index = index};
            struct run_outcome outcome;
            runner_run(runner, &request, &outcome);
            ck_assert_msg(outcome.verdict == FL_PASS, "%s, run %lu: %s (%s)",
                          a->name, (unsigned long)index,
                          run_end_name(outcome.end), outcome.detail);
            ck_assert_uint_eq(outcome.history->count, 40);
        }
        runner_free(runner);
        scenario_free(scenario);
    }
    plugin_free(plugin);
}
END_TEST

/* Takes those out of `files` that were not built, and says so. */
static void leave_out(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char reason[200];
        const char *name = name_of((int)i);
        if (plugin_left_out(name, reason, sizeof(reason))) {
            printf("# SKIP %s: %s\n", name, reason);
        } else {
            files.gl_pathv[kept++] = files.gl_pathv[i];
        }
    }
    files.gl_pathc = kept;
}

int main(void)
{
    Suite *suite = suite_create("algorithms");
    TCase *all = tcase_create("each");
    if (glob("algorithms/*/*.c", 0, NULL, &files) != 0) {
        printf("Bail out! no algorithms here; run from the repository root\n");
        return EXIT_FAILURE;
    }
    leave_out();
    int count = (int)files.gl_pathc;
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, it_is_on_the_menu, 0, count);
    tcase_add_loop_test(all, it_names_itself_and_its_source, 0, count);
    tcase_add_loop_test(all, its_calls_are_those_of_its_model, 0, count);
    tcase_add_loop_test(
        all, its_first_variant_is_sound_and_each_flaw_has_a_scenario, 0, count);
    tcase_add_loop_test(all, its_params_start_within_their_limits, 0, count);
    tcase_add_loop_test(all, alone_it_answers_as_its_model_does, 0, count);
    suite_add_tcase(suite, all);
    return check_tap_run(suite);
}
