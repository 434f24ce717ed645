// SPDX-License-Identifier: MIT
#include "elastic/curl_receiver.h"

#include <curl/curl.h>

#include <string_view>

namespace pwlog {
namespace {

constexpr std::size_t longest_headers = std::size_t{64} * 1024;

}  // namespace

std::size_t CurlReceiver::take_body_part(char* bytes, std::size_t size, std::size_t count,
                                         void* user) {
    auto& receiver = *static_cast<CurlReceiver*>(user);
    const std::size_t length = size * count;
    if (length > receiver.longest_body - receiver.body.size()) {
        receiver.too_long = true;
        return CURL_WRITEFUNC_ERROR;
    }
    receiver.body.append(bytes, length);
    return length;
}

std::size_t CurlReceiver::take_header(char* bytes, std::size_t size, std::size_t count,
                                      void* user) {
    auto& receiver = *static_cast<CurlReceiver*>(user);
    receiver.header_bytes += size * count;
    const std::string_view line(bytes, size * count);
    // Back to "no" at the next status line, as after "100 Continue"; trailers come later and change
    // nothing.
    receiver.headers_ended =
        line == "\r\n" || (receiver.headers_ended && !line.starts_with("HTTP/"));
    if (receiver.header_bytes > longest_headers) {
        receiver.too_long = true;
        return CURL_WRITEFUNC_ERROR;
    }
    return size * count;
}

}  // namespace pwlog
