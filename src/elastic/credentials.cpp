// SPDX-License-Identifier: MIT
#include "elastic/credentials.h"

#include <openssl/evp.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace pwlog {

namespace {

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // it ends with a NUL
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                    reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

Secret joined(std::string_view scheme, std::string_view credentials) {
    std::string value(scheme);
    value += credentials;
    return Secret(std::move(value));
}

/// The value of the Authorization header; empty for AuthScheme::none. An API key may be given as
/// Elasticsearch's `encoded` (base64) or as `id:key`, which base64 cannot look like.
Result<Secret> authorization_value(AuthScheme scheme, const std::string& username,
                                   const Secret& secret) {
    if (scheme == AuthScheme::none) {
        return Secret();
    }
    if (secret.empty()) {
        return fail(ErrorKind::invalid, "authentication is configured, but its secret is empty");
    }
    const auto text = secret.reveal();
    switch (scheme) {
        case AuthScheme::api_key:
            return joined("ApiKey ",
                          text.find(':') == text.npos ? std::string(text) : base64(text));
        case AuthScheme::bearer:
            return joined("Bearer ", text);
        case AuthScheme::basic: {
            if (username.empty() || username.find(':') != username.npos) {
                return fail(ErrorKind::invalid,
                            "the user name for basic authentication is empty or "
                            "holds a colon");
            }
            std::string pair = username + ":";
            pair += text;
            return joined("Basic ", base64(pair));
        }
        case AuthScheme::none:
            break;
    }
    return Secret();
}

/// None where one of them cannot be read.
std::optional<std::size_t> hash_of_certificates(const HttpOptions& options) {
    std::size_t all = 0;
    for (const auto* path : {&options.ca_file, &options.client_cert, &options.client_key}) {
        std::ifstream file(*path, std::ios::binary);
        if (!path->empty() && !file) {
            return std::nullopt;
        }
        const Secret content(std::string(std::istreambuf_iterator<char>(file), {}));
        all = all * 31 + (path->empty() ? 0 : std::hash<std::string_view>()(content.reveal()));
    }
    return all;
}

}  // namespace

Result<Credentials> Credentials::open(const HttpOptions& options) {
    auto authorization = authorization_value(options.auth, options.username, options.secret);
    if (!authorization) {
        return pass_on(authorization);
    }
    return Credentials(std::move(*authorization), options.proxy_password,
                       hash_of_certificates(options).value_or(0));
}

bool Credentials::renew(const HttpOptions& options) {
    const auto before =
        std::exchange(certificates_, hash_of_certificates(options).value_or(certificates_));
    const bool has_key_changed = renew_authorization(options);
    const bool has_password_changed = renew_proxy_password(options);
    return certificates_ != before || has_key_changed || has_password_changed;
}

bool Credentials::renew_authorization(const HttpOptions& options) {
    if (options.auth == AuthScheme::none || options.secret_file.empty()) {
        return false;
    }
    const auto secret = read_secret_file(options.secret_file);
    auto authorization =
        secret ? authorization_value(options.auth, options.username, *secret) : pass_on(secret);
    const bool changed = authorization && authorization->reveal() != authorization_.reveal();
    if (changed) {
        authorization_ = std::move(*authorization);
    }
    return changed;
}

bool Credentials::renew_proxy_password(const HttpOptions& options) {
    if (options.proxy_password_file.empty()) {
        return false;
    }
    auto password = read_secret_file(options.proxy_password_file);
    const bool changed = password && password->reveal() != proxy_password_.reveal();
    if (changed) {
        proxy_password_ = std::move(*password);
    }
    return changed;
}

}  // namespace pwlog
