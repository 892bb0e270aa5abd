/*
 * The one stream of decisions.
 *
 * Words come from splitmix64 (Steele, Lea, Flood 2014), one generator a
 * stream: a sum and a hash of it, so a stream is started by one store, and a
 * word costs a handful of instructions.  Its period of 2^64 and its quality
 * (it passes BigCrush) are more than enough for runs of a few thousand draws.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/choice.h"

#include "harness/need.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_FIRST = 256,
    PPM = 1000000,
};

static void grow_kept(struct choice *c)
{
    assert(c->kept_count == c->kept_max);
    assert(c->kept_max <= UINT32_MAX / 2);
    uint32_t max = c->kept_max == 0 ? KEPT_FIRST : c->kept_max * 2;
    struct decision *kept =
        need(realloc(c->kept, max * sizeof(*kept)), "the decisions of a run");
    c->kept = kept;
    c->kept_max = max;
}

static void keep(struct choice *c, const struct decision *decision)
{
    assert(decision->value != 0);
    if (c->kept_count == c->kept_max) {
        grow_kept(c);
    }
    c->kept[c->kept_count++] = *decision;
}

/* What was kept for the decision of `stream` at `position`; 0 if nothing was.
 * Positions only rise, so each kept decision is passed once. */
static uint64_t find_kept(struct choice *c, enum stream stream,
                          uint32_t position)
{
    uint32_t i = c->next[stream];
    while (i < c->kept_count && c->kept[i].stream == stream &&
           c->kept[i].position < position) {
        i++;
    }
    bool found = i < c->kept_count && c->kept[i].stream == stream &&
                 c->kept[i].position == position;
    c->next[stream] = found ? i + 1 : i;
    return found ? c->kept[i].value : 0;
}

static void start_streams(struct choice *c, uint64_t seed)
{
    for (uint32_t s = 0; s < STREAMS; s++) {
        c->word[s] = choice_mix(seed + (s + 1) * CHOICE_GOLDEN);
        c->position[s] = 0;
        c->next[s] = 0;
    }
    c->carried_set = 0;
}

static int compare_decisions(const void *left, const void *right)
{
    const struct decision *a = left;
    const struct decision *b = right;
    if (a->stream != b->stream) {
        return a->stream < b->stream ? -1 : 1;
    }
    return a->position < b->position ? -1 : a->position > b->position;
}

uint64_t choice_seed_of(uint64_t campaign_seed, uint64_t index)
{
    uint64_t seed = choice_mix(choice_mix(campaign_seed + CHOICE_GOLDEN) +
                               (index + 1) * CHOICE_GOLDEN);
    return seed == 0 ? 1 : seed;
}

void choice_begin(struct choice *c, enum choice_mode mode, uint64_t seed)
{
    assert(mode == CHOICE_EXPLORE || mode == CHOICE_RECORD);
    if (c->kept_max == 0) {
        c->kept = NULL; /* what a replay had borrowed */
    }
    c->mode = mode;
    c->kept_count = 0;
    start_streams(c, seed);
}

void choice_replay(struct choice *c, const struct decision *kept,
                   uint32_t count)
{
    assert(count == 0 || kept != NULL);
    assert(c->kept_max == 0 || kept != c->kept);
    choice_release(c);
    /* Borrowed, and only read: kept_max 0 says so. */
    c->kept = (struct decision *)(uintptr_t)kept;
    c->kept_count = count;
    start_streams(c, 0);
    c->mode = CHOICE_REPLAY;
    for (uint32_t i = count; i > 0; i--) {
        assert(i == count || compare_decisions(&kept[i - 1], &kept[i]) < 0);
        assert(kept[i - 1].stream < STREAMS);
        c->next[kept[i - 1].stream] = i - 1;
    }
}

void choice_release(struct choice *c)
{
    if (c->kept_max > 0) {
        free(c->kept);
    }
    c->kept = NULL;
    c->kept_count = 0;
    c->kept_max = 0;
}

void choice_sort(struct choice *c)
{
    assert(c->mode == CHOICE_RECORD);
    if (c->kept_count > 0) {
        qsort(c->kept, c->kept_count, sizeof(*c->kept), compare_decisions);
    }
}

uint64_t choice_keep(struct choice *c, enum stream stream, uint64_t drawn)
{
    assert(stream < STREAMS && c->mode != CHOICE_EXPLORE);
    assert(c->position[stream] > 0);
    uint32_t position = c->position[stream] - 1;
    if (c->mode == CHOICE_REPLAY) {
        return find_kept(c, stream, position);
    }
    if (drawn != 0) {
        struct decision decision = {
            .stream = stream, .position = position, .value = drawn};
        keep(c, &decision);
    }
    return drawn;
}

uint32_t choice_below(struct choice *c, enum stream stream, uint32_t below)
{
    assert(below > 0);
    /* Lemire's multiply and shift: no division; the bias is below 2^-32. */
    uint64_t high = choice_word(c, stream) >> 32;
    uint64_t value = choice_settle(c, stream, (high * below) >> 32);
    /* An edited trace may ask for more than this site now offers. */
    return value < below ? (uint32_t)value : below - 1;
}

bool choice_chance(struct choice *c, enum stream stream, uint32_t ppm)
{
    assert(ppm <= PPM);
    uint64_t high = choice_word(c, stream) >> 32;
    return choice_settle(c, stream, ((high * PPM) >> 32) < ppm) != 0;
}
