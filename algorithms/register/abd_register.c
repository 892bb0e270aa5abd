/*
 * ABD: an atomic register on replicas, of which a minority may crash.
 *
 * Each replica keeps a value with a timestamp.  Every operation asks all
 * replicas and waits for a majority only; two majorities share a replica, so
 * what one operation has stored, the next one finds.
 *
 *     write(v)   1  ask a majority for timestamps, choose a greater one
 *                2  store (timestamp, v) at a majority
 *     read()     1  ask a majority, choose the value with the greatest one
 *                2  store it at a majority, so that no later read finds less
 *
 * A timestamp is a number and its writer's id: two writers may choose the same
 * number, and then all replicas must agree on who comes second.
 *
 * A replica answers after its copy is in stable storage, and so may crash and
 * come back.  A client writes down which timestamps and request numbers it has
 * used: the answer to an old question must not count as one to a new one, and
 * a write that timed out must not share its timestamp with the next.
 *
 * Linearization points: a write when a majority has stored it, or earlier, at
 * the first read that returns it; a read when it has found its value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    RETRY_NS = 25000000, /* after so long, ask the silent ones again */
    TEXT_MAX = 40,
};

enum flaw {
    SOUND,
    NO_WRITE_BACK,
    MINORITY_QUORUM,
    TIMESTAMP_WITHOUT_ID,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.11", "", "as published"},
    [NO_WRITE_BACK] = {"no_write_back", "0.11.B1", "network",
                       "a read does not store what it found"},
    [MINORITY_QUORUM] = {"minority_quorum", "0.11.B2", "network",
                         "one replica less than a majority is enough"},
    [TIMESTAMP_WITHOUT_ID] = {"timestamp_without_id", "0.11.B3", "network",
                              "equal numbers of two writers are not told "
                              "apart"},
    {0},
};

enum {
    PARAM_WRITERS,
    PARAM_READ_WRITEBACK,
};

static const char *const writers_words[] = {"multi", "single", NULL};
static const char *const bool_words[] = {"false", "true", NULL};

static const struct fl_param params[] = {
    [PARAM_WRITERS] = {"writers", writers_words, 0, 0, 0,
                       "multi; or single: client 1 alone writes, in one round"},
    [PARAM_READ_WRITEBACK] = {"read_writeback", bool_words, 1, 0, 0,
                              "false: reads take one round, and the register "
                              "is only regular"},
    {0},
};

/* A value and when it was written. */
struct copy {
    uint64_t timestamp; /* 0: never written */
    uint64_t writer;
    fl_value value;
};

enum kind {
    ASK,    /* client: what do you have? */
    HAVE,   /* replica: this */
    STORE,  /* client: keep this, unless you have a newer one */
    STORED, /* replica: I have it, or a newer one */
};

struct letter {
    uint64_t kind;
    uint64_t request; /* number of the client's round */
    struct copy copy;
};

/* What a client must not forget. */
struct notes {
    uint64_t request;   /* the last one used */
    uint64_t timestamp; /* likewise */
};

struct abd {
    enum flaw flaw;
    uint32_t replicas;
    uint32_t quorum;
    bool one_writer;
    bool write_back;
};

/* What all nodes know before the first message; nobody changes it. */
static struct abd abd;

static bool is_newer(const struct copy *a, const struct copy *b)
{
    if (a->timestamp != b->timestamp || abd.flaw == TIMESTAMP_WITHOUT_ID) {
        return a->timestamp > b->timestamp;
    }
    return a->writer > b->writer;
}

/* Names the next message, for pictures: "store v=3". */
static void label(const char *verb, const struct copy *copy)
{
    char text[TEXT_MAX];
    if (copy->timestamp == 0) {
        fl_label(verb);
        return;
    }
    snprintf(text, sizeof(text), "%s v=%lld", verb, (long long)copy->value);
    fl_label(text);
}

static void send_letter(uint32_t to, const struct letter *letter)
{
    static const char *const verbs[] = {"ask", "have", "store", "stored"};
    label(verbs[letter->kind], &letter->copy);
    fl_send(to, letter, sizeof(*letter));
}

static bool read_letter(const struct fl_message *message, struct letter *letter)
{
    if (message->from == FL_TIMER || message->size != sizeof(*letter)) {
        return false;
    }
    memcpy(letter, message->bytes, sizeof(*letter));
    return true;
}

/* --- replicas -------------------------------------------------------------*/

/* What a replica has, for pictures. */
static void show(const struct copy *copy)
{
    char text[TEXT_MAX];
    if (copy->timestamp == 0) {
        fl_show("v=unset");
        return;
    }
    snprintf(text, sizeof(text), "v=%lld", (long long)copy->value);
    fl_show(text);
}

static void keep(const struct copy *copy)
{
    fl_store_write(0, copy, sizeof(*copy));
    fl_store_sync();
    show(copy);
}

static void serve(void *self, uint32_t node)
{
    (void)self;
    (void)node;
    struct copy mine;
    fl_store_read(0, &mine, sizeof(mine)); /* zero: never written */
    show(&mine);
    struct fl_message message;
    while (fl_receive(&message, UINT64_MAX)) {
        struct letter letter;
        if (!read_letter(&message, &letter)) {
            continue;
        }
        struct letter answer = {.request = letter.request};
        if (letter.kind == ASK) {
            answer.kind = HAVE;
            answer.copy = mine;
        } else {
            assert(letter.kind == STORE);
            if (is_newer(&letter.copy, &mine)) {
                mine = letter.copy;
                keep(&mine);
            }
            answer.kind = STORED;
        }
        send_letter(message.from, &answer);
    }
}

/* --- clients --------------------------------------------------------------*/

/* One round: a question to all replicas, answers of a quorum. */
struct round {
    struct letter letter;
    uint64_t answered; /* bits: replicas */
    uint32_t answers;
    struct copy newest; /* of the answers */
};

static void ask_silent(const struct round *round)
{
    for (uint32_t i = 0; i < abd.replicas; i++) {
        if ((round->answered >> i & 1) == 0) {
            send_letter(i, &round->letter);
        }
    }
}

static void note_answer(struct round *round, const struct fl_message *message)
{
    struct letter answer;
    uint64_t kind = round->letter.kind == ASK ? HAVE : STORED;
    if (!read_letter(message, &answer) || answer.kind != kind ||
        answer.request != round->letter.request ||
        (round->answered >> message->from & 1) != 0) {
        return; /* late, twice, or of another round */
    }
    round->answered |= (uint64_t)1 << message->from;
    round->answers++;
    if (is_newer(&answer.copy, &round->newest)) {
        round->newest = answer.copy;
    }
}

/* False if the operation timed out before a quorum had answered. */
static bool finish_round(struct round *round)
{
    uint64_t deadline = fl_deadline();
    while (round->answers < abd.quorum) {
        ask_silent(round);
        uint64_t again = fl_now() + RETRY_NS;
        uint64_t until = again < deadline ? again : deadline;
        while (round->answers < abd.quorum && fl_now() < until) {
            struct fl_message message;
            if (fl_receive(&message, until - fl_now())) {
                note_answer(round, &message);
            }
        }
        if (round->answers < abd.quorum && fl_now() >= deadline) {
            return false;
        }
    }
    return true;
}

/* A number that no round of this client had before. */
static uint64_t next_request(void)
{
    struct notes notes;
    fl_store_read(0, &notes, sizeof(notes));
    notes.request++;
    fl_store_write(0, &notes, sizeof(notes));
    fl_store_sync();
    return notes.request;
}

/* A timestamp above `found` and above all that this client has used. */
static uint64_t next_timestamp(uint64_t found)
{
    struct notes notes;
    fl_store_read(0, &notes, sizeof(notes));
    notes.timestamp = (found > notes.timestamp ? found : notes.timestamp) + 1;
    fl_store_write(0, &notes, sizeof(notes));
    fl_store_sync();
    return notes.timestamp;
}

static bool query(struct copy *newest)
{
    struct round round = {.letter = {.kind = ASK, .request = next_request()}};
    bool answered = finish_round(&round);
    *newest = round.newest;
    return answered;
}

static bool store(const struct copy *copy)
{
    struct round round = {
        .letter = {.kind = STORE, .request = next_request(), .copy = *copy}};
    return finish_round(&round);
}

static fl_value read_register(void)
{
    struct copy newest;
    if (!query(&newest)) {
        return FL_TIMEOUT;
    }
    fl_value value = newest.timestamp == 0 ? FL_NONE : newest.value;
    bool write_back = abd.write_back && abd.flaw != NO_WRITE_BACK;
    if (write_back && newest.timestamp != 0 && !store(&newest)) {
        return FL_TIMEOUT;
    }
    return value;
}

static fl_value write_register(uint32_t client, fl_value value)
{
    struct copy newest = {0};
    if (abd.one_writer) {
        if (client != 0) {
            return FL_TIMEOUT; /* nothing happens, and nobody says so */
        }
    } else if (!query(&newest)) {
        return FL_TIMEOUT;
    }
    struct copy copy = {
        .timestamp = next_timestamp(newest.timestamp),
        .writer = fl_node(),
        .value = value,
    };
    return store(&copy) ? FL_NONE : FL_TIMEOUT;
}

/* --- the port -------------------------------------------------------------*/

static void *create(const struct fl_setup *setup)
{
    assert(setup->nodes > 0);
    abd.flaw = (enum flaw)setup->variant;
    abd.replicas = setup->nodes;
    abd.quorum = setup->nodes / 2 + (abd.flaw == MINORITY_QUORUM ? 0 : 1);
    abd.quorum = abd.quorum > 0 ? abd.quorum : 1;
    abd.one_writer = setup->params[PARAM_WRITERS] == 1;
    abd.write_back = setup->params[PARAM_READ_WRITEBACK] == 1;
    return &abd;
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)self;
    if (call->fn == FL_REGISTER_READ) {
        return read_register();
    }
    assert(call->fn == FL_REGISTER_WRITE);
    return write_register(client, call->args[0]);
}

static const struct fl_mix mix[] = {
    {FL_REGISTER_READ, 60},
    {FL_REGISTER_WRITE, 40},
};

const struct fl_algorithm fl_algorithm = {
    .name = "abd_register",
    .family = "register",
    .row = "0.11",
    .source = "H. Attiya, A. Bar-Noy, D. Dolev, Sharing Memory Robustly in "
              "Message-Passing Systems, J. ACM 42(1), 1995; several writers "
              "after N. Lynch, A. Shvartsman, FTCS 1997",
    .about = "a register on replicas, read and written through majorities",
    .model = "register",
    .kind = FL_NETWORK,
    .variants = variants,
    .params = params,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .create = create,
    .perform = perform,
    .serve = serve,
};
