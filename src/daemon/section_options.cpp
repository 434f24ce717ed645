// SPDX-License-Identifier: MIT
#include "daemon/section_options.h"

#include "setup/setup_objects.h"

namespace pwlog {

Result<HttpOptions> http_options(const ElasticConfig& config) {
    HttpOptions http;
    http.named_in = "hosts in [elasticsearch]";
    http.auth = config.authentication;
    http.username = config.username;
    if (config.authentication != AuthScheme::none) {
        auto secret = read_secret_file(config.secret_file);
        if (!secret) {
            return pass_on(secret);
        }
        http.secret = std::move(*secret);
        http.secret_file = config.secret_file;
    }
    http.ca_file = config.ca_file.string();
    http.ca_fingerprint = config.ca_fingerprint;
    http.client_cert = config.client_cert.string();
    http.client_key = config.client_key.string();
    http.proxy = config.proxy;
    http.proxy_username = config.proxy_username;
    if (!config.proxy_password_file.empty()) {
        auto password = read_secret_file(config.proxy_password_file);
        if (!password) {
            return pass_on(password);
        }
        http.proxy_password = std::move(*password);
        http.proxy_password_file = config.proxy_password_file;
    }
    http.gzip = config.gzip;
    http.total_timeout = config.timeout;
    return http;
}

Result<SenderOptions> sender_options(const ElasticConfig& config) {
    auto http = http_options(config);
    if (!http) {
        return pass_on(http);
    }
    SenderOptions options;
    options.servers = config.hosts;
    options.http = std::move(*http);
    options.templates = {template_version(), config.index_mode};
    options.limits = {config.batch_documents, config.batch_bytes};
    return options;
}

SpoolOptions spool_options(const SpoolConfig& config) {
    SpoolOptions options;
    options.directory = config.path;
    options.max_bytes = config.max_size;
    options.keep = config.keep;
    options.flush_interval = config.flush_interval;
    options.sync_each_sample = config.sync == SpoolSync::sample;
    return options;
}

ExitCode spool_exit_code(const Error& error) {
    return error.kind == ErrorKind::busy ? ExitCode::busy : ExitCode::spool;
}

}  // namespace pwlog
