/*
 * The list of formats.  To add one: a parser in its own file, its prototype in
 * parse.h, and an entry here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/formats.h"

#include "checker/format/parse.h"
#include "checker/format/sniff.h"
#include "checker/format/write.h"

#include <assert.h>
#include <string.h>

static const struct fl_format formats[] = {
    {.name = "jsonl",
     .about = "lines of JSON, our own: a header, then an operation a line",
     .sniff = fl_sniff_jsonl,
     .write = fl_jsonl_write,
     .holds_several = true},
    {.name = "edn",
     .about = "Jepsen's maps of EDN; a read of nil saw it unset",
     .sniff = fl_sniff_edn,
     .parse = fl_parse_edn,
     .write = fl_edn_write},
    {.name = "porcupine-kv",
     .about = "Porcupine's key-value logs: get, put, append on texts",
     .sniff = fl_sniff_porcupine_kv,
     .parse = fl_parse_porcupine_kv,
     .fits = fl_porcupine_kv_fits,
     .write = fl_porcupine_kv_write},
    {.name = "knossos",
     .about = "Jepsen's maps of EDN; a read of nil says nothing",
     .sniff = fl_sniff_knossos,
     .parse = fl_parse_knossos,
     .fits = fl_knossos_fits,
     .write = fl_knossos_write},
    {.name = "jepsen-json",
     .about = "the same maps as JSON",
     .sniff = fl_sniff_json,
     .parse = fl_parse_json,
     .fits = fl_knossos_fits,
     .write = fl_jepsen_json_write},
    {.name = "etcd-log",
     .about = "Jepsen's log lines; a cas that failed saw another value",
     .sniff = fl_sniff_etcd_log,
     .parse = fl_parse_etcd_log,
     .fits = fl_etcd_log_fits,
     .write = fl_etcd_log_write},
    {.name = "limo",
     .about = "LiMo's text: [1] call push(3)",
     .sniff = fl_sniff_limo,
     .parse = fl_parse_limo,
     .fits = fl_limo_fits,
     .write = fl_limo_write},
    {.name = "fptlin",
     .about = "fptlin's text: process, start, end, METHOD, values",
     .sniff = fl_sniff_fptlin,
     .parse = fl_parse_fptlin,
     .fits = fl_fptlin_fits,
     .write = fl_fptlin_write},
    {.name = "polylin",
     .about = "PolyLin's text: method, value, start, end",
     .sniff = fl_sniff_polylin,
     .parse = fl_parse_polylin,
     .fits = fl_polylin_fits,
     .write = fl_polylin_write},
    {.name = "csv",
     .about = "a table: client,op,key,arg1,arg2,result,call,return",
     .sniff = fl_sniff_csv,
     .parse = fl_parse_csv,
     .fits = fl_csv_fits,
     .write = fl_csv_write},
};

const struct fl_format *const fl_formats[] = {
    &formats[0], &formats[1], &formats[2], &formats[3],
    &formats[4], &formats[5], &formats[6], &formats[7],
    &formats[8], &formats[9], NULL,
};

static const struct {
    const char *name;
    const char *means;
} aliases[] = {
    {"json", "jsonl"},
    {"jepsen", "knossos"},
    {"porcupine", "porcupine-kv"},
    {"etcd", "etcd-log"},
};

const struct fl_format *fl_format_find(const char *name)
{
    assert(name != NULL);
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(aliases[i].name, name) == 0) {
            name = aliases[i].means;
        }
    }
    for (size_t i = 0; fl_formats[i] != NULL; i++) {
        if (strcmp(fl_formats[i]->name, name) == 0) {
            return fl_formats[i];
        }
    }
    return NULL;
}
