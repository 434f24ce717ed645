// SPDX-License-Identifier: MIT
#include "base/sync_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace pwlog {

bool sync_folder_of(const std::filesystem::path& file) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && fsync(fd.get()) == 0;
}

}  // namespace pwlog
