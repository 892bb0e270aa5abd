/*
 * The operation types of the built-in models, by their index.
 *
 * Algorithms switch on these; each model's own table is in the same order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_OPERATIONS_H
#define FL_OPERATIONS_H

enum { /* register, cas_register */
    FL_REGISTER_READ,
    FL_REGISTER_WRITE,
    FL_REGISTER_CAS, /* cas [from, to] gives true or false */
};

enum { /* kv */
    FL_KV_GET,
    FL_KV_PUT,
    FL_KV_APPEND,
};

enum {                /* fifo_queue ("queue"), bounded_queue */
    FL_QUEUE_ENQUEUE, /* bounded: gives true, or false when full */
    FL_QUEUE_DEQUEUE, /* gives the oldest value, or none */
    FL_QUEUE_PEEK,
};

enum { /* stack */
    FL_STACK_PUSH,
    FL_STACK_POP,
    FL_STACK_PEEK,
};

enum { /* priority_queue: the greatest comes first */
    FL_PRIORITY_INSERT,
    FL_PRIORITY_POLL,
    FL_PRIORITY_PEEK,
};

enum { /* set */
    FL_SET_INSERT,
    FL_SET_REMOVE,
    FL_SET_CONTAINS,
};

enum {              /* counter */
    FL_COUNTER_ADD, /* gives the value before */
    FL_COUNTER_READ,
};

enum { /* lock ("mutex": released by anyone; "lock": by its owner) */
    FL_LOCK_ACQUIRE,
    FL_LOCK_RELEASE,
    FL_LOCK_TRY, /* gives true or false; false only while it is held */
};

enum { /* quota_counter: a sum that must stay within its capacity */
    FL_QUOTA_RESERVE, /* reserve [amount] gives true, or false: over limit */
    FL_QUOTA_RELEASE, /* release [amount] gives true */
    FL_QUOTA_USAGE,
};

enum { /* deque */
    FL_DEQUE_PUSH_FRONT,
    FL_DEQUE_PUSH_BACK,
    FL_DEQUE_POP_FRONT, /* gives a value, or none */
    FL_DEQUE_POP_BACK,
};

enum { /* multiset: a bag */
    FL_MULTISET_ADD,
    FL_MULTISET_REMOVE, /* gives any value in it, or none */
    FL_MULTISET_PEEK,   /* likewise, and leaves it there */
};

enum { /* semaphore */
    FL_SEMAPHORE_ACQUIRE,
    FL_SEMAPHORE_RELEASE,
    FL_SEMAPHORE_TRY, /* gives true, or false while no permit is free */
    FL_SEMAPHORE_VALUE,
};

enum {                 /* barrier: a call that does both is both, in turn */
    FL_BARRIER_ARRIVE, /* gives the number of the phase, from 0 */
    FL_BARRIER_WAIT,   /* wait [phase]: until all of it have arrived */
};

enum {             /* log */
    FL_LOG_APPEND, /* gives the index, from 0 */
    FL_LOG_READ,   /* read [index] gives the entry, or none */
    FL_LOG_LENGTH,
};

enum {                  /* snapshot */
    FL_SNAPSHOT_UPDATE, /* update [component, value] */
    FL_SNAPSHOT_SCAN,   /* gives "0=5 2=7", the components that are set */
};

enum { /* txn_map */
    FL_TXN_GET,
    FL_TXN_PUT, /* put [key, value] */
    FL_TXN_TXN, /* txn ["r1 w2=5"] gives its reads, "3" or "_" */
};

enum { /* accumulator: atomic broadcast, one accumulator a reader (client) */
    FL_ACCUMULATOR_SEND,     /* send [atom]: to every registered reader */
    FL_ACCUMULATOR_RECEIVE,  /* gives the atoms since its last one */
    FL_ACCUMULATOR_REGISTER, /* the client becomes a reader */
    FL_ACCUMULATOR_DROP,     /* the client stops being a reader */
};

#endif
