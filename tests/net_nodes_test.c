/*
 * The nodes of the simulated network: crashes, storage, timers and clocks; and
 * the patterns that name them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/net_fixture.h"

static void a_crash_takes_what_is_volatile(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    send_number(s, 5, 0, 1);
    advance(s, MS);
    send_number(s, 5, 0, 2); /* on its way */
    become(s, 0);
    fl_timer(1, 5 * MS);
    struct action crash = {.act = ACT_CRASH};
    net_crash(&s->world, 0, &crash);
    send_number(s, 5, 0, 3); /* while it is down */
    advance(s, 5 * MS);
    net_restart(&s->world, 0);
    CU_ASSERT_EQUAL(net_moment(s->world.net), UINT64_MAX);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    send_number(s, 5, 0, 4);
    advance(s, 10 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), 4);
    stage_free(s);
}

static void storage_keeps_what_was_synced(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    uint64_t read = 1;
    become(s, 0);
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 0);
    uint64_t a = 11;
    uint64_t b = 22;
    fl_store_write(8, &a, sizeof(a));
    fl_store_sync();
    fl_store_write(8, &b, sizeof(b));
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 22);
    struct action crash = {.act = ACT_CRASH}; /* only the process died */
    net_crash(&s->world, 0, &crash);
    net_restart(&s->world, 0);
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 22);
    crash.lose_unsynced = true; /* the machine did */
    net_crash(&s->world, 0, &crash);
    net_restart(&s->world, 0);
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 11);
    become(s, 1);
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 0); /* each node has its own */
    net_reset(s->world.net, &s->world);
    become(s, 0);
    fl_store_read(8, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 0);
    stage_free(s);
}

static void a_torn_write_keeps_its_beginning(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    unsigned char old[1024];
    unsigned char new[1024];
    unsigned char read[1024];
    memset(old, 1, sizeof(old));
    memset(new, 2, sizeof(new));
    become(s, 0);
    fl_store_write(0, old, sizeof(old));
    fl_store_sync();
    fl_store_write(0, new, sizeof(new));
    struct action crash = {
        .act = ACT_CRASH, .lose_unsynced = true, .torn_bytes = 512};
    net_crash(&s->world, 0, &crash);
    net_restart(&s->world, 0);
    fl_store_read(0, read, sizeof(read));
    CU_ASSERT_EQUAL(memcmp(read, new, 512), 0);
    CU_ASSERT_EQUAL(memcmp(read + 512, old, 512), 0);
    stage_free(s);
}

static void unsynced_writes_reach_the_disk_when_there_are_many(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    become(s, 0);
    for (uint32_t i = 0; i < 1000; i++) {
        fl_store_write((size_t)4 * (i % 100), &i, sizeof(i));
    }
    uint32_t read = 0;
    fl_store_read(396, &read, sizeof(read));
    CU_ASSERT_EQUAL(read, 999);
    struct action crash = {.act = ACT_CRASH, .lose_unsynced = true};
    net_crash(&s->world, 0, &crash);
    net_restart(&s->world, 0);
    fl_store_read(396, &read, sizeof(read));
    CU_ASSERT(read % 100 == 99 && read < 999);
    stage_free(s);
}

static void timers_ring_once_and_are_replaced(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    become(s, 2);
    fl_timer(3, 5 * MS);
    fl_timer(4, 2 * MS);
    fl_timer(3, 7 * MS);
    CU_ASSERT_EQUAL(net_moment(s->world.net), 2 * MS);
    advance(s, 6 * MS);
    struct fl_message message;
    become(s, 2);
    CU_ASSERT(fl_receive(&message, 0));
    CU_ASSERT(message.from == FL_TIMER && message.size == 4);
    CU_ASSERT(!fl_receive(&message, 0));
    advance(s, 7 * MS);
    become(s, 2);
    CU_ASSERT(fl_receive(&message, 0));
    CU_ASSERT(message.from == FL_TIMER && message.size == 3);
    CU_ASSERT_EQUAL(net_moment(s->world.net), UINT64_MAX);
    stage_free(s);
}

static void clocks_skew_drift_and_jump(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    become(s, 0);
    uint64_t plain = fl_now();
    stage_free(s);

    s = stage_new();
    s->scenario.system.clock_skew = constant(UNIT_NS, -50 * MS);
    s->scenario.system.clock_drift = constant(UNIT_PPM, 200);
    open_net(s, 1);
    become(s, 0);
    CU_ASSERT_EQUAL(fl_now(), plain - 50 * MS);
    fl_timer(0, 1000 * MS); /* a fast clock's second is shorter */
    uint64_t rings = net_moment(s->world.net);
    CU_ASSERT(rings > 999 * MS && rings < 1000 * MS);
    s->world.now = rings;
    CU_ASSERT(fl_now() - (plain - 50 * MS) >= 1000 * MS);
    CU_ASSERT(fl_now() - (plain - 50 * MS) < 1000 * MS + 10);
    s->world.now = 10000 * UINT64_C(1000000);
    CU_ASSERT_EQUAL(fl_now(), plain - 50 * MS + s->world.now + 2 * MS);
    uint64_t before = fl_now();
    struct action jump = {.act = ACT_CLOCK,
                          .targets = 1u << 0,
                          .amount = (uint64_t) - (int64_t)(7 * MS)};
    net_act(&s->world, &jump, 0);
    CU_ASSERT_EQUAL(fl_now(), before - 7 * MS);
    become(s, 1);
    CU_ASSERT_EQUAL(fl_now(), before);
    stage_free(s);
}

static void an_operation_has_a_deadline(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    become(s, 5);
    s->world.fibers[5].ticket = 3;
    CU_ASSERT_EQUAL(fl_deadline(), UINT64_MAX);
    s->scenario.workload.timeout = constant(UNIT_NS, 500 * MS);
    uint64_t start = fl_now();
    CU_ASSERT_EQUAL(fl_deadline(), start + 500 * MS);
    s->world.now += 100 * MS;
    CU_ASSERT_EQUAL(fl_deadline(), start + 500 * MS);
    s->world.fibers[5].ticket = 4; /* the next operation */
    CU_ASSERT_EQUAL(fl_deadline(), start + 600 * MS);
    stage_free(s);
}

static void targets_match_patterns(void)
{
    CU_ASSERT(targets_match("replica*", "replica12"));
    CU_ASSERT(targets_match("*", ""));
    CU_ASSERT(targets_match("r*a*2", "replica12"));
    CU_ASSERT(!targets_match("r*a*3", "replica12"));
    CU_ASSERT(!targets_match("replica1", "replica12"));
    struct targets all = {.count = NODES, .replicas = REPLICAS, .names = names};
    CU_ASSERT_EQUAL(targets_named(&all, "client"), 0x60);
    CU_ASSERT_EQUAL(targets_named(&all, "replica"), 0x1f);
    CU_ASSERT_EQUAL(targets_named(&all, "replica3"), 0x04);
    uint64_t links[TARGETS_MAX] = {0};
    CU_ASSERT(targets_link(&all, "client -> *", links));
    CU_ASSERT_EQUAL(links[5], 0x5f); /* not to itself */
    CU_ASSERT_EQUAL(links[0], 0);
    CU_ASSERT(targets_link(&all, "replica1<->replica2", links));
    CU_ASSERT_EQUAL(links[0], 0x02);
    CU_ASSERT_EQUAL(links[1], 0x01);
    CU_ASSERT(!targets_link(&all, "replica9->replica1", links));
    CU_ASSERT(!targets_link(&all, "replica1", links));
    CU_ASSERT(!targets_link(&all, "replica1->replica1", links));
    CU_ASSERT(!targets_link(&all, "->", links));
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"a crash takes what is volatile", a_crash_takes_what_is_volatile},
        {"storage keeps what was synced", storage_keeps_what_was_synced},
        {"a torn write keeps its beginning", a_torn_write_keeps_its_beginning},
        {"many unsynced writes reach the disk",
         unsynced_writes_reach_the_disk_when_there_are_many},
        {"timers ring once and are replaced",
         timers_ring_once_and_are_replaced},
        {"clocks skew, drift and jump", clocks_skew_drift_and_jump},
        {"an operation has a deadline", an_operation_has_a_deadline},
        {"targets match patterns", targets_match_patterns},
        {NULL, NULL},
    };
    return tap_run("net_nodes", cases);
}
