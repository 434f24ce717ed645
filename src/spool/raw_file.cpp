#include "spool/raw_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pwlog {

Result<RawFile> RawFile::open(const std::filesystem::path& file) {
    // O_NONBLOCK: opening a FIFO that has taken the file's place must not wait for a writer.
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) {
        const int error = errno;
        return fail(error == ENOENT ? ErrorKind::not_found : ErrorKind::denied,
                    fmt::format("reading {}: {}", file.string(), std::strerror(error)));
    }
    return RawFile(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

std::string RawFile::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    std::size_t done = 0;
    while (done < length) {
        const auto count =
            pread(fd_.get(), bytes.data() + done, length - done, static_cast<off_t>(offset + done));
        if (count <= 0) {
            if (count < 0 && errno == EINTR) {
                continue;
            }
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

}  // namespace pwlog
