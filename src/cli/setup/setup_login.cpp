// SPDX-License-Identifier: MIT
#include "cli/setup/setup_login.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstring>

#include "base/secret.h"
#include "daemon/section_options.h"

namespace pwlog {
namespace {

constexpr auto privileges =
    "cluster privileges monitor, manage_index_templates, manage_ilm and, for --api-key, "
    "manage_own_api_key; on powerwalker-* the index privileges manage, create_doc and read";

/// From the terminal without echo; from standard input where there is no terminal.
Result<Secret> ask_password(const std::string& user) {
    // glibc's keeps what was typed in a buffer of its own.
    char* typed = getpass(fmt::format("Password of {}: ", user).c_str());
    if (typed == nullptr || *typed == '\0') {
        return fail(ErrorKind::invalid, fmt::format("no password given for {}; --password-file "
                                                    "FILE reads it from a file",
                                                    user));
    }
    Secret password{std::string(typed)};
    explicit_bzero(typed, std::strlen(typed));
    return password;
}

}  // namespace

Result<HttpOptions> setup_http(const SetupLogin& login, const ElasticConfig& config) {
    ElasticConfig anonymous = config;
    anonymous.authentication = AuthScheme::none;
    if (login.user.empty()) {
        auto configured = http_options(config);
        if (!configured && configured.error().kind == ErrorKind::denied &&
            access(config.secret_file.c_str(), R_OK) != 0) {
            return fail(ErrorKind::denied,
                        configured.error().message + ": use sudo, or log in with --user NAME");
        }
        const bool unwritten = !configured && configured.error().kind == ErrorKind::not_found;
        return unwritten ? http_options(anonymous) : std::move(configured);
    }
    auto http = http_options(anonymous);
    if (!http) {
        return http;
    }
    // A path in any case: the name alone would be a systemd credential's.
    auto password = login.password_file.empty()
                        ? ask_password(login.user)
                        : read_secret_file(std::filesystem::absolute(login.password_file).string());
    if (!password) {
        return pass_on(password);
    }
    http->auth = AuthScheme::basic;
    http->username = login.user;
    http->secret = *std::move(password);
    return http;
}

std::string login_advice(const SetupLogin& login, std::string_view answer) {
    const bool unknown = answer.find("HTTP 401") != answer.npos;
    if (!unknown && answer.find("HTTP 403") == answer.npos) {
        return {};
    }
    if (login.user.empty()) {
        return fmt::format(
            "setup needs an administrator's login, for this once: add `--user NAME` (often "
            "elastic), which asks for the password, or --password-file FILE too\n"
            "the login needs {}",
            privileges);
    }
    return unknown ? fmt::format("the name {} or its password is wrong", login.user)
                   : fmt::format("{} needs {}", login.user, privileges);
}

std::optional<uid_t> key_owner() {
    const passwd* user = geteuid() == 0 ? getpwnam("pwlog") : nullptr;  // no other thread runs
    return user == nullptr ? std::nullopt : std::optional(user->pw_uid);
}

}  // namespace pwlog
