/*
 * The shadow: stands between a program and the C library, notes what the program does to the files below one folder,
 * and lets one of those calls fail if it is told to. What it notes is enough to say what a power cut would have left.
 *
 *   SHADOW_ROOT   the folder; an absolute path without links
 *   SHADOW_LOG    the file the notes are appended to; outside of the folder
 *   SHADOW_FAIL   n:how, the number of the call that fails, from 1, and one of eio, broken, full, short, eintr;
 *                 broken and full go on failing from then on, the others fail once
 *
 * A note is a head (struct note, native byte order) and a body. tests/src/shadow/notes.rs reads them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATED = 1, WROTE, CUT, SYNC_BEGUN, SYNCED, RENAMED, REMOVED, FAILED, COUNTED };
enum effect { READS, WRITES, ELSE };

struct note {
    uint32_t kind;
    uint32_t body_len;
    uint64_t file;  /* the inode it is about; of a name, the inode of its folder */
    uint64_t first; /* CREATED: the new inode. WROTE: the offset. CUT: the length. SYNC_*: the ticket. RENAMED: the new folder */
    uint64_t second; /* CREATED: the mode */
};

#define FILES 65536
static unsigned char watched[FILES];
static char root[PATH_MAX];
static size_t root_len;
static int log_fd = -1;
static uint64_t ticket;
static long fail_at, calls;
static char fail_how[16];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...)                                   \
    static result (*real_##name)(__VA_ARGS__);                    \
    if (!real_##name) real_##name = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static void give_up(const char *why) {
    dprintf(2, "shadow: %s\n", why);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("SHADOW_ROOT"), *log = getenv("SHADOW_LOG"), *fail = getenv("SHADOW_FAIL");
    if (!folder || !log) return;
    if (strlen(folder) >= sizeof root) give_up("SHADOW_ROOT is too long");
    if (fail && sscanf(fail, "%ld:%15s", &fail_at, fail_how) != 2) give_up("SHADOW_FAIL is not n:how");
    REAL(int, open, const char *, int, ...);
    log_fd = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) give_up("SHADOW_LOG cannot be opened");
    strcpy(root, folder);
    root_len = strlen(root);
}

/* Notes survive the end of the program, because the page cache does. Called under the lock. */
static void note(struct note head, const void *body) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)body, head.body_len}};
    int error = errno;
    ssize_t length = (ssize_t)(sizeof head + head.body_len);
    if (real_writev(log_fd, parts, 2) != length) give_up("SHADOW_LOG takes no more");
    errno = error;
}

__attribute__((destructor)) static void end(void) {
    if (log_fd >= 0) note((struct note){.kind = COUNTED, .first = (uint64_t)calls}, "");
}

static int is_watched(int fd) { return fd >= 0 && fd < FILES && watched[fd]; }

static uint64_t inode_of(int fd) {
    struct stat about;
    if (fstat(fd, &about)) give_up("a watched file has no inode");
    return about.st_ino;
}

/* Makes a path absolute and tells whether it is the folder or lies in it. */
static int inside(int at, const char *path, char full[PATH_MAX]) {
    if (!root_len) return 0;
    if (path[0] == '/') {
        if (strlen(path) >= PATH_MAX) return 0;
        strcpy(full, path);
    } else {
        char from[PATH_MAX / 2] = "", link[64] = "/proc/self/cwd";
        if (at != AT_FDCWD) snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        if (readlink(link, from, sizeof from - 1) < 0) return 0;
        snprintf(full, PATH_MAX, "%s/%.*s", from, PATH_MAX / 2 - 2, path);
    }
    return !strncmp(full, root, root_len) && (full[root_len] == '/' || !full[root_len]);
}

/* Splits a full path into the inode of its folder and its name. */
static uint64_t folder_of(char *full, const char **name) {
    char *slash = strrchr(full, '/');
    struct stat about;
    *slash = 0;
    *name = slash + 1;
    if (stat(full, &about)) give_up("a watched name has no folder");
    return about.st_ino;
}

/* Counts a call; on the one that is to fail, gives -1 with errno set, or -2 for a short transfer. Called under the lock. */
static int fails(const char *call, enum effect effect, const char *path, int fd) {
    int persistent = !strcmp(fail_how, "broken") || !strcmp(fail_how, "full");
    calls++;
    if (!fail_at || calls < fail_at || (calls > fail_at && !persistent)) return 0;
    if (!strcmp(fail_how, "full") && effect != WRITES) return 0;
    int is_short = !strcmp(fail_how, "short") && (!strcmp(call, "write") || !strcmp(call, "read"));
    char text[PATH_MAX + 64], link[64], name[PATH_MAX] = "";
    if (path) snprintf(name, sizeof name, "%s", path);
    else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, name, sizeof name - 1) < 0) name[0] = 0;
    }
    int length = snprintf(text, sizeof text, "%s of %s", call, strlen(name) > root_len ? name + root_len : name);
    note((struct note){.kind = FAILED, .body_len = (uint32_t)length, .first = (uint64_t)calls}, text);
    if (is_short) return -2;
    errno = !strcmp(fail_how, "full") ? ENOSPC : !strcmp(fail_how, "eintr") ? EINTR : EIO;
    return -1;
}

static void noted_name(enum kind kind, char *full, uint64_t first, uint64_t second) {
    const char *name;
    uint64_t folder = folder_of(full, &name);
    note((struct note){kind, (uint32_t)strlen(name), folder, first, second}, name);
}

/* --- opening and closing --- */

static int opened(const char *call, int at, const char *path, int flags, mode_t mode) {
    REAL(int, openat, int, const char *, int, ...);
    char full[PATH_MAX];
    if (!inside(at, path, full)) return real_openat(at, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat about;
    int was_there = !lstat(full, &about);
    int fd = fails(call, flags & O_CREAT ? WRITES : ELSE, full, -1);
    if (!fd) {
        fd = real_openat(at, path, flags, mode);
        if (fd >= FILES) give_up("too many open files");
        if (fd >= 0) {
            watched[fd] = 1;
            if (fstat(fd, &about)) give_up("an open file has no inode");
            if (!was_there) noted_name(CREATED, full, about.st_ino, about.st_mode);
            else if (flags & O_TRUNC) note((struct note){.kind = CUT, .file = about.st_ino}, "");
        }
    }
    pthread_mutex_unlock(&lock);
    return fd < 0 ? -1 : fd;
}

#define OPEN(name, at, has_at)                                                \
    int name has_at {                                                         \
        mode_t mode = 0;                                                      \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                \
            va_list more;                                                     \
            va_start(more, flags);                                            \
            mode = va_arg(more, mode_t);                                      \
            va_end(more);                                                     \
        }                                                                     \
        return opened("open", at, path, flags, mode);                         \
    }
OPEN(open, AT_FDCWD, (const char *path, int flags, ...))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...))
OPEN(openat, at, (int at, const char *path, int flags, ...))
OPEN(openat64, at, (int at, const char *path, int flags, ...))

int creat(const char *path, mode_t mode) {
    return opened("open", AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    REAL(int, close, int);
    if (fd >= 0 && fd < FILES) watched[fd] = 0;
    return real_close(fd);
}

/* --- reading: only to fail --- */

ssize_t read(int fd, void *to, size_t length) {
    REAL(ssize_t, read, int, void *, size_t);
    int failed = 0;
    if (is_watched(fd)) {
        pthread_mutex_lock(&lock);
        failed = fails("read", READS, NULL, fd);
        pthread_mutex_unlock(&lock);
    }
    if (failed == -1) return -1;
    return real_read(fd, to, failed == -2 ? (length + 1) / 2 : length);
}

static ssize_t read_at(int fd, void *to, size_t length, off_t offset) {
    REAL(ssize_t, pread, int, void *, size_t, off_t);
    int failed = 0;
    if (is_watched(fd)) {
        pthread_mutex_lock(&lock);
        failed = fails("read", READS, NULL, fd);
        pthread_mutex_unlock(&lock);
    }
    if (failed == -1) return -1;
    return real_pread(fd, to, failed == -2 ? (length + 1) / 2 : length, offset);
}
ssize_t pread(int fd, void *to, size_t length, off_t offset) { return read_at(fd, to, length, offset); }
ssize_t pread64(int fd, void *to, size_t length, off_t offset) { return read_at(fd, to, length, offset); }

/* --- writing --- */

static ssize_t written(int fd, const void *from, size_t length, off_t offset, int at_offset) {
    REAL(ssize_t, write, int, const void *, size_t);
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
    if (!is_watched(fd)) return at_offset ? real_pwrite(fd, from, length, offset) : real_write(fd, from, length);
    pthread_mutex_lock(&lock);
    ssize_t done = fails("write", WRITES, NULL, fd);
    if (done != -1) {
        if (done == -2) length = (length + 1) / 2;
        done = at_offset ? real_pwrite(fd, from, length, offset) : real_write(fd, from, length);
        if (!at_offset) offset = lseek(fd, 0, SEEK_CUR) - (done > 0 ? done : 0);
        if (done > 0)
            note((struct note){.kind = WROTE, .body_len = (uint32_t)done, .file = inode_of(fd), .first = (uint64_t)offset}, from);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
ssize_t write(int fd, const void *from, size_t length) { return written(fd, from, length, 0, 0); }
ssize_t pwrite(int fd, const void *from, size_t length, off_t offset) { return written(fd, from, length, offset, 1); }
ssize_t pwrite64(int fd, const void *from, size_t length, off_t offset) { return written(fd, from, length, offset, 1); }

/* A vectored write may always be short, so its first part is one. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    if (!is_watched(fd) || count == 0) return real_writev(fd, parts, count);
    return written(fd, parts[0].iov_base, parts[0].iov_len, 0, 0);
}

static int cut(int fd, off_t length) {
    REAL(int, ftruncate, int, off_t);
    if (!is_watched(fd)) return real_ftruncate(fd, length);
    pthread_mutex_lock(&lock);
    int done = fails("truncate", WRITES, NULL, fd);
    if (done == 0) {
        done = real_ftruncate(fd, length);
        if (!done) note((struct note){.kind = CUT, .file = inode_of(fd), .first = (uint64_t)length}, "");
    }
    pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

/* --- making durable --- */

/* What was written before the sync began is durable when it has ended; what was written meanwhile need not be. */
static int synced(const char *call, int fd, int (*sync)(int)) {
    if (!is_watched(fd)) return sync(fd);
    pthread_mutex_lock(&lock);
    int done = fails(call, WRITES, NULL, fd);
    struct note head = {.kind = SYNC_BEGUN, .file = inode_of(fd), .first = ++ticket};
    if (!done) note(head, "");
    pthread_mutex_unlock(&lock);
    if (done) return -1;
    done = sync(fd);
    if (!done) {
        pthread_mutex_lock(&lock);
        head.kind = SYNCED;
        note(head, "");
        pthread_mutex_unlock(&lock);
    }
    return done;
}
int fsync(int fd) {
    REAL(int, fsync, int);
    return synced("fsync", fd, real_fsync);
}
int fdatasync(int fd) {
    REAL(int, fdatasync, int);
    return synced("fdatasync", fd, real_fdatasync);
}

/* Promises nothing after a crash, so it makes nothing durable here. */
int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags) {
    REAL(int, sync_file_range, int, off64_t, off64_t, unsigned);
    int failed = 0;
    if (is_watched(fd)) {
        pthread_mutex_lock(&lock);
        failed = fails("sync_file_range", WRITES, NULL, fd);
        pthread_mutex_unlock(&lock);
    }
    return failed ? -1 : real_sync_file_range(fd, offset, length, flags);
}

/* --- names --- */

int renameat(int from_at, const char *from, int to_at, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    char from_full[PATH_MAX], to_full[PATH_MAX];
    int is_inside = inside(from_at, from, from_full);
    if (is_inside != inside(to_at, to, to_full)) give_up("a file moves into the folder or out of it");
    if (!is_inside) return real_renameat(from_at, from, to_at, to);
    pthread_mutex_lock(&lock);
    int done = fails("rename", WRITES, from_full, -1);
    if (!done) done = real_renameat(from_at, from, to_at, to);
    if (!done) {
        const char *old_name, *new_name;
        char names[2 * NAME_MAX + 4];
        uint64_t old_folder = folder_of(from_full, &old_name), new_folder = folder_of(to_full, &new_name);
        int length = snprintf(names, sizeof names, "%s/%s", old_name, new_name);
        note((struct note){RENAMED, (uint32_t)length, old_folder, new_folder, 0}, names);
    }
    pthread_mutex_unlock(&lock);
    return done ? -1 : 0;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int at, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    char full[PATH_MAX];
    if (!inside(at, path, full)) return real_unlinkat(at, path, flags);
    pthread_mutex_lock(&lock);
    int done = fails("unlink", WRITES, full, -1);
    if (!done) done = real_unlinkat(at, path, flags);
    if (!done) noted_name(REMOVED, full, 0, 0);
    pthread_mutex_unlock(&lock);
    return done ? -1 : 0;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int at, const char *path, mode_t mode) {
    REAL(int, mkdirat, int, const char *, mode_t);
    char full[PATH_MAX];
    if (!inside(at, path, full)) return real_mkdirat(at, path, mode);
    pthread_mutex_lock(&lock);
    int done = fails("mkdir", WRITES, full, -1);
    if (!done) done = real_mkdirat(at, path, mode);
    if (!done) {
        struct stat about;
        if (stat(full, &about)) give_up("a new folder has no inode");
        noted_name(CREATED, full, about.st_ino, about.st_mode);
    }
    pthread_mutex_unlock(&lock);
    return done ? -1 : 0;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* --- what is not modelled ends the program, so that nothing is claimed of it --- */

#define NOT_MODELLED(result, name, fd, arguments, ...)                        \
    result name arguments {                                                   \
        static result(*real) arguments;                                       \
        if (!real) real = (result(*) arguments)dlsym(RTLD_NEXT, #name);       \
        if (is_watched(fd)) give_up(#name " is not modelled");                \
        return real(__VA_ARGS__);                                             \
    }
NOT_MODELLED(ssize_t, pwritev, fd, (int fd, const struct iovec *parts, int count, off_t offset), fd, parts, count, offset)
NOT_MODELLED(ssize_t, pwritev64, fd, (int fd, const struct iovec *parts, int count, off64_t offset), fd, parts, count, offset)
NOT_MODELLED(int, fallocate, fd, (int fd, int mode, off_t offset, off_t length), fd, mode, offset, length)
NOT_MODELLED(int, fallocate64, fd, (int fd, int mode, off64_t offset, off64_t length), fd, mode, offset, length)
NOT_MODELLED(int, posix_fallocate, fd, (int fd, off_t offset, off_t length), fd, offset, length)
NOT_MODELLED(ssize_t, sendfile, to, (int to, int from, off_t *offset, size_t length), to, from, offset, length)
NOT_MODELLED(ssize_t, sendfile64, to, (int to, int from, off64_t *offset, size_t length), to, from, offset, length)
NOT_MODELLED(ssize_t, copy_file_range, to, (int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags), from, from_at, to, to_at, length, flags)
NOT_MODELLED(int, dup, fd, (int fd), fd)

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    REAL(void *, mmap, void *, size_t, int, int, int, off_t);
    if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && is_watched(fd)) give_up("a shared map is not modelled");
    return real_mmap(address, length, protection, flags, fd, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(address, length, protection, flags, fd, offset);
}
