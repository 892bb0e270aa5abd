/*
 * Lazy region: a register in shared memory that answers before what it was
 * told is safe.
 *
 * One word holds the value, the value that a crash of everybody leaves, and
 * how many writes there are between them; the safe value is brought up to date
 * with each write, with every second one, or never.  Who is started first
 * after such a crash begins with what is safe.  It is made for crashes of
 * everybody: one process that crashes alone takes the others' writes along.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/algorithm.h"

#include <stdatomic.h>

enum {
    EAGER,
    LAZY,
    NEVER,
    VALUE_BITS = 20 /* of a value plus one; 0: unset */
};

#define VALUE_MASK (((uint64_t)1 << VALUE_BITS) - 1)
#define AFTER      ((uint64_t)1 << 63) /* of a word: the crash has been */

struct region {
    _Atomic(uint64_t) word;    /* value, safe value, writes between them */
    _Atomic(uint32_t) started; /* processes, from the first on */
};

struct lazy {
    struct region *region;
    uint32_t every; /* so many writes are made safe at once; 0: none is */
};

static struct lazy mine; /* of this process */

/* Also called for a process that is started in the place of a dead one. */
static void *create(const struct fl_setup *setup)
{
    static const uint32_t every[] = {[EAGER] = 1, [LAZY] = 2, [NEVER] = 0};
    mine.region = setup->shared;
    mine.every = every[setup->variant];
    _Atomic(uint64_t) *word = &mine.region->word;
    if (atomic_fetch_add(&mine.region->started, 1) >= setup->clients) {
        uint64_t old = atomic_load(word); /* all have died */
        uint64_t safe;
        do {
            safe = old >> VALUE_BITS & VALUE_MASK;
        } while ((old & AFTER) == 0 &&
                 !atomic_compare_exchange_weak(
                     word, &old, safe | safe << VALUE_BITS | AFTER));
    }
    return &mine;
}

static uint64_t write_word(const struct lazy *l, uint64_t word, uint64_t value)
{
    uint64_t safe = word >> VALUE_BITS & VALUE_MASK;
    uint64_t writes = (word >> 2 * VALUE_BITS & VALUE_MASK) + 1;
    if (l->every > 0 && writes >= l->every) {
        safe = value;
        writes = 0;
    }
    return value | safe << VALUE_BITS | writes << 2 * VALUE_BITS |
           (word & AFTER);
}

static fl_value perform(void *self, uint32_t client, const struct fl_call *call)
{
    (void)client;
    struct lazy *l = self;
    uint64_t word = atomic_load(&l->region->word);
    if (call->fn == FL_REGISTER_READ) {
        uint64_t value = word & VALUE_MASK;
        return value == 0 ? FL_NONE : (fl_value)value - 1;
    }
    uint64_t value = ((uint64_t)call->args[0] + 1) & VALUE_MASK;
    while (!atomic_compare_exchange_weak(&l->region->word, &word,
                                         write_word(l, word, value))) {
    }
    return FL_NONE;
}

static const struct fl_variant variants[] = {
    {"eager", "0.0", "", "each write is safe"},
    {"lazy", "0.0", "", "every second write makes both safe"},
    {"never", "0.0", "", "no write is safe"},
    {0},
};

static const struct fl_mix mix[] = {{FL_REGISTER_READ, 1},
                                    {FL_REGISTER_WRITE, 1}};

const struct fl_algorithm fl_algorithm = {
    .name = "lazy_region",
    .family = "plugins",
    .row = "0.0",
    .source = "made for a test",
    .about = "a register in shared memory that answers before it is safe",
    .model = "register",
    .kind = FL_PROCESSES,
    .variants = variants,
    .mix = mix,
    .mix_count = sizeof(mix) / sizeof(mix[0]),
    .shared_size = sizeof(struct region),
    .create = create,
    .perform = perform,
};
