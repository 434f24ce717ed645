#include "elastic/authorization.h"

#include <cstdint>
#include <string_view>

namespace pwlog {

namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= group.size() ? digits[bits >> (18 - 6 * i) & 63u] : '=';
        }
    }
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
