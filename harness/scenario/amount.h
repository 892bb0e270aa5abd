/*
 * A number with its unit: "50ms", "200 steps", "0.05", "10MB/s".
 *
 * Numbers are decimal and exact: no octal, no hexadecimal, no exponent; a
 * fraction is allowed where the base unit holds it ("1.5s" is, "0.3ns" is not).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HX_SCENARIO_AMOUNT_H
#define HX_SCENARIO_AMOUNT_H

#include "harness/quantity.h"

#include <stddef.h>
#include <stdio.h>

/* What kinds of units a place admits, as bits. */
enum {
    OF_PLAIN = 1, /* a bare number; beside another kind, the unit may be left
                   * out, since the key's name says it */
    OF_TIME = 2,  /* ns us ms s m: kept in nanoseconds */
    OF_STEPS = 4,
    OF_BYTES = 8, /* bytes KB MB GB, KiB MiB GiB */
    OF_OPS = 16,
    OF_SHARE = 32, /* % or a bare number from 0 to 1: kept in millionths */
    OF_RATE = 64,  /* bytes/s KB/s MB/s GB/s */
    OF_MESSAGES = 128,
    OF_ITERATIONS = 256,
    OF_FAILURES = 512,
    OF_MILLIONTHS = 1024, /* a bare decimal, kept in millionths */
    OF_WORD_MAX = 12,     /* kinds there are at most */
};

struct amount {
    int64_t value; /* in the base unit */
    enum unit unit;
    uint32_t of; /* the bit of its kind */
};

enum {
    WHY_MAX = 240
};

/*
 * Reads the `size` bytes at `text` as an amount of one of the kinds `of`.
 * False: `why` says what is wrong and what to write.
 */
bool amount_read(const char *text, size_t size, uint32_t of,
                 struct amount *amount, char why[WHY_MAX]);

/* Reads "lo..hi", or a single amount as both.  A unit after `hi` alone is that
 * of both.  lo <= hi. */
bool amount_read_range(const char *text, uint32_t of, struct amount *lo,
                       struct amount *hi, char why[WHY_MAX]);

/* "a time (ns us ms s m) or a number of steps", into `out`. */
const char *amount_wanted(uint32_t of, char *out, size_t max);

/* Prints a regular expression (ECMA 262) of the texts that such an amount may
 * be, for a JSON Schema. */
void amount_pattern(uint32_t of, FILE *out);

/* Prints `value` of kind `of` for a person: "50ms", "0.2". */
const char *amount_print(int64_t value, uint32_t of, char *out, size_t max);

#endif
