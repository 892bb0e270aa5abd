/*
 * A model of the user's own, in a shared object.
 *
 * The file exports one symbol, `fl_model_plugin`, which names a struct of
 * functions (checker/model.h).  It needs no library: everything that a model
 * is told comes with its arguments.
 *
 *     static const struct fl_model model = {.name = "mine", ...};
 *     const struct fl_model_plugin fl_model_plugin = {FL_MODEL_PLUGIN, &model};
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_MODEL_PLUGIN_H
#define FL_MODEL_PLUGIN_H

#include "checker/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when the meaning of a member of struct fl_model changes. */
#define FL_MODEL_PLUGIN_VERSION 1u

/* What a plug-in begins with: by it a program that was built with another
 * header knows that the structs differ. */
#define FL_MODEL_PLUGIN FL_MODEL_PLUGIN_VERSION, sizeof(struct fl_model)

struct fl_model_plugin {
    uint32_t version;
    size_t size; /* of struct fl_model, as the plug-in was compiled */
    const struct fl_model *model;
};

/* The one export of a plug-in. */
extern const struct fl_model_plugin fl_model_plugin;

#ifdef __cplusplus
}
#endif

#endif
