// SPDX-License-Identifier: MIT
#include "base/tls_files.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string_view>

namespace pwlog {

namespace {

tl::unexpected<Error> unusable(std::string_view key, const std::string& file) {
    const auto code = ERR_peek_last_error();
    const char* const reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return fail(ErrorKind::invalid,
                fmt::format("{} \"{}\": {}", key, file, reason == nullptr ? "not usable" : reason));
}

}  // namespace

Result<void> use_tls_files(ssl_ctx_st* context, const TlsFiles& files) {
    const auto& [ca, certificate, key] = files;
    ERR_clear_error();
    if (ca.empty()) {
        SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_file(context, ca.c_str()) != 1) {
        return unusable("ca_file", ca);
    }
    if (!certificate.empty() &&
        SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return unusable("client_cert", certificate);
    }
    // It also finds a key that does not belong to the certificate.
    if (!key.empty() && SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return unusable("client_key", key);
    }
    return {};
}

Result<void> check_tls_files(const TlsFiles& files) {
    if (files.ca_file.empty() && files.client_cert.empty() && files.client_key.empty()) {
        return {};
    }
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    return use_tls_files(context.get(), files);
}

}  // namespace pwlog
