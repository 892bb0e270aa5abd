/*
 * The parsers of foreign formats, one file each, and the writers.
 *
 * A parser takes its source to the end and fills the draft; false after
 * filling the source's error.  It sets the rules by which its format is to be
 * understood.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_PARSE_H
#define FL_PARSE_H

#include "checker/format/draft.h"

/* jepsen.c: maps of EDN or JSON, one an event.  Knossos takes a read of nil
 * for one whose value is unknown; plain EDN, for an unset register; and what
 * our own writer wrote is read as it was. */
bool fl_parse_edn(struct fl_draft *draft);
bool fl_parse_knossos(struct fl_draft *draft);
bool fl_parse_json(struct fl_draft *draft);
bool fl_parse_porcupine_kv(struct fl_draft *draft);

/* etcd_log.c: lines that Jepsen logged, as Porcupine keeps and reads them. */
bool fl_parse_etcd_log(struct fl_draft *draft);

/* csv.c: a table, with its header. */
bool fl_parse_csv(struct fl_draft *draft);

/* limo.c, polylin.c, fptlin.c: the texts of published monitors. */
bool fl_parse_limo(struct fl_draft *draft);
bool fl_parse_polylin(struct fl_draft *draft);
bool fl_parse_fptlin(struct fl_draft *draft);

/* Writers, for what fl_jsonl_write() writes.  FL_BAD_INPUT: the form has no
 * words for this history; fl_format.fits says which. */
enum fl_status fl_knossos_write(FILE *file, const struct fl_history *h,
                                const struct fl_header *header);
enum fl_status fl_jepsen_json_write(FILE *file, const struct fl_history *h,
                                    const struct fl_header *header);
enum fl_status fl_porcupine_kv_write(FILE *file, const struct fl_history *h,
                                     const struct fl_header *header);
enum fl_status fl_etcd_log_write(FILE *file, const struct fl_history *h,
                                 const struct fl_header *header);
enum fl_status fl_limo_write(FILE *file, const struct fl_history *h,
                             const struct fl_header *header);
enum fl_status fl_fptlin_write(FILE *file, const struct fl_history *h,
                               const struct fl_header *header);
enum fl_status fl_polylin_write(FILE *file, const struct fl_history *h,
                                const struct fl_header *header);
enum fl_status fl_edn_write(FILE *file, const struct fl_history *h,
                            const struct fl_header *header);
enum fl_status fl_csv_write(FILE *file, const struct fl_history *h,
                            const struct fl_header *header);

#endif
