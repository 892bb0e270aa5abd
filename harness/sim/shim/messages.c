/*
 * Messages with the name of an error, and output that is asked for in other
 * words than printf().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "harness/sim/shim/print.h"

#include <err.h>
#include <error.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static const char *error_text(void)
{
    return strerror(*fl_sim_table->errno_address());
}

HIDDEN void perror(const char *text)
{
    bool named = text != NULL && *text != '\0';
    print(NULL, "%s%s%s\n", named ? text : "", named ? ": " : "", error_text());
}

HIDDEN void psignal(int number, const char *text)
{
    bool named = text != NULL && *text != '\0';
    print(NULL, "%s%s%s\n", named ? text : "", named ? ": " : "",
          strsignal(number));
}

/* "program: TEXT[: ERROR]" */
static void say(const char *format, va_list arguments, bool with_error)
{
    print(NULL, "program: ");
    if (format != NULL) {
        fl_sim_table->program_print(NULL, format, arguments);
    }
    print(NULL, "%s%s\n", with_error && format != NULL ? ": " : "",
          with_error ? error_text() : "");
}

HIDDEN void vwarn(const char *format, va_list arguments)
{
    say(format, arguments, true);
}

HIDDEN void vwarnx(const char *format, va_list arguments)
{
    say(format, arguments, false);
}

HIDDEN void warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments, true);
    va_end(arguments);
}

HIDDEN void warnx(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments, false);
    va_end(arguments);
}

HIDDEN void verr(int status, const char *format, va_list arguments)
{
    say(format, arguments, true);
    exit(status);
}

HIDDEN void verrx(int status, const char *format, va_list arguments)
{
    say(format, arguments, false);
    exit(status);
}

HIDDEN void err(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments, true);
    va_end(arguments);
    exit(status);
}

HIDDEN void errx(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments, false);
    va_end(arguments);
    exit(status);
}

/* Of GNU: ends the program if `status` is not 0. */
HIDDEN void error(int status, int number, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(NULL, "program: ");
    fl_sim_table->program_print(NULL, format, arguments);
    print(NULL, "%s%s\n", number == 0 ? "" : ": ",
          number == 0 ? "" : strerror(number));
    va_end(arguments);
    if (status != 0) {
        exit(status);
    }
}

/* What goes to the log of the system is output like any other. */

HIDDEN void openlog(const char *name, int options, int facility)
{
    (void)name;
    (void)options;
    (void)facility;
}

HIDDEN void closelog(void)
{
}

HIDDEN void vsyslog(int priority, const char *format, va_list arguments)
{
    (void)priority;
    fl_sim_table->program_print(NULL, format, arguments);
    print(NULL, "\n");
}

HIDDEN void syslog(int priority, const char *format, ...)
{
    (void)priority;
    va_list arguments;
    va_start(arguments, format);
    fl_sim_table->program_print(NULL, format, arguments);
    va_end(arguments);
    print(NULL, "\n");
}

/* To a descriptor: one of the standard streams. */

static int print_to(int file, const char *format, va_list arguments,
                    uintptr_t pc)
{
    if (file != STDOUT_FILENO && file != STDERR_FILENO) {
        fl_sim_table->program_refuse("dprintf", pc);
        return -1;
    }
    return fl_sim_table->program_print(NULL, format, arguments);
}

HIDDEN int vdprintf(int file, const char *restrict format, va_list arguments)
{
    return print_to(file, format, arguments, PC);
}

HIDDEN int dprintf(int file, const char *restrict format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = print_to(file, format, arguments, PC);
    va_end(arguments);
    return size;
}
