/*
 * Guesses at formats.  What the first bytes leave open, the order of the list
 * decides; what is wrong is refused by the parser, with a line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checker/format/sniff.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Behind blanks. */
static const char *skip_blanks(const char *text)
{
    assert(text != NULL);
    return text + strspn(text, " \t\r\n");
}

/* Whether the first line holds `part`. */
static bool first_line_has(const char *text, const char *part)
{
    assert(part[0] != '\0');
    const char *line = skip_blanks(text);
    const char *found = strstr(line, part);
    return found != NULL && found < line + strcspn(line, "\n");
}

static bool has_maps(const char *text)
{
    const char *at = skip_blanks(text);
    return strchr("{[(;#", *at) != NULL && *at != '\0' &&
           strstr(text, ":process") != NULL;
}

bool fl_sniff_jsonl(const char *text)
{
    return *skip_blanks(text) == '{' && (first_line_has(text, "\"model\"") ||
                                         first_line_has(text, "\"event\"") ||
                                         first_line_has(text, "\"client\""));
}

bool fl_sniff_edn(const char *text)
{
    return *skip_blanks(text) == ';' && first_line_has(text, "faultline {");
}

bool fl_sniff_porcupine_kv(const char *text)
{
    return has_maps(text) && strstr(text, ":key \"") != NULL &&
           (strstr(text, ":get") != NULL || strstr(text, ":put") != NULL ||
            strstr(text, ":append") != NULL);
}

bool fl_sniff_knossos(const char *text)
{
    return has_maps(text);
}

bool fl_sniff_json(const char *text)
{
    const char *at = skip_blanks(text);
    return (*at == '[' || *at == '{') && strstr(text, "\"process\"") != NULL;
}

bool fl_sniff_etcd_log(const char *text)
{
    return strstr(text, "jepsen.util") != NULL;
}

bool fl_sniff_limo(const char *text)
{
    const char *at = skip_blanks(text);
    return (*at == '#' && strstr(text, "@object") != NULL) ||
           (*at == '[' && first_line_has(text, " call "));
}

/* The line behind a header "# stack"; NULL if there is no such header. */
static const char *behind_type(const char *text)
{
    const char *at = skip_blanks(text);
    if (at[0] != '#') {
        return NULL;
    }
    at++;
    at += strspn(at, " \t");
    size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyz");
    at += word;
    at += strspn(at, " \t\r");
    if (word == 0 || (*at != '\n' && *at != '\0')) {
        return NULL;
    }
    return skip_blanks(at);
}

bool fl_sniff_fptlin(const char *text)
{
    const char *at = behind_type(text);
    return at != NULL && *at >= '0' && *at <= '9';
}

bool fl_sniff_polylin(const char *text)
{
    return behind_type(text) != NULL;
}

bool fl_sniff_csv(const char *text)
{
    const char *at = skip_blanks(text);
    while (*at == '#') {
        at = skip_blanks(at + strcspn(at, "\n"));
    }
    return first_line_has(at, "op") && first_line_has(at, ",") &&
           first_line_has(at, "call") && strchr("{[(", *at) == NULL;
}
