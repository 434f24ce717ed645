// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// What the system said of a file, by what can be done about it.
inline tl::unexpected<Error> file_error(std::string_view what, const std::filesystem::path& file,
                                        int error = errno) {
    const auto kind = error == ENOSPC || error == EDQUOT                    ? ErrorKind::full
                      : error == EACCES || error == EPERM || error == EROFS ? ErrorKind::denied
                                                                            : ErrorKind::io;
    return fail(kind, fmt::format("{} {}: {}", what, file.string(), std::strerror(error)));
}

}  // namespace pwlog
