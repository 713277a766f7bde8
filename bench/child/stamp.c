/*
 * What the measured supervisors keep alive. Its first act is to look at the clock.
 *   stamp PIPE          writes "PID NANOSECONDS" of CLOCK_MONOTONIC there, then waits until it is ended
 *   stamp PIPE PIDFILE  the same in the background with its number in PIDFILE, which is how monit knows a service
 *   stamp exit          ends at once with exit code 1
 *   stamp [NAME]        PIPE is "pipe" in the directory it is started in: runit gives no arguments, s6 a name
 * Where there is no pipe it only waits.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);

    const char *first = count > 1 ? arguments[1] : "";
    if (strcmp(first, "exit") == 0) {
        return 1;
    }

    const char *path = strchr(first, '/') != NULL ? first : "pipe";

    if (count > 2) {
        if (fork() != 0) {
            return 0;
        }

        setsid();
        FILE *file = fopen(arguments[2], "w");
        if (file == NULL) {
            return 2;
        }

        fprintf(file, "%d\n", (int)getpid());
        fclose(file);
    }

    int stamps = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (stamps >= 0) {
        dprintf(stamps, "%d %lld\n", (int)getpid(), now.tv_sec * 1000000000LL + now.tv_nsec);
        close(stamps);
    }

    for (;;) {
        pause();
    }
}
