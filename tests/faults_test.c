/*
 * Faults: what each kind decides at a site made by hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include "tests/tap.h"

#include <assert.h>
#include <string.h>

/* ns */
#define MS INT64_C(1000000)

enum {
    MILLION = 1000000,
    REPLICAS = 5,
    NODES = 7,
};

static const struct fault *find(const char *name)
{
    for (uint32_t i = 0; faults[i] != NULL; i++) {
        if (strcmp(faults[i]->name, name) == 0) {
            return faults[i];
        }
    }
    return NULL;
}

static struct quantity constant(enum unit unit, int64_t value)
{
    return (struct quantity){.set = true,
                             .unit = unit,
                             .kind = DIST_CONSTANT,
                             .a = value,
                             .min = INT64_MIN,
                             .max = INT64_MAX};
}

/* What a fault is asked with. */
struct question {
    struct scenario scenario;
    struct rule rule;
    struct choice choice;
    struct fault_context context;
};

static void ask_about(struct question *q, uint64_t seed)
{
    memset(q, 0, sizeof(*q));
    q->rule.p_ppm = MILLION;
    q->rule.disk_ppm = MILLION;
    choice_begin(&q->choice, CHOICE_EXPLORE, seed);
    q->context = (struct fault_context){.scenario = &q->scenario,
                                        .rule = &q->rule,
                                        .choice = &q->choice,
                                        .threads = NODES,
                                        .replicas = REPLICAS,
                                        .room = UINT32_MAX,
                                        .targets = 1u << 3};
}

static struct action decide(struct question *q, const char *kind,
                            enum site_kind at)
{
    const struct fault *fault = find(kind);
    assert(fault != NULL && fault->decide != NULL);
    struct site site = {.kind = at, .thread = 3, .size = 100};
    return fault->decide(&q->context, &site);
}

static void the_list_is_whole(void)
{
    static const char *const kinds[] = {"delay",
                                        "crash",
                                        "restart",
                                        "kill",
                                        "pause",
                                        "clock_jump",
                                        "cas_spurious_fail",
                                        "alloc_fail",
                                        "reuse",
                                        "latency",
                                        "loss",
                                        "duplicate",
                                        "reorder",
                                        "partition",
                                        "clog",
                                        "eager_reuse",
                                        "message_loss"};
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct fault *fault = find(kinds[i]);
        assert(fault != NULL);
        CU_ASSERT_PTR_NULL(fault->later);
        CU_ASSERT_PTR_NOT_NULL(fault->decide);
    }
    for (uint32_t i = 0; faults[i] != NULL; i++) {
        const struct fault *fault = faults[i];
        CU_ASSERT(strlen(fault->about) > 0 && strlen(fault->parameters) > 0);
        CU_ASSERT(fault->sites != 0 && fault->targets != 0);
        CU_ASSERT_EQUAL(fault->decide == NULL, fault->later != NULL);
        CU_ASSERT_PTR_EQUAL(find(fault->name), fault); /* no name twice */
    }
}

static void threads_are_hit(void)
{
    struct question q;
    ask_about(&q, 1);
    struct action a = decide(&q, "crash", SITE_STEP);
    CU_ASSERT_EQUAL(a.act, ACT_CRASH);
    CU_ASSERT_EQUAL(a.targets, 1u << 3);
    CU_ASSERT_EQUAL(a.down_for, UINT64_MAX);
    CU_ASSERT(!a.lose_unsynced && a.torn_bytes == 0 && !a.pid_reused);

    a = decide(&q, "delay", SITE_STEP);
    CU_ASSERT_EQUAL(a.act, ACT_DELAY);
    CU_ASSERT(a.in_steps && a.amount >= 1 && a.amount <= 100);
    q.rule.duration = constant(UNIT_NS, 7 * MS);
    a = decide(&q, "delay", SITE_STEP);
    CU_ASSERT(!a.in_steps && a.amount == 7 * MS);

    a = decide(&q, "pause", SITE_TIME);
    CU_ASSERT_EQUAL(a.act, ACT_PAUSE);
    CU_ASSERT_EQUAL(a.amount, 7 * MS);
    q.rule.duration.set = false;
    a = decide(&q, "pause", SITE_TIME);
    CU_ASSERT_EQUAL(a.amount, UINT64_MAX);
}

static void what_crashed_comes_back(void)
{
    struct question q;
    ask_about(&q, 1);
    struct action a = decide(&q, "restart", SITE_TIME);
    CU_ASSERT_EQUAL(a.act, ACT_CRASH);
    CU_ASSERT(a.down_for > 0 && a.down_for != UINT64_MAX);
    q.rule.down_for = constant(UNIT_NS, 5 * MS);
    q.rule.disk_lose_unsynced = true;
    a = decide(&q, "restart", SITE_TIME);
    CU_ASSERT_EQUAL(a.down_for, 5 * MS);
    CU_ASSERT(a.lose_unsynced && a.torn_bytes == 0);
    q.rule.disk_torn_bytes = 512;
    q.rule.disk_ppm = 200000;
    uint32_t torn = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        a = decide(&q, "crash", SITE_TIME);
        CU_ASSERT(a.lose_unsynced && a.down_for == 5 * MS);
        CU_ASSERT(a.torn_bytes == 0 || a.torn_bytes == 512);
        torn += a.torn_bytes == 512;
    }
    CU_ASSERT(torn > 150 && torn < 250);

    ask_about(&q, 1);
    a = decide(&q, "kill", SITE_POINT);
    CU_ASSERT_EQUAL(a.down_for, UINT64_MAX);
    q.rule.respawn = constant(UNIT_NS, 3 * MS);
    q.rule.pid_reuse_ppm = MILLION;
    a = decide(&q, "kill", SITE_POINT);
    CU_ASSERT(a.down_for == 3 * MS && a.pid_reused);
}

static void memory_is_hit(void)
{
    struct question q;
    ask_about(&q, 1);
    CU_ASSERT_EQUAL(decide(&q, "cas_spurious_fail", SITE_CAS_WEAK).act,
                    ACT_FAIL);
    CU_ASSERT_EQUAL(decide(&q, "alloc_fail", SITE_ALLOC).act, ACT_FAIL);
    q.rule.bytes = constant(UNIT_BYTES, 100);
    CU_ASSERT_EQUAL(decide(&q, "alloc_fail", SITE_ALLOC).act, ACT_FAIL);
    q.rule.bytes = constant(UNIT_BYTES, 101);
    CU_ASSERT_EQUAL(decide(&q, "alloc_fail", SITE_ALLOC).act, ACT_NONE);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 100; i++) {
        struct action a = decide(&q, "reuse", SITE_START);
        CU_ASSERT_EQUAL(a.act, ACT_REUSE);
        seen |= 1u << a.shape;
    }
    CU_ASSERT_EQUAL(seen, 1u << REUSE_NEWEST | 1u << REUSE_OLDEST |
                              1u << REUSE_RANDOM);
    q.rule.reuse.count = 1;
    q.rule.reuse.name[0] = "never";
    CU_ASSERT_EQUAL(decide(&q, "reuse", SITE_START).shape, REUSE_NEVER);
}

static void messages_are_hit(void)
{
    struct question q;
    ask_about(&q, 1);
    CU_ASSERT_EQUAL(decide(&q, "loss", SITE_SEND).act, ACT_DROP);
    CU_ASSERT_EQUAL(decide(&q, "message_loss", SITE_SEND).act, ACT_DROP);
    struct action a = decide(&q, "reorder", SITE_SEND);
    CU_ASSERT(a.act == ACT_LATE && a.overtake && a.amount > 0);
    q.rule.by = constant(UNIT_NS, 40 * MS);
    a = decide(&q, "latency", SITE_SEND);
    CU_ASSERT(a.act == ACT_LATE && !a.overtake && a.amount == 40 * MS);
    a = decide(&q, "duplicate", SITE_SEND);
    CU_ASSERT(a.act == ACT_DUPLICATE && a.amount == 40 * MS);
    q.rule.by = constant(UNIT_NS, -10 * MS);
    a = decide(&q, "clock_jump", SITE_TIME);
    CU_ASSERT(a.act == ACT_CLOCK && (int64_t)a.amount == -10 * MS);
}

static void clogs_swizzle(void)
{
    struct question q;
    ask_about(&q, 1);
    q.rule.duration = constant(UNIT_NS, 20 * MS);
    struct action a = decide(&q, "clog", SITE_TIME);
    CU_ASSERT(a.act == ACT_CLOG && a.shape == 0 && a.amount == 20 * MS);
    q.rule.pattern.count = 1;
    q.rule.pattern.name[0] = "swizzle";
    a = decide(&q, "clog", SITE_TIME);
    CU_ASSERT(a.shape != 0);
}

/* --- partitions -----------------------------------------------------------*/

static void shape_it(struct question *q, const char *shape, const char *way)
{
    q->rule.shape.count = 1;
    q->rule.shape.name[0] = shape;
    q->rule.direction.count = 1;
    q->rule.direction.name[0] = way;
    q->rule.duration = constant(UNIT_NS, MS);
    q->context.targets = 0x1f;
}

/* The replicas whose messages still reach `to`. */
static uint64_t heard_at(const struct action *action, uint32_t to,
                         uint32_t replicas)
{
    uint64_t heard = 0;
    for (uint32_t from = 0; from < replicas; from++) {
        if ((action->cut[from] >> to & 1) == 0) {
            heard |= UINT64_C(1) << from;
        }
    }
    return heard;
}

/* The replicas that `to` hears, itself included. */
static uint64_t heard_by(const struct action *a, uint32_t to)
{
    return heard_at(a, to, REPLICAS);
}

static bool is_symmetric(const struct action *a)
{
    for (uint32_t i = 0; i < NODES; i++) {
        for (uint32_t k = 0; k < NODES; k++) {
            if ((a->cut[i] >> k & 1) != (a->cut[k] >> i & 1)) {
                return false;
            }
        }
    }
    return true;
}

static uint32_t cut_pairs(const struct action *a)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < REPLICAS; i++) {
        count += (uint32_t)__builtin_popcountll(a->cut[i] & 0x1f);
    }
    return count;
}

static void halves_are_two_sides(void)
{
    uint64_t met = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct question q;
        ask_about(&q, seed);
        shape_it(&q, "halves", "both");
        struct action a = decide(&q, "partition", SITE_TIME);
        CU_ASSERT_EQUAL(a.act, ACT_CUT);
        CU_ASSERT_EQUAL(a.amount, MS);
        CU_ASSERT_EQUAL(__builtin_popcountll(a.lost), 2);
        CU_ASSERT(is_symmetric(&a));
        for (uint32_t i = 0; i < REPLICAS; i++) {
            bool lost = (a.lost >> i & 1) != 0;
            CU_ASSERT_EQUAL(heard_by(&a, i), lost ? a.lost : 0x1f & ~a.lost);
        }
        for (uint32_t c = REPLICAS; c < NODES; c++) {
            uint64_t heard = heard_by(&a, c); /* as some replica hears */
            CU_ASSERT(heard == a.lost || heard == (0x1f & ~a.lost));
        }
        met |= UINT64_C(1) << (a.lost % 64);
    }
    CU_ASSERT_EQUAL(__builtin_popcountll(met), 10); /* all pairs of five */
}

static void one_way_is_one_way(void)
{
    uint32_t deaf_minority = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct question q;
        ask_about(&q, seed);
        shape_it(&q, "halves", "one_way");
        struct action a = decide(&q, "partition", SITE_TIME);
        CU_ASSERT_EQUAL(cut_pairs(&a), 6);
        CU_ASSERT(!is_symmetric(&a));
        for (uint32_t i = 0; i < REPLICAS; i++) {
            for (uint32_t k = 0; k < REPLICAS; k++) {
                CU_ASSERT((a.cut[i] >> k & 1) == 0 || (a.cut[k] >> i & 1) == 0);
            }
        }
        uint32_t first = (uint32_t)__builtin_ctzll(a.lost);
        deaf_minority += heard_by(&a, first) != 0x1f;
    }
    CU_ASSERT(deaf_minority > 25 && deaf_minority < 75); /* both ways occur */
}

static void isolation_is_of_one(void)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct question q;
        ask_about(&q, seed);
        shape_it(&q, "isolate_one", "both");
        struct action a = decide(&q, "partition", SITE_TIME);
        CU_ASSERT_EQUAL(__builtin_popcountll(a.lost), 1);
        CU_ASSERT_EQUAL(cut_pairs(&a), 8);
    }
    struct question q;
    ask_about(&q, 1);
    shape_it(&q, "isolate_one", "both");
    q.rule.target.set = true;
    q.context.targets = 1u << 4;
    CU_ASSERT_EQUAL(decide(&q, "partition", SITE_TIME).lost, 1u << 4);
}

/* Each replica hears a majority, itself included, and no two the same one. */
static void expect_ring(const struct action *action, uint32_t replicas)
{
    uint64_t seen[7] = {0};
    for (uint32_t to = 0; to < replicas; to++) {
        seen[to] = heard_at(action, to, replicas);
        CU_ASSERT_EQUAL(__builtin_popcountll(seen[to]),
                        (int)(replicas / 2 + 1));
        CU_ASSERT((seen[to] >> to & 1) != 0);
        for (uint32_t k = 0; k < to; k++) {
            CU_ASSERT(seen[k] != seen[to]);
        }
    }
}

static void ring_leaves_everybody_another_majority(void)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        for (uint32_t replicas = 3; replicas <= 7; replicas++) {
            struct question q;
            ask_about(&q, seed);
            shape_it(&q, "ring", "both");
            q.context.replicas = replicas;
            q.context.threads = replicas;
            struct action a = decide(&q, "partition", SITE_TIME);
            CU_ASSERT_EQUAL(a.act, ACT_CUT);
            expect_ring(&a, replicas);
            CU_ASSERT_EQUAL(a.lost, 0);
            CU_ASSERT_EQUAL(a.missed, replicas - replicas / 2 - 1);
        }
    }
}

static void bridge_has_one_node_in_common(void)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct question q;
        ask_about(&q, seed);
        shape_it(&q, "bridge", "both");
        struct action a = decide(&q, "partition", SITE_TIME);
        CU_ASSERT(is_symmetric(&a));
        uint32_t whole = 0;
        for (uint32_t i = 0; i < REPLICAS; i++) {
            uint64_t heard = heard_by(&a, i);
            whole += heard == 0x1f;
            CU_ASSERT(heard == 0x1f || __builtin_popcountll(heard) == 3);
        }
        CU_ASSERT_EQUAL(whole, 1);
        CU_ASSERT_EQUAL(cut_pairs(&a), 8);
        CU_ASSERT_EQUAL(a.missed, 2);
    }
}

static void partitions_keep_to_the_room(void)
{
    static const char *const shapes[] = {"halves", "isolate_one", "ring",
                                         "bridge"};
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t room = 0; room <= 2; room++) {
            struct question q;
            ask_about(&q, 7);
            shape_it(&q, shapes[i], "both");
            q.context.room = room;
            struct action a = decide(&q, "partition", SITE_TIME);
            uint32_t cost = a.missed + (uint32_t)__builtin_popcountll(a.lost);
            CU_ASSERT(cost <= room);
            CU_ASSERT(a.act == ACT_NONE || cost > 0);
            CU_ASSERT(room < 2 || a.act == ACT_CUT);
        }
    }
    /* Who is down already is not cut off instead of another. */
    struct question q;
    ask_about(&q, 7);
    shape_it(&q, "halves", "both");
    q.context.room = 1;
    q.context.down = 1u << 2;
    struct action a = decide(&q, "partition", SITE_TIME);
    CU_ASSERT_EQUAL(a.act, ACT_CUT);
    CU_ASSERT_EQUAL(__builtin_popcountll(a.lost), 1);
    CU_ASSERT_EQUAL(a.lost & 1u << 2, 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"the list of faults is whole", the_list_is_whole},
        {"delay, crash and pause hit threads", threads_are_hit},
        {"restart and kill come back", what_crashed_comes_back},
        {"failures hit memory", memory_is_hit},
        {"loss, latency, copies and order hit messages", messages_are_hit},
        {"clogs swizzle", clogs_swizzle},
        {"halves are two sides", halves_are_two_sides},
        {"one way is one way", one_way_is_one_way},
        {"an isolation is of one", isolation_is_of_one},
        {"a ring leaves everybody another majority",
         ring_leaves_everybody_another_majority},
        {"a bridge has one node in common", bridge_has_one_node_in_common},
        {"partitions keep to the room", partitions_keep_to_the_room},
        {NULL, NULL},
    };
    return tap_run("faults", cases);
}
