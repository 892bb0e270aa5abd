/*
 * The catalogue: built-in algorithms, opened by name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include "harness/plugin.h"

/* Opens the built-in algorithm `name`; NULL, and a message, if it cannot be.
 * Ended by plugin_free(). */
struct plugin *catalogue_open(const char *name);

#endif
