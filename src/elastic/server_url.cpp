// SPDX-License-Identifier: MIT
#include "elastic/server_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {

namespace {

struct Parts {
    std::string_view host;
    std::string_view port;
    std::string_view prefix;
};

bool all_digits(std::string_view text) { return !text.empty() && are_digits(text); }

bool valid_port(std::string_view port) {
    if (!all_digits(port) || port.size() > 5) {
        return false;
    }
    unsigned number = 0;
    for (const char digit : port) {
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    return number >= 1 && number <= 65535;
}

/// A host name, an IPv4 address or an IPv6 address in brackets: no character that libcurl could
/// read as something else.
bool valid_host(std::string_view host) {
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const auto inner = bracketed ? host.substr(1, host.size() - 2) : host;
    return !inner.empty() && std::all_of(inner.begin(), inner.end(), [bracketed](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return std::isalnum(byte) != 0 || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
    });
}

/// 127.0.0.0/8, ::1 and localhost; libcurl resolves the last one to loopback without asking
/// anybody.
bool is_this_machine(std::string_view host) {
    if (host == "localhost" || host == "[::1]") {
        return true;
    }
    return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
           std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || is_digit(c); });
}

Parts split(std::string_view rest) {
    Parts parts;
    const auto slash = std::min(rest.find('/'), rest.size());
    parts.prefix = rest.substr(slash);
    while (parts.prefix.ends_with('/')) {
        parts.prefix.remove_suffix(1);
    }
    const auto authority = rest.substr(0, slash);
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    parts.host = authority.substr(0, colon);
    parts.port = colon == authority.npos ? std::string_view() : authority.substr(colon);
    return parts;
}

}  // namespace

Result<ServerUrl> ServerUrl::parse(std::string_view text, bool allow_plaintext) {
    if (text.find('@') != text.npos) {  // not quoted: what stands before it may be a password
        return fail(
            ErrorKind::invalid,
            "a server's address holds '@': user and password do not belong there, use username "
            "and password_file");
    }
    const auto refuse = [text](std::string_view why) {
        return fail(ErrorKind::invalid,
                    fmt::format("server address '{}' {}", printable(text), why));
    };
    const bool encrypted = text.starts_with("https://");
    if (!encrypted && !text.starts_with("http://")) {
        return refuse("does not start with https:// (or http://)");
    }
    const std::string_view scheme = encrypted ? "https://" : "http://";
    if (text.find_first_of("?#\\%") != text.npos || printable(text, text.size()) != text ||
        text.find(' ') != text.npos) {
        return refuse("holds a character that does not belong there");
    }
    const auto parts = split(text.substr(scheme.size()));
    if (!valid_host(parts.host)) {
        return refuse("has no valid host name");
    }
    if (!parts.port.empty() && !valid_port(parts.port.substr(1))) {
        return refuse("has no valid port");
    }
    if (!encrypted && !allow_plaintext && !is_this_machine(parts.host)) {
        return refuse(
            "is not encrypted and not this machine; use https://, or set allow_plaintext = true if "
            "the "
            "network in between is trusted");
    }
    return ServerUrl(fmt::format("{}{}{}{}", scheme, parts.host, parts.port, parts.prefix));
}

}  // namespace pwlog
