// SPDX-License-Identifier: MIT
#include "backfill/input/scratch_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace pwlog {

UniqueFd open_scratch_file() {
    const char* const given = std::getenv("TMPDIR");
    const std::string folder = given != nullptr && *given != '\0' ? given : "/var/tmp";
    UniqueFd fd(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!fd && (errno == EOPNOTSUPP || errno == EISDIR)) {  // not every file system can
        std::string name = folder + "/pwlog-XXXXXX";
        fd = UniqueFd(mkostemp(name.data(), O_CLOEXEC));
        if (fd) {
            unlink(name.c_str());
        }
    }
    return fd;
}

}  // namespace pwlog
