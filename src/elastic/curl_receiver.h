// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace pwlog {

/// The bytes of one answer as they come in, with their bounds. The functions are what libcurl
/// calls, with a receiver as `user`.
struct CurlReceiver {
    std::string body;
    std::size_t header_bytes = 0;
    std::size_t longest_body = 0;
    bool too_long = false;
    bool headers_ended =
        false;  // libcurl takes a connection that ends amid the headers for success

    static std::size_t take_body_part(char* bytes, std::size_t size, std::size_t count, void* user);
    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* user);
};

}  // namespace pwlog
