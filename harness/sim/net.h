/*
 * The simulated network: nodes, links, messages, timers, stable storage.
 *
 * Each node is one fiber that runs until it waits; virtual time then jumps to
 * the next delivery, timer, fault or deadline.  Latency, loss, duplication,
 * order and bandwidth are those of the link; partitions and clogs are laid on
 * top.  All draws come from STREAM_NETWORK.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SIM_NET_H
#define HX_SIM_NET_H

#include "harness/fault.h"
#include "harness/sim/world.h"

struct net;

/* A network for the nodes of `scenario`; `names` are theirs.  Ends the program
 * if there is no memory. */
struct net *net_new(const struct scenario *scenario, uint32_t nodes,
                    uint32_t replicas, const char *const *names);
void net_free(struct net *net);

/* Empties it for a run. */
void net_reset(struct net *net, struct world *w);

/* Errors in link targets, reported in the loader's form; their number. */
uint32_t net_resolve(const struct scenario *scenario, FILE *errors);

/* The next moment at which something arrives or a timer runs out, or
 * UINT64_MAX. */
uint64_t net_moment(const struct net *net);

/* Lets everything due at w->now happen: messages arrive, timers run out, cuts
 * and clogs end; wakes the fibers that wait for it. */
void net_advance(struct world *w);

/* A fault acts on the network: ACT_CUT, ACT_CLOG. */
void net_act(struct world *w, const struct action *action, uint32_t fault);

/* Node `number` crashed (its volatile state, messages on their way to it and
 * its timers are lost; stable storage as the action says), or is back. */
void net_crash(struct world *w, uint32_t number, const struct action *action);
void net_restart(struct world *w, uint32_t number);

/* All cuts and clogs end now, and no more begin (liveness: heal_after). */
void net_heal(struct world *w);

#endif
