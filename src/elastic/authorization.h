// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "elastic/http.h"

namespace pwlog {

/// The value of the Authorization header; empty for AuthScheme::none. An API key may be given as
/// Elasticsearch's `encoded` (base64) or as `id:key`, which base64 cannot look like.
Result<Secret> authorization_value(AuthScheme scheme, const std::string& username,
                                   const Secret& secret);

}  // namespace pwlog
