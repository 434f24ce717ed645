// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace pwlog {

/// PEM files of one end of a TLS connection; empty: the system's authorities, no certificate.
struct TlsFiles {
    std::string ca_file;
    std::string client_cert;
    std::string client_key;
};

/// Has OpenSSL read them. `invalid`, naming the key of the configuration and the file: one of them
/// cannot be used.
Result<void> use_tls_files(ssl_ctx_st* context, const TlsFiles& files);

/// Whether that would do now; of what is not named nothing is asked.
Result<void> check_tls_files(const TlsFiles& files);

}  // namespace pwlog
