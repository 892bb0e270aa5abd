/*
 * What a scenario asks of the user's object: who calls what, and what it must
 * bring along for that.
 *
 * A ring with one producer is not broken by a second one, so a client that has
 * nothing to call, and a call by a client that it is not for, are errors of the
 * scenario, told before any run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/bind.h"

#include <assert.h>

/* Which operations are asked for; the clients' own mix has all of them. */
static void find_asked(struct object *object, const struct workload_section *w,
                       const struct fl_model *model)
{
    assert(object->count <= FL_OPERATIONS_MAX);
    for (uint32_t i = 0; i < object->count; i++) {
        object->asked[i] = w->mix_count == 0;
    }
    for (uint32_t k = 0; k < w->mix_count; k++) {
        int fn = fl_model_fn(model, w->mix[k].name);
        for (uint32_t i = 0; i < object->count; i++) {
            bool here = (int)object->mix[i].fn == fn && w->mix[k].weight > 0;
            object->asked[i] = object->asked[i] || here;
        }
    }
}

/* Calls written out for `client` that are another's. */
static uint32_t check_script(const struct scenario *s,
                             const struct object *object,
                             const struct fl_model *model, uint32_t client,
                             FILE *errors)
{
    uint32_t wrong = 0;
    const struct script *script = &s->workload.program[client];
    for (uint32_t i = 0; i < script->count; i++) {
        const struct script_call *call = &script->calls[i];
        int fn = fl_model_fn(model, call->name);
        const struct fl_object_operation *o =
            fn < 0 ? NULL : object_operation(object, (uint32_t)fn);
        if (o == NULL || o->only == 0 || o->only == client + 1) {
            continue; /* or was complained of before */
        }
        scenario_complain(s, call->place, errors,
                          "%s is for client %u only, as the object says; this "
                          "is the program of client %u",
                          call->name, o->only, client + 1);
        wrong++;
    }
    return wrong;
}

/* Says that `client` is the first that has nothing to call. */
static void complain_idle(const struct scenario *s, uint32_t client,
                          FILE *errors)
{
    const char *mix = s->workload.mix_count > 0 ? " of the mix" : "";
    if (client == 0) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "client 1 may call no operation%s: each is for "
                          "another client only",
                          mix);
        return;
    }
    scenario_complain(s, s->system.algorithm.place[0], errors,
                      "client %u may call no operation%s: each is for another "
                      "client only; write threads: %u",
                      client + 1, mix, client);
}

uint32_t bind_object(const struct scenario *s, struct object *object,
                     const struct fl_model *model, FILE *errors)
{
    assert(s->workload.program_count <= CLIENTS_MAX);
    uint32_t wrong = 0;
    find_asked(object, &s->workload, model);
    if (s->system.leaks && object->given->unmake == NULL) {
        scenario_complain(s, s->system.algorithm.place[0], errors,
                          "leaks are told when all has been freed; give the "
                          "object a function for that, .unmake = ...");
        wrong++;
    }
    for (uint32_t c = 0; c < s->workload.program_count; c++) {
        wrong += check_script(s, object, model, c, errors);
    }
    uint32_t clients = s->workload.program_count > 0 ? 0 : s->system.threads;
    for (uint32_t c = 0; c < clients; c++) {
        if (object_cast(object, c, object->mix[0].fn) == UINT32_MAX) {
            complain_idle(s, c, errors);
            return wrong + 1;
        }
    }
    return wrong;
}
