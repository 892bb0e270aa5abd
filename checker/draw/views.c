/*
 * The list of views.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/draw/views.h"

#include <assert.h>
#include <string.h>

const struct fl_view *const fl_views[] = {
    &fl_view_timeline, &fl_view_order,   &fl_view_proof,
    &fl_view_steps,    &fl_view_network, NULL,
};

const struct fl_view *fl_view_find(const char *name)
{
    assert(name != NULL);
    for (size_t k = 0; fl_views[k] != NULL; k++) {
        if (strcmp(fl_views[k]->name, name) == 0) {
            return fl_views[k];
        }
    }
    return NULL;
}
