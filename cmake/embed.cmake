# SPDX-License-Identifier: MIT
# pwlog_embed(TARGET FUNCTION FOLDER file …): puts files into the program, so that it works without them
# being installed. TARGET gains `std::span<const pwlog::EmbeddedFile> pwlog::FUNCTION()`; whoever calls it
# declares it. The files are named below FOLDER, which is taken from the top of the source tree.
function(pwlog_embed target function folder)
    set(entries "")
    foreach(file IN LISTS ARGN)
        set(source "${PROJECT_SOURCE_DIR}/${folder}/${file}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
        file(READ "${source}" text)
        string(APPEND entries "    {\"${file}\", R\"embedded(${text})embedded\"sv},\n")
    endforeach()
    set(output "${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp")
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT [[
#include <span>

#include "base/embedded_file.h"

using namespace std::string_view_literals;

// ISO C++ asks compilers for 64 KiB only; g++ and clang take more.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace pwlog {

std::span<const EmbeddedFile> @function@();

std::span<const EmbeddedFile> @function@() {
    static constexpr EmbeddedFile files[] = {
@entries@    };
    return files;
}

}  // namespace pwlog
]])
    target_sources(${target} PRIVATE "${output}")
endfunction()
