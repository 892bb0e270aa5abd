/*
 * Binding: algorithm, variant, params, model, operations, rules, links.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/bind.h"

#include "checker/criterion.h"
#include "checker/model.h"
#include "harness/model_plugin.h"
#include "harness/program_model.h"
#include "harness/rules.h"
#include "harness/sim/net.h"
#include "harness/sim/schedule/strategy.h"
#include "harness/subject.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
    WORDS_MAX = 64
};

/* Words to choose from when suggesting one: a list under construction. */
struct words {
    const char *word[WORDS_MAX];
    uint32_t count;
};

static void add_word(struct words *w, const char *word)
{
    if (w->count + 1 < WORDS_MAX) {
        w->word[w->count++] = word;
        w->word[w->count] = NULL;
    }
}

/* "there is no X 'y'; did you mean 'z'?", or what there is. */
static void complain_word(const struct scenario *s, struct place place,
                          FILE *errors, const char *what,
                          const struct words *words)
{
    const char *word = what + strlen(what) + 1; /* two texts in a row */
    const char *near = scenario_nearest(word, words->word);
    if (near != NULL) {
        scenario_complain(s, place, errors,
                          "there is no %s '%s'; did you mean '%s'?", what, word,
                          near);
        return;
    }
    char list[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < words->count && used + 40 < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i == 0 ? "" : ", ", words->word[i]);
    }
    scenario_complain(s, place, errors, "there is no %s '%s'; there are: %s",
                      what, word, words->count == 0 ? "none" : list);
}

/* The same, putting the two texts together. */
static void no_such(const struct scenario *s, struct place place, FILE *errors,
                    const char *const what_word[2], const struct words *words)
{
    char both[160];
    size_t first = strlen(what_word[0]) + 1;
    assert(first < sizeof(both));
    memcpy(both, what_word[0], first);
    snprintf(both + first, sizeof(both) - first, "%s", what_word[1]);
    complain_word(s, place, errors, both, words);
}

static const char *setting_text(const struct scenario *s, const char *name)
{
    for (uint32_t i = 0; i < s->system.settings_count; i++) {
        if (strcmp(s->system.settings[i].name, name) == 0) {
            return s->system.settings[i].text;
        }
    }
    return NULL;
}

static struct plugin *load(const struct scenario *s, uint64_t *subject,
                           FILE *errors)
{
    if (s->system.source.files.count > 0) {
        return subject_build(s, subject, errors);
    }
    if (s->system.library.count > 0) {
        return subject_load(s, subject, errors);
    }
    char path[PATH_MAX];
    const char *name = s->system.algorithm.name[0];
    if (!plugin_find(name, setting_text(s, "reclaim"), path, sizeof(path))) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "there is no algorithm '%s'; see `faultline list "
                          "algorithms`, or give the path of a plug-in",
                          name);
        return NULL;
    }
    uint32_t copies =
        s->system.kind == SYSTEM_PROCESSES ? s->system.threads : 1;
    return subject_open(s, path, copies, errors);
}

static uint32_t find_variant(const struct scenario *s, const char *variant,
                             const struct fl_algorithm *a, FILE *errors)
{
    bool named = s->system.variant.count > 0;
    const char *name = variant != NULL ? variant
                       : named         ? s->system.variant.name[0]
                                       : a->variants[0].name;
    struct words words = {.count = 0};
    for (uint32_t i = 0; a->variants[i].name != NULL; i++) {
        if (strcmp(a->variants[i].name, name) == 0) {
            return i;
        }
        add_word(&words, a->variants[i].name);
    }
    struct place place = variant == NULL && named
                             ? s->system.variant.place[0]
                             : s->system.algorithm.place[0];
    no_such(s, place, errors, (const char *[2]){"variant", name}, &words);
    return UINT32_MAX;
}

static bool set_word(const struct scenario *s, const struct setting *setting,
                     const struct fl_param *p, int64_t *value)
{
    (void)s;
    for (int64_t i = 0; p->words[i] != NULL; i++) {
        if (strcmp(p->words[i], setting->text) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static uint32_t set_param(const struct scenario *s,
                          const struct setting *setting,
                          const struct fl_param *p, int64_t *value,
                          FILE *errors)
{
    if (p->words != NULL) {
        if (set_word(s, setting, p, value)) {
            return 0;
        }
        struct words words = {.count = 0};
        for (uint32_t i = 0; p->words[i] != NULL; i++) {
            add_word(&words, p->words[i]);
        }
        no_such(s, setting->place, errors,
                (const char *[2]){p->name, setting->text}, &words);
        return 1;
    }
    if (!setting->is_number || setting->number < p->min ||
        setting->number > p->max) {
        scenario_complain(s, setting->place, errors,
                          "'%s' is not a number from %lld to %lld",
                          setting->text, (long long)p->min, (long long)p->max);
        return 1;
    }
    *value = setting->number;
    return 0;
}

static uint32_t set_params(const struct scenario *s,
                           const struct fl_algorithm *a, int64_t *params,
                           FILE *errors)
{
    struct words words = {.count = 0};
    uint32_t count = 0;
    for (; a->params != NULL && a->params[count].name != NULL; count++) {
        params[count] = a->params[count].initial;
        add_word(&words, a->params[count].name);
    }
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < s->system.settings_count; i++) {
        const struct setting *setting = &s->system.settings[i];
        uint32_t at = 0;
        while (at < count && strcmp(a->params[at].name, setting->name) != 0) {
            at++;
        }
        if (at < count) {
            wrong += set_param(s, setting, &a->params[at], &params[at], errors);
        } else if (strcmp(setting->name, "reclaim") != 0) {
            no_such(s, setting->place, errors,
                    (const char *[2]){"param", setting->name}, &words);
            wrong++;
        }
    }
    return wrong;
}

static uint32_t check_script(const struct scenario *s,
                             const struct script *script,
                             const struct fl_model *model, FILE *errors)
{
    uint32_t wrong = 0;
    struct words words = {.count = 0};
    for (uint32_t t = 0; t < model->types_count; t++) {
        add_word(&words, model->types[t].name);
    }
    for (uint32_t i = 0; i < script->count; i++) {
        const struct script_call *call = &script->calls[i];
        int fn = fl_model_fn(model, call->name);
        if (fn < 0) {
            no_such(s, call->place, errors,
                    (const char *[2]){"operation", call->name}, &words);
            wrong++;
            continue;
        }
        uint32_t takes = 0;
        while (takes < FL_ARGS_MAX &&
               model->types[fn].args[takes] != FL_KIND_VOID) {
            takes++;
        }
        if (call->args_count != takes) {
            scenario_complain(s, call->place, errors,
                              "%s takes %u argument%s, not %u", call->name,
                              takes, takes == 1 ? "" : "s", call->args_count);
            wrong++;
        }
    }
    return wrong;
}

static uint32_t check_work(const struct scenario *s,
                           const struct fl_model *model, FILE *errors)
{
    const struct workload_section *w = &s->workload;
    uint32_t wrong = check_script(s, &w->setup, model, errors);
    for (uint32_t c = 0; c < w->program_count; c++) {
        wrong += check_script(s, &w->program[c], model, errors);
    }
    for (uint32_t i = 0; i < w->mix_count; i++) {
        if (fl_model_fn(model, w->mix[i].name) < 0) {
            struct words words = {.count = 0};
            for (uint32_t t = 0; t < model->types_count; t++) {
                add_word(&words, model->types[t].name);
            }
            no_such(s, w->mix[i].place, errors,
                    (const char *[2]){"operation", w->mix[i].name}, &words);
            wrong++;
        }
    }
    return wrong;
}

static uint32_t check_strategies(const struct scenario *s, FILE *errors)
{
    struct words words = {.count = 0};
    for (uint32_t i = 0; strategies[i] != NULL; i++) {
        add_word(&words, strategies[i]->name);
    }
    uint32_t wrong = 0;
    const struct names *names = &s->schedule.strategy;
    for (uint32_t i = 0; i < names->count; i++) {
        if (strategy_find(names->name[i]) == NULL) {
            no_such(s, names->place[i], errors,
                    (const char *[2]){"strategy", names->name[i]}, &words);
            wrong++;
        }
    }
    return wrong;
}

static uint32_t count_lanes(const struct scenario *s,
                            const struct fl_algorithm *a, struct binding *names,
                            FILE *errors)
{
    static const char *const kinds[] = {"threads", "processes", "network",
                                        "ranks"};
    if ((uint32_t)s->system.kind != (uint32_t)a->kind) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "%s runs as kind: %s, not %s", a->name,
                          kinds[a->kind], kinds[s->system.kind]);
        return 1;
    }
    bool network = a->kind == FL_NETWORK;
    names->clients = network ? s->system.clients : s->system.threads;
    names->replicas = network ? s->system.replicas : 0;
    uint32_t max = a->kind == FL_PROCESSES ? COPIES_MAX : 64;
    uint32_t lanes = names->clients + names->replicas;
    if (names->clients == 0 || lanes > max) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "%u %s; there must be 1 to %u", lanes, kinds[a->kind],
                          max);
        return 1;
    }
    if (network && fl_loses(s->check.criterion)) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "criterion %s speaks of crashes of all clients at "
                          "once, and the clients of a network do not crash; "
                          "use linearizable",
                          fl_criterion_name(s->check.criterion));
        return 1;
    }
    if (s->check.criterion == FL_DETECTABLE && a->resolve == NULL) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "criterion detectable is about what clients are told "
                          "when they come back, and %s tells them nothing (it "
                          "has no resolve); use recoverable or strict",
                          a->name);
        return 1;
    }
    if (s->workload.program_count > names->clients) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "workload.program is for %u clients, the system "
                          "has %u",
                          s->workload.program_count, names->clients);
        return 1;
    }
    return 0;
}

static void set_options(const struct scenario *s, const struct fl_algorithm *a,
                        struct binding *names)
{
    const struct check_section *c = &s->check;
    names->options.criterion = c->criterion;
    names->options.capacity = c->capacity;
    names->options.loss_bounded = c->loss_bounded;
    names->options.loss_max = c->loss_max;
    names->options.loss_timed = c->loss_timed;
    names->options.loss_ns = c->loss_ns;
    names->options.budget.nodes =
        c->checker_nodes != 0 ? c->checker_nodes : 50000000;
    names->options.budget.bytes =
        c->checker_bytes != 0 ? c->checker_bytes : (uint64_t)1 << 30;
    names->options.budget.milliseconds =
        c->checker_time_ms != 0 ? (uint32_t)c->checker_time_ms : 10000;
    /* A bound that the algorithm has as a param is its model's, too. */
    bool bounded = strcmp(names->model->name, "bounded_queue") == 0 ||
                   strcmp(names->model->name, "quota_counter") == 0;
    for (uint32_t i = 0;
         bounded && a->params != NULL && a->params[i].name != NULL &&
         names->options.capacity == 0;
         i++) {
        if (strcmp(a->params[i].name, "capacity") == 0 ||
            strcmp(a->params[i].name, "limit") == 0) {
            names->options.capacity = (uint32_t)names->params[i];
        }
    }
    for (uint32_t i = 0; i < c->also_count; i++) {
        const struct also *also = &c->also[i];
        if (strcmp(also->name, "mutual_exclusion") != 0) {
            continue;
        }
        for (uint32_t l = 0; a->locks != NULL && a->locks[l] != NULL; l++) {
            if (also->lock == NULL || strcmp(a->locks[l], also->lock) == 0) {
                names->exclusive |= (uint32_t)1 << l;
            }
        }
    }
}

/* Whether the object can be used alone; says why not. */
static bool is_alone(const struct scenario *s, const struct fl_algorithm *a,
                     FILE *errors)
{
    if (a->kind == FL_THREADS && s->workload.keys <= 1 &&
        s->system.source.files.count == 0) {
        return true;
    }
    scenario_complain(s, s->check.model_place, errors,
                      "model itself is for one object that threads share; "
                      "say a model by name");
    return false;
}

/* What the user's object can do, as a model without answers; or NULL. */
static const struct fl_model *own_interface(const struct binding *names)
{
    const struct object *object = plugin_object(names->plugin, 0);
    return object == NULL ? NULL : &object->interface;
}

static const struct fl_model *
find_model(const struct scenario *s, const struct binding *names, FILE *errors)
{
    const struct fl_algorithm *a = plugin_algorithm(names->plugin, 0);
    const char *name = s->check.model != NULL ? s->check.model : a->model;
    if (strcmp(name, "itself") == 0) {
        name = a->model;
        if (!is_alone(s, a, errors)) {
            return NULL;
        }
    }
    if (model_plugin_is(name)) {
        return model_plugin_load(name, errors);
    }
    if (s->system.source.files.count > 0) {
        return &program_model;
    }
    if (own_interface(names) != NULL && name[0] == '\0') {
        return is_alone(s, a, errors) ? own_interface(names) : NULL;
    }
    const struct fl_model *model = fl_model_find(name);
    if (model == NULL) {
        struct words words = {.count = 0};
        for (uint32_t i = 0; fl_models[i] != NULL; i++) {
            add_word(&words, fl_models[i]->name);
        }
        no_such(s, s->check.model_place, errors,
                (const char *[2]){"model", name}, &words);
    }
    return model;
}

/* Calls that the scenario writes out must be operations of the object. */
static uint32_t check_calls(const struct scenario *s,
                            const struct object *object,
                            const struct script *script,
                            const struct fl_model *model, FILE *errors)
{
    uint32_t wrong = 0;
    struct words words = {.count = 0};
    for (uint32_t i = 0; i < object->count; i++) {
        add_word(&words, model->types[object->mix[i].fn].name);
    }
    for (uint32_t i = 0; i < script->count; i++) {
        const struct script_call *call = &script->calls[i];
        int fn = fl_model_fn(model, call->name);
        if (fn >= 0 && object_operation(object, (uint32_t)fn) == NULL) {
            no_such(s, call->place, errors,
                    (const char *[2]){"operation of the object", call->name},
                    &words);
            wrong++;
        }
    }
    return wrong;
}

/* The operations of the user's object, in every copy. */
static uint32_t bind_objects(const struct scenario *s,
                             const struct binding *names, FILE *errors)
{
    const struct workload_section *w = &s->workload;
    for (uint32_t i = 0; i < plugin_copies(names->plugin); i++) {
        struct object *object = plugin_object(names->plugin, i);
        if (object != NULL && names->model != NULL &&
            !object_bind(object, names->model, errors)) {
            return 1;
        }
    }
    struct object *object = plugin_object(names->plugin, 0);
    if (object == NULL || names->model == NULL) {
        return 0;
    }
    uint32_t wrong = check_calls(s, object, &w->setup, names->model, errors);
    for (uint32_t c = 0; c < w->program_count; c++) {
        wrong += check_calls(s, object, &w->program[c], names->model, errors);
    }
    for (uint32_t i = 0; i < w->mix_count; i++) {
        struct script one = {.count = 1};
        one.calls[0].name = w->mix[i].name;
        one.calls[0].place = w->mix[i].place;
        wrong += check_calls(s, object, &one, names->model, errors);
    }
    return wrong > 0 ? wrong : bind_object(s, object, names->model, errors);
}

bool bind_scenario(const struct scenario *s, const char *variant,
                   struct binding *names, FILE *errors)
{
    memset(names, 0, sizeof(*names));
    names->plugin = load(s, &names->subject, errors);
    if (names->plugin == NULL) {
        return false;
    }
    const struct fl_algorithm *a = plugin_algorithm(names->plugin, 0);
    uint32_t wrong = count_lanes(s, a, names, errors);
    names->variant = find_variant(s, variant, a, errors);
    wrong += names->variant == UINT32_MAX ? 1 : 0;
    wrong += set_params(s, a, names->params, errors);
    names->model = find_model(s, names, errors);
    wrong += names->model == NULL ? 1 : check_work(s, names->model, errors);
    wrong += bind_objects(s, names, errors);
    wrong += check_strategies(s, errors);
    wrong += bind_search(s, errors);
    wrong += rules_resolve(s, a, errors);
    wrong += a->kind == FL_NETWORK ? net_resolve(s, errors) : 0;
    if (wrong > 0) {
        plugin_free(names->plugin);
        names->plugin = NULL;
        return false;
    }
    names->itself =
        s->check.model != NULL
            ? strcmp(s->check.model, "itself") == 0
            : names->model != NULL && names->model == own_interface(names);
    set_options(s, a, names);
    return true;
}
