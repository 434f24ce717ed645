// SPDX-License-Identifier: MIT
// Nothing reaches the wire for an outlet that is not switchable at that moment: random orders,
// typed commands and requests of every kind, and permits that change before and while an order is
// under way, against what the device hears, byte by byte. PWLOG_WALL_SEQUENCES=1000000 for a long
// run.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>

#include "cli/device_methods.h"
#include "control/device_requests.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"
#include "switching/switching.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

int sequence_count() {
    const char* wanted = std::getenv("PWLOG_WALL_SEQUENCES");
    return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 100'000;
}

/// The outlets that a device could take a request for, whatever it makes of case, blanks and what
/// stands around; 0 stands for all of them.
std::set<int> outlets_meant(const std::string& request) {
    std::string text;
    for (const char c : request) {
        text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    std::set<int> meant;
    for (auto at = text.find("S,"); at != std::string::npos; at = text.find("S,", at + 1)) {
        const char outlet = at + 2 < text.size() ? text[at + 2] : '\0';
        meant.insert(outlet >= '1' && outlet <= '8' ? outlet - '0' : 0);
    }
    if (meant.empty() && (text.starts_with('S') || text.starts_with("CS"))) {
        meant.insert(0);
    }
    return meant;
}

/// A PDU without a wire: hears every byte, answers at once, not always well.
class Tap final : public Link {
  public:
    explicit Tap(std::mt19937& dice) : dice_(dice) {}

    Result<void> write(std::string_view bytes, SteadyTime, const std::stop_token&) override {
        for (const char byte : bytes) {
            if (byte == '\r') {
                heard.push_back({request_, permit});
                answer();
                request_.clear();
            } else {
                request_ += byte;
            }
        }
        return {};
    }
    Result<std::size_t> read(std::span<char> buffer, SteadyTime, const std::stop_token&) override {
        if (answer_.empty()) {
            return fail(ErrorKind::timeout, "silence");
        }
        const auto count = std::min(buffer.size(), answer_.size());
        std::copy_n(answer_.begin(), count, buffer.begin());
        answer_.erase(0, count);
        return count;
    }
    Result<void> discard_input() override {
        answer_.clear();
        return {};
    }
    const std::string& name() const override { return name_; }

    struct Heard {
        std::string request;
        pdu::SwitchPermit permit;  ///< as it was then
    };
    std::vector<Heard> heard;
    std::string digits = "11111111";
    pdu::SwitchPermit permit;
    std::function<void()> reload;  ///< comes now and then while the outlets are read

  private:
    void answer() {
        if (request_ == "QPI") {
            answer_ = "(PI90\r";
        } else if (request_ == "QGS") {
            if (dice_() % 4 == 0) {
                reload();
            }
            answer_ = "(00000000" + digits +
                      " 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0\r";
        } else if (dice_() % 16 != 0) {
            answer_ = dice_() % 8 == 0 ? "(NAK\r" : "(ACK\r";
        }
    }

    std::mt19937& dice_;
    std::string name_ = "tap";
    std::string request_;
    std::string answer_;
};

/// Somebody who tries everything.
class Person {
  public:
    Person() {
        spdlog::set_level(spdlog::level::off);
        SpoolOptions options;
        options.directory = folder_.path();
        options.max_bytes = std::uint64_t{1} << 20;  // events are not what is looked at
        spool_ = *Spool::open(options, system_clock);
        recorder_ =
            std::make_unique<Recorder>(*spool_, Origin{"pi", "0.1.0", {}, true}, system_clock);
    }

    /// One sequence of orders over a device with a permit of its own.
    void live() {
        const auto permit = configured();
        SwitchSetup setup;
        setup.device = {"pdu", "PDU"};
        setup.per_minute = 1000;
        auto* tap = new Tap(dice_);
        SessionOptions fast{};
        fast.query_gap = std::chrono::milliseconds(0);
        PduDevice device(Session(
                             [tap](const std::stop_token&) -> Result<std::unique_ptr<Link>> {
                                 return std::unique_ptr<Link>(tap);
                             },
                             pdu::protocol_id, fast, system_clock),
                         system_clock);
        REQUIRE(device.session().connect({}));  // now the session owns the tap
        Switcher switcher(setup, permit, std::make_shared<DirectPdu>(device), *recorder_,
                          system_clock);
        tap->permit = permit;
        tap->reload = [&] {
            tap->permit = configured();
            switcher.set_permit(tap->permit);
            ++reloads_;
        };
        for (auto acts = 1 + dice_() % 4; acts > 0; --acts) {
            act(device, switcher, *tap);
        }
        check(*tap);
    }

    int switched() const { return switched_; }
    int other_commands() const { return others_; }
    int reloads() const { return reloads_; }

  private:
    pdu::SwitchPermit configured() {
        std::vector<int> switchable;
        const auto share = dice_() % 4;  // of four; all of them is a permit for all at once
        for (int outlet = 1; outlet <= 8; ++outlet) {
            if (share == 3 || dice_() % 3 < share) {
                switchable.push_back(outlet);
            }
        }
        return *pdu::SwitchPermit::of(switchable);
    }

    void act(PduDevice& device, Switcher& switcher, Tap& tap) {
        for (char& digit : tap.digits) {
            digit = static_cast<char>('0' + dice_() % 7);
        }
        const std::string text = typed();
        switch (dice_() % 5) {
            case 0:
                (void)ask_payload(device.session(), DeviceKind::pdu, text, {});
                break;
            case 1:
                (void)send_command(device.session(), text, {});
                break;
            case 2:
                if (auto order = typed_order(text)) {
                    (void)switcher.carry_out(*order, {}, {});
                }
                break;
            default:
                (void)switcher.carry_out(order(), {}, {});
        }
    }

    SwitchOrder order() {
        using Action = SwitchOrder::Action;
        constexpr std::array actions{Action::on, Action::off, Action::cycle, Action::cancel};
        SwitchOrder wanted;
        wanted.action = actions.at(dice_() % actions.size());
        const auto outlet = pdu::OutletChoice::number(static_cast<int>(dice_() % 12) - 1);
        wanted.outlet = outlet ? *outlet : pdu::OutletChoice::all();
        if (dice_() % 2 == 0) {
            wanted.delay = std::chrono::seconds(static_cast<int>(dice_() % 20) * 6 - 6);
        }
        if (dice_() % 2 == 0) {
            wanted.restore_after = std::chrono::minutes(static_cast<int>(dice_() % 12000) - 5);
        }
        wanted.in_any_state = dice_() % 2 == 0;
        wanted.wait = false;
        return wanted;
    }

    /// Much like a command, or not at all.
    std::string typed() {
        constexpr std::array<std::string_view, 10> known{
            "S,800", "S,8.1R0000", "S,A00", "CS,1", "CS,A", "CEC", "TP", "QGS", "S,399R0010", ""};
        constexpr std::string_view letters = "SsCcAa,,.0123456789RrQTPEG \r\n";
        std::string text(known.at(dice_() % known.size()));
        for (auto changes = dice_() % 4; changes > 0; --changes) {
            const char letter = letters.at(dice_() % letters.size());
            const auto at = text.empty() ? 0 : dice_() % text.size();
            if (dice_() % 2 == 0 || text.empty()) {
                text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), letter);
            } else {
                text[at] = letter;
            }
        }
        return text;
    }

    void check(const Tap& tap) {
        for (const auto& [request, permit] : tap.heard) {
            const bool is_plain = std::all_of(request.begin(), request.end(),
                                              [](char c) { return c > ' ' && c < 0x7f; });
            REQUIRE(is_plain);
            const auto meant = outlets_meant(request);
            for (const int outlet : meant) {
                INFO(request);
                REQUIRE((outlet == 0 ? permit.allows_all() : permit.allows(outlet)));
            }
            switched_ += meant.empty() ? 0 : 1;
            others_ += meant.empty() && !request.starts_with('Q') ? 1 : 0;
        }
    }

    std::mt19937 dice_{4};
    TempDir folder_;
    std::unique_ptr<Spool> spool_;
    std::unique_ptr<Recorder> recorder_;
    int switched_ = 0;
    int others_ = 0;
    int reloads_ = 0;
};

}  // namespace

TEST_CASE(
    "a hundred thousand random sequences bring nothing to the wire for an outlet not switchable "
    "then",
    "[cli]") {
    Person person;
    const int sequences = sequence_count();
    for (int i = 0; i < sequences; ++i) {
        person.live();
    }
    CHECK(person.switched() > sequences / 20);  // what is permitted does go out
    CHECK(person.other_commands() > sequences / 100);
    CHECK(person.reloads() > sequences / 10);
}

TEST_CASE("what could be meant for an outlet is told from what could not", "[cli]") {
    CHECK(outlets_meant("QGS").empty());
    CHECK(outlets_meant("CEC").empty());
    CHECK(outlets_meant("S,800") == std::set<int>{8});
    CHECK(outlets_meant("cs,3") == std::set<int>{3});
    CHECK(outlets_meant("S,A00") == std::set<int>{0});
    CHECK(outlets_meant("QPIS,1.1") == std::set<int>{1});
    CHECK(outlets_meant("S8") == std::set<int>{0});
}
