/*
 * Round robin: turns go from one enabled thread to the next by number, and
 * round again, so that nobody is left out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/schedule/list.h"
#include "tests/tap.h"

static void everybody_has_a_turn(void)
{
    static const struct {
        uint64_t enabled;
        uint32_t running;
        uint32_t next;
    } rows[] = {
        {7, 0, 1}, {7, 1, 2},  {7, 2, 0}, {5, 0, 2},  {5, 2, 0},  {6, 0, 1},
        {4, 2, 2}, {3, 64, 0}, {7, 5, 0}, {12, 1, 2}, {12, 3, 2},
    };
    const struct strategy *s = &strategy_round_robin;
    struct choice choice = {0};
    choice_begin(&choice, CHOICE_EXPLORE, 1);
    const struct profile profile = {.threads = 4};
    void *self = calloc(1, s->size);
    CU_ASSERT_FATAL(self != NULL);
    CU_ASSERT(s->begin(self, &profile, &choice));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct moment moment = {.enabled = rows[i].enabled,
                                .running = rows[i].running};
        struct pick pick = s->pick(self, &moment, &choice);
        CU_ASSERT_EQUAL(pick.thread, rows[i].next);
        CU_ASSERT(pick.distance >= 1 && pick.distance <= 16);
    }
    free(self);
    choice_release(&choice);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"everybody has a turn", everybody_has_a_turn},
        {NULL, NULL},
    };
    return tap_run("turns", cases);
}
