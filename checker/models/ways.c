/*
 * The step of a model whose operations may go in several ways: the first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/models/models.h"

#include <assert.h>

fl_value fl_way_step(const struct fl_space *space, void *state, size_t *size,
                     const struct fl_operation *op)
{
    const struct fl_model *model = space->history->model;
    struct fl_operation free_op = *op;
    assert(model->ways != NULL && model->go != NULL);
    free_op.ret = FL_OPEN; /* any answer will do */
    free_op.result = FL_NONE;
    if (model->ways(space, state, *size, &free_op) == 0) {
        return FL_REFUSED;
    }
    return model->go(space, state, size, &free_op, 0);
}
