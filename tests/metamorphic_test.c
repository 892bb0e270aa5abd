/*
 * Metamorphic relations: what a change of a history must do to its verdict,
 * whatever that is.  They hold for all models at once, and for histories that
 * no judge could decide, since each compares the checker with itself.
 *
 *     same    stamps shifted and stretched; clients, objects, values renamed;
 *             operations handed over in another order
 *     keeps   a pass stays one when an interval is widened, an open operation
 *             is closed as its witness says, what was cut off by a stamp is
 *             open, an operation that changed nothing is left out, an open one
 *             is added
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/metamorphic_fixture.h"

enum {
    TRIED = 3000,       /* by each relation */
    HISTORIES = 200000, /* made for that, at most */
};

/* Makes b->changed, which is a copy of b->h, another history; false if the
 * relation does not apply. */
typedef bool relation(struct bench *b);

/* --- the verdict stays ---------------------------------------------------- */

static bool shift_stamps(struct bench *b)
{
    struct fl_history *h = b->changed;
    uint32_t by = random_below(&b->seed, 1000);
    uint32_t times = 1 + random_below(&b->seed, 50);
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        op->call = op->call * times + by;
        op->ret = op->ret == FL_OPEN ? FL_OPEN : op->ret * times + by;
    }
    return true;
}

static bool shuffle_operations(struct bench *b)
{
    struct fl_history *h = b->changed;
    for (uint32_t i = h->count; i > 1; i--) {
        uint32_t k = random_below(&b->seed, i);
        struct fl_operation op = h->operations[i - 1];
        h->operations[i - 1] = h->operations[k];
        h->operations[k] = op;
    }
    return true;
}

static bool rename_clients(struct bench *b)
{
    struct fl_history *h = b->changed;
    uint32_t turn = random_below(&b->seed, 16);
    for (uint32_t i = 0; i < h->count; i++) {
        h->operations[i].client = (h->operations[i].client ^ turn) + 7;
    }
    return true;
}

/* Keys in another order, and parts with them. */
static bool rename_objects(struct bench *b)
{
    struct fl_history *h = b->changed;
    fl_value top = 100 + random_below(&b->seed, 100);
    for (uint32_t i = 0; i < h->count; i++) {
        fl_value key = h->operations[i].key;
        h->operations[i].key = key == FL_NONE ? 5 : top - key;
    }
    return true;
}

/* Models to whom values are names, and nothing else. */
static bool values_are_names(const struct fl_model *model)
{
    static const char *const names[] = {
        "register", "cas_register", "fifo_queue",   "bounded_queue", "stack",
        "set",      "deque",        "fifo_queue_k", "stack_k",       "multiset",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(model->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static fl_value rename_value(fl_value value, fl_value factor)
{
    return value == FL_NONE ? FL_NONE : value * factor + 1000003;
}

/* One to one, and not always rising. */
static bool rename_values(struct bench *b)
{
    struct fl_history *h = b->changed;
    const struct fl_model *model = h->model;
    if (!values_are_names(model)) {
        return false;
    }
    fl_value factor = random_below(&b->seed, 2) == 0 ? 7919 : -7919;
    h->initial = rename_value(h->initial, factor);
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation *op = &h->operations[i];
        const struct fl_operation_type *type = &model->types[op->fn];
        for (int k = 0; k < FL_ARGS_MAX; k++) {
            if (type->args[k] == FL_KIND_INT) {
                op->args[k] = rename_value(op->args[k], factor);
            }
        }
        if (type->result == FL_KIND_INT && op->ret != FL_OPEN) {
            op->result = rename_value(op->result, factor);
        }
    }
    return true;
}

/* --- a pass stays one ----------------------------------------------------- */

/* Widens an interval as far as its client's neighbours allow. */
static bool widen_interval(struct bench *b)
{
    struct fl_history *h = b->changed;
    shift_stamps(b);
    uint32_t at = random_below(&b->seed, h->count);
    struct fl_operation *op = &h->operations[at];
    uint32_t least = 0;
    uint32_t most = op->ret + 500;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct fl_operation *other = &h->operations[i];
        if (i == at || other->client != op->client) {
            continue;
        }
        if (other->call < op->call && other->ret >= least) {
            least = other->ret + 1;
        }
        if (other->call > op->call && other->call <= most) {
            most = other->call - 1;
        }
    }
    if (op->call > least) {
        op->call -= 1 + random_below(&b->seed, op->call - least);
    }
    if (op->ret != FL_OPEN && most > op->ret) {
        op->ret += 1 + random_below(&b->seed, most - op->ret);
    }
    return true;
}

/* The last operations of a client may as well not have returned. */
static bool open_operation(struct bench *b)
{
    distinct_open(b->changed, &b->seed);
    return true;
}

/* Nothing after a stamp; what was in flight is open. */
static bool cut_off(struct bench *b)
{
    struct fl_history *h = b->changed;
    uint32_t last = random_below(&b->seed, h->stamps);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        struct fl_operation op = h->operations[i];
        if (op.call > last) {
            continue;
        }
        if (op.ret != FL_OPEN && op.ret > last) {
            op.ret = FL_OPEN;
            op.result = FL_NONE;
        }
        h->operations[kept++] = op;
    }
    h->count = kept;
    return kept > 0;
}

/* Leaves an operation out that changed nothing. */
static bool drop_read(struct bench *b)
{
    struct fl_history *h = b->changed;
    uint32_t first = random_below(&b->seed, h->count);
    for (uint32_t k = 0; k < h->count; k++) {
        uint32_t i = (first + k) % h->count;
        const struct fl_operation *op = &h->operations[i];
        if (op->ret == FL_OPEN || !fl_operation_inert(h->model, op)) {
            continue;
        }
        h->count--;
        memmove(h->operations + i, h->operations + i + 1,
                (h->count - i) * sizeof(*h->operations));
        return true;
    }
    return false;
}

/* A copy of an operation, called by somebody else, that never returns. */
static bool add_open(struct bench *b)
{
    struct fl_history *h = b->changed;
    struct fl_operation op = h->operations[random_below(&b->seed, h->count)];
    op.client = 99;
    op.ret = FL_OPEN;
    op.result = FL_NONE;
    h->operations[h->count++] = op;
    return true;
}

/* An open operation that the witness left out did not happen. */
static bool drop_unused_open(struct bench *b)
{
    struct fl_history *h = b->changed;
    bool used[DISTINCT_OPERATIONS_MAX] = {false};
    for (uint32_t k = 0; k < b->order_count; k++) {
        used[b->order[k]] = true;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        if (used[i]) {
            h->operations[kept++] = h->operations[i];
        }
    }
    bool dropped = kept < h->count;
    h->count = kept;
    return dropped;
}

/* Open operations that the witness placed return at the end what they gave. */
static bool close_open(struct bench *b)
{
    static _Alignas(16) unsigned char state[1 << 14];
    struct fl_history *h = b->changed;
    struct fl_space space;
    fl_space_init(&space, h);
    fl_space_limit(&space, b->options.capacity, b->options.relax);
    if (h->model->ways != NULL || fl_state_max(&space) > sizeof(state)) {
        return false; /* which way it went is not told */
    }
    size_t size = fl_state_start(&space, state);
    bool closed = false;
    for (uint32_t k = 0; k < b->order_count; k++) {
        struct fl_operation *op = &h->operations[b->order[k]];
        if (op->ret != FL_OPEN) {
            (void)fl_state_accepts(&space, state, &size, op);
            continue;
        }
        op->result = fl_state_step(&space, state, &size, op);
        op->ret = h->stamps + k;
        closed = true;
    }
    return closed;
}

/* --- the table ------------------------------------------------------------ */

static const struct {
    const char *name;
    relation *change;
    bool same; /* else: a pass stays one */
} relations[] = {
    {"stamps shifted and stretched", shift_stamps, true},
    {"operations in another order", shuffle_operations, true},
    {"clients renamed", rename_clients, true},
    {"objects renamed", rename_objects, true},
    {"values renamed", rename_values, true},
    {"an interval widened", widen_interval, false},
    {"last operations opened", open_operation, false},
    {"cut off at a stamp", cut_off, false},
    {"a read left out", drop_read, false},
    {"an open operation added", add_open, false},
    {"an unused open operation left out", drop_unused_open, false},
    {"open operations closed as witnessed", close_open, false},
};

static void try_relation(struct bench *b, uint32_t r, enum fl_verdict before)
{
    bool made = copy_history(b);
    CU_ASSERT_FATAL(made);
    if ((relations[r].same || before == FL_PASS) && relations[r].change(b)) {
        bool settled = fl_history_settle(b->changed);
        CU_ASSERT_FATAL(settled);
        enum fl_verdict after = decide(b, b->changed);
        b->tried += after != FL_INCONCLUSIVE;
        b->passes += before == FL_PASS && after != FL_INCONCLUSIVE;
        b->violations += before == FL_VIOLATION && after != FL_INCONCLUSIVE;
        if (after != before && after != FL_INCONCLUSIVE) {
            show_history(b->h, fl_verdict_name(before));
            show_history(b->changed, fl_verdict_name(after));
            printf("#   %s, capacity %u, relax %u\n", relations[r].name,
                   b->options.capacity, b->options.relax);
            b->wrong++;
        }
    }
    fl_history_free(b->changed);
}

static void relations_hold(void)
{
    for (uint32_t r = 0; r < sizeof(relations) / sizeof(relations[0]); r++) {
        struct bench b;
        begin(&b, 0x3e7a + r);
        for (uint32_t i = 0;
             i < HISTORIES && b.tried < TRIED && b.wrong < WRONG_MOST; i++) {
            make_history(&b, i);
            enum fl_verdict before = decide(&b, b.h);
            if (before != FL_INCONCLUSIVE) {
                try_relation(&b, r, before);
            }
        }
        printf("# %-36s %6u tried, %6u pass, %6u fail, %u wrong\n",
               relations[r].name, b.tried, b.passes, b.violations, b.wrong);
        CU_ASSERT_EQUAL(b.wrong, 0);
        CU_ASSERT(b.wrong > 0 || b.tried >= TRIED);
        CU_ASSERT(!relations[r].same || b.violations >= b.tried / 5);
        end(&b);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        {"relations hold", relations_hold},
        {NULL, NULL},
    };
    return tap_run("metamorphic", cases);
}
