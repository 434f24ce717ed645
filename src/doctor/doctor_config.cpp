// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/text_values.h"
#include "doctor/doctor_steps.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::configuration;

/// What a problem is called, by the words of its text.
struct ProblemName {
    std::string_view words;
    std::string_view name;
    std::string_view next;
};
constexpr std::array<ProblemName, 5> problem_names{{
    {"unknown key", "config_unknown_key", "correct the key, or remove the line"},
    {"is too short: ", "interval_too_short", "use an interval longer than the line needs"},
    {"secrets are never in this file", "config_secret_inside",
     "move the secret to a file of its own, and replace it: others could read it here"},
    {"has no device", "config_invalid",
     "sudo pwlog discover, and paste the sections that it prints at the end of the file"},
    {"anyone may write to it", "config_writable", "chmod o-w the file"},
}};

Finding named(const std::filesystem::path& file, std::string_view line) {
    for (const auto& [words, name, next] : problem_names) {
        if (line.find(words) != std::string_view::npos) {
            return {step,          std::string(name), Verdict::fail,
                    file.string(), std::string(line), std::string(next)};
        }
    }
    return {step,          "config_invalid",  Verdict::fail,
            file.string(), std::string(line), "correct it; `man pwlog` explains every key"};
}

Findings problems(const std::filesystem::path& file, const Error& error) {
    if (error.kind == ErrorKind::not_found) {
        return {{step, "config_missing", Verdict::fail, file.string(), error.message,
                 "pwlog discover > pwlog.toml, or copy pwlog.example.toml"}};
    }
    if (error.kind == ErrorKind::denied || error.kind == ErrorKind::io) {
        return {{step, "config_unreadable", Verdict::fail, file.string(), error.message,
                 "chgrp pwlog and chmod 640 the file, or run this as root"}};
    }
    Findings findings;
    std::string_view rest = error.message;
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (end > 0) {
            findings.push_back(named(file, rest.substr(0, end)));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return findings;
}

}  // namespace

Findings examine_configuration(const std::filesystem::path& file, std::optional<Config>& config) {
    auto loaded = load_config(file);
    if (!loaded) {
        return problems(file, loaded.error());
    }
    config = *std::move(loaded);
    return {{step, "config_valid", Verdict::pass, file.string(),
             fmt::format(
                 "{} PDU, {} ATS, {}{}", config->pdus.size(), config->ats.size(),
                 counted(config->elasticsearch.hosts.size(), "host"),
                 config->fragments.empty()
                     ? ""
                     : ", with " + counted(config->fragments.size(), "fragment") + " of conf.d")}};
}

Findings take_loggers_place(const Config& config) {
    struct stat folder {};
    if (geteuid() != 0 || stat(config.spool.path.c_str(), &folder) != 0 || folder.st_uid == 0) {
        return {};
    }
    const passwd* user = getpwuid(folder.st_uid);  // no other thread runs yet
    if (user == nullptr) {
        return {
            {step, "user_unknown", Verdict::warn, "",
             fmt::format("the spool belongs to user {}, who has no account here: checking as root",
                         folder.st_uid)}};
    }
    if (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0) {
        return {{step, "user_unknown", Verdict::warn, "",
                 fmt::format("cannot check as user {}: checking as root", user->pw_name)}};
    }
    auto files = config.fragments;
    files.insert(files.begin(), config.file);
    for (const auto& file : files) {
        if (access(file.c_str(), R_OK) != 0) {
            return {{step, "config_unreadable", Verdict::fail, file.string(),
                     fmt::format("user {}, who owns the spool, may not read it", user->pw_name),
                     fmt::format("chgrp {} and chmod 640 the file", user->pw_name)}};
        }
    }
    return {{step, "user_is_logger", Verdict::pass, "",
             fmt::format("checking as user {}, who owns the spool", user->pw_name)}};
}

}  // namespace pwlog
