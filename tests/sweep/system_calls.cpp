// SPDX-License-Identifier: MIT
#include "system_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

namespace pwlog::test::system_calls {

namespace {

/// Not part of the state, which comes into being by an allocation itself.
constinit std::atomic<bool> armed = false;

struct State {
    std::recursive_mutex mutex;
    std::atomic<int> inside = 0;  ///< our own memory is not to run out
    std::string prefix;           ///< of the paths that are watched
    dev_t device = 0;
    Plan plan;
    std::array<int, call_kinds> counts{};
    bool out_of_room = false;  ///< the rest of a torn write
    std::function<void()> last_act;
    DiskRecord record;
};

/// Never destroyed: the C library's own ending makes calls too.
State& state() {
    static auto* const the = new State;
    return *the;
}

struct Guard {
    Guard() {
        state().mutex.lock();
        ++state().inside;
    }
    ~Guard() {
        --state().inside;
        state().mutex.unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
};

std::size_t index(Call call) { return static_cast<std::size_t>(call); }

bool is_watched(const char* path) {
    const auto& prefix = state().prefix;
    if (prefix.empty()) {
        return false;
    }
    const std::string_view text(path);
    return text.starts_with(prefix) ||
           text == std::string_view(prefix).substr(0, prefix.size() - 1);
}

template <typename Function>
Function real_of(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int real_fstat(int fd, struct stat* status) {
    static const auto real = real_of<int (*)(int, struct stat*)>("fstat");
    return real(fd, status);
}

/// The inode behind a descriptor of a watched file; none for all others.
std::optional<ino_t> watched(int fd) {
    struct stat status {};
    if (state().prefix.empty() || real_fstat(fd, &status) != 0 || status.st_dev != state().device ||
        !state().record.knows(status.st_ino)) {
        return std::nullopt;
    }
    return status.st_ino;
}

/// Counts the call, and says whether the plan is meant for it.
bool meets(Call call, bool changes) {
    auto& counts = state().counts;
    const auto& plan = state().plan;
    const int of_kind = ++counts[index(call)];
    const int of_all = ++counts[index(Call::any)];
    if (plan.call != call && plan.call != Call::any) {
        return false;
    }
    // A full or read-only disk still lets read what is there.
    const bool needs_room = call != Call::sync && call != Call::truncate && call != Call::unlink;
    // What is read once something was written is written back: SQLite's pages have no checksum.
    const bool fits = plan.fault == Fault::wrong       ? counts[index(Call::write)] == 0
                      : plan.fault == Fault::read_only ? changes
                      : plan.fault == Fault::no_space ? changes && (needs_room || plan.call == call)
                                                      : true;
    const int count = plan.call == call ? of_kind : of_all;
    const bool now = count == plan.nth || (plan.always && count > plan.nth);
    return now && fits;
}

/// Which fault meets this call. Sets errno where it makes the whole call fail.
std::optional<Fault> fault_of(Call call, bool changes = true) {
    auto& the = state();
    if (!armed) {
        return std::nullopt;
    }
    if (call == Call::write && std::exchange(the.out_of_room, false)) {
        errno = ENOSPC;
        return Fault::no_space;
    }
    if (!meets(call, changes)) {
        return std::nullopt;
    }
    switch (the.plan.fault) {
        case Fault::kill:
            armed = false;
            the.last_act();
            break;
        case Fault::io_error:
            errno = EIO;
            break;
        case Fault::no_space:
            errno = ENOSPC;
            break;
        case Fault::read_only:
            errno = EROFS;
            break;
        case Fault::torn:
            the.out_of_room = true;
            break;
        case Fault::short_count:
        case Fault::no_memory:
        case Fault::wrong:
            break;
    }
    return the.plan.fault;
}

bool is_short(std::optional<Fault> fault) {
    return fault == Fault::short_count || fault == Fault::torn;
}

std::size_t half(std::size_t size) { return std::max<std::size_t>(1, size / 2); }

int open_watched(const char* name, const char* path, int flags, mode_t mode) {
    const auto real = real_of<int (*)(const char*, int, ...)>(name);
    if (!is_watched(path)) {
        return real(path, flags, mode);
    }
    const Guard guard;
    const bool changes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY;
    if (fault_of(Call::open, changes)) {
        return -1;
    }
    const int fd = real(path, flags, mode);
    struct stat status {};
    if (fd >= 0 && real_fstat(fd, &status) == 0) {
        state().record.opened(path, status.st_ino, (flags & O_TRUNC) != 0);
    }
    return fd;
}

template <typename Real>
ssize_t read_watched(int fd, void* to, std::size_t size, const Real& real) {
    const Guard guard;
    if (!watched(fd)) {
        return real(size);
    }
    const auto fault = fault_of(Call::read, false);
    if (fault && !is_short(fault) && fault != Fault::wrong) {
        return -1;
    }
    const ssize_t count = real(is_short(fault) ? half(size) : size);
    if (fault == Fault::wrong && count > 0) {
        static_cast<char*>(to)[count / 2] ^= 0x10;
    }
    return count;
}

/// `end`: where the written bytes end, once they are.
template <typename Real, typename End>
ssize_t write_watched(int fd, const void* bytes, std::size_t size, const Real& real,
                      const End& end) {
    const Guard guard;
    const auto inode = watched(fd);
    if (!inode) {
        return real(size);
    }
    const auto fault = fault_of(Call::write);
    if (fault && !is_short(fault)) {
        return -1;
    }
    const ssize_t written = real(fault ? half(size) : size);
    if (written > 0) {
        state().record.written(
            *inode, end(written) - written,
            std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(written)));
    }
    return written;
}

int sync_watched(int fd, const char* name) {
    const Guard guard;
    if (const auto inode = watched(fd)) {
        const bool fails = fault_of(Call::sync).has_value();
        state().record.synced(*inode, !fails);
        return fails ? -1 : 0;  // what the real disk has is of no interest
    }
    return real_of<int (*)(int)>(name)(fd);
}

int truncate_watched(int fd, off_t size) {
    static const auto real = real_of<int (*)(int, off_t)>("ftruncate64");
    const Guard guard;
    const auto inode = watched(fd);
    if (inode && fault_of(Call::truncate)) {
        return -1;
    }
    const int result = real(fd, size);
    if (inode && result == 0) {
        state().record.truncated(*inode, size);
    }
    return result;
}

int unlink_watched(const char* name, const char* path) {
    const Guard guard;
    if (is_watched(path) && fault_of(Call::unlink)) {
        return -1;
    }
    const int result = real_of<int (*)(const char*)>(name)(path);
    if (is_watched(path) && result == 0) {
        state().record.unlinked(path);
    }
    return result;
}

/// 0 or the error's number.
int allocate_watched(int fd, off_t offset, off_t size) {
    static const auto real = real_of<int (*)(int, off_t, off_t)>("posix_fallocate64");
    const Guard guard;
    const auto inode = watched(fd);
    if (inode && fault_of(Call::fallocate)) {
        return errno;
    }
    const int error = real(fd, offset, size);
    struct stat status {};
    if (inode && error == 0 && real_fstat(fd, &status) == 0) {
        state().record.truncated(*inode, status.st_size);
    }
    return error;
}

void* map_watched(void* where, std::size_t size, int protection, int flags, int fd, off_t offset) {
    static const auto real = real_of<void* (*)(void*, std::size_t, int, int, int, off_t)>("mmap64");
    if (fd >= 0) {
        const Guard guard;
        if (watched(fd) && fault_of(Call::mmap)) {
            return MAP_FAILED;
        }
    }
    return real(where, size, protection, flags, fd, offset);
}

template <typename Status>
int stat_watched(const char* name, const char* path, Status* status) {
    const Guard guard;
    if (is_watched(path) && fault_of(Call::stat, false)) {
        return -1;
    }
    return real_of<int (*)(const char*, Status*)>(name)(path, status);
}

template <typename Status>
int fstat_watched(const char* name, int fd, Status* status) {
    const Guard guard;
    if (watched(fd) && fault_of(Call::stat, false)) {
        return -1;
    }
    return real_of<int (*)(int, Status*)>(name)(fd, status);
}

std::FILE* open_stream_watched(const char* name, const char* path, const char* mode) {
    const Guard guard;
    const bool changes = std::string_view(mode).find_first_of("wa+") != std::string_view::npos;
    if (is_watched(path) && fault_of(Call::open, changes)) {
        return nullptr;
    }
    std::FILE* stream = real_of<std::FILE* (*)(const char*, const char*)>(name)(path, mode);
    struct stat status {};
    if (stream != nullptr && is_watched(path) && real_fstat(fileno(stream), &status) == 0) {
        state().record.opened(path, status.st_ino, *mode == 'w');
    }
    return stream;
}

}  // namespace

bool memory_runs_out() {
    if (!armed || state().inside > 0) {
        return false;
    }
    auto& the = state();
    const int count = ++the.counts[index(Call::allocate)];
    const auto& [call, fault, nth, always] = the.plan;
    return call == Call::allocate && (count == nth || (always && count > nth));
}

bool is_possible(Call call, Fault fault) {
    if (call == Call::allocate || fault == Fault::no_memory) {
        return call == Call::allocate && fault == Fault::no_memory;
    }
    switch (fault) {
        case Fault::io_error:
            return true;
        case Fault::kill:
            return call == Call::any;
        case Fault::wrong:
            return call == Call::read;
        case Fault::short_count:
            return call == Call::read || call == Call::write;
        case Fault::torn:
            return call == Call::write;
        case Fault::no_space:
            return call != Call::read && call != Call::stat && call != Call::unlink &&
                   call != Call::mmap;
        case Fault::no_memory:
            return false;
        case Fault::read_only:
            return call != Call::read && call != Call::stat && call != Call::mmap;
    }
    return false;
}

void watch(const std::filesystem::path& folder) {
    struct stat status {};
    stat(folder.c_str(), &status);
    state().prefix.clear();
    state().record.start(folder);
    state().device = status.st_dev;
    state().prefix = folder.string() + "/";
}

void arm(const Plan& plan) {
    state().plan = plan;
    state().counts = {};
    armed = true;
}

void disarm() {
    armed = false;
    state().out_of_room = false;
}

Pause::Pause() : was_armed_(armed.exchange(false)) {}
Pause::~Pause() { armed = was_armed_; }

const std::array<int, call_kinds>& counts() { return state().counts; }

void on_kill(std::function<void()> last_act) { state().last_act = std::move(last_act); }

const DiskRecord& record() { return state().record; }

}  // namespace pwlog::test::system_calls

using namespace pwlog::test::system_calls;

extern "C" {

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_watched("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return open_watched("open64", path, flags, mode);
}
std::FILE* fopen(const char* path, const char* mode) {
    return open_stream_watched("fopen", path, mode);
}
std::FILE* fopen64(const char* path, const char* mode) {
    return open_stream_watched("fopen64", path, mode);
}

ssize_t read(int fd, void* to, std::size_t size) {
    static const auto real = real_of<decltype(&::read)>("read");
    return read_watched(fd, to, size, [&](std::size_t most) { return real(fd, to, most); });
}
ssize_t pread(int fd, void* to, std::size_t size, off_t offset) {
    static const auto real = real_of<decltype(&::pread)>("pread");
    return read_watched(fd, to, size, [&](std::size_t most) { return real(fd, to, most, offset); });
}
ssize_t pread64(int fd, void* to, std::size_t size, off64_t offset) {
    return pread(fd, to, size, offset);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
    static const auto real = real_of<decltype(&::write)>("write");
    return write_watched(
        fd, bytes, size, [&](std::size_t most) { return real(fd, bytes, most); },
        [&](ssize_t) { return lseek(fd, 0, SEEK_CUR); });
}
ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
    static const auto real = real_of<decltype(&::pwrite)>("pwrite");
    return write_watched(
        fd, bytes, size, [&](std::size_t most) { return real(fd, bytes, most, offset); },
        [&](ssize_t written) { return offset + written; });
}
ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}
/// The C++ library falls back on read() and write() then.
ssize_t sendfile(int to, int from, off_t* offset, std::size_t size) noexcept {
    static const auto real = real_of<ssize_t (*)(int, int, off_t*, std::size_t)>("sendfile");
    if (watched(from) && armed) {
        errno = ENOSYS;
        return -1;
    }
    return real(to, from, offset, size);
}

int fsync(int fd) { return sync_watched(fd, "fsync"); }
int fdatasync(int fd) { return sync_watched(fd, "fdatasync"); }

int ftruncate(int fd, off_t size) noexcept { return truncate_watched(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return truncate_watched(fd, size); }
int posix_fallocate(int fd, off_t offset, off_t size) { return allocate_watched(fd, offset, size); }
int posix_fallocate64(int fd, off64_t offset, off64_t size) {
    return allocate_watched(fd, offset, size);
}

int unlink(const char* path) noexcept { return unlink_watched("unlink", path); }
int remove(const char* path) noexcept { return unlink_watched("remove", path); }
int rename(const char* from, const char* to) noexcept {
    static const auto real = real_of<int (*)(const char*, const char*)>("rename");
    const Guard guard;
    if (is_watched(from) && fault_of(Call::rename)) {
        return -1;
    }
    const int result = real(from, to);
    if (is_watched(from) && result == 0) {
        state().record.renamed(from, to);
    }
    return result;
}

void* mmap(void* where, std::size_t size, int protection, int flags, int fd,
           off_t offset) noexcept {
    return map_watched(where, size, protection, flags, fd, offset);
}
void* mmap64(void* where, std::size_t size, int protection, int flags, int fd,
             off64_t offset) noexcept {
    return map_watched(where, size, protection, flags, fd, offset);
}

int stat(const char* path, struct stat* status) noexcept {
    return stat_watched("stat", path, status);
}
int stat64(const char* path, struct stat64* status) noexcept {
    return stat_watched("stat64", path, status);
}
int lstat(const char* path, struct stat* status) noexcept {
    return stat_watched("lstat", path, status);
}
int lstat64(const char* path, struct stat64* status) noexcept {
    return stat_watched("lstat64", path, status);
}
int fstat(int fd, struct stat* status) noexcept { return fstat_watched("fstat", fd, status); }
int fstat64(int fd, struct stat64* status) noexcept { return fstat_watched("fstat64", fd, status); }
int access(const char* path, int mode) noexcept {
    static const auto real = real_of<int (*)(const char*, int)>("access");
    const Guard guard;
    if (is_watched(path) && fault_of(Call::stat, false)) {
        return -1;
    }
    return real(path, mode);
}

}  // extern "C"
