// SPDX-License-Identifier: MIT
#include "backfill/index/index_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/printable.h"

namespace pwlog {
namespace {

// What Elasticsearch takes as names, with patterns, lists, exclusions and other clusters' names;
// not what an API's name begins with.
bool valid_pattern(std::string_view pattern) {
    return !pattern.empty() && pattern.front() != '_' &&
           std::all_of(pattern.begin(), pattern.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return std::isdigit(byte) != 0 || std::islower(byte) != 0 ||
                      std::string_view("._-+*,:~").find(c) != std::string_view::npos;
           });
}

}  // namespace

Result<IndexAddress> IndexAddress::parse(std::string_view url, bool allow_plaintext) {
    if (url.find('@') != url.npos) {  // not quoted: what stands before it may be a password
        return fail(ErrorKind::invalid,
                    "the SOURCE's address holds '@': user and password do not belong there; give "
                    "--source-user and --source-password-file");
    }
    while (url.ends_with('/')) {
        url.remove_suffix(1);
    }
    const std::size_t host = std::min(url.find("://"), url.size() - 3) + 3;
    const std::size_t slash = url.rfind('/');
    if (slash == url.npos || slash < host) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: no index given: its name, or a pattern, comes after the "
                                "address: {}/old-power-*",
                                printable(url), printable(url)));
    }
    const auto pattern = url.substr(slash + 1);
    if (!valid_pattern(pattern)) {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' is not the name or pattern of an index", printable(pattern)));
    }
    auto server = ServerUrl::parse(url.substr(0, slash), allow_plaintext);
    if (!server) {
        return pass_on(server);
    }
    return IndexAddress{std::move(*server), std::string(pattern)};
}

}  // namespace pwlog
