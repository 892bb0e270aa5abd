/*
 * Loading a model from a shared object.
 *
 * It is opened to stay: histories and results point into it, and a second
 * opening of the same file gives the same model.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/model_plugin.h"

#include "checker/model_plugin.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
    TYPES_MAX = 256 /* more operations than that are a stray pointer */
};

bool model_plugin_is(const char *name)
{
    assert(name != NULL);
    size_t length = strlen(name);
    return strchr(name, '/') != NULL ||
           (length > 3 && strcmp(name + length - 3, ".so") == 0);
}

/* What a model lacks, or NULL. */
static const char *find_missing(const struct fl_model *m)
{
    const struct {
        const char *what;
        bool there;
    } required[] = {
        {"name is missing", m->name != NULL && m->name[0] != '\0'},
        {"about is missing", m->about != NULL},
        {"types is missing", m->types != NULL},
        {"types_count is 0", m->types_count > 0},
        {"types_count is above 256", m->types_count <= TYPES_MAX},
        {"state_max is missing", m->state_max != NULL},
        {"start is missing", m->start != NULL},
        {"step is missing", m->step != NULL},
        {"describe is missing", m->describe != NULL},
        {"ways and go: one is there without the other",
         (m->ways == NULL) == (m->go == NULL)},
        {"lacks and helps: one is there without the other",
         (m->lacks == NULL) == (m->helps == NULL)},
    };
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (!required[i].there) {
            return required[i].what;
        }
    }
    return NULL;
}

static bool is_kind(enum fl_kind kind)
{
    return (unsigned)kind <= (unsigned)FL_KIND_BITS;
}

/* Whether the table of operations can be read; says what is wrong. */
static bool judge_types(const struct fl_model *m, const char *path,
                        FILE *errors)
{
    for (uint32_t i = 0; i < m->types_count; i++) {
        const struct fl_operation_type *type = &m->types[i];
        bool kinds = is_kind(type->result);
        for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
            kinds = kinds && is_kind(type->args[a]);
        }
        if (type->name == NULL || type->name[0] == '\0' || !kinds) {
            fprintf(errors, "%s: error: types[%u] has no %s\n", path, i,
                    kinds ? "name" : "kind of enum fl_kind");
            fprintf(errors,
                    "  types_count says %u; is it the number of "
                    "entries of types?\n",
                    m->types_count);
            return false;
        }
        if (fl_model_fn(m, type->name) != (int)i) {
            fprintf(errors, "%s: error: two of its types are called '%s'\n",
                    path, type->name);
            return false;
        }
    }
    return true;
}

static bool judge(const struct fl_model_plugin *plugin, const char *path,
                  FILE *errors)
{
    assert(plugin != NULL);
    if (plugin->version != FL_MODEL_PLUGIN_VERSION ||
        plugin->size != sizeof(struct fl_model)) {
        fprintf(errors,
                "%s: error: built for another version of faultline: version "
                "%u, %zu bytes; this one has version %u, %zu bytes\n",
                path, plugin->version, plugin->size, FL_MODEL_PLUGIN_VERSION,
                sizeof(struct fl_model));
        fprintf(errors, "  build it again with the headers of this program; "
                        "it begins with FL_MODEL_PLUGIN\n");
        return false;
    }
    const char *missing =
        plugin->model == NULL ? "it has no model" : find_missing(plugin->model);
    if (missing != NULL) {
        fprintf(errors, "%s: error: `fl_model_plugin`: %s\n", path, missing);
        fprintf(errors, "  checker/model.h says what a model must contain\n");
        return false;
    }
    return judge_types(plugin->model, path, errors);
}

const struct fl_model *model_plugin_load(const char *path, FILE *errors)
{
    assert(path != NULL && errors != NULL);
    char name[PATH_MAX + 4];
    /* A library without a slash is looked for elsewhere. */
    int size = snprintf(name, sizeof(name), "%s%s",
                        strchr(path, '/') == NULL ? "./" : "", path);
    if (size < 0 || (size_t)size >= sizeof(name) || access(name, R_OK) != 0) {
        fprintf(errors, "%s: error: cannot read this model: %s\n", path,
                strerror(errno)); // NOLINT(concurrency-mt-unsafe)
        fprintf(errors, "  a model is a shared object that you build, or a "
                        "name: faultline list models\n");
        return NULL;
    }
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL) {
        fprintf(errors, "%s: error: cannot load this model: %s\n", path,
                dlerror()); // NOLINT(concurrency-mt-unsafe)
        fprintf(errors, "  build it with: gcc -shared -fPIC $(pkg-config "
                        "--cflags faultline-check) -o MODEL.so MODEL.c\n");
        return NULL;
    }
    const struct fl_model_plugin *plugin = dlsym(handle, "fl_model_plugin");
    if (plugin == NULL) {
        fprintf(errors, "%s: error: it exports no `fl_model_plugin`\n", path);
        fprintf(errors, "  docs/models.md shows a whole one; %s\n",
                dlsym(handle, "fl_algorithm") != NULL
                    ? "this is an algorithm, which goes to system.algorithm"
                    : "its name must not be static");
    }
    bool good = plugin != NULL && judge(plugin, path, errors);
    (void)dlclose(handle); /* it stays: RTLD_NODELETE */
    return good ? plugin->model : NULL;
}
