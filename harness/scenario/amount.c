/*
 * A number with its unit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/scenario/amount.h"

#include "harness/scenario.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum {
    DIGITS_MAX = 18, /* any such number fits in 63 bits */
    SHOWN_MAX = 40   /* characters of a text that an error shows */
};

struct unit_word {
    const char *name;
    uint32_t of;
    enum unit unit;
    int64_t scale;
};

static const struct unit_word unit_words[] = {
    {"ns", OF_TIME, UNIT_NS, 1},
    {"us", OF_TIME, UNIT_NS, 1000},
    {"ms", OF_TIME, UNIT_NS, 1000000},
    {"s", OF_TIME, UNIT_NS, 1000000000},
    {"m", OF_TIME, UNIT_NS, 60000000000},
    {"steps", OF_STEPS, UNIT_STEPS, 1},
    {"step", OF_STEPS, UNIT_STEPS, 1},
    {"bytes", OF_BYTES, UNIT_BYTES, 1},
    {"byte", OF_BYTES, UNIT_BYTES, 1},
    {"KB", OF_BYTES, UNIT_BYTES, 1000},
    {"MB", OF_BYTES, UNIT_BYTES, 1000000},
    {"GB", OF_BYTES, UNIT_BYTES, 1000000000},
    {"KiB", OF_BYTES, UNIT_BYTES, 1024},
    {"MiB", OF_BYTES, UNIT_BYTES, 1048576},
    {"GiB", OF_BYTES, UNIT_BYTES, 1073741824},
    {"ops", OF_OPS, UNIT_OPS, 1},
    {"op", OF_OPS, UNIT_OPS, 1},
    {"%", OF_SHARE, UNIT_PPM, 10000},
    {"bytes/s", OF_RATE, UNIT_RATE, 1},
    {"KB/s", OF_RATE, UNIT_RATE, 1000},
    {"MB/s", OF_RATE, UNIT_RATE, 1000000},
    {"GB/s", OF_RATE, UNIT_RATE, 1000000000},
    {"messages", OF_MESSAGES, UNIT_NONE, 1},
    {"message", OF_MESSAGES, UNIT_NONE, 1},
    {"iterations", OF_ITERATIONS, UNIT_NONE, 1},
    {"iteration", OF_ITERATIONS, UNIT_NONE, 1},
    {"distinct failures", OF_FAILURES, UNIT_NONE, 1},
    {"distinct failure", OF_FAILURES, UNIT_NONE, 1},
};

/* What is wanted, by kind, and an example with one unit. */
static const struct {
    uint32_t of;
    const char *wanted;
    const char *unit;
} kinds[] = {
    {OF_TIME, "a time (ns us ms s m)", "ms"},
    {OF_STEPS, "a number of steps", " steps"},
    {OF_BYTES, "a size (bytes KB MB GB)", " bytes"},
    {OF_OPS, "a number of ops", " ops"},
    {OF_SHARE, "a share from 0 to 1, or in %", "%"},
    {OF_RATE, "a rate (KB/s MB/s GB/s)", "MB/s"},
    {OF_MESSAGES, "a number of messages", " messages"},
    {OF_ITERATIONS, "a number of iterations", " iterations"},
    {OF_FAILURES, "a number of distinct failures", " distinct failures"},
    {OF_MILLIONTHS, "a decimal number", ""},
    {OF_PLAIN, "a whole number", ""},
};

enum {
    UNIT_WORDS = sizeof(unit_words) / sizeof(unit_words[0]),
    KINDS = sizeof(kinds) / sizeof(kinds[0])
};

const char *amount_wanted(uint32_t of, char *out, size_t max)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < KINDS && used < max; i++) {
        if ((of & kinds[i].of) == 0) {
            continue;
        }
        if (kinds[i].of == OF_PLAIN && of != OF_PLAIN) {
            continue; /* only lets the unit be left out */
        }
        int size = snprintf(out + used, max - used, "%s%s",
                            used > 0 ? " or " : "", kinds[i].wanted);
        assert(size >= 0);
        used += (size_t)size;
    }
    return out;
}

void amount_pattern(uint32_t of, FILE *out)
{
    assert(of != 0);
    const uint32_t bare = OF_PLAIN | OF_SHARE | OF_MILLIONTHS;
    fprintf(out, "^[-+]?[0-9]+(\\\\.[0-9]+)?");
    const char *between = " *(";
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        if ((unit_words[i].of & of) != 0) {
            fprintf(out, "%s%s", between, unit_words[i].name);
            between = "|";
        }
    }
    bool units = between[0] == '|';
    fprintf(out, "%s%s$", units ? ")" : "",
            units && (of & bare) != 0 ? "?" : "");
}

const char *amount_print(int64_t value, uint32_t of, char *out, size_t max)
{
    assert(max > 0);
    static const struct unit_word times[] = {
        {"s", OF_TIME, UNIT_NS, 1000000000},
        {"ms", OF_TIME, UNIT_NS, 1000000},
        {"us", OF_TIME, UNIT_NS, 1000},
        {"ns", OF_TIME, UNIT_NS, 1},
    };
    if ((of & (OF_SHARE | OF_MILLIONTHS)) != 0) {
        snprintf(out, max, "%g", (double)value / 1e6);
        return out;
    }
    if ((of & OF_TIME) != 0 && value != 0) {
        uint32_t i = 0;
        while (value % times[i].scale != 0) {
            i++;
        }
        assert(i < sizeof(times) / sizeof(times[0]));
        snprintf(out, max, "%lld%s", (long long)(value / times[i].scale),
                 times[i].name);
        return out;
    }
    snprintf(out, max, "%lld", (long long)value);
    return out;
}

/* Digits of a number, as written: mantissa / 10^decimals. */
struct digits {
    bool negative;
    int64_t mantissa;
    uint32_t decimals;
    size_t size; /* bytes read */
};

/* Reads "-12.5".  NULL, or what is wrong. */
static const char *read_digits(const char *text, size_t size, struct digits *d)
{
    *d = (struct digits){0};
    size_t at = 0;
    if (at < size && (text[at] == '-' || text[at] == '+')) {
        d->negative = text[at] == '-';
        at++;
    }
    size_t first = at;
    uint32_t count = 0;
    bool point = false;
    for (; at < size; at++) {
        if (text[at] == '.' && !point && at > first && at + 1 < size &&
            isdigit((unsigned char)text[at + 1])) {
            point = true;
            continue;
        }
        if (!isdigit((unsigned char)text[at])) {
            break;
        }
        if (++count > DIGITS_MAX) {
            return "has too many digits";
        }
        d->mantissa = d->mantissa * 10 + (text[at] - '0');
        d->decimals += point ? 1 : 0;
    }
    d->size = at;
    if (count == 0) {
        return "is not a number";
    }
    bool octal = text[first] == '0' && at > first + 1 && text[first + 1] != '.';
    bool hexadecimal = text[first] == '0' && at == first + 1 && at < size &&
                       (text[at] == 'x' || text[at] == 'X');
    if (octal || hexadecimal) {
        return "begins with 0; numbers are decimal, write it without";
    }
    return NULL;
}

/* value = mantissa * scale / 10^decimals, if that is exact and fits. */
static const char *scale_digits(const struct digits *d, int64_t scale,
                                int64_t *value)
{
    assert(scale > 0);
    assert(d->mantissa >= 0);
    int64_t mantissa = d->mantissa;
    uint32_t decimals = d->decimals;
    while (decimals > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        decimals--;
    }
    for (; decimals > 0; decimals--) {
        if (scale % 10 == 0) {
            scale /= 10;
            continue;
        }
        bool even = scale % 2 == 0 && mantissa % 5 == 0;
        bool fives = scale % 5 == 0 && mantissa % 2 == 0;
        if (!even && !fives) {
            return "is finer than its smallest unit";
        }
        scale /= even ? 2 : 5;
        mantissa /= even ? 5 : 2;
    }
    if (__builtin_mul_overflow(mantissa, scale, value)) {
        return "is too large";
    }
    *value = d->negative ? -*value : *value;
    return NULL;
}

/* Of which kind a number without a unit is; NULL if it needs one. */
static const struct unit_word *find_bare(uint32_t of)
{
    static const struct unit_word plain = {"", OF_PLAIN, UNIT_NONE, 1};
    static const struct unit_word share = {"", OF_SHARE, UNIT_PPM, 1000000};
    static const struct unit_word decimal = {"", OF_MILLIONTHS, UNIT_NONE,
                                             1000000};
    if ((of & OF_SHARE) != 0) {
        return &share;
    }
    if ((of & OF_MILLIONTHS) != 0) {
        return &decimal;
    }
    if ((of & OF_PLAIN) == 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        if ((unit_words[i].of & of) != 0 && unit_words[i].scale == 1) {
            return &unit_words[i];
        }
    }
    return &plain;
}

static const struct unit_word *find_unit(const char *text, size_t size)
{
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        if (strlen(unit_words[i].name) == size &&
            strncmp(unit_words[i].name, text, size) == 0) {
            return &unit_words[i];
        }
    }
    return NULL;
}

static size_t skip_blanks(const char *text, size_t size, size_t at)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    return at;
}

/* Says that `unit` is none of the units that fit. */
static void explain_unit(const char *text, int size, const char *unit,
                         uint32_t of, char why[WHY_MAX])
{
    char wanted[160];
    amount_wanted(of, wanted, sizeof(wanted));
    const struct unit_word *known = find_unit(unit, strlen(unit));
    if (known != NULL) {
        snprintf(why, WHY_MAX, "'%.*s' does not fit here; expected %s", size,
                 text, wanted);
        return;
    }
    assert(of != 0);
    const char *names[UNIT_WORDS + 1] = {NULL};
    uint32_t count = 0;
    for (uint32_t i = 0; i < UNIT_WORDS; i++) {
        if ((unit_words[i].of & of) != 0) {
            names[count++] = unit_words[i].name;
        }
    }
    const char *near = scenario_nearest(unit, names);
    if (near != NULL) {
        snprintf(why, WHY_MAX, "'%.20s' is no unit; did you mean '%s'?", unit,
                 near);
    } else {
        snprintf(why, WHY_MAX, "'%.*s' is not understood; expected %s", size,
                 text, wanted);
    }
}

static void explain_bare(const char *text, int size, uint32_t of,
                         char why[WHY_MAX])
{
    size_t used =
        (size_t)snprintf(why, WHY_MAX, "'%.*s' has no unit; write", size, text);
    const char *between = " ";
    for (uint32_t i = 0; i < KINDS && used < WHY_MAX; i++) {
        if ((kinds[i].of & of) != 0) {
            used += (size_t)snprintf(why + used, WHY_MAX - used, "%s%.*s%s",
                                     between, size, text, kinds[i].unit);
            between = " or ";
        }
    }
}

/* The unit of a value whose digits end at `at`; NULL, and why, if there is
 * none or it does not fit. */
static const struct unit_word *choose_unit(const char *text, size_t size,
                                           size_t at, uint32_t of,
                                           char why[WHY_MAX])
{
    int shown = size > SHOWN_MAX ? SHOWN_MAX : (int)size;
    if (at == size) {
        const struct unit_word *bare = find_bare(of);
        if (bare == NULL) {
            explain_bare(text, shown, of, why);
        }
        return bare;
    }
    const struct unit_word *unit = find_unit(text + at, size - at);
    if (unit == NULL || (unit->of & of) == 0) {
        char word[48];
        size_t left = size - at > SHOWN_MAX ? SHOWN_MAX : size - at;
        snprintf(word, sizeof(word), "%.*s", (int)left, text + at);
        explain_unit(text, shown, word, of, why);
        return NULL;
    }
    return unit;
}

bool amount_read(const char *text, size_t size, uint32_t of,
                 struct amount *amount, char why[WHY_MAX])
{
    assert(of != 0);
    size_t from = skip_blanks(text, size, 0);
    text += from;
    size -= from;
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t')) {
        size--;
    }
    int shown = size > SHOWN_MAX ? SHOWN_MAX : (int)size;
    struct digits digits;
    const char *wrong = read_digits(text, size, &digits);
    if (wrong != NULL && digits.size == 0) {
        char wanted[160];
        snprintf(why, WHY_MAX, "'%.*s' %s; expected %s", shown, text, wrong,
                 amount_wanted(of, wanted, sizeof(wanted)));
        return false;
    }
    if (wrong != NULL) {
        snprintf(why, WHY_MAX, "'%.*s' %s", shown, text, wrong);
        return false;
    }
    size_t at = skip_blanks(text, size, digits.size);
    const struct unit_word *unit = choose_unit(text, size, at, of, why);
    if (unit == NULL) {
        return false;
    }
    int64_t value = 0;
    wrong = scale_digits(&digits, unit->scale, &value);
    if (wrong != NULL) {
        char wanted[160];
        snprintf(why, WHY_MAX, "'%.*s' %s; expected %s", shown, text, wrong,
                 amount_wanted(of, wanted, sizeof(wanted)));
        return false;
    }
    assert((unit->of & of) != 0 || unit->of == OF_PLAIN);
    *amount = (struct amount){value, unit->unit, unit->of};
    return true;
}

/* The unit at the end of `text`, blank included: " steps", "ms", or "". */
static const char *find_end_unit(const char *text)
{
    size_t at = strlen(text);
    while (at > 0 && !isdigit((unsigned char)text[at - 1])) {
        at--;
    }
    return text + at;
}

static bool has_unit(const char *text, size_t size)
{
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t')) {
        size--;
    }
    return size > 0 && !isdigit((unsigned char)text[size - 1]);
}

bool amount_read_range(const char *text, uint32_t of, struct amount *lo,
                       struct amount *hi, char why[WHY_MAX])
{
    const char *dots = strstr(text, "..");
    if (dots == NULL) {
        bool good = amount_read(text, strlen(text), of, lo, why);
        *hi = *lo;
        return good;
    }
    const char *upper = dots + 2;
    if (!amount_read(upper, strlen(upper), of, hi, why)) {
        return false;
    }
    char lower[128];
    size_t size = (size_t)(dots - text);
    const char *unit = has_unit(text, size) ? "" : find_end_unit(upper);
    if (size + strlen(unit) >= sizeof(lower)) {
        snprintf(why, WHY_MAX, "is too long for a range");
        return false;
    }
    snprintf(lower, sizeof(lower), "%.*s%s", (int)size, text, unit);
    if (!amount_read(lower, strlen(lower), of, lo, why)) {
        return false;
    }
    if (lo->unit != hi->unit) {
        snprintf(why, WHY_MAX, "'%.60s' mixes units", text);
        return false;
    }
    if (lo->value > hi->value) {
        snprintf(why, WHY_MAX, "'%.60s' is empty; the lesser comes first",
                 text);
        return false;
    }
    assert(lo->value <= hi->value);
    return true;
}
