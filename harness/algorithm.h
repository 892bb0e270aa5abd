/*
 * The port for algorithms: what one must say about itself.
 *
 * An algorithm file is plain C11 and pthreads and reads like its paper; at its
 * end stands one descriptor.  It is compiled twice: instrumented, for the
 * simulated world, where every access and call below it is answered by the
 * harness; and plainly.  Nothing here needs the harness to be present, except
 * the few functions that it exports to algorithms: named points, holding, and
 * the small port of nodes that exchange messages.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_ALGORITHM_H
#define HX_ALGORITHM_H

#include "checker/history.h"
#include "checker/operations.h"

#include <stddef.h>
#include <stdint.h>

/* What runs one. */
enum fl_system {
    FL_THREADS,   /* threads that share all memory */
    FL_PROCESSES, /* processes: private globals, one shared region */
    FL_NETWORK,   /* nodes that share nothing and exchange messages */
};

/* The sound form (index 0), or one with a single planted flaw. */
struct fl_variant {
    const char *name;  /* "sound", "aba" */
    const char *row;   /* in docs/systems.md: "0.B4"; the form's own if sound */
    const char *needs; /* what it takes to see it: "schedule", "reuse",
                        * "crash", "network"; "" for the sound form */
    const char *about; /* one line */
};

/* A number or a word that a scenario may set under `params`. */
struct fl_param {
    const char *name;
    const char *const *words; /* the words allowed, NULL-ended; NULL: number */
    int64_t initial;          /* a number, or the index of a word */
    int64_t min;              /* of a number */
    int64_t max;
    const char *about;
};

/* One operation type that clients call, and how often by default. */
struct fl_mix {
    uint32_t fn;     /* checker/operations.h */
    uint32_t weight; /* share of the calls */
};

/* What create() gets. */
struct fl_setup {
    uint32_t variant;      /* index into variants */
    uint32_t clients;      /* threads, processes or client nodes that perform */
    uint32_t nodes;        /* FL_NETWORK: replicas; they are nodes 0 .. nodes-1,
                       * clients the nodes after them */
    const int64_t *params; /* a value for each of the algorithm's params */
    void *shared;          /* FL_PROCESSES: the shared region, zeroed */
    size_t shared_size;
};

/* One call of a client. */
struct fl_call {
    uint32_t fn;
    fl_value key;
    fl_value args[FL_ARGS_MAX];
    uint32_t number; /* which of the client's calls it is, from 1, whether it
                      * was cut off or not; 0: of the set-up */
};

/*
 * An algorithm.  Required: all texts, model, variants, mix, create, perform.
 * Each plug-in file exports exactly one, as `fl_algorithm`.
 */
struct fl_algorithm {
    const char *name;   /* that of its file: "treiber_stack" */
    const char *family; /* that of its folder: "stack" */
    const char *row;    /* in docs/systems.md */
    const char *source; /* paper or program it follows */
    const char *about;  /* one line */
    const char *model;  /* name of its specification */
    enum fl_system kind;
    const struct fl_variant *variants; /* ends with a NULL name */
    const struct fl_param *params;     /* ends with a NULL name; or NULL */
    const struct fl_mix *mix;
    uint32_t mix_count;
    const char *const *points; /* named points it passes, NULL-ended; or NULL */
    const char *const *locks;  /* names given to fl_hold(), likewise */
    size_t shared_size;        /* FL_PROCESSES: bytes of the shared region */

    /* Builds the object before any client runs.  FL_PROCESSES: called in each
     * process, on its own globals; the first to come initialises the region.
     * NULL: no memory. */
    void *(*create)(const struct fl_setup *setup);

    /* Performs one call for `client` and returns its result (FL_NONE for "ok"
     * and for "empty").  Runs on the client's own thread. */
    fl_value (*perform)(void *self, uint32_t client,
                        const struct fl_call *call);

    /* Optional: the operation type that `client` calls where the mix drew
     * `fn`: a ring with a single consumer lets only client 0 take. */
    uint32_t (*cast)(uint32_t client, uint32_t clients, uint32_t fn);

    /* Optional: a client's thread begins, and ends in order, not by a crash. */
    void (*enter)(void *self, uint32_t client);
    void (*leave)(void *self, uint32_t client);

    /*
     * Optional: for the criterion `detectable`.  `client` is back after a crash
     * that cut off `call`, which it may have been told of before, and asks what
     * became of it: FL_RESOLVED_DONE, with the result it would have had, or
     * FL_RESOLVED_NOT_DONE, which must then never take effect.
     */
    enum fl_resolved (*resolve)(void *self, uint32_t client,
                                const struct fl_call *call, fl_value *result);

    /* FL_NETWORK: the life of replica `node`; called again after a restart. */
    void (*serve)(void *self, uint32_t node);

    /* perform(), enter() and leave() take no notice of `client`, and settle()
     * of who did what: clients that make the same calls are alike. */
    bool alike;

    /* Optional, when all clients have ended or crashed: what is wrong with the
     * object ("chain of 4 nodes for 1 reader"), or NULL if nothing is. */
    const char *(*settle)(void *self);

    /* Optional: frees everything, so that leaks can be told. */
    void (*destroy)(void *self);
};

/* The one export of a plug-in. */
extern const struct fl_algorithm fl_algorithm;

/* --- what the harness exports to algorithms ------------------------------ */

/* A named point: the scheduler may switch here, and a fault may act. */
void fl_point(const char *name);

/* The caller now holds, or no longer holds, the lock called `name`: for the
 * trigger `holding` and the property `mutual_exclusion`. */
void fl_hold(const char *name);
void fl_unhold(const char *name);

/* Memory that no client can have yet reached outside malloc: how many blocks
 * are retired and not yet freed, for memory bounds and reports. */
void fl_retired(int64_t blocks);

/* --- the port of nodes (FL_NETWORK) -------------------------------------- */

enum {
    FL_MESSAGE_MAX = 256 /* bytes of a message */
};

/* A timer of this node has run out: `from` of the message that says so. */
#define FL_TIMER UINT32_MAX

struct fl_message {
    uint32_t from; /* node, or FL_TIMER */
    uint32_t size; /* of the bytes; for a timer, its number */
    unsigned char bytes[FL_MESSAGE_MAX];
};

/* The node that runs here, from 0. */
uint32_t fl_node(void);

/* Sends a copy of `size` bytes to node `to`.  It may come late, twice, out of
 * order, or never. */
void fl_send(uint32_t to, const void *bytes, size_t size);

/* Says what a message carries ("write v=1"), for reports: belongs to the next
 * fl_send(). */
void fl_label(const char *text);

/* Waits at most `timeout_ns` of virtual time (UINT64_MAX: for ever) for a
 * message or a timer.  True: `*message` holds it. */
bool fl_receive(struct fl_message *message, uint64_t timeout_ns);

/* What perform() returns when its operation timed out: the client does not
 * know what came of it.  The harness leaves the operation open. */
#define FL_TIMEOUT (INT64_MIN + 1)

/* When the operation of the client that runs here times out, on this node's
 * own clock; UINT64_MAX: never. */
uint64_t fl_deadline(void);

/* Virtual time as this node's own clock shows it, in nanoseconds. */
uint64_t fl_now(void);

/* Asks for a timer message after `delay_ns`; replaces timer `number` if it is
 * already set. */
void fl_timer(uint32_t number, uint64_t delay_ns);

/* Writes `size` bytes at `offset` of this node's stable storage (4 KiB); safe
 * from a crash after the next fl_store_sync(). */
void fl_store_write(size_t offset, const void *bytes, size_t size);
void fl_store_sync(void);

/* Reads them back, also after a restart.  Bytes never written are 0. */
void fl_store_read(size_t offset, void *bytes, size_t size);

/* For reports: the value that this node holds from now on ("v=1"). */
void fl_show(const char *text);

#endif
