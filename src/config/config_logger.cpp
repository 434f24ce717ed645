// SPDX-License-Identifier: MIT
#include <algorithm>

#include "config/config_sections.h"

namespace pwlog {
namespace {

using namespace std::chrono_literals;

void read_host_name(TableReader& top, Config& config) {
    const auto is_unfit = [](char c) { return (c >= 0 && c < ' ') || c == 127 || c == '/'; };
    if (top.read("host_name", config.host_name) &&
        (config.host_name.find_first_of("+#") != std::string::npos ||
         std::any_of(config.host_name.begin(), config.host_name.end(), is_unfit))) {
        top.problem("host_name",
                    "expected a name without +, #, / and control characters: it "
                    "becomes a part of topics and ids");
    }
}

void read_control_socket(TableReader& top, Config& config) {
    // sun_path has 108 bytes with its final NUL (unix(7)).
    if (top.read_path("control_socket", config.control_socket) &&
        config.control_socket.string().size() > 107) {
        top.problem("control_socket", "is longer than the 107 characters a socket's path can have");
    }
}

const auto& logger_keys() {
    using S = Config;
    static const auto keys = std::tuple_cat(
        std::tuple{Key{"interval",
                       &S::interval,
                       Duration{{1ms, 24h}},
                       "between documents of each device, aligned to the clock",
                       {},
                       Stand::needed}},
        session_keys(),
        std::tuple{
            Key{"log_level", &S::log_level,
                Word<LogLevel>{{{"error", LogLevel::error},
                                {"warning", LogLevel::warning},
                                {"info", LogLevel::info},
                                {"debug", LogLevel::debug}}},
                "error, warning, info, debug"},
            SpecialKey<S>{"host_name", &read_host_name, R"("rack1")",
                          "host.name in documents; the machine's own name if left out"},
            Key{"clock_wait", &S::clock_wait, Duration{{0s, 1h}},
                "longest wait at the start for a synchronised clock"},
            Key{"logger_interval", &S::logger_interval, Duration{{0s, 24h}},
                R"(between documents about pwlog itself; "0s" = none)"},
            SpecialKey<S>{"control_socket", &read_control_socket, R"("/run/pwlog/pwlog.sock")",
                          "the daemon's socket for commands"}});
    return keys;
}

}  // namespace

void read_logger(TableReader& top, Config& config) { read_keys(top, config, logger_keys()); }

SectionFacts logger_facts() { return {"", false, true, "", facts_of(Config{}, logger_keys())}; }

}  // namespace pwlog
