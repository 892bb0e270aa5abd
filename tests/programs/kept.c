/*
 * What libc keeps from one call to the next: as at the start in each run,
 * whatever the run before did with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE // NOLINT: as programs say it
#endif
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char first_value[10];

__attribute__((constructor)) static void look(void)
{
    assert(getenv("KEPT") == NULL && setenv("EARLY", "1", 1) == 0);
}

static void cut_words(void)
{
    char text[] = ";a;;bc";
    assert(strtok(NULL, ";") == NULL);
    assert(strcmp(strtok(text, ";"), "a") == 0);
    assert(strcmp(strtok(NULL, ";"), "bc") == 0);
    assert(strtok(NULL, ";") == NULL);
    char left[] = "x y";
    assert(strcmp(strtok(left, " "), "x") == 0);
}

static void read_options(void)
{
    char name[] = "program", many[] = "-ab", word[] = "w", value[] = "-c7";
    char full[] = "--long=9", wrong[] = "-z";
    char *words[] = {name, many, word, value, full, wrong, NULL};
    const struct option names[] = {{"long", required_argument, NULL, 'l'}, {0}};
    assert(optind == 1 && optarg == NULL && opterr == 1);
    opterr = 0;
    assert(getopt_long(6, words, "abc:", names, NULL) == 'a');
    assert(getopt_long(6, words, "abc:", names, NULL) == 'b');
    assert(getopt_long(6, words, "abc:", names, NULL) == 'c');
    assert(strcmp(optarg, "7") == 0);
    assert(getopt_long(6, words, "abc:", names, NULL) == 'l');
    assert(strcmp(optarg, "9") == 0);
    assert(getopt_long(6, words, "abc:", names, NULL) == '?' && optopt == 'z');
    assert(getopt_long(6, words, "abc:", names, NULL) == -1 && optind == 5);
    assert(words[5] == word);
    char *again[] = {name, many, NULL};
    optind = 1;
    assert(getopt(2, again, "ab") == 'a'); /* and stops inside of a word */
}

static void change_environment(void)
{
    static char text[] = "PUT=2";
    assert(environ != NULL && strcmp(environ[0], "EARLY=1") == 0);
    assert(environ[1] == NULL && getenv("KEPT") == NULL);
    assert(setenv("KEPT", "abc", 0) == 0 && setenv("KEPT", "d", 0) == 0);
    assert(strcmp(getenv("KEPT"), "abc") == 0 && getenv("KEP") == NULL);
    assert(putenv(text) == 0 && strcmp(secure_getenv("PUT"), "2") == 0);
    text[4] = '3';
    assert(strcmp(getenv("PUT"), "3") == 0);
    assert(unsetenv("EARLY") == 0 && getenv("EARLY") == NULL);
    assert(strcmp(getenv("KEPT"), "abc") == 0);
    errno = 0;
    assert(setenv("A=B", "c", 1) == -1 && errno == EINVAL);
    assert(clearenv() == 0 && getenv("KEPT") == NULL);
    assert(setenv("LAST", "1", 1) == 0 && strcmp(getenv("LAST"), "1") == 0);
}

static void ignore_signals(void)
{
    struct sigaction found;
    assert(sigaction(SIGPIPE, NULL, &found) == 0);
    assert(found.sa_handler == SIG_DFL);
    assert(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
    assert(signal(SIGPIPE, SIG_IGN) == SIG_IGN && raise(SIGPIPE) == 0);
    assert(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL);
}

static void *look_at_traits(void *unused)
{
    char name[16];
    sigset_t set;
    assert(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0);
    assert(strcmp(name, "kept") == 0);
    assert(pthread_setname_np(pthread_self(), "other") == 0);
    assert(pthread_sigmask(SIG_BLOCK, NULL, &set) == 0);
    assert(sigismember(&set, SIGINT) == 1 && sigismember(&set, SIGHUP) == 0);
    return unused;
}

static void try_traits(void)
{
    char name[16];
    sigset_t set;
    pthread_t thread;
    assert(pthread_sigmask(SIG_BLOCK, NULL, &set) == 0);
    assert(sigisemptyset(&set));
    assert(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0);
    assert(strcmp(name, "program") == 0);
    assert(pthread_setname_np(pthread_self(), "kept") == 0);
    assert(pthread_setname_np(pthread_self(), "sixteen letters.") == ERANGE);
    sigaddset(&set, SIGINT);
    assert(pthread_sigmask(SIG_SETMASK, &set, NULL) == 0);
    pthread_create(&thread, NULL, look_at_traits, NULL);
    pthread_join(thread, NULL);
    assert(pthread_getname_np(pthread_self(), name, sizeof(name)) == 0);
    assert(strcmp(name, "kept") == 0);
}

static void read_numbers(void)
{
    char *end = NULL;
    errno = 0;
    assert(strtol("99999999999999999999", &end, 10) == LONG_MAX);
    assert(errno == ERANGE && *end == '\0');
    errno = 0;
    assert(strtoul("7x", &end, 10) == 7 && errno == 0 && *end == 'x');
    assert(strtod("1e999", NULL) > 1e300 && errno == ERANGE);
    errno = 0;
    // cppcheck-suppress invalidFunctionArg ; that is asked here
    assert(strtol("1", NULL, 99) == 0 && errno == EINVAL);
}

int main(void)
{
    cpu_set_t set;
    assert(first_value[0] == '\0');
    first_value[0] = 'x';
    cut_words();
    read_options();
    change_environment();
    ignore_signals();
    try_traits();
    read_numbers();
    assert(pthread_getaffinity_np(pthread_self(), sizeof(set), &set) == 0);
    assert(CPU_COUNT(&set) == 4 && getuid() == 1000 && isatty(1) == 0);
    assert(strcmp(program_invocation_short_name, "program") == 0);
    psignal(SIGTERM, "kept");
    return 0;
}
