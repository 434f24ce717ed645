// SPDX-License-Identifier: MIT
#include "elastic/authorization.h"

#include <openssl/evp.h>

#include <string>
#include <string_view>

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

}  // namespace

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

}  // namespace pwlog
