/*
 * Shards: what is read from words and from launchers' environments.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/shard.h"
#include "tests/tap.h"

#include <string.h>

/* An environment of its own: pairs of name and value. */
static const char *const *environment;

static char *look_up(const char *name)
{
    for (const char *const *e = environment; e[0] != NULL; e += 2) {
        if (strcmp(e[0], name) == 0) {
            static char value[32];
            (void)snprintf(value, sizeof(value), "%s", e[1]);
            return value;
        }
    }
    return NULL;
}

static void words(void)
{
    static const char *const none[] = {NULL};
    static const struct {
        const char *text;
        bool good;
        struct shard shard;
    } table[] = {
        {"1/1", true, {0, 1}},      {"2/5", true, {1, 5}},
        {"5/5", true, {4, 5}},      {"0/5", false, {0}},
        {"6/5", false, {0}},        {"1/0", false, {0}},
        {"", false, {0}},           {"/", false, {0}},
        {"1/", false, {0}},         {"/3", false, {0}},
        {"1/2/3", false, {0}},      {"-1/2", false, {0}},
        {"1/99999999", false, {0}}, {"a/b", false, {0}},
        {" 1/2", false, {0}},       {"123456789012345678/2", false, {0}},
        {"auto", false, {0}},       {"auto/4", false, {0}},
        {"auto/", false, {0}},      {"auto/0", false, {0}},
        {"automatic", false, {0}},
    };
    environment = none;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct shard shard = {0};
        char error[SHARD_ERROR_MAX] = "";
        bool good = shard_read(table[i].text, look_up, &shard, error);
        CU_ASSERT_EQUAL(good, table[i].good);
        if (good) {
            CU_ASSERT_EQUAL(shard.number, table[i].shard.number);
            CU_ASSERT_EQUAL(shard.count, table[i].shard.count);
        } else {
            CU_ASSERT(strstr(error, "say") != NULL ||
                      strstr(error, "count from 1") != NULL);
        }
    }
}

static void launchers(void)
{
    static const struct {
        const char *environment[9];
        const char *text;
        struct shard shard; /* count 0: refused */
    } table[] = {
        {{"OMPI_COMM_WORLD_RANK", "3", "OMPI_COMM_WORLD_SIZE", "8"},
         "auto",
         {3, 8}},
        {{"PMI_RANK", "0", "PMI_SIZE", "2"}, "auto", {0, 2}},
        {{"SLURM_PROCID", "1", "SLURM_NTASKS", "4"}, "auto", {1, 4}},
        {{"SLURM_ARRAY_TASK_ID", "7", "SLURM_ARRAY_TASK_COUNT", "5",
          "SLURM_ARRAY_TASK_MIN", "5", "SLURM_PROCID", "0"},
         "auto",
         {2, 5}},
        {{"PARALLEL_SEQ", "3"}, "auto/8", {2, 8}},
        {{"PARALLEL_SEQ", "11"}, "auto/8", {2, 8}},
        {{"PARALLEL_SEQ", "3"}, "auto", {0, 0}}, /* of how many? */
        {{"OMPI_COMM_WORLD_RANK", "x", "OMPI_COMM_WORLD_SIZE", "8"},
         "auto",
         {0, 0}},
        {{"OMPI_COMM_WORLD_RANK", "1", "OMPI_COMM_WORLD_SIZE", "0"},
         "auto",
         {0, 0}},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct shard shard = {0};
        char error[SHARD_ERROR_MAX] = "";
        environment = table[i].environment;
        bool good = shard_read(table[i].text, look_up, &shard, error);
        CU_ASSERT_EQUAL(good, table[i].shard.count != 0);
        CU_ASSERT_EQUAL(shard.number, table[i].shard.number);
        CU_ASSERT_EQUAL(shard.count, table[i].shard.count);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"words are read or refused", words},
        {"launchers are known by their variables", launchers},
        {NULL, NULL},
    };
    return tap_run("shard", cases);
}
