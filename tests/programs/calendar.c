/*
 * Days and months: UTC, and the simulated clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

static void *read_own(void *unused)
{
    time_t day = 86400;
    struct tm parts;
    char text[26];
    assert(localtime_r(&day, &parts) == &parts && parts.tm_mday == 2);
    assert(strcmp(parts.tm_zone, "UTC") == 0 && parts.tm_gmtoff == 0);
    assert(strcmp(ctime_r(&day, text), "Fri Jan  2 00:00:00 1970\n") == 0);
    assert(mktime(&parts) == day);
    return unused;
}

static void print_some(void)
{
    struct tm parts = {.tm_year = 101, .tm_mon = 8, .tm_mday = 39};
    char text[60];
    assert(mktime(&parts) == 1002585600 && parts.tm_mon == 9);
    assert(parts.tm_mday == 9 && parts.tm_wday == 2);
    assert(strftime(text, sizeof(text), "%Y-%m-%d %s %% %Z", &parts) == 27);
    assert(strcmp(text, "2001-10-09 1002585600 % UTC") == 0);
    assert(strftime(text, 5, "%Y-%m-%d", &parts) == 0);
    // cppcheck-suppress asctimeCalled ; as programs call it
    char *date = asctime(&parts); // NOLINT: as programs call it
    assert(strcmp(date, "Tue Oct  9 00:00:00 2001\n") == 0);
    assert(ctime(&(time_t){0}) == date); // NOLINT: likewise
}

int main(void)
{
    time_t now = time(NULL);
    struct tm *parts = localtime(&now);
    assert(parts->tm_year == 101 && parts->tm_mon == 8 && parts->tm_hour == 1);
    assert(gmtime(&now) == parts && strcmp(parts->tm_zone, "GMT") == 0);
    assert(timegm(parts) == now && difftime(now, now - 3) == 3.0);
    time_t never = LONG_MAX;
    errno = 0;
    assert(gmtime(&never) == NULL && errno == EOVERFLOW);
    tzset();
    assert(timezone == 0 && daylight == 0 && strcmp(tzname[0], "UTC") == 0);
    print_some();
    pthread_t thread;
    pthread_create(&thread, NULL, read_own, NULL);
    read_own(NULL);
    pthread_join(thread, NULL);
    struct timespec grain;
    struct rusage used;
    struct tms ticks;
    assert(clock_getres(CLOCK_MONOTONIC, &grain) == 0 && grain.tv_nsec == 1);
    assert(getrusage(RUSAGE_SELF, &used) == 0 && used.ru_stime.tv_sec == 0);
    assert(times(&ticks) == ticks.tms_utime);
    return 0;
}
