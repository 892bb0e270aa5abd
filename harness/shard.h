/*
 * A shard: the share of a campaign that one machine runs.
 *
 *     faultline run --shard 2/5            the second of five
 *     faultline run --shard auto           as mpirun, Slurm or srun says
 *     parallel faultline run --shard auto/8 ::: ...
 *
 * Shard i of n makes the runs whose distance from the first one is i - 1
 * modulo n, so that the same index is the same run on every machine and
 * `faultline merge` can join what they found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SHARD_H
#define HX_SHARD_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SHARDS_MAX = 1000000,
    SHARD_ERROR_MAX = 160
};

struct shard {
    uint32_t number; /* from 0 */
    uint32_t count;  /* 0: not divided */
};

/*
 * Reads "2/5", "auto" (number and count from the environment of mpirun, srun,
 * a Slurm array) or "auto/8" (the number only: PARALLEL_SEQ of GNU parallel,
 * too).  `lookup` finds a variable of the environment, or gives NULL: getenv(),
 * or a test's own.  False: `error`, of SHARD_ERROR_MAX bytes, says what is
 * wrong and what to type.
 */
bool shard_read(const char *text, char *(*lookup)(const char *name),
                struct shard *shard, char *error);

#endif
