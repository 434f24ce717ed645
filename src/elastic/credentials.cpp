// SPDX-License-Identifier: MIT
#include "elastic/credentials.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "elastic/authorization.h"

namespace pwlog {

namespace {

std::size_t hash_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    Secret content(std::string(std::istreambuf_iterator<char>(file), {}));
    return std::hash<std::string_view>()(content.reveal());
}

std::size_t hash_of_certificates(const HttpOptions& options) {
    std::size_t all = 0;
    for (const auto* path : {&options.ca_file, &options.client_cert, &options.client_key}) {
        all = all * 31 + (path->empty() ? 0 : hash_of_file(*path));
    }
    return all;
}

}  // namespace

Result<Credentials> Credentials::open(const HttpOptions& options) {
    auto authorization = authorization_value(options.auth, options.username, options.secret);
    if (!authorization) {
        return pass_on(authorization);
    }
    return Credentials(std::move(*authorization), hash_of_certificates(options));
}

bool Credentials::renew(const HttpOptions& options) {
    const auto before = std::exchange(certificates_, hash_of_certificates(options));
    bool changed = certificates_ != before;
    if (options.auth == AuthScheme::none || options.secret_file.empty()) {
        return changed;
    }
    const auto secret = read_secret_file(options.secret_file);
    if (!secret) {
        return changed;
    }
    auto authorization = authorization_value(options.auth, options.username, *secret);
    if (authorization && authorization->reveal() != authorization_.reveal()) {
        authorization_ = std::move(*authorization);
        changed = true;
    }
    return changed;
}

}  // namespace pwlog
