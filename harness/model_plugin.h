/*
 * Models of the user's own: loading one, and trying whether it keeps what
 * checker/model.h asks of it.
 *
 * The checker believes its models.  One that forgets to clear a byte, or
 * changes the state where it refuses, makes wrong verdicts without any sign;
 * so each history that is decided by a plug-in is first walked with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_MODEL_PLUGIN_H
#define HX_MODEL_PLUGIN_H

#include "checker/check.h"

#include <stdio.h>

/* Whether `name` is the path of a plug-in, not the name of a model: it has a
 * slash or ends in .so. */
bool model_plugin_is(const char *name);

/*
 * Loads the model at `path` and returns it; it stays in memory until the
 * process ends.  NULL: what is wrong (no such file, not a shared object, no
 * `fl_model_plugin`, of another version, a member that is missing) was written
 * to `errors`, with what to do next.
 */
const struct fl_model *model_plugin_load(const char *path, FILE *errors);

/*
 * Walks the model of `h` along the operations of `h`, some thousand steps at
 * most, and looks for a promise that it breaks: states beyond state_max, two
 * answers to one question, an operation that is pure or refused and changed
 * the state all the same.  Says what is wrong in `text` (cut at `max` bytes)
 * and returns false, or returns true.  `options` may be NULL.
 */
bool model_plugin_try(const struct fl_history *h,
                      const struct fl_options *options, char *text, size_t max);

#endif
