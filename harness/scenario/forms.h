/*
 * The forms in which values of a scenario are written.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_FORMS_H
#define HX_SCENARIO_FORMS_H

#include "harness/scenario/reader.h"

/* plain.c: one scalar */
extern const struct form form_text;    /* const char *: any text */
extern const struct form form_word;    /* an enum: index in key->words */
extern const struct form form_flag;    /* bool: true, false, or key->words */
extern const struct form form_count;   /* uint32_t, with a unit if key->of */
extern const struct form form_count64; /* uint64_t, likewise */
extern const struct form form_number;  /* int64_t, likewise */
extern const struct form form_millis;  /* uint64_t, a time in milliseconds */
extern const struct form form_version; /* the `1` of `scenario: 1` */

/* names.c: words and lists of them */
extern const struct form form_names;  /* struct names, one or several; from
                                        * key->words if there are any */
extern const struct form form_name;   /* struct names, exactly one */
extern const struct form form_choice; /* const char *: one of key->words */
extern const struct form form_title;  /* const char *: fit for a file name */

/* mapping.c: mappings and lists of them */
extern const struct form form_section; /* a mapping, key->table */
extern const struct form form_list;    /* a list of them */

/* spread.c */
extern const struct form form_quantity; /* struct quantity */

/* link.c */
extern const struct form form_loss; /* into a struct link_model */
extern const struct form form_link; /* const char *: "a->b" */

/* Whether `text` has the form of a link: "a->b", "a<->b" or "*". */
bool link_is_one(const char *text);

/* trigger.c */
extern const struct form form_target;      /* struct target */
extern const struct form form_when;        /* into a struct rule */
extern const struct form form_alternative; /* any_of inside any_of: refused */

/* program.c: what clients call */
extern const struct form form_settings; /* into a struct system_section */
extern const struct form form_mix;      /* into a struct workload_section */
extern const struct form form_setup;    /* struct script */
extern const struct form form_program;  /* into a struct workload_section */

/* verdict.c: what is asked, and for how long; into their sections */
extern const struct form form_model;
extern const struct form form_criterion;
extern const struct form form_also;
extern const struct form form_seeds;
extern const struct form form_stop;
extern const struct form form_jobs;

/* The tables of tables_*.c that others refer to. */
extern const struct table table_system;
extern const struct table table_workload;
extern const struct table table_schedule;
extern const struct table table_network;
extern const struct table table_disk;
extern const struct table table_fault;
extern const struct table table_when;
extern const struct table table_limits;
extern const struct table table_liveness;
extern const struct table table_check;
extern const struct table table_run;
extern const struct table table_link;
extern const struct table table_link_default;
extern const struct table table_loss;
extern const struct table table_clients;
extern const struct table table_nodes;
extern const struct table table_hosts;
extern const struct table table_clock;
extern const struct table table_disk_default;
extern const struct table table_disk_fault;
extern const struct table table_crash_disk;
extern const struct table table_memory_bound;
extern const struct table table_loss_bound;
extern const struct table table_within;
extern const struct table table_lock;

#endif
