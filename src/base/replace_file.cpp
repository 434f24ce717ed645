// SPDX-License-Identifier: MIT
#include "base/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/sync_folder.h"
#include "base/unique_fd.h"
#include "base/write_all.h"

namespace pwlog {
namespace {

/// Always false; errno stays as it is.
bool discard(const std::filesystem::path& file) {
    const int why = errno;
    unlink(file.c_str());
    errno = why;
    return false;
}

}  // namespace

bool FileWriting::make(const std::filesystem::path& file, std::string_view bytes) const {
    if (unlink(file.c_str()) != 0 && errno != ENOENT) {
        return false;
    }
    const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd && fchmod(fd.get(), mode) == 0 && write_all(fd.get(), bytes) &&
        (!durable || fsync(fd.get()) == 0)) {
        return true;
    }
    return fd && discard(file);
}

bool FileWriting::replace(const std::filesystem::path& file, std::string_view bytes) const {
    const auto fresh = file.string() + ".new";
    return make(fresh, bytes) && (rename(fresh.c_str(), file.c_str()) == 0 || discard(fresh)) &&
           (!durable || sync_folder_of(file));
}

}  // namespace pwlog
