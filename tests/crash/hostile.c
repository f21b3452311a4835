/* A disk and a clock that do what a test says: read from the file $AMANAH_HOSTILE, a line of four words:
   milliseconds that an fsync takes, an errno for every write to a store (0: none), seconds that the clock is back,
   and a word that ends the line. Loaded before the C library (LD_PRELOAD); it knows nothing of Amanah. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int told(int which) {
    int words[3] = {0, 0, 0};
    const char *path = getenv("AMANAH_HOSTILE");
    int before = errno, file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    char line[64] = "";
    if (file >= 0) {
        if (read(file, line, sizeof line - 1) > 0) sscanf(line, "%d %d %d", words, words + 1, words + 2);
        close(file);
    }
    errno = before;
    return words[which];
}

/* Regular files alone: what goes to a socket or a pipe is no disk's. */
static int refused(int file) {
    struct stat found;
    int number = told(1);
    if (!number || fstat(file, &found) || !S_ISREG(found.st_mode)) return 0;
    errno = number;
    return 1;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
static void doze(void) { int wait = told(0); if (wait) usleep(1000u * (unsigned)wait); }

int fsync(int file) { doze(); return refused(file) ? -1 : REAL(int, fsync, int)(file); }
int fdatasync(int file) { doze(); return refused(file) ? -1 : REAL(int, fdatasync, int)(file); }
ssize_t write(int file, const void *data, size_t length) {
    return refused(file) ? -1 : REAL(ssize_t, write, int, const void *, size_t)(file, data, length);
}
ssize_t pwrite64(int file, const void *data, size_t length, off64_t at) {
    return refused(file) ? -1 : REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)(file, data, length, at);
}
ssize_t pwrite(int file, const void *data, size_t length, off_t at) {
    return refused(file) ? -1 : REAL(ssize_t, pwrite, int, const void *, size_t, off_t)(file, data, length, at);
}
int ftruncate64(int file, off64_t length) {
    return refused(file) ? -1 : REAL(int, ftruncate64, int, off64_t)(file, length);
}
int ftruncate(int file, off_t length) { return refused(file) ? -1 : REAL(int, ftruncate, int, off_t)(file, length); }

int clock_gettime(clockid_t which, struct timespec *now) {
    int answer = REAL(int, clock_gettime, clockid_t, struct timespec *)(which, now);
    if (which == CLOCK_REALTIME) now->tv_sec -= told(2);
    return answer;
}
time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
