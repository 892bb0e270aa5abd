/*
 * Guesses at the format of an input, by its first bytes: see struct fl_format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FL_SNIFF_H
#define FL_SNIFF_H

#include <stdbool.h>

/* Each: whether `text` looks like the beginning of it. */
bool fl_sniff_jsonl(const char *text);
bool fl_sniff_edn(const char *text);
bool fl_sniff_porcupine_kv(const char *text);
bool fl_sniff_knossos(const char *text);
bool fl_sniff_json(const char *text);
bool fl_sniff_etcd_log(const char *text);
bool fl_sniff_limo(const char *text);
bool fl_sniff_fptlin(const char *text);
bool fl_sniff_polylin(const char *text);
bool fl_sniff_csv(const char *text);

#endif
