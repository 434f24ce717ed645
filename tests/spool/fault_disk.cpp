// SPDX-License-Identifier: MIT
#include "fault_disk.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>

namespace pwlog::test {

/// What SQLite sees as an open file: ours in front, the real one behind it.
struct FaultFile {
    sqlite3_file base;
    FaultDisk* disk;
    FaultDisk::Image* image;
    sqlite3_file* real;
    bool is_main;
    int last_error;
    std::uint64_t inode;
};

namespace {

FaultFile& ours(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return ours(file).real; }

void apply(std::string& content, std::int64_t offset, const std::string& bytes) {
    const auto start = static_cast<std::size_t>(offset);
    if (bytes.empty()) {
        content.resize(start);
        return;
    }
    content.resize(std::max(content.size(), start + bytes.size()), '\0');
    content.replace(start, bytes.size(), bytes);
}

}  // namespace

struct FaultDisk::Methods {
    static FaultDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultDisk*>(vfs->pAppData); }

    static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                    int* out_flags) {
        FaultDisk& disk = disk_of(vfs);
        auto* real_file =
            reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(FaultFile));
        const int code = disk.real_->xOpen(disk.real_, name, real_file, flags, out_flags);
        if (code != SQLITE_OK) {
            file->pMethods = nullptr;
            return code;
        }
        auto [image, made] = disk.images_.try_emplace(name == nullptr ? "" : name);
        std::ifstream stream(name == nullptr ? "" : name, std::ios::binary);
        std::string there((std::istreambuf_iterator<char>(stream)), {});
        if (image->second.pending.empty()) {
            image->second.flushed = std::move(there);  // renamed or written by others meanwhile
        }
        struct stat status {};
        const bool told = name != nullptr && ::stat(name, &status) == 0;
        new (file) FaultFile{{&methods},
                             &disk,
                             &image->second,
                             real_file,
                             (flags & SQLITE_OPEN_MAIN_DB) != 0,
                             0,
                             told ? status.st_ino : 0};
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* vfs, const char* name, int sync) {
        disk_of(vfs).images_.erase(name);
        return disk_of(vfs).real_->xDelete(disk_of(vfs).real_, name, sync);
    }
    static int close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
    static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
        constexpr sqlite3_int64 page_size = 1024;
        const FaultDisk& disk = *ours(file).disk;
        const bool is_meant =
            disk.unreadable_inode == 0 || disk.unreadable_inode == ours(file).inode;
        if (ours(file).is_main && is_meant &&
            disk.unreadable_pages.contains(offset / page_size + 1)) {
            ours(file).last_error = EIO;
            return SQLITE_IOERR_CORRUPTFS;
        }
        const int code = real(file)->pMethods->xRead(real(file), to, size, offset);
        ours(file).last_error = code == SQLITE_IOERR_SHORT_READ ? 0 : ours(file).last_error;
        return code;
    }
    static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
        FaultDisk& disk = *ours(file).disk;
        const Fault fault = disk.next(false);
        if (fault == Fault::io_error || fault == Fault::disk_full) {
            return fault == Fault::io_error ? SQLITE_IOERR_WRITE : SQLITE_FULL;
        }
        const int kept = fault == Fault::torn_write ? size / 2 : size;
        ours(file).image->pending.push_back(
            {offset, std::string(static_cast<const char*>(from), static_cast<std::size_t>(kept))});
        const int code = real(file)->pMethods->xWrite(real(file), from, kept, offset);
        return fault == Fault::torn_write ? SQLITE_IOERR_WRITE : code;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        ours(file).image->pending.push_back({size, ""});
        return real(file)->pMethods->xTruncate(real(file), size);
    }
    static int sync(sqlite3_file* file, int flags) {
        FaultDisk& disk = *ours(file).disk;
        const Fault fault = disk.next(true);
        Image& image = *ours(file).image;
        if (fault == Fault::flush_error) {
            image.pending.clear();  // as Linux does: what could not be written is forgotten
            return SQLITE_IOERR_FSYNC;
        }
        if (fault != Fault::none) {
            return SQLITE_IOERR_FSYNC;
        }
        for (const auto& [offset, bytes] : image.pending) {
            apply(image.flushed, offset, bytes);
        }
        image.pending.clear();
        return real(file)->pMethods->xSync(real(file), flags);
    }
    static int size(sqlite3_file* file, sqlite3_int64* size) {
        return real(file)->pMethods->xFileSize(real(file), size);
    }
    static int lock(sqlite3_file* file, int kind) {
        return real(file)->pMethods->xLock(real(file), kind);
    }
    static int unlock(sqlite3_file* file, int kind) {
        return real(file)->pMethods->xUnlock(real(file), kind);
    }
    static int check_lock(sqlite3_file* file, int* out) {
        return real(file)->pMethods->xCheckReservedLock(real(file), out);
    }
    static int control(sqlite3_file* file, int op, void* argument) {
        if (op == SQLITE_FCNTL_LAST_ERRNO && ours(file).last_error != 0) {
            *static_cast<int*>(argument) = ours(file).last_error;
            return SQLITE_OK;
        }
        return real(file)->pMethods->xFileControl(real(file), op, argument);
    }
    static int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
    static int device(sqlite3_file* file) {
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
    }

    static const sqlite3_io_methods methods;
};

const sqlite3_io_methods FaultDisk::Methods::methods = {
    1,       close,  read,   write,   truncate, sync,    size,    lock,    unlock, check_lock,
    control, sector, device, nullptr, nullptr,  nullptr, nullptr, nullptr, nullptr};

FaultDisk::FaultDisk() : vfs_(new sqlite3_vfs), real_(sqlite3_vfs_find(nullptr)) {
    *vfs_ = *real_;
    vfs_->szOsFile = static_cast<int>(sizeof(FaultFile)) + real_->szOsFile;
    vfs_->zName = "fault";
    vfs_->pAppData = this;
    vfs_->xOpen = Methods::open;
    vfs_->xDelete = Methods::remove;
    // The rest gets the VFS as its first argument and looks into pAppData: hand it the real one's.
    vfs_->xAccess = [](sqlite3_vfs* vfs, const char* name, int flags, int* out) {
        auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
        return disk->real_->xAccess(disk->real_, name, flags, out);
    };
    vfs_->xFullPathname = [](sqlite3_vfs* vfs, const char* name, int size, char* out) {
        auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
        return disk->real_->xFullPathname(disk->real_, name, size, out);
    };
    if (sqlite3_vfs_register(vfs_, 1) != SQLITE_OK) {
        throw std::runtime_error("the fault disk could not be registered");
    }
}

FaultDisk::~FaultDisk() {
    sqlite3_vfs_unregister(vfs_);
    sqlite3_vfs_register(real_, 1);
    delete vfs_;
}

void FaultDisk::fail(Fault fault, int after, int times) {
    fault_ = fault;
    fail_from_ = operations_ + after;
    fail_to_ = fail_from_ + times;
}

FaultDisk::Fault FaultDisk::next(bool is_flush) {
    const int number = operations_++;
    if (before_operation) {
        before_operation(number);
    }
    const bool fits = fault_ == Fault::flush_error  ? is_flush
                      : fault_ == Fault::torn_write ? !is_flush
                                                    : true;
    return fits && number >= fail_from_ && number < fail_to_ ? fault_ : Fault::none;
}

void FaultDisk::cut_power(const std::filesystem::path& directory, std::mt19937& random) const {
    // Nothing, everything, or each write with its own luck; of an unlucky one perhaps a part.
    const unsigned luck = random() % 4;
    for (const auto& [name, image] : images_) {
        std::string content = image.flushed;
        for (const auto& [offset, bytes] : image.pending) {
            const bool kept = luck == 1 || (luck >= 2 && random() % 2 == 0);
            const bool torn = luck == 3 && random() % 4 == 0;
            if (kept) {
                apply(content, offset, torn ? bytes.substr(0, bytes.size() / 2) : bytes);
            }
        }
        if (!name.empty()) {
            std::ofstream(directory / std::filesystem::path(name).filename(), std::ios::binary)
                << content;
        }
    }
}

}  // namespace pwlog::test
