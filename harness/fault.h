/*
 * The port for faults: something that may go wrong at a site.
 *
 * The harness stops at every site where a real machine could surprise a
 * program.  Triggers, targets and limits are the same for all faults and are
 * evaluated by rules.h; a fault only turns an occurrence into an action, with
 * parameters of its own.  The harness acts.  So a fault needs no locks, and
 * cannot break the run in any way that the harness does not know.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_FAULT_H
#define HX_FAULT_H

#include "harness/scenario.h"

/* Where the harness asks. */
enum site_kind {
    SITE_STEP,     /* before a point of the target */
    SITE_CAS_WEAK, /* before a weak compare-and-swap that would succeed */
    SITE_ALLOC,    /* before an allocation */
    SITE_POINT,    /* at a named point */
    SITE_SEND,     /* a message is handed to the network */
    SITE_TIME,     /* a moment of virtual time that a rule asked for */
    SITE_START,    /* the run begins */
    SITES
};

/* One site, as it is reached. */
struct site {
    enum site_kind kind;
    uint32_t thread;      /* or process, or node; for SITE_TIME the target */
    uint32_t operation;   /* which of its operations it is in, from 0 */
    uint32_t own_step;    /* points of that thread in this operation */
    uint64_t thread_step; /* points of that thread in the run */
    uint64_t step;        /* of the run */
    uint64_t time;        /* virtual, ns */
    uint64_t count;       /* of this kind for this thread, from 1: which
                           * allocation, which send.  SITE_TIME: the moment
                           * after so many operations of all clients; 0: one
                           * that the clock came to */
    const char *point;    /* SITE_POINT */
    uint32_t hit;         /* of that point in the run, from 1 */
    uint32_t visit;       /* of that thread to it in this operation, from 1; 0:
                           * not known, which is the first */
    size_t size;          /* SITE_ALLOC: bytes */
    uint32_t to;          /* SITE_SEND: the receiver */
    uint64_t held_steps;  /* own steps since the lock of `holding` was taken */
    uint32_t next;        /* of rules_ask(): with whom to go on; 0 at first */
};

enum act {
    ACT_NONE,
    ACT_DELAY,     /* the thread rests for `amount` steps of others, or ns */
    ACT_CRASH,     /* never runs again; after `down_for` if that is set */
    ACT_PAUSE,     /* frozen for `amount`; UINT64_MAX: for ever */
    ACT_FAIL,      /* the CAS or the allocation fails */
    ACT_REUSE,     /* freed blocks come back as `shape` (enum reuse) says */
    ACT_DROP,      /* the message is lost */
    ACT_DUPLICATE, /* a second copy, `amount` ns later */
    ACT_LATE,      /* `amount` ns later than it would be */
    ACT_CUT,       /* links are cut for `amount` ns: see `cut` */
    ACT_CLOG,      /* the links of `targets` hold their messages for `amount`
                    * ns, then release them; see `shape` */
    ACT_CLOCK,     /* the target's clock jumps by `amount` (signed) ns */
};

/* What happens.  Node sets are bits. */
struct action {
    enum act act;
    bool in_steps;      /* `amount` counts steps, not ns */
    bool overtake;      /* ACT_LATE: messages sent later may arrive first, even
                        * where the link keeps them in order */
    uint64_t amount;    /* UINT64_MAX: for ever, or until the network heals */
    uint64_t down_for;  /* ACT_CRASH: ns until a restart; UINT64_MAX: never */
    uint64_t targets;   /* delay, crash, pause, clog, clock: threads or nodes */
    uint32_t shape;     /* ACT_CUT: enum cut_shape; ACT_REUSE: enum reuse;
                        * ACT_CLOG: 0 = all links at once, else the number of
                        * an order in which they stop one by one and are
                        * released in another */
    uint64_t lost;      /* ACT_CUT: replicas that no longer reach a majority */
    uint32_t missed;    /* ACT_CUT: how many replicas the others miss at most,
                        * beside the lost ones */
    uint64_t cut[64];   /* ACT_CUT: cut[a] bit b: nothing goes from a to b */
    bool pid_reused;    /* ACT_CRASH: the restarted process has the old pid */
    bool lose_unsynced; /* ACT_CRASH: stable storage forgets unsynced writes */
    uint32_t torn_bytes; /* ... and tears one at a multiple of this; 0 = no */
};

enum cut_shape {
    CUT_HALVES,
    CUT_ISOLATE_ONE,
    CUT_RING,   /* each node sees a majority, no two the same one */
    CUT_BRIDGE, /* two halves with one node in common */
};

/* What a fault needs to decide. */
struct fault_context {
    const struct scenario *scenario;
    const struct rule *rule;
    struct choice *choice;
    uint32_t threads;  /* threads, processes, or all nodes */
    uint32_t replicas; /* nodes 0 .. replicas-1 */
    uint64_t down;     /* targets now crashed or cut off */
    uint32_t room;     /* how many more may be: limits.down_or_cut_max */
    uint64_t targets;  /* that the rule picked for this occurrence */
};

/* A kind of fault.  Exported once by its file, and listed in
 * faults/registry.c. */
struct fault {
    const char *name;       /* that of its file, and of `kind:` */
    const char *about;      /* one line */
    const char *parameters; /* keys of a rule it reads: "for, p, limit" */
    uint32_t sites;         /* bits 1 << SITE_...: where it can act */
    uint32_t targets;       /* bits 1 << TARGET_...: on what */
    bool down;              /* its targets are down or cut off meanwhile, and
                              * count on limits.down_or_cut_max */
    const char *later;      /* why it cannot act yet, or NULL */

    /* Turns one occurrence into an action.  Draws only from
     * context->choice, STREAM_FAULTS. */
    struct action (*decide)(const struct fault_context *context,
                            const struct site *site);
};

/* Draws `q` from STREAM_FAULTS of the context; `otherwise` if it is absent,
 * and 0 for a value below 0. */
static inline uint64_t fault_draw(const struct fault_context *context,
                                  const struct quantity *q, uint64_t otherwise)
{
    if (!q->set) {
        return otherwise;
    }
    int64_t drawn = quantity_draw(q, context->choice, STREAM_FAULTS);
    return drawn < 0 ? 0 : (uint64_t)drawn;
}

/* All faults, in the order in which they are listed; ends with NULL.  Defined
 * in faults/registry.c and given to rules.h by the composition root. */
extern const struct fault *const faults[];

#endif
