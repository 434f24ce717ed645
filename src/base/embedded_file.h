// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog {

/// A file of the source tree that was put into the program when it was built: cmake/embed.cmake.
struct EmbeddedFile {
    std::string_view path;  ///< "ilm/powerwalker.json", below the folder that was embedded
    std::string_view text;
};

}  // namespace pwlog
