/*
 * A detectable counter: whoever is killed while adding learns, when it is back,
 * whether that took effect and what it answered.
 *
 * Processes add to a word that all of them map, by compare-and-swap.  The word
 * says who swapped it last, and in which attempt:
 *
 *     word:    | value | client | attempt |
 *     ledger of each client:  number, first, before, attempt | seen
 *
 * A client announces each attempt in its ledger before it swaps.  Whoever finds
 * an attempt in the word and is about to swap it away first notes in the ledger
 * of its client that it was seen.  So an attempt took effect if it stands in
 * the word, or else was seen; and the one who comes back looks in that order,
 * since the note is made before the word changes.
 *
 * Which operation an attempt is for the ledger says, too: its number, and the
 * first attempt that belongs to it.  Without them a client that is killed
 * before its first attempt would take the operation before for this one.
 *
 * Linearization points: an add, its swap that succeeds; a read, its load.
 *
 * Deviations: the recoverable compare-and-swap of the paper serves any word,
 * and is bounded; here it is a counter's, with attempts of 24 bits.  Memory
 * outlives its processes, as in the paper's model: nothing is flushed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <assert.h>
#include <stdatomic.h>

enum flaw {
    SOUND,
    UNSEEN,
    LOOKS_LATE,
    NO_NUMBER,
};

static const struct fl_variant variants[] = {
    [SOUND] = {"sound", "0.16", "", "as published"},
    [UNSEEN] = {"unseen", "0.B21", "crash",
                "what is swapped away is not noted for its client"},
    [LOOKS_LATE] = {"looks_late", "0.B22", "crash",
                    "who comes back looks for the note first, then at the "
                    "word"},
    [NO_NUMBER] = {"no_number", "0.B23", "crash",
                   "who comes back takes its last attempt for one of the "
                   "operation that was cut off"},
    {0},
};

enum {
    CLIENTS_MAX = 64,
    ATTEMPT_BITS = 24,
    CLIENT_BITS = 8,
};

/* What a client must find again when it is back. */
struct ledger {
    _Atomic uint32_t number;  /* of the operation in hand */
    _Atomic uint32_t first;   /* its first attempt */
    _Atomic int64_t before;   /* what the last attempt found */
    _Atomic uint64_t attempt; /* the last one, times 2; odd: it was seen */
};

/* What all processes share; zero: nobody ever swapped, and nobody will see. */
struct region {
    _Atomic uint64_t word;
    struct ledger ledgers[CLIENTS_MAX];
};

struct detectable_counter {
    struct region *region;
    enum flaw flaw;
};

/* Private to a process, and made anew in one that is back. */
static struct detectable_counter mine;

static uint64_t pack(int64_t value, uint32_t client, uint64_t attempt)
{
    assert(attempt < (uint64_t)1 << ATTEMPT_BITS);
    return (uint64_t)value << (CLIENT_BITS + ATTEMPT_BITS) |
           (uint64_t)client << ATTEMPT_BITS | attempt;
}

static int64_t value_of(uint64_t word)
{
    return (int64_t)word >> (CLIENT_BITS + ATTEMPT_BITS);
}

static uint32_t client_of(uint64_t word)
{
    return (uint32_t)(word >> ATTEMPT_BITS) & ((1u << CLIENT_BITS) - 1);
}

static uint64_t attempt_of(uint64_t word)
{
    return word & (((uint64_t)1 << ATTEMPT_BITS) - 1);
}

/* Notes that the attempt in `word` took effect, for whom it was. */
static void note_seen(const struct detectable_counter *s, uint64_t word)
{
    uint64_t unseen = attempt_of(word) * 2;
    if (unseen != 0 && s->flaw != UNSEEN) {
        /* Fails if its client knows by now, or somebody was faster. */
        atomic_compare_exchange_strong(
            &s->region->ledgers[client_of(word)].attempt, &unseen, unseen + 1);
    }
}

static fl_value add(const struct detectable_counter *s, uint32_t client,
                    uint32_t number, fl_value amount)
{
    struct ledger *l = &s->region->ledgers[client];
    uint64_t attempt = atomic_load(&l->attempt) / 2;
    /* first, then number: who is killed between has not begun */
    atomic_store(&l->first, (uint32_t)attempt + 1);
    atomic_store(&l->number, number);
    for (;;) {
        uint64_t word = atomic_load(&s->region->word);
        attempt++;
        note_seen(s, word);
        atomic_store(&l->before, value_of(word));
        atomic_store(&l->attempt, attempt * 2);
        fl_point("counter.announced");
        uint64_t next = pack(value_of(word) + amount, client, attempt);
        if (atomic_compare_exchange_strong(&s->region->word, &word, next)) {
            fl_point("counter.swapped");
            return value_of(word);
        }
    }
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    const struct detectable_counter *s = self;
    assert(client < CLIENTS_MAX);
    if (call->fn == FL_COUNTER_READ) {
        return value_of(atomic_load(&s->region->word));
    }
    assert(call->fn == FL_COUNTER_ADD);
    return add(s, client, call->number, call->args[0]);
}

/* Whether the client's attempt took effect: it stands in the word, or it was
 * swapped away, and so seen before. */
static bool took_effect(const struct detectable_counter *s, uint32_t client,
                        uint64_t attempt)
{
    struct ledger *l = &s->region->ledgers[client];
    if (s->flaw == LOOKS_LATE && atomic_load(&l->attempt) % 2 == 1) {
        return true;
    }
    uint64_t word = atomic_load(&s->region->word);
    if (client_of(word) == client && attempt_of(word) == attempt) {
        return true;
    }
    return s->flaw != LOOKS_LATE && atomic_load(&l->attempt) % 2 == 1;
}

static enum fl_resolved resolve(void *self, uint32_t client,
                                const struct fl_call *call, fl_value *result)
{
    const struct detectable_counter *s = self;
    struct ledger *l = &s->region->ledgers[client];
    if (call->fn == FL_COUNTER_READ) {
        return FL_RESOLVED_NOT_DONE;
    }
    uint64_t attempt = atomic_load(&l->attempt) / 2;
    bool began = atomic_load(&l->number) == call->number &&
                 attempt >= atomic_load(&l->first);
    if (!began && s->flaw != NO_NUMBER) {
        return FL_RESOLVED_NOT_DONE;
    }
    if (attempt == 0 || !took_effect(s, client, attempt)) {
        return FL_RESOLVED_NOT_DONE;
    }
    *result = atomic_load(&l->before);
    return FL_RESOLVED_DONE;
}

/* Also called in a process that is started in the place of a dead one: the
 * region is then as it was left. */
static void *create(const struct fl_setup *setup)
{
    if (setup->clients > CLIENTS_MAX) {
        return NULL;
    }
    assert(setup->shared_size >= sizeof(struct region));
    mine.region = setup->shared;
    mine.flaw = (enum flaw)setup->variant;
    return &mine;
}

static const struct fl_mix mix[] = {{FL_COUNTER_ADD, 75},
                                    {FL_COUNTER_READ, 25}};

static const char *const points[] = {"counter.announced", "counter.swapped",
                                     NULL};

const struct fl_algorithm fl_algorithm = {
    .name = "detectable_counter",
    .family = "region",
    .row = "0.16",
    .source = "N. Ben-David, G. Blelloch, M. Friedman, Y. Wei, Delay-Free "
              "Concurrency on Faulty Persistent Memory, SPAA 2019 "
              "(recoverable compare-and-swap)",
    .about = "a shared counter that tells whoever was killed what became of it",
    .model = "counter",
    .kind = FL_PROCESSES,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .points = points,
    .shared_size = sizeof(struct region),
    .create = create,
    .perform = perform,
    .resolve = resolve,
};
