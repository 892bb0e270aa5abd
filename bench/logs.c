/*
 * Clients call, take effect one at a time, and return, in a random order: so
 * as many operations are in flight as there are clients, and the log is legal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bench/logs.h"

#include "checker/model.h"
#include "checker/operations.h"
#include "checker/strings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    CLIENTS_MAX = 64,
    KEYS = 10,
    TEXT_MAX = 1 << 15, /* bytes under a key, and then it is put anew */
};

enum stage {
    IDLE,
    CALLED,
    ACTED
};

struct caller {
    enum stage stage;
    bool lost;     /* will never return */
    uint32_t name; /* of the client, by now */
    uint32_t ticket;
    uint32_t sent; /* writes so far */
    fl_value answer;
};

/* The world while a log is made. */
struct making {
    const struct log_wish *wish;
    struct fl_history *h;
    uint64_t random;
    struct caller callers[CLIENTS_MAX];
    uint32_t flying;
    uint32_t opened;
    uint32_t names;
    fl_value value;  /* of the register */
    fl_value unique; /* the last value that was written, if each is new */
    struct {
        char bytes[TEXT_MAX];
        size_t size;
    } texts[KEYS];
};

static uint32_t draw(struct making *m, uint32_t below)
{
    assert(below > 0);
    m->random = m->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->random >> 33) % below;
}

/* --- key-value ------------------------------------------------------------ */

static void call_kv(struct making *m, struct caller *c)
{
    uint32_t kind = draw(m, 20);
    uint32_t key = draw(m, KEYS);
    fl_value args[FL_ARGS_MAX] = {FL_NONE, FL_NONE};
    uint32_t fn = kind < 9 ? FL_KV_GET : kind < 19 ? FL_KV_APPEND : FL_KV_PUT;
    if (m->texts[key].size > TEXT_MAX - 64) {
        fn = FL_KV_PUT;
    }
    if (fn != FL_KV_GET) {
        char text[48];
        int size = snprintf(text, sizeof(text), "x %u %u y", c->name, c->sent);
        args[0] = fl_strings_add(m->h->strings, text, (size_t)size);
        c->sent++;
    }
    c->ticket = fl_history_call(m->h, c->name, fn, (fl_value)key, args);
}

static void act_kv(struct making *m, struct caller *c)
{
    const struct fl_operation *op = &m->h->operations[c->ticket];
    size_t *size = &m->texts[op->key].size;
    char *bytes = m->texts[op->key].bytes;
    c->answer = FL_NONE;
    if (op->fn == FL_KV_GET) {
        c->answer = fl_strings_add(m->h->strings, bytes, *size);
        return;
    }
    size_t added;
    const char *text = fl_strings_text(m->h->strings, op->args[0], &added);
    *size = op->fn == FL_KV_PUT ? 0 : *size;
    assert(*size + added <= TEXT_MAX);
    memcpy(bytes + *size, text, added);
    *size += added;
}

/* Takes the end off what a get answered, three quarters through. */
static void spoil_kv(struct fl_history *h)
{
    for (uint32_t i = h->count / 4 * 3; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        size_t size = 0;
        const char *text = "";
        if (op->fn == FL_KV_GET && op->ret != FL_OPEN) {
            text = fl_strings_text(h->strings, op->result, &size);
        }
        if (size > 40) {
            char cut[TEXT_MAX];
            memcpy(cut, text, size - 9);
            op->result = fl_strings_add(h->strings, cut, size - 9);
            return;
        }
    }
}

/* --- register ------------------------------------------------------------- */

static fl_value draw_value(struct making *m)
{
    if (m->wish->values > 0) {
        return draw(m, m->wish->values);
    }
    m->unique++;
    return m->unique;
}

static void call_etcd(struct making *m, struct caller *c)
{
    uint32_t kind = draw(m, 20);
    fl_value args[FL_ARGS_MAX] = {FL_NONE, FL_NONE};
    uint32_t fn = FL_REGISTER_READ;
    if (kind >= 15) {
        fn = FL_REGISTER_CAS;
        bool is_now = draw(m, 5) < 3 && m->value != FL_NONE;
        args[0] = is_now ? m->value : (fl_value)draw(m, 5);
        args[1] = draw_value(m);
    } else if (kind >= 8) {
        fn = FL_REGISTER_WRITE;
        args[0] = draw_value(m);
    }
    c->ticket = fl_history_call(m->h, c->name, fn, FL_NONE, args);
    uint32_t every = m->wish->operations / (m->wish->opens + 1);
    c->lost = fn != FL_REGISTER_READ && m->opened < m->wish->opens &&
              m->h->count > (m->opened + 1) * every;
    m->opened += c->lost;
}

static void act_etcd(struct making *m, struct caller *c)
{
    const struct fl_operation *op = &m->h->operations[c->ticket];
    if (c->lost && draw(m, 2) == 0) {
        return; /* it never takes effect */
    }
    c->answer = FL_NONE;
    if (op->fn == FL_REGISTER_READ) {
        c->answer = m->value;
    } else if (op->fn == FL_REGISTER_WRITE) {
        m->value = op->args[0];
    } else {
        c->answer = m->value == op->args[0];
        m->value = c->answer ? op->args[1] : m->value;
    }
}

/* --- both ----------------------------------------------------------------- */

static void end_call(struct making *m, struct caller *c)
{
    if (c->lost) {
        c->name = m->names;
        m->names++;
        c->lost = false;
    } else {
        fl_history_return(m->h, c->ticket, c->answer);
    }
    c->stage = IDLE;
    m->flying--;
}

static void take_turn(struct making *m, bool is_kv)
{
    struct caller *c = &m->callers[draw(m, m->wish->clients)];
    switch (c->stage) {
    case IDLE:
        if (m->h->count < m->wish->operations) {
            (is_kv ? call_kv : call_etcd)(m, c);
            c->stage = CALLED;
            m->flying++;
        }
        break;
    case CALLED:
        (is_kv ? act_kv : act_etcd)(m, c);
        c->stage = ACTED;
        break;
    case ACTED:
        end_call(m, c);
        break;
    }
}

static struct fl_history *make(const struct log_wish *wish, const char *model)
{
    static struct making m; /* too large for the stack */
    assert(wish->clients <= CLIENTS_MAX);
    memset(&m, 0, sizeof(m));
    m.wish = wish;
    m.random = wish->seed;
    m.names = wish->clients;
    m.value = FL_NONE;
    m.unique = 100;
    m.h = fl_history_new(fl_model_find(model), wish->operations, 0);
    if (m.h == NULL) {
        return NULL;
    }
    m.h->strings = fl_strings_new();
    if (m.h->strings == NULL) {
        fl_history_free(m.h);
        return NULL;
    }
    for (uint32_t k = 0; k < wish->clients; k++) {
        m.callers[k].name = k;
    }
    bool is_kv = strcmp(model, "kv") == 0;
    while (m.h->count < wish->operations || m.flying > 0) {
        take_turn(&m, is_kv);
    }
    return m.h;
}

struct fl_history *log_of_kv(const struct log_wish *wish)
{
    struct fl_history *h = make(wish, "kv");
    if (h != NULL && wish->bad) {
        spoil_kv(h);
    }
    return h;
}

struct fl_history *log_of_etcd(const struct log_wish *wish)
{
    assert(!wish->bad);
    return make(wish, "cas_register");
}
