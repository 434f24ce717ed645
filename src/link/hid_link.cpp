// SPDX-License-Identifier: MIT
#include "link/hid_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "link/port_lock.h"

namespace pwlog {
namespace {

constexpr std::size_t report_size = 8;

}  // namespace

HidLink::HidLink(UniqueFd fd, std::string name, std::optional<std::uint8_t> report_number,
                 std::chrono::milliseconds report_gap)
    : io_(std::move(fd), std::move(name)), report_number_(report_number), report_gap_(report_gap) {}

Result<void> HidLink::write(std::string_view bytes, SteadyTime deadline,
                            const std::stop_token& stop) {
    while (!bytes.empty()) {
        auto sent = write_report(bytes.substr(0, report_size), deadline, stop);
        if (!sent) {
            return sent;
        }
        bytes.remove_prefix(std::min(bytes.size(), report_size));
        if (bytes.empty()) {
            break;
        }
        const auto next = std::chrono::steady_clock::now() + report_gap_;
        if (auto paused = io_.pause_until(std::min(next, deadline), stop); !paused) {
            return paused;
        }
        if (next > deadline) {
            return fail(ErrorKind::timeout,
                        fmt::format("{}: no time left for all reports of the command", name()));
        }
    }
    return {};
}

Result<void> HidLink::write_report(std::string_view bytes, SteadyTime deadline,
                                   const std::stop_token& stop) {
    std::string report;
    if (report_number_) {
        report += static_cast<char>(*report_number_);
    }
    report += bytes;
    report.append(report_size - bytes.size(), '\0');
    const auto sent = io_.write_some(report, deadline, stop);
    if (!sent) {
        return pass_on(sent);
    }
    if (*sent != report.size()) {
        return fail(ErrorKind::io, fmt::format("{}: {} of a report's {} bytes were taken", name(),
                                               *sent, report.size()));
    }
    return {};
}

Result<std::size_t> HidLink::read(std::span<char> buffer, SteadyTime deadline,
                                  const std::stop_token& stop) {
    while (unread_.empty()) {
        std::array<char, 64> report{};  // larger than ours: oversized ones have been seen
        auto got = io_.read_some(report, deadline, stop);
        if (!got) {
            return got;
        }
        unread_.assign(report.data(), *got);
        if (report_number_.value_or(0) != 0) {
            unread_.erase(0, 1);  // a device that numbers its reports numbers these, too
        }
        // Padding ends a report. A NUL before other bytes is damage, for the decoder to see.
        unread_.erase(unread_.find_last_not_of('\0') + 1);
        if (unread_.empty() && std::chrono::steady_clock::now() >= deadline) {
            return fail(ErrorKind::timeout, fmt::format("{}: only empty reports in time", name()));
        }
    }
    const auto count = unread_.copy(buffer.data(), buffer.size());
    unread_.erase(0, count);
    return count;
}

Result<void> HidLink::discard_input() {
    unread_.clear();
    return io_.drain();  // there is no tcflush() for hidraw
}

std::unique_ptr<Link> make_hid_link(UniqueFd fd, std::string name,
                                    std::optional<std::uint8_t> report_number,
                                    std::chrono::milliseconds report_gap) {
    return std::make_unique<HidLink>(std::move(fd), std::move(name), report_number, report_gap);
}

Result<std::unique_ptr<Link>> open_hid_link(const PortOptions& options, const std::string& path) {
    auto port = open_locked(options.name, path);
    if (!port) {
        return pass_on(port);
    }
    return make_hid_link(std::move(*port), options.name, options.report_number, options.report_gap);
}

}  // namespace pwlog
