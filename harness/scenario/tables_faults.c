/*
 * The tables of what goes wrong: network, disk, faults, limits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/forms.h"

#include <stddef.h>

#define DAY 86400000000000 /* ns */

enum {
    MILLION = 1000000,
    BILLION = 1000000000,
};

#define SHARE .form = &form_count, .of = OF_SHARE, .min = 0, .max = MILLION

static const char *const fifo_allowed[] = {"fifo", "allowed", NULL};

#define LINK_KEYS                                                             \
    {.name = "latency",                                                       \
     .form = &form_quantity,                                                  \
     .at = offsetof(struct link_model, latency),                              \
     .of = OF_TIME,                                                           \
     .min = 0,                                                                \
     .max = DAY,                                                              \
     .about = "time that a message takes, drawn for each"},                   \
        {.name = "bandwidth",                                                 \
         .form = &form_quantity,                                              \
         .at = offsetof(struct link_model, bandwidth),                        \
         .of = OF_RATE,                                                       \
         .min = 1,                                                            \
         .max = INT64_MAX,                                                    \
         .about = "rate of the link: 10MB/s"},                                \
        {.name = "queue",                                                     \
         .form = &form_count,                                                 \
         .at = offsetof(struct link_model, queue),                            \
         .of = OF_MESSAGES,                                                   \
         .min = 1,                                                            \
         .max = MILLION,                                                      \
         .about = "messages on the way at most; more are lost: 64 messages"}, \
        {.name = "loss",                                                      \
         .form = &form_loss,                                                  \
         .about = "share of messages lost, or { model: gilbert_elliott, ... " \
                  "}"},                                                       \
        {.name = "duplicate",                                                 \
         SHARE,                                                               \
         .at = offsetof(struct link_model, duplicate_ppm),                    \
         .set_at = offsetof(struct link_model, duplicate_set),                \
         .about = "share of messages that arrive twice"},                     \
    {                                                                         \
        .name = "reorder", .form = &form_flag,                                \
        .at = offsetof(struct link_model, reorder),                           \
        .set_at = offsetof(struct link_model, reorder_set),                   \
        .words = fifo_allowed,                                                \
        .about = "allowed (if not given), or fifo: never overtaken"           \
    }

static const struct key link_default_keys[] = {
    LINK_KEYS,
    {.name = NULL},
};

const struct table table_link_default = {
    .name = "network.default",
    .about = "every link, unless it says otherwise",
    .keys = link_default_keys,
};

static const struct key link_keys[] = {
    {.name = "target",
     .form = &form_link,
     .required = true,
     .at = offsetof(struct link_model, target),
     .about = "which: \"a->b\", \"a<->b\"; a name, a kind of node, or *"},
    LINK_KEYS,
    {.name = NULL},
};

const struct table table_link = {
    .name = "link",
    .about = "some links",
    .keys = link_keys,
    .place_at = offsetof(struct link_model, place),
};

static const struct key network_keys[] = {
    {.name = "default",
     .form = &form_section,
     .at = offsetof(struct network_section, all),
     .table = &table_link_default,
     .about = "every link, unless it says otherwise"},
    {.name = "links",
     .form = &form_list,
     .at = offsetof(struct network_section, links),
     .count_at = offsetof(struct network_section, links_count),
     .table = &table_link,
     .item_size = sizeof(struct link_model),
     .items_max = LINKS_MAX,
     .about = "some links; the last that matches wins"},
    {.name = NULL},
};

const struct table table_network = {
    .name = "network", .about = "how links behave", .keys = network_keys};

static const struct key disk_default_keys[] = {
    {.name = "write",
     .form = &form_quantity,
     .at = NOWHERE,
     .of = OF_TIME,
     .min = 0,
     .max = DAY,
     .about = "time that a write takes"},
    {.name = "read",
     .form = &form_quantity,
     .at = NOWHERE,
     .of = OF_TIME,
     .min = 0,
     .max = DAY,
     .about = "time that a read takes"},
    {.name = "capacity",
     .form = &form_count64,
     .at = NOWHERE,
     .of = OF_BYTES,
     .min = 1,
     .max = INT64_MAX,
     .about = "size of the disk"},
    {.name = NULL},
};

const struct table table_disk_default = {
    .name = "disk_default",
    .about = "every disk",
    .keys = disk_default_keys,
};

static const char *const disk_kinds[] = {"torn_write", "bit_rot", "enospc",
                                         "lost_fsync", "eio",     NULL};
static const char *const disk_ops[] = {"read", "write", NULL};

static const struct key disk_fault_keys[] = {
    {.name = "kind",
     .form = &form_choice,
     .required = true,
     .at = NOWHERE,
     .words = disk_kinds,
     .about = "what goes wrong"},
    {.name = "p", SHARE, .at = NOWHERE, .about = "of each operation"},
    {.name = "op",
     .form = &form_choice,
     .at = NOWHERE,
     .words = disk_ops,
     .about = "which operations"},
    {.name = "swarm", SHARE, .at = NOWHERE, .about = "that it is active"},
    {.name = NULL},
};

const struct table table_disk_fault = {
    .name = "disk_fault",
    .about = "what goes wrong on disks",
    .keys = disk_fault_keys,
};

static const struct key disk_keys[] = {
    {.name = "default",
     .form = &form_section,
     .at = NOWHERE,
     .table = &table_disk_default,
     .about = "every disk"},
    {.name = "faults",
     .form = &form_list,
     .at = NOWHERE,
     .table = &table_disk_fault,
     .item_size = sizeof(struct quantity),
     .items_max = 16,
     .about = "what goes wrong on disks"},
    {.name = NULL},
};

const struct table table_disk = {
    .name = "disk", .about = "how disks behave", .keys = disk_keys};

#define WHEN_QUANTITY(title, field, units, least, most)                \
    .name = (title), .form = &form_quantity,                           \
    .at = offsetof(struct when, field), .of = (units), .min = (least), \
    .max = (most)

static const struct key when_keys[] = {
    {WHEN_QUANTITY("step", step, OF_STEPS | OF_PLAIN, 0, BILLION),
     .about = "at this step of the target, counted from 0; since it took "
              "the lock if 'holding' is given"},
    {WHEN_QUANTITY("time", time, OF_TIME, 0, DAY),
     .about = "at this virtual time"},
    {WHEN_QUANTITY("call", call, OF_PLAIN, 1, BILLION),
     .about = "at this call of the target (allocation, message), from 1"},
    {.name = "point",
     .form = &form_names,
     .at = offsetof(struct when, point),
     .about = "at this named point of the algorithm, or one of these"},
    {WHEN_QUANTITY("hit", hit, OF_PLAIN, 1, BILLION),
     .about = "which time the point is reached, from 1; any if not given"},
    {.name = "holding",
     .form = &form_names,
     .at = offsetof(struct when, holding),
     .about = "while the target holds this lock, or one of these"},
    {WHEN_QUANTITY("after_ops", after_ops, OF_OPS | OF_PLAIN, 0, BILLION),
     .about = "after the target has performed so many operations"},
    {.name = "event",
     .form = &form_names,
     .at = offsetof(struct when, event),
     .about = "when anybody, target or not, reaches this named point, or one "
              "of these"},
    {.name = "every_step",
     .form = &form_flag,
     .at = offsetof(struct when, every_step),
     .about = "systematically: run k acts at step k"},
    {.name = "any_of",
     .form = &form_alternative,
     .about = "a list of triggers; one of them is enough"},
    {.name = NULL},
};

const struct table table_when = {
    .name = "when",
    .about = "a trigger: every key that is present must hold",
    .keys = when_keys,
};

static const char *const unsynced_words[] = {"keep", "lose", NULL};

static const struct key crash_disk_keys[] = {
    {.name = "unsynced",
     .form = &form_flag,
     .at = offsetof(struct rule, disk_lose_unsynced),
     .words = unsynced_words,
     .about = "writes not yet synced: keep (if not given) or lose"},
    {.name = "torn_write",
     .form = &form_count,
     .at = offsetof(struct rule, disk_torn_bytes),
     .of = OF_BYTES,
     .min = 1,
     .max = 1048576,
     .about = "the write under way is torn at multiples of this: 512 bytes"},
    {.name = "p",
     SHARE,
     .at = offsetof(struct rule, disk_ppm),
     .about = "of a torn write at a crash"},
    {.name = NULL},
};

const struct table table_crash_disk = {
    .name = "crash_disk",
    .about = "what a crash does to stable storage",
    .keys = crash_disk_keys,
};

static const char *const shapes[] = {"halves", "isolate_one", "ring", "bridge",
                                     NULL};
static const char *const directions[] = {"both", "one_way", NULL};
static const char *const patterns[] = {"all", "swizzle", NULL};
static const char *const rule_reuses[] = {"newest", "oldest", "random",
                                          "never",  "eager",  NULL};
static const char *const restarts[] = {"from_checkpoint", NULL};

#define RULE_QUANTITY(title, field, units, least, most)                \
    .name = (title), .form = &form_quantity,                           \
    .at = offsetof(struct rule, field), .of = (units), .min = (least), \
    .max = (most)

static const struct key fault_keys[] = {
    {.name = "kind",
     .form = &form_text,
     .required = true,
     .at = offsetof(struct rule, kind),
     .about = "what goes wrong; `faultline list faults` names them"},
    {.name = "target",
     .form = &form_target,
     .at = offsetof(struct rule, target),
     .about = "whom: { threads: any }, { nodes: [replica1] }, \"a->b\""},
    {.name = "when", .form = &form_when, .about = "a trigger"},
    {RULE_QUANTITY("every", every, OF_TIME | OF_STEPS, 1, DAY),
     .about = "again and again, at this interval"},
    {RULE_QUANTITY("for", duration, OF_TIME | OF_STEPS, 0, DAY),
     .about = "how long it lasts"},
    {.name = "p",
     SHARE,
     .at = offsetof(struct rule, p_ppm),
     .about = "of each occurrence; 1 if not given"},
    {.name = "limit",
     .form = &form_count,
     .at = offsetof(struct rule, limit),
     .min = 1,
     .max = MILLION,
     .about = "occurrences in a run; no limit if not given"},
    {.name = "swarm",
     SHARE,
     .at = offsetof(struct rule, swarm_ppm),
     .about = "share of the runs in which the rule is active at all; 1 if "
              "not given"},
    {.name = "shape",
     .form = &form_names,
     .at = offsetof(struct rule, shape),
     .words = shapes,
     .about = "of a partition: one of these per occurrence"},
    {.name = "direction",
     .form = &form_names,
     .at = offsetof(struct rule, direction),
     .words = directions,
     .about = "of a partition: both, one_way"},
    {.name = "pattern",
     .form = &form_names,
     .at = offsetof(struct rule, pattern),
     .words = patterns,
     .about = "of a clog: all links at once, or swizzle: one by one, released "
              "in another order"},
    {RULE_QUANTITY("down_for", down_for, OF_TIME, 0, DAY),
     .about = "until a crashed node is back"},
    {RULE_QUANTITY("respawn", respawn, OF_TIME, 0, DAY),
     .about = "until a killed process is started anew"},
    {RULE_QUANTITY("by", by, OF_TIME, -DAY, DAY),
     .about = "how far a clock jumps, or how much later a message comes"},
    {RULE_QUANTITY("factor", factor, OF_PLAIN, 1, MILLION),
     .about = "how many times slower"},
    {RULE_QUANTITY("bytes", bytes, OF_BYTES, 1, INT64_MAX),
     .about = "only allocations of at least this size"},
    {.name = "pid_reuse",
     SHARE,
     .at = offsetof(struct rule, pid_reuse_ppm),
     .about = "that a respawned process gets the dead one's pid"},
    {.name = "reuse",
     .form = &form_names,
     .at = offsetof(struct rule, reuse),
     .words = rule_reuses,
     .about = "which freed blocks come back; one of these per run"},
    {.name = "disk",
     .form = &form_section,
     .table = &table_crash_disk,
     .about = "what a crash does to stable storage"},
    {.name = "restart",
     .form = &form_choice,
     .at = offsetof(struct rule, restart),
     .words = restarts,
     .later = "restart: from_checkpoint comes with ranks",
     .about = "of ranks: from_checkpoint"},
    {.name = NULL},
};

const struct table table_fault = {
    .name = "fault",
    .about = "a fault rule: what may go wrong, on whom, when",
    .keys = fault_keys,
    .place_at = offsetof(struct rule, place),
};

static const struct key limits_keys[] = {
    {.name = "down_or_cut_max",
     .form = &form_count,
     .at = offsetof(struct limits_section, down_or_cut_max),
     .min = 1,
     .max = 63,
     .about = "never more than so many are crashed or cut off at once"},
    {.name = "lost_per_group_max",
     .form = &form_count,
     .at = offsetof(struct limits_section, lost_per_group_max),
     .min = 1,
     .max = 63,
     .later = "limits.lost_per_group_max comes with ranks",
     .about = "never more than so many of one group are lost"},
    {.name = NULL},
};

const struct table table_limits = {
    .name = "limits",
    .about = "the budget of faults",
    .keys = limits_keys,
};
