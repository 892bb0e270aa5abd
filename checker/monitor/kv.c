/*
 * A text under one key: a register of texts, where nobody appends, each text
 * is put once, and nobody puts the initial one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/monitor/chain.h"

#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>

/* The empty text is no value, which is how a key begins. */
static fl_value value_of(const struct fl_monitor *m, fl_value text)
{
    size_t size;
    if (text == FL_NONE) {
        return FL_NONE;
    }
    assert(m->h->strings != NULL);
    (void)fl_strings_text(m->h->strings, text, &size);
    return size == 0 ? FL_NONE : text;
}

static void tell(const struct fl_monitor *m, const struct fl_operation *op,
                 struct fl_values *about)
{
    *about = (struct fl_values){.given = FL_NONE, .taken = FL_NONE};
    if (op->fn == FL_KV_PUT) {
        about->gives = true;
        about->given = value_of(m, op->args[0]);
    } else if (op->ret != FL_OPEN) {
        about->takes = true;
        about->taken = value_of(m, op->result);
    }
}

enum fl_answer fl_monitor_kv(struct fl_monitor *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct fl_operation *op = fl_monitor_op(m, i);
        bool is_odd =
            op->fn == FL_KV_GET && op->ret != FL_OPEN && op->result == FL_NONE;
        if (op->fn == FL_KV_APPEND || is_odd) {
            return FL_ANSWER_NOT_MINE;
        }
    }
    return fl_monitor_register_by(m, value_of(m, m->h->initial), tell);
}
