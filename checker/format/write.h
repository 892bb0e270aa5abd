/*
 * What writers of histories share: the order of events, and what a form has no
 * place for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_WRITE_H
#define FL_WRITE_H

#include "checker/format/formats.h"

/* What happens at a stamp. */
enum fl_moment_kind {
    FL_MOMENT_NOTHING,
    FL_MOMENT_CALL,
    FL_MOMENT_RETURN,
    FL_MOMENT_EVENT,
};

struct fl_moment {
    enum fl_moment_kind kind;
    uint32_t index; /* of the operation or event */
};

/* What happens at each of the h->stamps stamps, to be freed; NULL when memory
 * ends. */
struct fl_moment *fl_moments_list(const struct fl_history *h);

/* A table in parts: what comes before its rows, and a row; false if it has a
 * byte that a table cannot. */
void fl_csv_write_begin(FILE *file, const struct fl_history *h,
                        const struct fl_header *header);
bool fl_csv_write_row(FILE *file, const struct fl_history *h,
                      const struct fl_operation *op);

/* The end of every writer: whether the file took it all. */
enum fl_status fl_write_end(FILE *file);

/* How many arguments operations of this type have. */
struct fl_operation_type;
uint32_t fl_write_args(const struct fl_operation_type *type);

/* Whether there is a place for `h` in each form; see fl_format.fits. */
bool fl_csv_fits(const struct fl_history *h, const struct fl_header *header,
                 char *text, size_t max);
bool fl_knossos_fits(const struct fl_history *h, const struct fl_header *header,
                     char *text, size_t max);
bool fl_porcupine_kv_fits(const struct fl_history *h,
                          const struct fl_header *header, char *text,
                          size_t max);
bool fl_etcd_log_fits(const struct fl_history *h,
                      const struct fl_header *header, char *text, size_t max);
bool fl_limo_fits(const struct fl_history *h, const struct fl_header *header,
                  char *text, size_t max);
bool fl_fptlin_fits(const struct fl_history *h, const struct fl_header *header,
                    char *text, size_t max);
bool fl_polylin_fits(const struct fl_history *h, const struct fl_header *header,
                     char *text, size_t max);

#endif
