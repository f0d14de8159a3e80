/* SPDX-License-Identifier: MIT */
#include "common/process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The whole of a small file of /proc, or "". */
static void read_text(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, size - 1);
    out[len > 0 ? len : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

uint64_t process_resident_bytes(void)
{
    char text[128];
    read_text("/proc/self/statm", text, sizeof text);
    const char *second = strchr(text, ' ');
    return second ? strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static double cpu_seconds(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static unsigned open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;
    if (!dir)
        return 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count > 3 ? count - 3 : 0; /* ".", ".." and the directory's own */
}

/* Field 22 of /proc/self/stat is in ticks since boot; counting starts behind the name, which may
 * hold spaces and brackets. */
static double start_time_seconds(void)
{
    char text[1024];
    read_text("/proc/self/stat", text, sizeof text);
    const char *field = strrchr(text, ')');
    for (int i = 2; field && i < 22; i++)
        field = strchr(field + 1, ' ');
    struct timespec now, since_boot;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    double boot =
        (double)(now.tv_sec - since_boot.tv_sec) + (double)(now.tv_nsec - since_boot.tv_nsec) / 1e9;
    return field ? boot + strtod(field, NULL) / (double)sysconf(_SC_CLK_TCK) : 0;
}

static void add_gauge(struct buf *out, const char *name, const char *help, double value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", name, help, name, name, value);
}

void process_metrics_render(struct buf *out)
{
    add_gauge(out, "process_resident_memory_bytes", "Resident memory size in bytes.",
              (double)process_resident_bytes());
    add_gauge(out, "process_open_fds", "Number of open file descriptors.", open_descriptors());
    add_gauge(out, "process_start_time_seconds",
              "Start time of the process since unix epoch in seconds.", start_time_seconds());
    buf_printf(out,
               "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n"
               "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.6f\n",
               cpu_seconds());
}
