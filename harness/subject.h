/*
 * The user's code as the subject of a scenario: built or loaded, and hashed by
 * content, so that a trace can tell that the code has changed since.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SUBJECT_H
#define HX_SUBJECT_H

#include "harness/plugin.h"
#include "harness/scenario.h"

/* Builds and loads the program of `scenario`; its hash goes to *subject.  NULL:
 * what is wrong was written to `errors`. */
struct plugin *subject_build(const struct scenario *scenario, uint64_t *subject,
                             FILE *errors);

/* The same for the library that `scenario` names by its path. */
struct plugin *subject_load(const struct scenario *scenario, uint64_t *subject,
                            FILE *errors);

/* Loads the plug-in at `path` in the environment that `scenario` gives;
 * otherwise as plugin_load(). */
struct plugin *subject_open(const struct scenario *scenario, const char *path,
                            uint32_t copies, FILE *errors);

/* "ms_queue, variant aba"; of a library "my queue, ./q.so", of a
 * program "test.c, CASE=1".  Written to `text`,
 * cut at `max` bytes.  `scenario` may be NULL. */
void subject_describe(const struct scenario *scenario,
                      const struct fl_algorithm *algorithm, const char *variant,
                      char *text, size_t max);

#endif
