/*
 * The simulated network: what links do to messages, cuts and clogs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/net_fixture.h"

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
        {NULL, NULL},
    };
    return tap_run("net", cases);
}
