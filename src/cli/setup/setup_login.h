// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"
#include "elastic/http.h"

namespace pwlog {

/// Who changes the server. The key that `run` uses can't: it may only write documents.
struct SetupLogin {
    std::string user;                     ///< empty: the configured credentials
    std::filesystem::path password_file;  ///< empty: the password is asked for
};

/// Credentials that are configured but not written yet count as none: a cluster without security
/// asks for none, any other answers 401, and login_advice() says what is missing.
Result<HttpOptions> setup_http(const SetupLogin& login, const ElasticConfig& config);

/// What to do about an answer that refuses the login (HTTP 401 or 403); empty for any other text.
std::string login_advice(const SetupLogin& login, std::string_view answer);

/// Made by root for the daemon, a key is the daemon's.
std::optional<uid_t> key_owner();

}  // namespace pwlog
