/*
 * The simulated network: links, cuts, clogs, clocks, timers and storage, in a
 * world made by hand whose nodes are moved by the test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/post.h"

#include "tests/tap.h"

#include <assert.h>
#include <string.h>

/* ns */
#define US INT64_C(1000)
#define MS INT64_C(1000000)

enum {
    MILLION = 1000000,
    NODES = 7,
    REPLICAS = 5,
};

static const char *const names[] = {
    "replica1", "replica2", "replica3", "replica4",
    "replica5", "client1",  "client2",
};

struct stage {
    struct scenario scenario;
    struct world world;
};

static struct quantity constant(enum unit unit, int64_t value)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_CONSTANT,
                             .a = value,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

static struct stage *stage_new(void)
{
    struct stage *s = calloc(1, sizeof(*s));
    assert(s != NULL);
    s->scenario.system.kind = SYSTEM_NETWORK;
    s->scenario.system.replicas = REPLICAS;
    s->scenario.system.clients = NODES - REPLICAS;
    s->scenario.network.set = true;
    s->scenario.network.all.latency = constant(UNIT_NS, MS);
    return s;
}

static void open_net(struct stage *s, uint64_t seed)
{
    struct world *w = &s->world;
    choice_begin(&w->choice, CHOICE_EXPLORE, seed);
    w->net = net_new(&s->scenario, NODES, REPLICAS, names);
    w->until = UINT64_MAX;
    w->scenario = &s->scenario;
    w->fibers_count = NODES;
    for (uint32_t i = 0; i < NODES; i++) {
        w->fibers[i].id = i;
        w->fibers[i].process = i;
        w->fibers[i].process_target = i;
        w->fibers[i].ticket = FL_OPEN;
    }
    net_reset(w->net, w);
    world = w;
}

static void stage_free(struct stage *s)
{
    world = NULL;
    net_free(s->world.net);
    choice_release(&s->world.choice);
    free(s);
}

/* Node `node` runs from here on. */
static void become(struct stage *s, uint32_t node)
{
    s->world.current = &s->world.fibers[node];
}

static void send_number(struct stage *s, uint32_t from, uint32_t to,
                        uint32_t number)
{
    become(s, from);
    fl_send(to, &number, sizeof(number));
}

/* Lets everything happen that is due by `time`. */
static void advance(struct stage *s, uint64_t time)
{
    struct world *w = &s->world;
    w->current = NULL;
    while (net_moment(w->net) <= time) {
        w->now = net_moment(w->net) > w->now ? net_moment(w->net) : w->now;
        net_advance(w);
    }
    w->now = time;
}

/* The next number in the inbox of `node`, or -1. */
static int64_t next_number(struct stage *s, uint32_t node)
{
    struct fl_message message;
    become(s, node);
    if (!fl_receive(&message, 0)) {
        return -1;
    }
    uint32_t number = 0;
    assert(message.size == sizeof(number));
    memcpy(&number, message.bytes, sizeof(number));
    return number;
}

static uint32_t count_inbox(struct stage *s, uint32_t node)
{
    uint32_t count = 0;
    while (next_number(s, node) >= 0) {
        count++;
    }
    return count;
}

static void a_message_takes_its_latency(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    send_number(s, 5, 0, 42);
    CU_ASSERT_EQUAL(net_moment(s->world.net), MS);
    advance(s, MS - 1);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    advance(s, MS);
    CU_ASSERT_EQUAL(next_number(s, 1), -1);
    CU_ASSERT_EQUAL(next_number(s, 0), 42);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    CU_ASSERT_EQUAL(net_moment(s->world.net), UINT64_MAX);
    stage_free(s);
}

static void links_have_models_of_their_own(void)
{
    struct stage *s = stage_new();
    struct network_section *network = &s->scenario.network;
    network->links_count = 3;
    network->links[0] = (struct link_model){.target = "client->*",
                                            .latency = constant(UNIT_NS, 0)};
    network->links[1] = (struct link_model){
        .target = "replica4<->replica5", .latency = constant(UNIT_NS, 9 * MS)};
    network->links[2] = (struct link_model){
        .target = "replica1->replica2", .loss_set = true, .loss_ppm = MILLION};
    open_net(s, 1);
    send_number(s, 5, 0, 1);
    CU_ASSERT_EQUAL(net_moment(s->world.net), 0);
    advance(s, 0);
    CU_ASSERT_EQUAL(next_number(s, 0), 1);
    send_number(s, 0, 5, 2); /* not the other way */
    CU_ASSERT_EQUAL(net_moment(s->world.net), MS);
    advance(s, MS);
    CU_ASSERT_EQUAL(next_number(s, 5), 2);
    send_number(s, 3, 4, 3);
    send_number(s, 4, 3, 4);
    CU_ASSERT_EQUAL(net_moment(s->world.net), 10 * MS);
    advance(s, 10 * MS);
    CU_ASSERT_EQUAL(next_number(s, 4), 3);
    CU_ASSERT_EQUAL(next_number(s, 3), 4);
    send_number(s, 0, 1, 5);
    send_number(s, 1, 0, 6);
    advance(s, 20 * MS);
    CU_ASSERT_EQUAL(next_number(s, 1), -1);
    CU_ASSERT_EQUAL(next_number(s, 0), 6);
    stage_free(s);
}

static void latency_is_drawn(void)
{
    struct stage *s = stage_new();
    s->scenario.network.all.latency = constant(UNIT_NS, MS);
    s->scenario.network.all.latency.kind = DIST_UNIFORM;
    s->scenario.network.all.latency.b = 3 * MS;
    open_net(s, 1);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t now = s->world.now;
        send_number(s, 5, 0, i);
        uint64_t took = net_moment(s->world.net) - now;
        CU_ASSERT(took >= MS && took <= 3 * MS);
        sum += took;
        advance(s, now + 3 * MS);
        CU_ASSERT_EQUAL(next_number(s, 0), i);
    }
    CU_ASSERT(sum / 1000 > 1900 * US && sum / 1000 < 2100 * US);
    stage_free(s);
}

static void order_is_kept_or_not(void)
{
    for (uint32_t kept = 0; kept < 2; kept++) {
        struct stage *s = stage_new();
        s->scenario.network.all.latency.kind = DIST_UNIFORM;
        s->scenario.network.all.latency.b = 3 * MS;
        s->scenario.network.all.reorder_set = true;
        s->scenario.network.all.reorder = kept == 0;
        open_net(s, 1);
        for (uint32_t i = 0; i < 200; i++) {
            send_number(s, 5, 0, i);
            advance(s, s->world.now + 100 * US);
        }
        advance(s, s->world.now + 10 * MS);
        uint32_t late = 0;
        for (int64_t i = 0; i < 200; i++) {
            late += next_number(s, 0) != i;
        }
        CU_ASSERT_EQUAL(late == 0, kept == 1);
        stage_free(s);
    }
}

static void equal_moments_keep_the_order(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    for (uint32_t i = 0; i < 100; i++) {
        send_number(s, 5 + i % 2, 0, i);
    }
    advance(s, MS);
    for (uint32_t i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(next_number(s, 0), i);
    }
    stage_free(s);
}

/* Of 10000 messages, how many arrive, and the longest run of lost ones. */
static uint32_t arrivals(struct stage *s, uint32_t *longest)
{
    uint32_t arrived = 0;
    uint32_t lost = 0;
    *longest = 0;
    open_net(s, 3);
    for (uint32_t i = 0; i < 10000; i++) {
        send_number(s, 5, 0, i);
        advance(s, s->world.now + MS);
        uint32_t count = count_inbox(s, 0);
        arrived += count;
        lost = count > 0 ? 0 : lost + 1;
        *longest = lost > *longest ? lost : *longest;
    }
    return arrived;
}

static void loss_is_as_stated(void)
{
    uint32_t longest = 0;
    struct stage *s = stage_new();
    s->scenario.network.all.loss_set = true;
    s->scenario.network.all.loss_ppm = 50000;
    uint32_t arrived = arrivals(s, &longest);
    CU_ASSERT(arrived > 9420 && arrived < 9580);
    CU_ASSERT(longest < 6);
    stage_free(s);

    /* Bad 1/31 of the time, and then 0.8 are lost: 0.0258, in bursts. */
    s = stage_new();
    struct link_model *all = &s->scenario.network.all;
    all->loss_set = true;
    all->loss_model = LOSS_GILBERT_ELLIOTT;
    all->ge_p_ppm = 10000;
    all->ge_r_ppm = 300000;
    all->ge_bad_ppm = 800000;
    arrived = arrivals(s, &longest);
    CU_ASSERT(arrived > 9660 && arrived < 9820);
    CU_ASSERT(longest >= 5);
    stage_free(s);
}

static void copies_are_as_stated(void)
{
    uint32_t longest = 0;
    struct stage *s = stage_new();
    s->scenario.network.all.duplicate_set = true;
    s->scenario.network.all.duplicate_ppm = 20000;
    uint32_t arrived = arrivals(s, &longest);
    CU_ASSERT(arrived > 10150 && arrived < 10250);
    stage_free(s);
}

static void bandwidth_makes_messages_wait(void)
{
    struct stage *s = stage_new();
    s->scenario.network.all.bandwidth = constant(UNIT_RATE, 1000000);
    s->scenario.network.all.queue = 8;
    open_net(s, 1);
    unsigned char bytes[200] = {0};
    become(s, 5);
    for (uint32_t i = 0; i < 10; i++) {
        fl_send(0, bytes, sizeof(bytes)); /* 200 us each */
    }
    uint64_t arrival = 0;
    uint32_t count = 0;
    while (net_moment(s->world.net) != UINT64_MAX) {
        uint64_t moment = net_moment(s->world.net);
        CU_ASSERT_EQUAL(moment, MS + 200 * US * (count + 1));
        arrival = moment;
        advance(s, moment);
        count++;
    }
    CU_ASSERT_EQUAL(count, 8); /* the queue took no more */
    CU_ASSERT_EQUAL(arrival, MS + 1600 * US);
    stage_free(s);
}

/* --- cuts and clogs -------------------------------------------------------*/

static void a_cut_has_a_direction_and_an_end(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    struct action cut = {.act = ACT_CUT, .amount = 10 * MS};
    cut.cut[5] = 1u << 0;    /* client1 -> replica1 */
    send_number(s, 5, 0, 1); /* on its way when the cut begins */
    net_act(&s->world, &cut, 0);
    send_number(s, 5, 0, 2);
    send_number(s, 0, 5, 3);
    send_number(s, 5, 1, 4);
    advance(s, 5 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    CU_ASSERT_EQUAL(next_number(s, 5), 3);
    CU_ASSERT_EQUAL(next_number(s, 1), 4);
    advance(s, 10 * MS);
    send_number(s, 5, 0, 5);
    advance(s, 20 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), 5);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);

    cut.amount = UINT64_MAX;
    net_act(&s->world, &cut, 0);
    send_number(s, 5, 0, 6);
    net_heal(&s->world);
    send_number(s, 5, 0, 7);
    net_act(&s->world, &cut, 0); /* no more */
    send_number(s, 5, 0, 8);
    advance(s, 30 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), 7);
    CU_ASSERT_EQUAL(next_number(s, 0), 8);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    stage_free(s);
}

static void a_clog_holds_and_releases(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    send_number(s, 5, 0, 1); /* would arrive at 1 ms */
    struct action clog = {
        .act = ACT_CLOG, .amount = 10 * MS, .targets = 1u << 0};
    net_act(&s->world, &clog, 0);
    send_number(s, 5, 0, 2);
    send_number(s, 0, 6, 3);
    send_number(s, 5, 1, 4); /* not a link of replica1 */
    advance(s, 9 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    CU_ASSERT_EQUAL(next_number(s, 6), -1);
    CU_ASSERT_EQUAL(next_number(s, 1), 4);
    CU_ASSERT_EQUAL(net_moment(s->world.net), 10 * MS);
    advance(s, 10 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), 1);
    CU_ASSERT_EQUAL(next_number(s, 0), 2);
    CU_ASSERT_EQUAL(next_number(s, 6), 3);

    clog.amount = UINT64_MAX;
    net_act(&s->world, &clog, 0);
    send_number(s, 5, 0, 5);
    send_number(s, 5, 0, 6);
    advance(s, 50 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), -1);
    CU_ASSERT_EQUAL(net_moment(s->world.net), UINT64_MAX);
    net_heal(&s->world);
    advance(s, 50 * MS);
    CU_ASSERT_EQUAL(next_number(s, 0), 5);
    CU_ASSERT_EQUAL(next_number(s, 0), 6);
    stage_free(s);
}

static void a_swizzle_releases_in_another_order(void)
{
    struct stage *s = stage_new();
    open_net(s, 1);
    struct net *net = s->world.net;
    struct action clog = {
        .act = ACT_CLOG, .amount = 24 * MS, .targets = 1u << 2, .shape = 5};
    net_act(&s->world, &clog, 0);
    uint32_t stopped_before[12] = {0}; /* by place in the order of stopping */
    uint32_t links = 0;
    uint32_t swapped = 0;
    for (uint32_t i = 0; i < NODES * NODES; i++) {
        const struct link *link = &net->links[i];
        bool touches = (i / NODES == 2) != (i % NODES == 2);
        CU_ASSERT_EQUAL(link->clog_until > 0, touches);
        if (!touches) {
            continue;
        }
        links++;
        CU_ASSERT(link->clog_from < 12 * MS);
        CU_ASSERT(link->clog_until > 12 * MS);
        CU_ASSERT(link->clog_until <= 24 * MS);
        stopped_before[link->clog_from / MS]++;
        for (uint32_t k = 0; k < i; k++) {
            const struct link *other = &net->links[k];
            swapped += other->clog_until > 0 &&
                       (other->clog_from < link->clog_from) !=
                           (other->clog_until < link->clog_until);
        }
    }
    CU_ASSERT_EQUAL(links, 12);
    for (uint32_t i = 0; i < 12; i++) {
        CU_ASSERT_EQUAL(stopped_before[i], 1); /* one by one */
    }
    CU_ASSERT(swapped > 10);
    stage_free(s);
}

/* --- nodes ----------------------------------------------------------------*/

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
    for (size_t i = 0; i < 1000; i++) {
        fl_store_write(4 * (i % 100), &i, sizeof(i));
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
        {"a message takes its latency", a_message_takes_its_latency},
        {"links have models of their own", links_have_models_of_their_own},
        {"latency is drawn", latency_is_drawn},
        {"order is kept, or not", order_is_kept_or_not},
        {"equal moments keep the order", equal_moments_keep_the_order},
        {"loss is as stated", loss_is_as_stated},
        {"copies are as stated", copies_are_as_stated},
        {"bandwidth makes messages wait", bandwidth_makes_messages_wait},
        {"a cut has a direction and an end", a_cut_has_a_direction_and_an_end},
        {"a clog holds and releases", a_clog_holds_and_releases},
        {"a swizzle releases in another order",
         a_swizzle_releases_in_another_order},
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
    return tap_run("net", cases);
}
