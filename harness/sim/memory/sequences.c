/*
 * Release sequences: what a store hands to whoever acquires it.
 *
 * A release store heads a sequence; updates belong to it, and of C17 also later
 * stores of the same thread.  So a store keeps, beside its message, the part
 * of each thread that heads one here: a later store of that thread goes on
 * with its own part only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/memory/model.h"

static void add_head(struct store *s, uint32_t thread, struct message *message)
{
    if (s->heads == HEADS_MAX) {
        s->crowd = true;
        return;
    }
    s->head_thread[s->heads] = (uint8_t)thread;
    s->head[s->heads] = message_hold(message);
    s->heads++;
}

/* The part of `s` that a later store of `thread` carries on, or NULL. */
static struct message *headed_by(const struct store *s, uint32_t thread)
{
    if (s->crowd) {
        return s->message;
    }
    for (uint32_t i = 0; i < s->heads; i++) {
        if (s->head_thread[i] == thread) {
            return s->head[i];
        }
    }
    return NULL;
}

/* The message of a store of `thread` with `order` that has nothing to carry on
 * from others: what it releases, or released at its last fence. */
struct message *sequence_own(struct world *w, uint32_t thread, enum order order)
{
    if (order_releases(order)) {
        return message_capture(w, thread, NULL);
    }
    return message_hold(knowledge_of(w->weak, thread)->released);
}

/* Fills the message of `s`, a store directly behind `before`.  One that
 * releases knows all that its thread released before. */
void sequence_go_on(struct world *w, struct store *s,
                    const struct store *before, struct message *own)
{
    bool alone = w->weak->c20 || order_releases((enum order)s->order);
    struct message *mine = alone ? NULL : headed_by(before, s->thread);
    s->message = message_join(w, own, mine);
    s->crowd = mine != NULL && before->crowd;
    if (s->message != NULL) {
        add_head(s, s->thread, s->message);
    }
}

/* The same for an update of `s`, which read `before`: every sequence goes on.
 */
void sequence_update(struct world *w, struct store *s,
                     const struct store *before, struct message *own)
{
    enum order order = (enum order)s->order;
    bool knows = order_acquires(order) && order_releases(order);
    s->message =
        knows ? message_hold(own) : message_join(w, own, before->message);
    s->crowd = before->crowd;
    for (uint32_t i = 0; i < before->heads; i++) {
        if (before->head_thread[i] != s->thread || own == NULL) {
            add_head(s, before->head_thread[i], before->head[i]);
        }
    }
    if (own != NULL) {
        struct message *mine =
            order_releases(order) ? NULL : headed_by(before, s->thread);
        struct message *both = message_join(w, own, mine);
        add_head(s, s->thread, both);
        message_drop(w->weak, both);
    }
}
