/*
 * Shards: from a word and the environment to a share.
 *
 * Launchers are known by their variables alone; no library of theirs is
 * needed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/shard.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a launcher tells a process which it is, and of how many. */
struct launcher {
    const char *name;
    const char *number;
    const char *count; /* NULL: it does not say */
    const char *least; /* the number of the first one; NULL: `base` */
    uint32_t base;
};

/* An array is asked before the tasks of one of its jobs. */
static const struct launcher launchers[] = {
    {"a Slurm array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT",
     "SLURM_ARRAY_TASK_MIN", 0},
    {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL, 0},
    {"MPICH", "PMI_RANK", "PMI_SIZE", NULL, 0},
    {"Slurm", "SLURM_PROCID", "SLURM_NTASKS", NULL, 0},
    {"GNU parallel", "PARALLEL_SEQ", NULL, NULL, 1},
};

/* A number from 0 to SHARDS_MAX, and nothing behind it. */
static bool read_count(const char *text, uint32_t *number)
{
    if (text == NULL || !isdigit((unsigned char)text[0])) {
        return false;
    }
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || value > SHARDS_MAX) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* What the environment says.  `count` 0: the launcher must say it, too. */
static bool read_environment(char *(*lookup)(const char *), uint32_t count,
                             struct shard *shard)
{
    const size_t known = sizeof(launchers) / sizeof(launchers[0]);
    for (size_t i = 0; i < known; i++) {
        const struct launcher *l = &launchers[i];
        uint32_t number = 0;
        uint32_t of = count;
        uint32_t least = l->base;
        if (!read_count(lookup(l->number), &number)) {
            continue;
        }
        if (of == 0 &&
            (l->count == NULL || !read_count(lookup(l->count), &of))) {
            continue;
        }
        if (l->least != NULL) {
            (void)read_count(lookup(l->least), &least);
        }
        if (of == 0 || number < least) {
            continue;
        }
        /* More jobs than shards: GNU parallel numbers all that it starts. */
        *shard = (struct shard){.number = (number - least) % of, .count = of};
        return true;
    }
    return false;
}

static bool refuse(char *error, const char *why)
{
    assert(error != NULL && strlen(why) < SHARD_ERROR_MAX);
    (void)snprintf(error, SHARD_ERROR_MAX, "%s", why);
    return false;
}

static bool read_auto(const char *behind, char *(*lookup)(const char *),
                      struct shard *shard, char *error)
{
    uint32_t count = 0;
    if (behind[0] == '/' && (!read_count(behind + 1, &count) || count == 0)) {
        return refuse(error, "say auto/N with N from 1");
    }
    if (!read_environment(lookup, count, shard)) {
        return refuse(error,
                      count == 0
                          ? "no launcher says which of how many this is "
                            "(mpirun, srun, a Slurm array); say 2/5, or auto/5 "
                            "under GNU parallel"
                          : "no launcher says which one this is; say 2/5");
    }
    return true;
}

bool shard_read(const char *text, char *(*lookup)(const char *),
                struct shard *shard, char *error)
{
    assert(text != NULL && lookup != NULL && shard != NULL);
    if (strncmp(text, "auto", 4) == 0 && (text[4] == '\0' || text[4] == '/')) {
        return read_auto(text + 4, lookup, shard, error);
    }
    char number[16];
    const char *slash = strchr(text, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - text);
    uint32_t first = 0;
    uint32_t count = 0;
    if (size == 0 || size >= sizeof(number)) {
        return refuse(error, "say the share as 2/5, or auto");
    }
    memcpy(number, text, size);
    number[size] = '\0';
    if (!read_count(number, &first) || !read_count(slash + 1, &count)) {
        return refuse(error, "say the share as 2/5, or auto");
    }
    if (first == 0 || first > count) {
        return refuse(error, "shards count from 1: 1/5 to 5/5");
    }
    *shard = (struct shard){.number = first - 1, .count = count};
    return true;
}
