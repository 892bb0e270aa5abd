/*
 * Figures of what was seen, from its sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/reach_told.h"

#include "harness/need.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reached *reached_new(void)
{
    return need(calloc(1, sizeof(struct reached)), "what was seen");
}

void reached_free(struct reached *reached)
{
    if (reached != NULL) {
        book_free(reached->book);
        free(reached->parts);
        free(reached);
    }
}

void reached_add(struct reached *reached, struct reach_part part)
{
    assert(reached != NULL && part.first <= part.next);
    size_t size = (reached->parts_count + 1) * sizeof(part);
    reached->parts = need(realloc(reached->parts, size), "what was seen");
    reached->parts[reached->parts_count++] = part;
}

/* Lines of one that has them serve for all: the code is the same. */
static void join_lines(struct reach_book *all, const struct reach_book *others)
{
    assert(all->lines_count == others->lines_count);
    for (uint32_t i = 0; i < all->lines_count; i++) {
        struct reach_line *line = &all->lines[i];
        const struct reach_line *other = &others->lines[i];
        if (line->path == NULL && other->path != NULL) {
            line->path = need(strdup(other->path), "a path");
            line->line = other->line;
        }
    }
}

bool reached_join(struct reached *all, const struct reached *others)
{
    assert(all->book != NULL && others->book != NULL);
    if (all->book->fingerprint != others->book->fingerprint ||
        all->book->fingerprint == 0 ||
        all->book->lines_count != others->book->lines_count) {
        return false;
    }
    reach_join(&all->seen, &others->seen, UINT64_MAX);
    join_lines(all->book, others->book);
    for (uint32_t i = 0; i < others->parts_count; i++) {
        reached_add(all, others->parts[i]);
    }
    return true;
}

/* The runs of `part` from index `from` on. */
static uint64_t count_runs(const struct reach_part *part, uint64_t from)
{
    uint64_t begin = from > part->first ? from - part->first : 0;
    uint64_t end = part->next - part->first;
    if (part->shards == 0) {
        return end > begin ? end - begin : 0;
    }
    /* How many below x are `shard` modulo `shards`. */
    uint64_t shift = part->shards - 1 - part->shard;
    uint64_t before = (begin + shift) / part->shards;
    uint64_t all = (end + shift) / part->shards;
    return all > before ? all - before : 0;
}

/* In a search each machine makes all executions. */
static uint64_t count_all(const struct reached *reached, uint64_t from)
{
    uint64_t runs = 0;
    for (uint32_t i = 0; i < reached->parts_count; i++) {
        uint64_t more = count_runs(&reached->parts[i], from);
        if (reached->seen.searched == 0) {
            runs += more;
        } else if (more > runs) {
            runs = more;
        }
    }
    return runs;
}

static bool is_same_line(const struct reach_line *a, const struct reach_line *b)
{
    return a->line == b->line && strcmp(a->path, b->path) == 0;
}

/* Whether the line of access `number` is the first of those that are the same
 * line, and none of these was made. */
static bool is_never(const struct reached *reached, uint32_t number)
{
    const struct reach_book *book = reached->book;
    const struct reach_line *line = &book->lines[number];
    if (line->path == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < book->lines_count; i++) {
        const struct reach_line *other = &book->lines[i];
        if (other->path == NULL || !is_same_line(line, other)) {
            continue;
        }
        if (i < number || reach_has(&reached->seen, other->code)) {
            return false;
        }
    }
    return true;
}

/* Names the lines of which no access was made. */
static void name_never(const struct reached *reached,
                       struct summary_reach *told, struct reach_texts *texts)
{
    for (uint32_t i = 0; i < reached->book->lines_count; i++) {
        if (!is_never(reached, i)) {
            continue;
        }
        if (told->never_count < SUMMARY_NEVER_MAX) {
            const struct reach_line *line = &reached->book->lines[i];
            const char *slash = strrchr(line->path, '/');
            char *text = texts->never_at[told->never_count];
            (void)snprintf(text, sizeof(texts->never_at[0]), "%s:%u",
                           slash == NULL ? line->path : slash + 1, line->line);
            told->never_at[told->never_count++] = text;
        }
        told->never++;
    }
}

/* Of all accesses in the code, those that were made. */
static void tell_sites(const struct reached *reached,
                       struct summary_reach *told, struct reach_texts *texts)
{
    const struct reach_book *book = reached->book;
    assert(book != NULL);
    told->sites = reached->seen.sites_count;
    if (book->all != book->lines_count) {
        told->full = true;
        return;
    }
    if (book->all == 0) {
        return;
    }
    told->sites = 0;
    told->sites_all = book->all;
    for (uint32_t i = 0; i < book->lines_count; i++) {
        told->sites += reach_has(&reached->seen, book->lines[i].code) ? 1 : 0;
    }
    if (told->sites < told->sites_all) {
        name_never(reached, told, texts);
    }
}

void reached_tell(const struct reached *reached, struct summary_reach *told,
                  struct reach_texts *texts)
{
    assert(reached != NULL && told != NULL && texts != NULL);
    const struct reach *seen = &reached->seen;
    *told = (struct summary_reach){
        .looked = reach_looked(seen),
        .pairs = seen->pairs_count,
        .ways = seen->ways_count,
        .ways_full = seen->ways_full,
        .full = seen->full,
        .range = count_all(reached, 0),
        .quiet = count_all(reached, reach_new_until(seen)),
    };
    if (reach_new_until(seen) == 0) {
        told->quiet = 0;
    }
    tell_sites(reached, told, texts);
}
