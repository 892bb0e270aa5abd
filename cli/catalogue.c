/*
 * The catalogue of built-in algorithms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/catalogue.h"

#include <assert.h>

struct plugin *catalogue_open(const char *name)
{
    assert(name != NULL);
    char path[1024];
    if (!plugin_find(name, NULL, path, sizeof(path))) {
        (void)fprintf(stderr,
                      "faultline: the plug-in of algorithm %s is missing\n"
                      "try: make, or set FAULTLINE_ALGORITHMS to where it "
                      "lies\n",
                      name);
        return NULL;
    }
    return plugin_load(path, 1, stderr);
}
