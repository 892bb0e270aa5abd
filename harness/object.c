/*
 * Objects as algorithms: one descriptor made from another.
 *
 * Operations are called by the numbers of the model, which is known only when
 * names are bound; so perform() is ours, and looks the operation up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/object.h"

#include "harness/plugin.h"
#include "harness/runner.h"
#include "harness/scenario.h"

#include <assert.h>
#include <string.h>

static const struct fl_variant variants[] = {{"sound", "", "", "as it is"},
                                             {NULL, NULL, NULL, NULL}};

/* The object of the run in hand, in the copy that `client` runs. */
static const struct object *object_here(uint32_t client)
{
    assert(world != NULL && world->runner != NULL);
    const struct runner *r = world->runner;
    uint32_t copy = r->algorithm->kind == FL_PROCESSES ? client : 0;
    return plugin_object(r->plugin, copy);
}

static void *create(const struct fl_setup *setup)
{
    (void)setup;
    return object_here(0)->given->make();
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct object *object = object_here(client);
    const struct fl_object_operation *operation =
        object_operation(object, call->fn);
    const struct fl_model *model = world->history->model;
    assert(operation != NULL); /* names were bound */
    fl_value result = operation->call(self, call->args);
    switch (model->types[call->fn].result) {
    case FL_KIND_VOID:
        return FL_NONE;
    case FL_KIND_BOOL:
        return result != 0 && result != FL_NONE;
    case FL_KIND_INT:
    case FL_KIND_STRING:
    case FL_KIND_BITS:
        break;
    }
    return result;
}

static const char *settle(void *self)
{
    const struct fl_object *given = object_here(0)->given;
    return given->check == NULL ? NULL : given->check(self);
}

static void destroy(void *self)
{
    object_here(0)->given->unmake(self);
}

/* Nobody asks for these: a history of an object without a model is decided by
 * the object. */

static size_t state_max(const struct fl_space *space)
{
    (void)space;
    return 0;
}

static size_t start(const struct fl_space *space, void *state)
{
    (void)space;
    (void)state;
    return 0;
}

static fl_value step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    (void)space;
    (void)state;
    (void)size;
    (void)op;
    return FL_REFUSED;
}

static const char *describe(const struct fl_space *space, const void *state,
                            size_t size, char *text, size_t max)
{
    (void)space;
    (void)state;
    (void)size;
    assert(max > 0);
    (void)snprintf(text, max, "-");
    return text;
}

/* The operations as those of a model. */
static void make_interface(struct object *object)
{
    for (uint32_t i = 0; i < object->count; i++) {
        const struct fl_object_operation *p = &object->given->operations[i];
        struct fl_operation_type *type = &object->types[i];
        type->name = p->role == NULL ? p->name : p->role;
        type->result = FL_KIND_INT;
        for (uint32_t a = 0; a < FL_ARGS_MAX; a++) {
            type->args[a] = a < p->takes ? FL_KIND_INT : FL_KIND_VOID;
        }
    }
    object->interface = (struct fl_model){.name = object->given->name,
                                          .about = "an object of your own",
                                          .types = object->types,
                                          .types_count = object->count,
                                          .state_max = state_max,
                                          .start = start,
                                          .step = step,
                                          .describe = describe};
}

/* What it lacks, or NULL. */
static const char *find_missing(const struct fl_object *o)
{
    if (o->name == NULL || o->name[0] == '\0') {
        return "a name";
    }
    if (o->make == NULL) {
        return "make()";
    }
    if (o->operations[0].name == NULL) {
        return "operations";
    }
    for (uint32_t i = 0; i <= FL_OPERATIONS_MAX; i++) {
        const struct fl_object_operation *p = &o->operations[i];
        if (p->name == NULL) {
            return NULL;
        }
        if (p->call == NULL) {
            return "the call of an operation";
        }
    }
    return "an end of its operations: at most 16";
}

bool object_describe(struct object *object, const struct fl_object *given,
                     const char *path, FILE *errors)
{
    const char *missing = find_missing(given);
    if (missing != NULL) {
        fprintf(errors, "%s: error: the object of FL_OBJECT lacks %s\n", path,
                missing);
        fprintf(errors, "  faultline/object.h says what it must contain\n");
        return false;
    }
    uint32_t count = 0;
    while (given->operations[count].name != NULL) {
        count++;
    }
    assert(count <= FL_OPERATIONS_MAX);
    *object = (struct object){
        .given = given,
        .count = count,
        .algorithm = {.name = given->name,
                      .family = "object",
                      .row = "",
                      .source = "",
                      .about = "an object of your own",
                      .model = given->model == NULL ? "" : given->model,
                      .kind = FL_THREADS,
                      .variants = variants,
                      .mix = object->mix,
                      .mix_count = count,
                      .create = create,
                      .perform = perform,
                      .settle = settle,
                      .destroy = given->unmake == NULL ? NULL : destroy}};
    make_interface(object);
    return true;
}

static const char *role_of(const struct fl_object_operation *operation)
{
    return operation->role == NULL ? operation->name : operation->role;
}

static void complain_role(const struct fl_object_operation *operation,
                          const struct fl_model *model, FILE *errors)
{
    fprintf(errors,
            "error: the object's operation '%s' is none of the model %s%s\n"
            "  it has:",
            role_of(operation), model->name,
            operation->role == NULL ? "; say which one it is: .role" : "");
    for (uint32_t t = 0; t < model->types_count; t++) {
        fprintf(errors, " %s", model->types[t].name);
    }
    fprintf(errors, "\n");
}

bool object_bind(struct object *object, const struct fl_model *model,
                 FILE *errors)
{
    assert(object->given != NULL && model != NULL);
    bool good = true;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct fl_object_operation *p = &object->given->operations[i];
        int fn = fl_model_fn(model, role_of(p));
        if (fn < 0) {
            complain_role(p, model, errors);
            good = false;
            continue;
        }
        object->mix[i] = (struct fl_mix){
            .fn = (uint32_t)fn, .weight = p->weight == 0 ? 1 : p->weight};
        for (uint32_t j = 0; j < i && good; j++) {
            if (object->mix[j].fn == (uint32_t)fn) {
                fprintf(errors,
                        "error: two operations of the object are '%s' of the "
                        "model %s\n",
                        role_of(p), model->name);
                good = false;
            }
        }
    }
    return good;
}

const struct fl_object_operation *object_operation(const struct object *object,
                                                   uint32_t fn)
{
    uint32_t i = 0;
    while (i < object->count && object->mix[i].fn != fn) {
        i++;
    }
    return i < object->count ? &object->given->operations[i] : NULL;
}

uint32_t object_cast(const struct object *object, uint32_t client, uint32_t fn)
{
    uint32_t at = 0;
    while (at < object->count && object->mix[at].fn != fn) {
        at++;
    }
    assert(at < object->count);
    for (uint32_t i = 0; i < object->count; i++) {
        uint32_t next = (at + i) % object->count;
        uint32_t only = object->given->operations[next].only;
        if (object->asked[next] && (only == 0 || only == client + 1)) {
            return object->mix[next].fn;
        }
    }
    return UINT32_MAX;
}

bool object_may(const struct object *object, uint32_t client, uint32_t fn)
{
    const struct fl_object_operation *o = object_operation(object, fn);
    assert(o != NULL);
    return o->only == 0 || o->only == client + 1;
}
