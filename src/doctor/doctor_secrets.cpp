// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/secret.h"
#include "doctor/doctor_steps.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::secrets;

bool is_exposed(const struct stat& file) { return (file.st_mode & (S_IRWXO | S_IWGRP)) != 0; }

Finding failed(std::string name, const std::string& file, std::string message, std::string next) {
    return {step, std::move(name), Verdict::fail, file, std::move(message), std::move(next)};
}

/// Why read_secret_file() refuses it. `logger`: who owns the spool.
Finding refused(const std::string& file, const Error& error, std::optional<uid_t> logger) {
    struct stat info {};
    const bool found = stat(file.c_str(), &info) == 0;
    if (error.kind == ErrorKind::denied && found && !is_exposed(info) && info.st_uid == logger &&
        logger != geteuid()) {
        return not_judged(
            step, fmt::format("only the logger's user may read {}: sudo pwlog doctor", file));
    }
    if (error.kind == ErrorKind::not_found) {
        return failed(
            "secret_missing", file, error.message,
            "write the file (mode 0600); for Elasticsearch `pwlog setup --api-key` makes a key");
    }
    if (error.kind == ErrorKind::denied && found && is_exposed(info)) {
        return failed(
            "secret_exposed", file, error.message,
            fmt::format("chmod 0640 {}, and replace the secret: others could read it", file));
    }
    if (error.kind == ErrorKind::denied && found && info.st_uid != 0 && info.st_uid != geteuid()) {
        return failed("secret_wrong_owner", file, error.message,
                      fmt::format("chown it to the user who runs pwlog (here uid {})", geteuid()));
    }
    if (error.kind == ErrorKind::denied) {
        return failed("secret_unreadable", file, error.message,
                      fmt::format("chown it to the user who runs pwlog (here uid {})", geteuid()));
    }
    return failed("secret_invalid", file, error.message,
                  "write the secret, and nothing else, on one line");
}

Finding examine_secret(const std::string& file, std::optional<uid_t> logger) {
    if (file.find('/') == std::string::npos && std::getenv("CREDENTIALS_DIRECTORY") == nullptr) {
        return {step, "secret_is_credential", Verdict::skipped, file,
                "is a systemd credential: only the service can read it"};
    }
    if (const auto secret = read_secret_file(file); !secret) {
        return refused(file, secret.error(), logger);
    }
    return {step, "secret_safe", Verdict::pass, file, "there, and nobody else can read it"};
}

/// Certificates may be read by all; keys not.
Finding examine_pem(const std::string& file, bool is_key) {
    struct stat info {};
    if (stat(file.c_str(), &info) != 0) {
        return failed("certificate_missing", file, std::strerror(errno),
                      "correct the path in the configuration, or put the file there");
    }
    if (access(file.c_str(), R_OK) != 0) {
        return failed("certificate_unreadable", file, std::strerror(errno),
                      fmt::format("let uid {} read it", geteuid()));
    }
    if (is_key && is_exposed(info)) {
        return failed("secret_exposed", file,
                      fmt::format("mode {:04o}: others have access to it", info.st_mode & 07777U),
                      fmt::format("chmod 0600 {}, and make a new key", file));
    }
    return {step, "certificate_readable", Verdict::pass, file, is_key ? "a key" : "certificates"};
}

/// Of [elasticsearch] or [mqtt].
template <class Section>
void examine_pems(const Section& config, Findings& findings) {
    for (const auto& file : {config.ca_file, config.client_cert}) {
        if (!file.empty()) {
            findings.push_back(examine_pem(file.string(), false));
        }
    }
    if (!config.client_key.empty()) {
        findings.push_back(examine_pem(config.client_key.string(), true));
    }
}

}  // namespace

Findings examine_secrets(const Config& config) {
    Findings findings;
    struct stat spool {};
    const bool known = stat(config.spool.path.c_str(), &spool) == 0;
    const auto logger = known ? std::optional(spool.st_uid) : std::nullopt;
    if (config.elasticsearch.authentication != AuthScheme::none) {
        findings.push_back(examine_secret(config.elasticsearch.secret_file, logger));
    }
    if (!config.elasticsearch.proxy_password_file.empty()) {
        findings.push_back(examine_secret(config.elasticsearch.proxy_password_file, logger));
    }
    examine_pems(config.elasticsearch, findings);
    if (config.mqtt) {
        if (!config.mqtt->password_file.empty()) {
            findings.push_back(examine_secret(config.mqtt->password_file, logger));
        }
        examine_pems(*config.mqtt, findings);
    }
    if (findings.empty()) {
        findings.push_back({step, "no_secrets", Verdict::pass, "", "none is configured"});
    }
    return findings;
}

}  // namespace pwlog
