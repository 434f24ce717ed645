// SPDX-License-Identifier: MIT
#include "support/served.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "protocol/ats.h"
#include "protocol/case_file.h"
#include "protocol/identity.h"
#include "protocol/pdu.h"
#include "support/hand_clock.h"
#include "support/paths.h"
#include "terminal.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::AnswerRecord;
using simulator::DeviceKind;
using simulator::FaultKind;
using test::Served;
using test::Terminal;

namespace {

std::unique_ptr<Served> serve(const Served::Options& options) {
    auto served = Served::start(options);
    if (!served) {
        FAIL(served.error().message);
    }
    return std::move(*served);
}

void inject(Served& served, std::string_view directive) {
    const auto done = served.inject(directive);
    INFO(directive << ": " << (done ? "" : done.error().message));
    REQUIRE(done);
}

/// A served device with a reader that asks one thing after the other.
class Conversation {
  public:
    explicit Conversation(const Served::Options& options)
        : served_(serve(options)), terminal_(served_->path()) {}

    Served& device() { return *served_; }

    /// Asks, with a fault or without, and returns what was recorded; all its bytes have come.
    AnswerRecord exchange(const std::string& command) {
        terminal_.write(command + "\r");
        REQUIRE(served_->wait_for_answers(++asked_));
        auto record = served_->answers().back();
        CHECK(record.command == command);
        CHECK(terminal_.read(record.sent.size()) == record.sent);
        return record;
    }
    /// The payload of an answer that nothing struck.
    std::string ask(const std::string& command) {
        const auto record = exchange(command);
        CHECK(record.sent == "(" + record.meant.value_or("") + "\r");
        return record.meant.value_or("");
    }

  private:
    std::unique_ptr<Served> served_;
    Terminal terminal_;
    std::size_t asked_ = 0;
};

}  // namespace

TEST_CASE("every captured answer comes over the terminal as it was captured", "[simulator]") {
    auto options = Served::fast_pdu();
    options.device.captures = true;
    const auto pdu = serve(options);
    options.device.kind = DeviceKind::ats;
    const auto ats = serve(options);
    const Terminal pdu_terminal(pdu->path());
    const Terminal ats_terminal(ats->path());
    for (const auto& each : test::load_cases()) {
        if (each.captured) {
            INFO(each.name);
            const auto& terminal = each.device == "pdu" ? pdu_terminal : ats_terminal;
            CHECK(terminal.ask(each.command) == each.answer);
        }
    }
}

TEST_CASE("a served PDU answers every query in a way its decoder takes", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const Terminal terminal(pdu->path());
    CHECK(decode_protocol_id(terminal.ask("QPI")));
    CHECK(decode_firmware(terminal.ask("QVFW")));
    CHECK(pdu::decode_model(terminal.ask("QMD")));
    CHECK(pdu::decode_status(terminal.ask("QGS")));
    CHECK(pdu::decode_active_power(terminal.ask("QPW")));
    CHECK(pdu::decode_apparent_power(terminal.ask("QPVA")));
    CHECK(pdu::decode_energy(terminal.ask("QEC")));
    CHECK(pdu::decode_countdowns(terminal.ask("QSR")));
    CHECK(terminal.ask("QGM0>") == "0>0003");
    CHECK(terminal.ask("TP") == "ACK");
    CHECK(terminal.ask("NONSENSE") == "NAK");
}

TEST_CASE("a served ATS answers every query in a way its decoder takes", "[simulator]") {
    const auto ats = serve(Served::fast_ats());
    const Terminal terminal(ats->path());
    CHECK(decode_protocol_id(terminal.ask("QPI")));
    CHECK(decode_firmware(terminal.ask("QVFW")));
    CHECK(ats::decode_measurements(terminal.ask("QATS")));
    CHECK(ats::decode_status(terminal.ask("QAS")));
    CHECK(ats::decode_ratings(terminal.ask("QRI")));
    CHECK(terminal.ask("GM0000") == "0258");
}

TEST_CASE("a switching countdown runs by the clock it is given", "[simulator]") {
    test::HandClock clock;
    auto options = Served::fast_pdu();
    options.clock = &clock;
    const auto pdu = serve(options);
    const Terminal terminal(pdu->path());
    const auto state = [&] { return terminal.ask("QGS").substr(15, 1); };
    const auto countdown = [&] { return terminal.ask("QSR").substr(14 * 7, 13); };
    CHECK(terminal.ask("S,805R0002") == "ACK");
    CHECK(state() == "2");
    CHECK(countdown() == "0 0300 000000");
    clock.wind(2min);
    CHECK(state() == "3");
    clock.wind(3min);
    CHECK(state() == "4");
    CHECK(countdown() == "0 0000 000120");
    clock.wind(119s);
    CHECK(state() == "4");
    clock.wind(1s);
    CHECK(state() == "1");
}

TEST_CASE("model time can run faster than the clock", "[simulator]") {
    test::HandClock clock;
    auto options = Served::fast_pdu();
    options.clock = &clock;
    options.device.time_factor = 60;
    const auto pdu = serve(options);
    const Terminal terminal(pdu->path());
    CHECK(terminal.ask("S,805") == "ACK");
    clock.wind(4s);
    CHECK(terminal.ask("QSR").substr(14 * 7, 13) == "0 0060 000000");
}

TEST_CASE("each fault does to an answer what it says", "[simulator]") {
    Conversation pdu(Served::fast_pdu());
    const auto strike = [&](const std::string& fault, const std::string& command = "QPW") {
        inject(pdu.device(), "fault " + fault);
        return pdu.exchange(command);
    };
    const auto whole = [](const AnswerRecord& record) { return "(" + *record.meant + "\r"; };

    CHECK(strike("drop next 1").sent.empty());
    const auto cut = strike("truncated next 1");
    CHECK(cut.sent.size() < whole(cut).size());
    const auto garbled = strike("garbled next 1");
    CHECK(garbled.sent.size() == whole(garbled).size());
    CHECK(garbled.sent != whole(garbled));
    const auto flipped = strike("bitflip next 1");
    CHECK(flipped.sent != whole(flipped));
    for (const char* around : {"noise next 1", "nul next 1", "linefeed next 1", "echo next 1"}) {
        CHECK(strike(around).sent.size() > whole(cut).size());
    }
    const auto wrong = strike("wrong next 1");
    CHECK(wrong.sent != whole(wrong));
    CHECK(wrong.sent.ends_with('\r'));
    const auto doubled = strike("doubled next 1");
    CHECK(doubled.sent == whole(doubled) + whole(doubled));
    const auto stale = strike("stale next 1", "QPI");
    CHECK(stale.sent == whole(doubled) + "(PI90\r");
    const auto slow = strike("slow next 1 for 1ms", "QPI");
    CHECK(slow.sent == "(PI90\r");
    CHECK(strike("unended next 1", "QPI").sent == "(PI90");
    const auto babbling = strike("babble next 1 for 1s");
    CHECK(babbling.sent.find('\r') == std::string::npos);
    CHECK(pdu.ask("QPI") == "PI90");
}

TEST_CASE("a late answer comes, only later", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const Terminal terminal(pdu->path());
    inject(*pdu, "fault late next 1 for 300ms");
    const auto asked = std::chrono::steady_clock::now();
    CHECK(terminal.ask("QPI") == "PI90");
    CHECK(std::chrono::steady_clock::now() - asked >= 300ms);
    CHECK(pdu->answers().size() <= 1);
}

TEST_CASE("a refused set command is not carried out, a lost answer's is", "[simulator]") {
    Conversation pdu(Served::fast_pdu());
    inject(pdu.device(), "fault nak next 1");
    const auto refused = pdu.exchange("S,800");
    CHECK(refused.sent == "(NAK\r");
    CHECK(refused.meant == "NAK");
    CHECK(refused.fault == FaultKind::nak);
    CHECK(pdu.ask("QGS")[15] == '1');
    inject(pdu.device(), "fault drop next 1");
    CHECK(pdu.exchange("S,800").meant == "ACK");
    CHECK(pdu.ask("QGS")[15] == '0');
}

TEST_CASE("the same seed makes the same faults", "[simulator]") {
    const auto all_sent = [](std::uint64_t seed) {
        test::HandClock clock;
        auto options = Served::fast_pdu();
        options.clock = &clock;
        options.device.seed = seed;
        Conversation pdu(options);
        inject(pdu.device(), "fault garbled 0.3");
        inject(pdu.device(), "fault drop 0.1");
        std::string sent;
        for (int i = 0; i < 50; ++i) {
            sent += pdu.exchange("QPI").sent + "|";
        }
        return sent;
    };
    const auto first = all_sent(3);
    CHECK(first == all_sent(3));
    CHECK(first != all_sent(4));
}

TEST_CASE("tokens and whole answers can be forced", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const Terminal terminal(pdu->path());
    inject(*pdu, "force QGS 2 999.9");
    inject(*pdu, "force QGS 13 NaN!");
    const auto answer = terminal.ask("QGS");
    CHECK(answer.substr(16, 7) == " 999.9 ");
    CHECK(answer.ends_with(" NaN!"));
    inject(*pdu, "force QGS off");
    CHECK(pdu::decode_status(terminal.ask("QGS")));
    inject(*pdu, "answer QPI PI30");
    CHECK(terminal.ask("QPI") == "PI30");
    inject(*pdu, "answer QPI off");
    CHECK(terminal.ask("QPI") == "PI90");
}

TEST_CASE("settings reach the model", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const Terminal terminal(pdu->path());
    inject(*pdu, "set outlet 4 state on");
    inject(*pdu, "set outlet 4 load 123");
    inject(*pdu, "set outlet 4 pf 1");
    inject(*pdu, "set outlet 1 shows 6");
    inject(*pdu, "set outlet 2 meter 0");
    inject(*pdu, "set outlet 3 energy 12345.6");
    inject(*pdu, "set pdu voltage 241.5");
    inject(*pdu, "set pdu alarm aux2_power_fail on");
    inject(*pdu, "set pdu memory 14 0x10");
    CHECK(terminal.ask("QPW").substr(20, 4) == "0123");
    CHECK(terminal.ask("QPW").substr(10, 4) == "0000");
    CHECK(terminal.ask("QGS").substr(0, 22) == "0000010061111101 241.5");
    CHECK(terminal.ask("QEC").substr(27, 8) == "012345.6");
    CHECK(terminal.ask("QGM0>") == "0>0010");
    inject(*pdu, "pdu energy reset");
    CHECK(terminal.ask("QEC").starts_with("000000.0 000000.0"));
}

TEST_CASE("what is not for a device is refused with a reason", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    auto options = Served::fast_ats();
    options.device.captures = true;
    const auto ats = serve(options);
    CHECK_FALSE(pdu->inject("ats source1 fail"));
    CHECK_FALSE(ats->inject("set ats load 100"));
    CHECK_FALSE(pdu->inject("on ats unplug"));
    CHECK(pdu->inject("on pdu think 1ms"));
    CHECK_FALSE(pdu->inject("on"));
}

TEST_CASE("requests are taken in any pieces, with padding, one after the other", "[simulator]") {
    using namespace std::string_literals;
    const auto pdu = serve(Served::fast_pdu());
    const Terminal terminal(pdu->path());
    for (const char byte : "Q\0P\0I\0\r"s) {
        terminal.write(std::string(1, byte));
    }
    CHECK(terminal.read_line() == "(PI90\r");
    terminal.write("QPI\rQVFW\r\n");
    CHECK(terminal.read_line() == "(PI90\r");
    CHECK(terminal.read_line() == "(VERFW:00.15\r");
    terminal.write("\r" + std::string(1000, 'x') + "\r");
    CHECK(terminal.read_line() == "(NAK\r");
    REQUIRE(pdu->wait_for_answers(5));
    const auto answers = pdu->answers();
    CHECK(answers[1].overlapped);
    CHECK_FALSE(answers[2].overlapped);
    CHECK(answers[3].meant == std::nullopt);
}

TEST_CASE("a reader may go and another come, and the terminal stays raw", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    for (int round = 0; round < 5; ++round) {
        const Terminal terminal(pdu->path());
        CHECK(terminal.ask("QPI") == "PI90");
    }
    const UniqueFd fd(open(pdu->path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios mode{};
    REQUIRE(tcgetattr(fd.get(), &mode) == 0);
    CHECK((mode.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    CHECK((mode.c_oflag & OPOST) == 0);
}

TEST_CASE("a reader that locked the terminal and died does not keep others out", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const auto is_exclusive = [](const UniqueFd& fd) {
        int exclusive = 1;
        REQUIRE(ioctl(fd.get(), TIOCGEXCL, &exclusive) == 0);
        return exclusive != 0;
    };
    const auto open_terminal = [&] {
        return UniqueFd(open(pdu->path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    };
    {
        const auto locked = open_terminal();
        REQUIRE(ioctl(locked.get(), TIOCEXCL) == 0);
        CHECK(is_exclusive(locked));
    }
    // Root opens it all the same, so the lock itself is looked at.
    const auto until = std::chrono::steady_clock::now() + 10s;
    bool kept_out = true;
    while (kept_out && std::chrono::steady_clock::now() < until) {
        const auto next = open_terminal();
        kept_out = !next || is_exclusive(next);
    }
    CHECK_FALSE(kept_out);
    CHECK(Terminal(pdu->path()).ask("QPI") == "PI90");
}

TEST_CASE("what one reader left unread the next one does not get", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    {
        const Terminal terminal(pdu->path());
        terminal.write("QVFW\r");
        REQUIRE(pdu->wait_for_answers(1));
    }
    const auto until = std::chrono::steady_clock::now() + 10s;
    std::string left = "something";
    while (!left.empty() && std::chrono::steady_clock::now() < until) {
        const Terminal terminal(pdu->path());
        int waiting = 0;
        const UniqueFd fd(open(pdu->path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        REQUIRE(ioctl(fd.get(), FIONREAD, &waiting) == 0);
        left = waiting > 0 ? "something" : "";
    }
    CHECK(left.empty());
}

TEST_CASE("a device that nobody listens to costs no time of the processor", "[simulator]") {
    const auto pdu = serve(Served::fast_pdu());
    const auto ats = serve(Served::fast_ats());
    { CHECK(Terminal(pdu->path()).ask("QPI") == "PI90"); }
    const auto used = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    };
    const Terminal other(ats->path());
    const auto before = used();
    CHECK(other.read(1, 500ms).empty());  // half a second in which nothing comes
    CHECK(used() - before < 200ms);
}

TEST_CASE("a link that is somebody's file is left alone", "[simulator]") {
    auto options = Served::fast_pdu();
    options.port.link = (test::source_dir() / "CMakeLists.txt").string();
    const auto served = Served::start(options);
    REQUIRE_FALSE(served);
    CHECK(served.error().message.find("is in the way") != std::string::npos);
}
