// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/secret.h"
#include "elastic/http.h"

namespace pwlog {

/// The key, the proxy's password and the certificates that HttpOptions names, as their files held
/// them last: files are replaced while a daemon runs.
class Credentials {
  public:
    static Result<Credentials> open(const HttpOptions& options);

    /// The value of the Authorization header; empty: none.
    const Secret& authorization() const { return authorization_; }

    const Secret& proxy_password() const { return proxy_password_; }

    /// Reads the files again. True if one holds something else than before; what cannot be read or
    /// used leaves the old one in place.
    bool renew(const HttpOptions& options);

  private:
    Credentials(Secret authorization, Secret proxy_password, std::size_t certificates)
        : authorization_(std::move(authorization)),
          proxy_password_(std::move(proxy_password)),
          certificates_(certificates) {}
    bool renew_authorization(const HttpOptions& options);
    bool renew_proxy_password(const HttpOptions& options);

    Secret authorization_;
    Secret proxy_password_;
    std::size_t certificates_;  // a hash: the key of a certificate is not to lie in memory
};

}  // namespace pwlog
