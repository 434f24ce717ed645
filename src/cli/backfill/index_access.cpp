// SPDX-License-Identifier: MIT
#include "cli/backfill/index_access.h"

#include <algorithm>

#include "daemon/section_options.h"

namespace pwlog {
namespace {

bool is_configured(const Config& config, const ServerUrl& server) {
    return std::any_of(config.elasticsearch.hosts.begin(), config.elasticsearch.hosts.end(),
                       [&](const ServerUrl& host) { return host.text() == server.text(); });
}

Result<HttpOptions> given_access(const IndexAccess& access) {
    HttpOptions http;
    http.named_in = "the address of SOURCE";
    http.ca_file = access.ca_file;
    http.auth = !access.api_key_file.empty()    ? AuthScheme::api_key
                : !access.token_file.empty()    ? AuthScheme::bearer
                : !access.password_file.empty() ? AuthScheme::basic
                                                : AuthScheme::none;
    http.username = access.user;
    const auto& file = !access.api_key_file.empty() ? access.api_key_file
                       : !access.token_file.empty() ? access.token_file
                                                    : access.password_file;
    if (!file.empty()) {
        auto secret = read_secret_file(file);
        if (!secret) {
            return pass_on(secret);
        }
        http.secret = std::move(*secret);
        http.secret_file = file;
    }
    return http;
}

}  // namespace

void add_index_options(CLI::App& command, IndexAccess& access) {
    auto* const key = add_value(command, "--source-api-key-file FILE", access.api_key_file,
                                "index: the file with an API key of its server");
    auto* const token = add_value(command, "--source-token-file FILE", access.token_file,
                                  "index: the file with a bearer token");
    auto* const user =
        add_value(command, "--source-user NAME", access.user, "index: user name, for a password");
    auto* const password = add_value(command, "--source-password-file FILE", access.password_file,
                                     "index: the file with the password");
    add_value(command, "--source-ca-file FILE", access.ca_file,
              "index: PEM file with the certificate authority to trust");
    add_value(command, "--slices N", access.slices, "index: number of parts read in parallel")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    user->needs(password);
    password->needs(user)->excludes(key)->excludes(token);
    key->excludes(token);
}

Result<IndexQuery> index_query(const IndexAccess& access, const Config& config,
                               const std::string& source) {
    auto address = IndexAddress::parse(source, config.elasticsearch.allow_plaintext);
    if (!address) {
        return pass_on(address);
    }
    const bool nothing_given = access.api_key_file.empty() && access.token_file.empty() &&
                               access.password_file.empty() && access.ca_file.empty();
    auto http = nothing_given && is_configured(config, address->server)
                    ? http_options(config.elasticsearch)
                    : given_access(access);
    if (!http) {
        return pass_on(http);
    }
    return IndexQuery{
        .address = std::move(*address), .http = std::move(*http), .slices = access.slices};
}

}  // namespace pwlog
