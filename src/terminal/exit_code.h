// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace pwlog {

/// What `pwlog` tells the shell, cron and systemd. The numbers are kept for ever: scripts rely on
/// them.
enum class ExitCode : std::uint8_t {
    ok = 0,
    failure = 1,     ///< anything that has no number of its own
    usage = 2,       ///< command line or configuration
    device = 3,      ///< a device or its port: absent, busy, denied, silent, another device
    spool = 4,       ///< the spool cannot be opened or written
    busy = 5,        ///< another pwlog is at work here
    server = 6,      ///< Elasticsearch: unreachable, refuses us, or is something else
    templates = 7,   ///< Elasticsearch lacks our templates, or has foreign ones
    incomplete = 8,  ///< done, but some lines or objects were refused
};

/// Added to the sum of the parts below when `once` fails in more than one of them.
inline constexpr int once_several_base = 16;

/// The parts of one cycle of `once`, each with what became of it.
struct OnceParts {
    ExitCode devices = ExitCode::ok;
    ExitCode spool = ExitCode::ok;
    ExitCode shipping = ExitCode::ok;
};

/// The exit status of `once`: the code of the part that failed, or, where several did,
/// 16 + 1 (devices) + 2 (spool) + 4 (shipping).
constexpr int once_exit_status(const OnceParts& parts) {
    const int failed = (parts.devices != ExitCode::ok ? 1 : 0) |
                       (parts.spool != ExitCode::ok ? 2 : 0) |
                       (parts.shipping != ExitCode::ok ? 4 : 0);
    switch (failed) {
        case 0:
            return 0;
        case 1:
            return static_cast<int>(parts.devices);
        case 2:
            return static_cast<int>(parts.spool);
        case 4:
            return static_cast<int>(parts.shipping);
        default:
            return once_several_base + failed;
    }
}

/// One line of the table in --help and docs/commands.md.
struct ExitCodeText {
    int status;
    std::string_view meaning;
};

inline constexpr std::array<ExitCodeText, 13> exit_code_texts{{
    {0, "done"},
    {1, "any failure not listed below"},
    {2, "command line or configuration"},
    {3, "device or port: absent, busy, no permission, silent, or another device"},
    {4, "spool: cannot be opened or written"},
    {5, "another pwlog is using this spool or socket"},
    {6, "Elasticsearch: unreachable, refuses the key, or is not Elasticsearch"},
    {7, "Elasticsearch has no pwlog templates, or foreign ones: pwlog setup"},
    {8, "done, but some lines or objects were refused"},
    {19, "once: devices and spool failed"},
    {21, "once: devices and shipping failed"},
    {22, "once: spool and shipping failed"},
    {23, "once: devices, spool and shipping failed"},
}};

/// The table for a help text.
std::string exit_code_help();

}  // namespace pwlog
