// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace pwlog {

/// The SHA-256 of a certificate as 64 lower-case hex digits, with or without colons between bytes
/// as openssl and Elasticsearch print it; empty where `text` is no such thing.
std::string normal_fingerprint(std::string_view text);

/// Has an SSL_CTX (OpenSSL's) trust one authority and no other: that of the chain that the server
/// sends whose fingerprint this is, in normal form. The rest of the check is as ever: signatures,
/// dates and, by libcurl, the host's name. `fingerprint` must outlive the context's connections.
void trust_only(void* ssl_context, const std::string& fingerprint);

}  // namespace pwlog
