// SPDX-License-Identifier: MIT
// The whole command set over a hidraw node, as it is seen from its other end: a socket that keeps
// the borders of messages stands for the node, each write is a report of 8 bytes, each read is one.
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "device/ask.h"
#include "device/ats_device.h"
#include "device/pdu_device.h"
#include "link/hid_link.h"
#include "protocol/query.h"
#include "scripted_device.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

using ReportNumber = std::optional<std::uint8_t>;
using Answers = std::map<std::string, std::string>;

constexpr std::size_t report_bytes = 8;

/// The device behind the node: takes reports apart as they must be, and answers in reports.
class Bridge {
  public:
    Bridge(Answers answers, ReportNumber number) : answers_(std::move(answers)), number_(number) {
        std::array<int, 2> ends{};
        REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) == 0);
        device_ = UniqueFd(ends[0]);
        host_ = UniqueFd(ends[1]);
        thread_ = std::jthread([this] { serve(); });
    }
    ~Bridge() { shutdown(device_.get(), SHUT_RDWR); }
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    Session session(std::string_view id) {
        const auto open = [this](const std::stop_token&) -> Result<std::unique_ptr<Link>> {
            return make_hid_link(std::move(host_), "/dev/hidraw9", number_, 1ms);
        };
        return {open, id, {}, system_clock};
    }

    /// How many reports were not as they must be. Only once the session is gone.
    int wrong_reports() {
        if (thread_.joinable()) {
            thread_.join();  // it ends with the session's end of the socket
        }
        return wrong_;
    }
    /// How many came beside QPI, which opens the line and goes between answers that look alike.
    long commands_but_identity() const {
        return std::count_if(commands_.begin(), commands_.end(),
                             [](const std::string& command) { return command != qpi.text; });
    }

  private:
    void serve() {
        std::array<char, 64> buffer{};
        std::string begun;
        for (;;) {
            const auto got = recv(device_.get(), buffer.data(), buffer.size(), 0);
            if (got <= 0) {
                return;
            }
            std::string report(buffer.data(), static_cast<std::size_t>(got));
            if (number_) {
                wrong_ += report[0] != static_cast<char>(*number_) ? 1 : 0;
                report.erase(0, 1);
            }
            wrong_ += report.size() != report_bytes ? 1 : 0;
            begun += report;
            if (const auto end = begun.find('\r'); end != std::string::npos) {
                wrong_ += begun.find_first_not_of('\0', end + 1) != std::string::npos ? 1 : 0;
                answer(begun.substr(0, end));
                begun.clear();
            }
        }
    }

    void answer(const std::string& command) {
        commands_.push_back(command);
        const auto found = answers_.find(command);
        std::string frame = fmt::format("({}\r", found == answers_.end() ? "NAK" : found->second);
        frame.resize((frame.size() + report_bytes - 1) / report_bytes * report_bytes, '\0');
        for (std::size_t at = 0; at < frame.size(); at += report_bytes) {
            // Who numbers its reports (not with 0) puts the number before each it gives, too.
            const std::string prefix =
                number_.value_or(0) == 0 ? "" : std::string(1, static_cast<char>(*number_));
            const std::string report = prefix + frame.substr(at, report_bytes);
            (void)send(device_.get(), report.data(), report.size(), MSG_NOSIGNAL);
        }
    }

    Answers answers_;
    ReportNumber number_;
    UniqueFd device_;
    UniqueFd host_;
    int wrong_ = 0;
    std::vector<std::string> commands_;
    std::jthread thread_;
};

Answers captured_memory() {
    return {{"QGM00", "000001"}, {"QGM01", "010714"}, {"QGM0:", "0:00=="},
            {"QGM0>", "0>0003"}, {"GM0000", "0258"},  {"GM0020", "0004"}};
}

Answers with(Answers answers, const Answers& more) {
    answers.insert(more.begin(), more.end());
    return answers;
}

const ReportNumber no_number;

/// The value, or the error as the test's failure.
template <class T>
T got(Result<T> result) {
    INFO((result ? std::string() : result.error().message));
    REQUIRE(result);
    return *std::move(result);
}

}  // namespace

TEST_CASE("every query and every set command of a PDU goes through 8-byte reports", "[device]") {
    const auto number = GENERATE(ReportNumber(0), ReportNumber(2), no_number);
    auto answers = with(captured_pdu(), captured_memory());
    for (const auto* command : {"CEC", "TP", "S,800", "S,8.1R0000", "S,A99R9999", "CS,8", "CS,A"}) {
        answers[command] = "ACK";
    }
    Bridge bridge(answers, number);
    const auto all = *pdu::SwitchPermit::of({1, 2, 3, 4, 5, 6, 7, 8});
    const pdu::LivePermit live(all);
    const auto eighth = *pdu::OutletChoice::number(8);
    {
        PduDevice device(bridge.session(pdu::protocol_id), system_clock);
        CHECK(got(device.read_model({})).name == "PDU");
        CHECK(got(device.read_status({})).input_voltage == Volts(222.5));
        CHECK(got(device.read_active_power({})).input == Watts(246));
        CHECK(got(device.read_apparent_power({})).input == VoltAmperes(336));
        CHECK(got(device.read_energy({})).input == KilowattHours(701.7));
        CHECK(got(device.read_countdowns({})).at(7) == pdu::Countdown{});
        CHECK(got(device.read_firmware({})) == "00.15");
        CHECK(got(device.read_memory(0, {})).front().raw == 1);
        CHECK(got(device.read_memory(1, {})).size() == 2);
        CHECK(got(device.read_memory(10, {})).front().raw == 0xDD);
        CHECK(got(device.read_memory(14, {})).front().raw == 3);
        CHECK(device.command(pdu::clear_energy(), live, {}).done);
        CHECK(device.command(pdu::self_test(), live, {}).done);
        CHECK(device.command(*pdu::shutdown(all, eighth, 0s, std::nullopt), live, {}).done);
        CHECK(device.command(*pdu::shutdown(all, eighth, 6s, 0min), live, {}).done);
        CHECK(
            device.command(*pdu::shutdown(all, pdu::OutletChoice::all(), 99min, 9999min), live, {})
                .done);
        CHECK(device.command(*pdu::cancel_shutdown(all, eighth), live, {}).done);
        CHECK(device.command(*pdu::cancel_shutdown(all, pdu::OutletChoice::all()), live, {}).done);
    }
    CHECK(bridge.wrong_reports() == 0);
    CHECK(bridge.commands_but_identity() == 18);
}

TEST_CASE("every query of an ATS goes through 8-byte reports", "[device]") {
    const auto number = GENERATE(ReportNumber(0), ReportNumber(2), no_number);
    Bridge bridge(with(captured_ats(), captured_memory()), number);
    {
        AtsDevice device(bridge.session(ats::protocol_id), system_clock);
        const auto cycle = got(device.read_cycle({}));
        CHECK(cycle.measurements.output_current == Amperes(2.2));
        CHECK(cycle.status.active_source() == 1);
        CHECK(got(ask<ats::Ratings>(device.session(), ats::qri, ats::decode_ratings, {}))
                  .output_current == Amperes(16));
        CHECK(got(device.read_firmware({})) == "00181.00");
        CHECK(got(device.read_memory(0, {})).front().raw == 258);
        CHECK(got(device.read_memory(20, {})).front().raw == 4);
    }
    CHECK(bridge.wrong_reports() == 0);
    CHECK(bridge.commands_but_identity() == 7);  // a status never seen is asked twice
}
