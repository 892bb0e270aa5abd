/*
 * Coverage: schedules that show who read from whom in a new way.
 *
 * After RFF (Wolff, Shi, Duck, Mathur, Roychoudhury, "Greybox fuzzing for
 * concurrency testing", ASPLOS 2024).  What a run shows is its set of pairs
 * (code that wrote, code that read it).  A run may be given an abstract
 * schedule: pairs that are wished, and pairs that are not.  It is POS, which
 * holds a read back until the wished code was the last to write, or the
 * unwished one no longer is; not for ever.  A run that shows a new or rare pair
 * is kept, with what was wished, and changed a little for later ones.
 *
 * Runs learn from one another only within an epoch of EPOCH turns, in their
 * order, and nothing is learnt from a run before the next one begins.  So a run
 * depends on its index alone: whoever comes into the middle of an epoch makes
 * its earlier runs first (`since`), and a run that is made again is the same.
 *
 * An update counts as a read and a write, whether its comparison holds or not:
 * what it found is not told to strategies.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum {
    EPOCH = 64,       /* turns that learn from one another */
    PLACES = 64,      /* of code; further ones are not told apart */
    LOCATIONS = 1024, /* of memory, in a run; a power of 2 */
    WISHES = 4,       /* of one abstract schedule */
    CORPUS = 64,
    FRESH = 4,    /* pairs kept of one run */
    RARE = 2,     /* runs that have shown a pair that is still interesting */
    PLAIN_OF = 4, /* one run in so many wishes nothing */
    HOLDS = 48,   /* times that reads are held back, in a run */
};

struct wish {
    uint8_t writer;
    uint8_t reader;
    bool unwished;
};

struct wishes {
    uint32_t count;
    struct wish wish[WISHES];
};

/* A location of memory, in the run in hand. */
struct written {
    const void *location;
    uint64_t stamp;   /* of the run; another one: the slot is free */
    uint64_t writers; /* bits: places that wrote it */
    uint8_t last;     /* of them; PLACES: nobody yet */
};

struct coverage {
    struct priorities priorities;
    uint64_t stamp; /* of the run */
    bool open;      /* `turn` was made, and nothing was learnt from it */
    uint64_t seed;  /* of the campaign */
    uint64_t turn;

    /* the epoch */
    uint32_t places_count;
    uintptr_t places[PLACES];      /* code, by its first use */
    uint16_t seen[PLACES][PLACES]; /* runs that showed the pair */
    uint64_t could[PLACES];        /* by reader: who may have written */
    uint32_t corpus_count;
    struct wishes corpus[CORPUS];

    /* the run */
    struct wishes wishes;
    uint32_t holds;
    uint64_t shown[PLACES]; /* by reader: from whom it read */
    uint64_t might[PLACES]; /* by reader: who had written what it read */
    struct written written[LOCATIONS];
};

static uint64_t since(const void *self, uint64_t seed, uint64_t turn)
{
    const struct coverage *c = self;
    uint64_t start = turn - turn % EPOCH;
    bool follows =
        c->open && c->seed == seed && c->turn >= start && c->turn <= turn;
    return !follows ? start : c->turn == turn ? turn : c->turn + 1;
}

static void forget(struct coverage *c)
{
    uint64_t stamp = c->stamp; /* what is written remains unread */
    memset(c, 0, offsetof(struct coverage, written));
    c->stamp = stamp;
}

/* Keeps what the run wished, and the pairs that it was the first to show. */
static void keep(struct coverage *c, const struct wishes *fresh)
{
    if (fresh->count == 0) {
        return;
    }
    uint32_t at = c->corpus_count < CORPUS ? c->corpus_count++
                                           : (uint32_t)(c->turn % CORPUS);
    struct wishes *kept = &c->corpus[at];
    *kept = c->wishes;
    for (uint32_t i = 0; i < fresh->count && kept->count < WISHES; i++) {
        kept->wish[kept->count++] = fresh->wish[i];
    }
}

/* Learns from the run that was made last. */
static void learn(struct coverage *c)
{
    struct wishes fresh = {.count = 0};
    for (uint32_t r = 0; r < PLACES; r++) {
        c->could[r] |= c->might[r];
        for (uint64_t left = c->shown[r]; left != 0; left &= left - 1) {
            uint32_t w = (uint32_t)__builtin_ctzll(left);
            if (c->seen[w][r] < RARE && fresh.count < FRESH) {
                fresh.wish[fresh.count++] =
                    (struct wish){.writer = (uint8_t)w, .reader = (uint8_t)r};
            }
            if (c->seen[w][r] < UINT16_MAX) {
                c->seen[w][r]++;
            }
        }
    }
    keep(c, &fresh);
    c->open = false;
}

/* Any pair of code that may meet. */
static bool draw_wish(const struct coverage *c, struct choice *choice,
                      struct wish *wish)
{
    uint64_t sum = 0;
    for (uint32_t r = 0; r < c->places_count; r++) {
        sum += (uint64_t)__builtin_popcountll(c->could[r]);
    }
    if (sum == 0) {
        return false;
    }
    uint64_t at = strategy_below(choice, sum);
    uint32_t reader = 0;
    while (at >= (uint64_t)__builtin_popcountll(c->could[reader])) {
        at -= (uint64_t)__builtin_popcountll(c->could[reader]);
        reader++;
    }
    uint64_t writers = c->could[reader];
    while (at-- > 0) {
        writers &= writers - 1;
    }
    *wish = (struct wish){.writer = (uint8_t)__builtin_ctzll(writers),
                          .reader = (uint8_t)reader,
                          .unwished = strategy_below(choice, 4) == 0};
    return true;
}

/* The abstract schedule of a run: one that was kept, changed in one place. */
static void draw_wishes(struct coverage *c, struct choice *choice)
{
    c->wishes.count = 0;
    if (c->corpus_count == 0 || strategy_below(choice, PLAIN_OF) == 0) {
        return;
    }
    struct wishes *w = &c->wishes;
    *w = c->corpus[strategy_below(choice, c->corpus_count)];
    uint32_t at = (uint32_t)strategy_below(choice, WISHES);
    uint64_t how = strategy_below(choice, 4);
    if (how == 0 && at < w->count) { /* one less */
        w->wish[at] = w->wish[--w->count];
    } else if (how == 1 && at < w->count) { /* the contrary */
        w->wish[at].unwished = !w->wish[at].unwished;
    } else {
        at = w->count < WISHES ? w->count : at;
        if (draw_wish(c, choice, &w->wish[at]) && at == w->count) {
            w->count++;
        }
    }
}

static bool begin(void *self, const struct profile *profile,
                  struct choice *choice)
{
    struct coverage *c = self;
    bool same = c->open && c->seed == profile->seed;
    if (same && profile->turn == c->turn + 1) {
        learn(c);
    }
    if (!same || profile->turn % EPOCH == 0) {
        forget(c);
    }
    c->open = true;
    c->seed = profile->seed;
    c->turn = profile->turn;
    c->stamp++;
    c->holds = HOLDS;
    c->priorities.drawn = 0;
    c->priorities.done = (struct operation){.location = NULL};
    memset(c->shown, 0, sizeof(c->shown));
    memset(c->might, 0, sizeof(c->might));
    draw_wishes(c, choice);
    return true;
}

/* The number of the code at `pc`; PLACES if there are too many. */
static uint32_t place_of(struct coverage *c, uintptr_t pc)
{
    for (uint32_t i = 0; i < c->places_count; i++) {
        if (c->places[i] == pc) {
            return i;
        }
    }
    if (c->places_count < PLACES) {
        c->places[c->places_count] = pc;
        return c->places_count++;
    }
    return PLACES;
}

/* What is known of a location; NULL if there are too many. */
static struct written *find(struct coverage *c, const void *location)
{
    uint64_t hash = ((uintptr_t)location >> 2) * 0x9e3779b97f4a7c15u;
    for (uint32_t i = 0; i < LOCATIONS; i++) {
        struct written *w = &c->written[((hash >> 40) + i) % LOCATIONS];
        if (w->stamp != c->stamp) {
            *w = (struct written){
                .location = location, .stamp = c->stamp, .last = PLACES};
        }
        if (w->location == location) {
            return w;
        }
    }
    return NULL;
}

static bool reads(const struct operation *o)
{
    return o->pc != 0 && o->location != NULL &&
           (o->kind == FL_STEP_LOAD || o->kind == FL_STEP_UPDATE);
}

/* Whether a wish speaks against doing `o` now. */
static bool is_held(struct coverage *c, const struct operation *o)
{
    if (c->wishes.count == 0 || !reads(o)) {
        return false;
    }
    uint32_t place = place_of(c, o->pc);
    const struct written *w = find(c, o->location);
    for (uint32_t i = 0; i < c->wishes.count && w != NULL; i++) {
        const struct wish *wish = &c->wishes.wish[i];
        bool met = wish->writer == w->last;
        if (wish->reader == place && met == wish->unwished) {
            return true;
        }
    }
    return false;
}

/* `o` is done now. */
static void note(struct coverage *c, const struct operation *o)
{
    if (o->pc == 0 || o->location == NULL) {
        return;
    }
    uint32_t place = place_of(c, o->pc);
    struct written *w = find(c, o->location);
    if (place == PLACES || w == NULL) {
        return;
    }
    if (reads(o) && w->last < PLACES) {
        c->shown[place] |= (uint64_t)1 << w->last;
        c->might[place] |= w->writers;
    }
    if (o->kind != FL_STEP_LOAD) {
        w->last = (uint8_t)place;
        w->writers |= (uint64_t)1 << place;
    }
}

static struct pick pick(void *self, const struct moment *moment,
                        struct choice *choice)
{
    struct coverage *c = self;
    priorities_draw(&c->priorities, moment, choice);
    uint64_t free = moment->enabled & ~moment->blocked;
    free = free != 0 ? free : moment->enabled;
    uint64_t held = 0;
    for (uint64_t left = c->holds > 0 ? free : 0; left != 0; left &= left - 1) {
        uint32_t t = (uint32_t)__builtin_ctzll(left);
        if (is_held(c, &moment->pending[t])) {
            held |= left & (~left + 1);
        }
    }
    c->holds -= held != 0 ? 1 : 0;
    uint64_t among = (free & ~held) != 0 ? free & ~held : free;
    uint32_t chosen = priorities_highest(&c->priorities, among);
    c->priorities.done = moment->pending[chosen];
    if (!moment->pending[chosen].starts) {
        note(c, &moment->pending[chosen]);
    }
    return (struct pick){.thread = chosen, .distance = 1};
}

const struct strategy strategy_coverage = {
    .name = "coverage",
    .about = "POS led to pairs of code that write and read as never before",
    .size = sizeof(struct coverage),
    .attentive = true,
    .begin = begin,
    .pick = pick,
    .since = since,
};
