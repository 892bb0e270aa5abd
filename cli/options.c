/*
 * Options: one loop around popt, and small readers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/options.h"
#include "harness/campaign.h"
#include "harness/scenario.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    OPTIONS_MAX = 40, /* rows of a table */
    HELP_WANTED = 1000,
};

enum code options_complain(const char *command, const char *format, ...)
{
    assert(command != NULL && format != NULL);
    (void)fprintf(stderr, "faultline %s: ", command);
    va_list list;
    va_start(list, format);
    (void)vfprintf(stderr, format, list);
    va_end(list);
    (void)fprintf(stderr, "\ntry: faultline %s --help\n", command);
    return CODE_USAGE;
}

/* The environment's name of an option: FAULTLINE_TIME_BUDGET. */
static void name_variable(const char *option, char *name, size_t max)
{
    size_t size = (size_t)snprintf(name, max, "FAULTLINE_%s", option);
    for (size_t i = 0; i < size && i + 1 < max; i++) {
        name[i] = (char)toupper((unsigned char)name[i]);
        if (name[i] == '-') {
            name[i] = '_';
        }
    }
}

/* Text options that were not given come from the environment. */
static void read_environment(const struct poptOption *table)
{
    for (; table->longName != NULL; table++) {
        if (table->argInfo != POPT_ARG_STRING) {
            continue;
        }
        char **value = table->arg;
        char name[64];
        name_variable(table->longName, name, sizeof(name));
        const char *text = getenv(name); // NOLINT(concurrency-mt-unsafe)
        if (*value == NULL && text != NULL && text[0] != '\0') {
            *value = strdup(text);
        }
    }
}

static void complain_option(const struct usage *usage,
                            const struct poptOption *table, poptContext context,
                            int error)
{
    const char *bad = poptBadOption(context, POPT_BADOPTION_NOALIAS);
    const char *names[OPTIONS_MAX + 1];
    uint32_t count = 0;
    for (; table->longName != NULL && count < OPTIONS_MAX; table++) {
        names[count++] = table->longName;
    }
    names[count] = NULL;
    const char *nearest = NULL;
    if (error == POPT_ERROR_BADOPT && strncmp(bad, "--", 2) == 0) {
        nearest = scenario_nearest(bad + 2, names);
    }
    if (nearest != NULL) {
        (void)options_complain(usage->command,
                               "%s: unknown option; did you mean --%s?", bad,
                               nearest);
    } else {
        (void)options_complain(usage->command, "%s: %s", bad,
                               poptStrerror(error));
    }
}

static void print_help(const struct usage *usage, poptContext context)
{
    (void)printf("usage: faultline %s [OPTION]... %s\n\n%s\n\n", usage->command,
                 usage->arguments, usage->about);
    (void)fflush(stdout);
    poptPrintHelp(context, stdout, 0);
    (void)printf("\nexamples:\n%s", usage->examples);
}

enum options_state options_read(struct arguments *arguments,
                                const struct usage *usage,
                                const struct poptOption *table, int count,
                                const char **words)
{
    assert(arguments != NULL && usage != NULL && table != NULL);
    *arguments = (struct arguments){.table = table};
    struct poptOption own[] = {
        {NULL, '\0', POPT_ARG_INCLUDE_TABLE, NULL, 0, "Options:", NULL},
        {"help", 'h', POPT_ARG_NONE, NULL, HELP_WANTED, "show this text", NULL},
        POPT_TABLEEND,
    };
    union {
        const struct poptOption *given;
        void *wanted;
    } cast = {.given = table};
    own[0].arg = cast.wanted;
    poptContext context = poptGetContext("faultline", count, words, own, 0);
    if (context == NULL) {
        perror("faultline");
        exit(CODE_INTERNAL);
    }
    arguments->context = context;
    poptSetOtherOptionHelp(context, "");
    int next = poptGetNextOpt(context);
    if (next == HELP_WANTED) {
        print_help(usage, context);
        return OPTIONS_HELP;
    }
    if (next < -1) {
        complain_option(usage, table, context, next);
        return OPTIONS_BAD;
    }
    read_environment(table);
    arguments->word = poptGetArgs(context);
    while (arguments->word != NULL &&
           arguments->word[arguments->count] != NULL) {
        arguments->count++;
    }
    return OPTIONS_READ;
}

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void options_release(struct arguments *arguments)
{
    assert(arguments != NULL);
    if (arguments->context == NULL) {
        return;
    }
    for (const struct poptOption *o = arguments->table; o->longName != NULL;
         o++) {
        if (o->argInfo == POPT_ARG_STRING) {
            free(*(char **)o->arg);
        } else if (o->argInfo == POPT_ARG_ARGV) {
            free_list(*(char ***)o->arg);
        }
    }
    (void)poptFreeContext(arguments->context);
    arguments->context = NULL;
}

bool options_number(const char *text, uint64_t min, uint64_t max,
                    uint64_t *number)
{
    assert(text != NULL && min <= max);
    uint64_t value = 0;
    bool any = false;
    for (; *text != '\0'; text++) {
        if (any && (*text == ' ' || *text == '_')) {
            continue;
        }
        if (*text < '0' || *text > '9' || value > (UINT64_MAX - 9) / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(*text - '0');
        any = true;
    }
    *number = value;
    return any && value >= min && value <= max;
}

bool options_seed(const char *text, uint64_t *seed)
{
    assert(text != NULL);
    if (strcmp(text, "random") == 0) {
        /* 32 bits are enough to be new, and short enough to be typed. */
        uint32_t word = 0;
        bool drawn = getrandom(&word, sizeof(word), 0) == sizeof(word);
        *seed = word;
        return drawn;
    }
    if (strncmp(text, "0x", 2) != 0) {
        return options_number(text, 0, UINT64_MAX, seed);
    }
    char *end = NULL;
    bool digits = isxdigit((unsigned char)text[2]) != 0 && strlen(text) <= 18;
    *seed = strtoull(text, &end, 16);
    return digits && *end == '\0';
}

bool options_time(const char *text, uint64_t *milliseconds)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000},
    };
    assert(text != NULL);
    size_t digits = strspn(text, "0123456789");
    char number[16];
    if (digits == 0 || digits >= sizeof(number)) {
        return false;
    }
    (void)snprintf(number, sizeof(number), "%.*s", (int)digits, text);
    uint64_t value = 0;
    if (!options_number(number, 1, 100000000, &value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].unit) == 0) {
            *milliseconds = value * units[i].ms;
            return true;
        }
    }
    return false;
}

bool options_jobs(const char *text, uint32_t *jobs)
{
    assert(text != NULL);
    uint64_t number = 0;
    if (strcmp(text, "auto") == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        number = online < 1 ? 1 : (uint64_t)online;
        number = number > CAMPAIGN_WORKERS_MAX ? CAMPAIGN_WORKERS_MAX : number;
    } else if (!options_number(text, 1, CAMPAIGN_WORKERS_MAX, &number)) {
        return false;
    }
    *jobs = (uint32_t)number;
    return true;
}

bool options_style(const char *colour, bool full, struct report_style *style)
{
    assert(style != NULL);
    *style = report_style_of(stdout);
    style->full = full;
    if (colour == NULL || strcmp(colour, "auto") == 0) {
        return true;
    }
    style->colour = strcmp(colour, "always") == 0;
    return style->colour || strcmp(colour, "never") == 0;
}
