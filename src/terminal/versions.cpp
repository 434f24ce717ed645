// SPDX-License-Identifier: MIT
#include "terminal/versions.h"

#include <fmt/format.h>
#include <libserialport.h>
#include <rapidjson/rapidjson.h>
#include <spdlog/version.h>
#include <sqlite3.h>
#include <toml++/toml.h>
#include <zlib.h>

#include <CLI/Version.hpp>

#include "base/version.h"
#include "elastic/http.h"

namespace pwlog {

constinit const std::string_view version = PWLOG_VERSION;

std::string version_text() {
    std::string text = fmt::format("pwlog {}\n", version);
    const auto add = [&text](std::string_view name, std::string_view number) {
        text += fmt::format("{:<14} {}\n", name, number);
    };
    add("libcurl", http_library_versions());
    add("SQLite", sqlite3_libversion());
    add("libserialport", sp_get_package_version_string());
    add("zlib", zlibVersion());
    add("RapidJSON", RAPIDJSON_VERSION_STRING);
    add("toml++", fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH));
    add("CLI11", CLI11_VERSION);
    add("fmt",
        fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100));
    add("spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH));
    add("libsystemd", PWLOG_SYSTEMD_VERSION);
    text.pop_back();  // CLI11 ends it with a line feed
    return text;
}

}  // namespace pwlog
