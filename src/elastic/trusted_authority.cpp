// SPDX-License-Identifier: MIT
#include "elastic/trusted_authority.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "base/parse_number.h"

namespace pwlog {
namespace {

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    std::string text;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) == 1) {
        for (unsigned int i = 0; i < length; ++i) {
            text += fmt::format("{:02x}", digest.at(i));
        }
    }
    return text;
}

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

/// Called by OpenSSL with the chain that the server sent.
int verify(X509_STORE_CTX* store, void* user) {
    const auto& wanted = *static_cast<const std::string*>(user);
    STACK_OF(X509)* const sent = X509_STORE_CTX_get0_untrusted(store);
    const std::unique_ptr<STACK_OF(X509), FreeStack> trusted(sk_X509_new_null());
    for (int i = 0; i < sk_X509_num(sent); ++i) {
        X509* const certificate = sk_X509_value(sent, i);
        if (fingerprint_of(certificate) == wanted && trusted) {
            sk_X509_push(trusted.get(), certificate);
        }
    }
    X509_STORE_CTX_set0_trusted_stack(store, trusted.get());
    const int verdict = X509_verify_cert(store);
    X509_STORE_CTX_set0_trusted_stack(store, nullptr);
    return verdict;
}

}  // namespace

std::string normal_fingerprint(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c >= 'A' && c <= 'F') {
            digits += static_cast<char>(c - 'A' + 'a');
        } else if (is_digit(c) || (c >= 'a' && c <= 'f')) {
            digits += c;
        } else if (c != ':') {
            return {};
        }
    }
    constexpr std::size_t sha256_digits = 64;
    return digits.size() == sha256_digits ? digits : std::string();
}

void trust_only(void* ssl_context, const std::string& fingerprint) {
    // OpenSSL's C interface takes what the callback gets as a pointer to anything.
    SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(ssl_context), &verify,
                                     const_cast<std::string*>(&fingerprint));  // NOLINT
}

}  // namespace pwlog
