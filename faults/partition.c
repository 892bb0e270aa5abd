/*
 * Partition: for a while some nodes do not hear others.
 *
 *     halves       0 1 | 2 3 4        a minority against the rest
 *     isolate_one  0 | 1 2 3 4
 *     ring         each hears a majority around itself, no two the same one
 *     bridge       0 1 - 2 - 3 4      two halves that share one node
 *
 * The shapes are those of replicas.  A client stands beside one of them, drawn
 * each time, and reaches what that one reaches: a client that always reached
 * everybody would hide most of what a partition does.  One way, messages are
 * lost in one direction only.
 *
 * Where limits.down_or_cut_max is set, a shape that would cut off more does
 * not come about: a protocol for f failures may stall at f + 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "faults/registry.h"

#include <assert.h>
#include <string.h>

enum {
    NODES_MAX = 64,
    BRIDGE = 2, /* the side of the node in common */
};

/* A partition as it is drawn, before it becomes links. */
struct plan {
    uint32_t shape;
    bool one_way;
    uint32_t deaf; /* one way: the side that does not hear */
    uint32_t replicas;
    uint32_t order[NODES_MAX];    /* replicas, shuffled */
    uint32_t position[NODES_MAX]; /* of a replica in `order` */
    uint32_t side[NODES_MAX];     /* of a replica */
    uint32_t small;               /* members of side 0 */
};

static uint32_t draw_below(const struct fault_context *context, uint32_t below)
{
    assert(below > 0);
    return below == 1 ? 0 : choice_below(context->choice, STREAM_FAULTS, below);
}

static uint32_t count_of(uint64_t set)
{
    return (uint32_t)__builtin_popcountll(set);
}

static uint32_t draw_shape(const struct fault_context *context)
{
    static const char *const words[] = {
        [CUT_HALVES] = "halves",
        [CUT_ISOLATE_ONE] = "isolate_one",
        [CUT_RING] = "ring",
        [CUT_BRIDGE] = "bridge",
    };
    const struct names *shapes = &context->rule->shape;
    if (shapes->count == 0) {
        return CUT_HALVES;
    }
    const char *name = shapes->name[draw_below(context, shapes->count)];
    uint32_t shape = CUT_HALVES;
    for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], name) == 0) {
            shape = i;
        }
    }
    return shape;
}

static bool draw_one_way(const struct fault_context *context)
{
    const struct names *ways = &context->rule->direction;
    if (ways->count == 0) {
        return false;
    }
    const char *name = ways->name[draw_below(context, ways->count)];
    return strcmp(name, "one_way") == 0;
}

/* Shuffles the replicas so that those in `first` come first. */
static void shuffle(const struct fault_context *context, struct plan *plan,
                    uint64_t first)
{
    uint32_t n = plan->replicas;
    for (uint32_t i = 0; i < n; i++) {
        plan->order[i] = i;
    }
    for (uint32_t i = n; i > 1; i--) {
        uint32_t other = draw_below(context, i);
        uint32_t moved = plan->order[i - 1];
        plan->order[i - 1] = plan->order[other];
        plan->order[other] = moved;
    }
    uint32_t sorted[NODES_MAX];
    uint32_t count = 0;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n; i++) {
            bool early = (first >> plan->order[i] & 1) != 0;
            if (early == (pass == 0)) {
                sorted[count++] = plan->order[i];
            }
        }
    }
    assert(count == n);
    for (uint32_t i = 0; i < n; i++) {
        plan->order[i] = sorted[i];
        plan->position[sorted[i]] = i;
    }
}

/* How many replicas stand on the small side; 0 if the shape does not fit into
 * the room that the limits leave. */
static uint32_t small_side(const struct fault_context *context,
                           const struct plan *plan)
{
    uint32_t n = plan->replicas;
    uint32_t majority = n / 2 + 1;
    if (plan->shape == CUT_RING) {
        return n - majority > context->room ? 0 : n - majority;
    }
    if (plan->shape == CUT_BRIDGE) {
        uint32_t small = (n - 1) / 2;
        uint32_t cost = small + 1 < majority ? small : n - 1 - small;
        return cost > context->room ? 0 : small;
    }
    uint32_t size = plan->shape == CUT_ISOLATE_ONE ? 1 : n / 2;
    if (context->rule->target.set) {
        uint32_t named = count_of(context->targets);
        size = plan->shape == CUT_ISOLATE_ONE || named == 0 ? size : named;
    }
    uint32_t up = n - count_of(context->down & ((UINT64_C(1) << n) - 1));
    size = size > context->room ? context->room : size;
    size = size > up && context->room != UINT32_MAX ? up : size;
    return size >= n ? n - 1 : size;
}

/* Who is on which side, and what the partition costs. */
static void take_sides(struct plan *plan, struct action *action)
{
    uint32_t n = plan->replicas;
    uint32_t majority = n / 2 + 1;
    for (uint32_t i = 0; i < n; i++) {
        plan->side[plan->order[i]] = i < plan->small ? 0 : 1;
    }
    if (plan->shape == CUT_RING) {
        action->missed = n - majority;
        return;
    }
    if (plan->shape == CUT_BRIDGE) {
        plan->side[plan->order[n - 1]] = BRIDGE;
        if (plan->small + 1 >= majority) {
            action->missed = n - 1 - plan->small;
            return;
        }
    }
    for (uint32_t i = 0; i < plan->small; i++) {
        action->lost |= UINT64_C(1) << plan->order[i];
    }
}

/* Does replica `to` no longer hear replica `from`? */
static bool is_cut(const struct plan *plan, uint32_t from, uint32_t to)
{
    if (from == to) {
        return false;
    }
    if (plan->shape != CUT_RING) {
        bool apart = plan->side[from] != plan->side[to] &&
                     plan->side[from] != BRIDGE && plan->side[to] != BRIDGE;
        return apart && (!plan->one_way || plan->side[to] == plan->deaf);
    }
    uint32_t n = plan->replicas;
    uint32_t heard = n / 2; /* beside itself */
    uint32_t before = heard / 2;
    uint32_t ahead = (plan->position[from] + n - plan->position[to]) % n;
    bool hears = ahead <= heard - before || n - ahead <= before;
    if (plan->one_way && plan->position[from] < plan->position[to]) {
        return false;
    }
    return !hears;
}

static void cut_links(const struct fault_context *context,
                      const struct plan *plan, struct action *action)
{
    uint32_t beside[NODES_MAX];
    for (uint32_t i = 0; i < context->threads; i++) {
        beside[i] =
            i < plan->replicas ? i : draw_below(context, plan->replicas);
    }
    for (uint32_t a = 0; a < context->threads; a++) {
        for (uint32_t b = 0; b < context->threads; b++) {
            if (is_cut(plan, beside[a], beside[b])) {
                action->cut[a] |= UINT64_C(1) << b;
            }
        }
    }
}

static struct action decide(const struct fault_context *context,
                            const struct site *site)
{
    assert(site->kind < SITES);
    assert(context->threads <= NODES_MAX);
    struct action action = {.act = ACT_NONE};
    struct plan plan = {.replicas = context->replicas};
    if (plan.replicas < 2) {
        return action;
    }
    plan.shape = draw_shape(context);
    plan.one_way = draw_one_way(context);
    plan.deaf = plan.one_way ? draw_below(context, 2) : 0;
    plan.small = small_side(context, &plan);
    if (plan.small == 0) {
        return action;
    }
    bool sided = plan.shape == CUT_HALVES || plan.shape == CUT_ISOLATE_ONE;
    uint64_t first = sided ? context->targets : 0;
    if (sided && context->room != UINT32_MAX) {
        first &= ~context->down;
    }
    shuffle(context, &plan, first);
    take_sides(&plan, &action);
    cut_links(context, &plan, &action);
    action.act = ACT_CUT;
    action.shape = plan.shape;
    action.amount = fault_draw(context, &context->rule->duration, UINT64_MAX);
    action.targets = action.lost;
    return action;
}

const struct fault fault_partition = {
    .name = "partition",
    .about = "some nodes do not hear others for a while",
    .parameters = "shape, direction, for, p, limit, swarm",
    .sites = 1u << SITE_TIME | 1u << SITE_STEP | 1u << SITE_POINT,
    .targets = 1u << TARGET_NODES,
    .down = true,
    .decide = decide,
};
