// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/secret.h"
#include "elastic/http.h"

namespace pwlog {

/// The key and the certificates that HttpOptions names, as their files held them last: files are
/// replaced while a daemon runs.
class Credentials {
  public:
    static Result<Credentials> open(const HttpOptions& options);

    /// The value of the Authorization header; empty: none.
    const Secret& authorization() const { return authorization_; }

    /// Reads the files again. True if one holds something else than before; a key that cannot be
    /// read or used leaves the old one in place.
    bool renew(const HttpOptions& options);

  private:
    Credentials(Secret authorization, std::size_t certificates)
        : authorization_(std::move(authorization)), certificates_(certificates) {}

    Secret authorization_;
    std::size_t certificates_;  // a hash: the key of a certificate is not to lie in memory
};

}  // namespace pwlog
