// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Where another index is, or several by a pattern: `https://host:9200/old-power-*`.
struct IndexAddress {
    ServerUrl server;
    std::string pattern;

    /// The error (invalid) says what is wrong; it never quotes what may be a password.
    static Result<IndexAddress> parse(std::string_view url, bool allow_plaintext);

    std::string text() const { return server.text() + "/" + pattern; }
};

/// Whether a SOURCE is an address and no file.
inline bool is_index_address(std::string_view source) {
    return source.starts_with("http://") || source.starts_with("https://");
}

}  // namespace pwlog
