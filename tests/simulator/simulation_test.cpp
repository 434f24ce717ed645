// SPDX-License-Identifier: MIT
#include "simulator/simulation.h"

#include <rapidjson/document.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"
#include "terminal.h"

using namespace pwlog;
using namespace std::chrono_literals;
using simulator::Simulation;
using simulator::SimulationOptions;
using test::TempDir;
using test::Terminal;

namespace {

SimulationOptions options_in(const TempDir& folder) {
    SimulationOptions options;
    options.pdu_links = {folder.path() / "pdu"};
    options.ats_links = {folder.path() / "ats"};
    options.paced = false;
    options.think = 0ms;
    return options;
}

std::unique_ptr<Simulation> start(const SimulationOptions& options) {
    auto simulation = Simulation::start(options);
    if (!simulation) {
        FAIL(simulation.error().message);
    }
    return std::move(*simulation);
}

/// A talker on the control socket.
class Talker {
  public:
    explicit Talker(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(static_cast<char*>(address.sun_path), path.size());
        REQUIRE(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
                0);
    }
    std::string say(const std::string& text) const {
        REQUIRE(::write(fd_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        std::string reply;
        char byte = 0;
        while (!reply.ends_with('\n') && ::read(fd_.get(), &byte, 1) == 1) {
            reply += byte;
        }
        return reply;
    }

  private:
    UniqueFd fd_;
};

std::vector<rapidjson::Document> read_log(const std::string& path) {
    std::vector<rapidjson::Document> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        lines.emplace_back().Parse(line.c_str());
        REQUIRE_FALSE(lines.back().HasParseError());
    }
    return lines;
}

bool has_member(const rapidjson::Document& line, const char* name, const std::string& value) {
    return line.HasMember(name) && line[name].GetString() == value;
}

}  // namespace

TEST_CASE("several devices are simulated at once, each with values of its own", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.pdu_links.push_back(folder.path() / "second");
    const auto simulation = start(options);
    REQUIRE(simulation->devices().size() == 3);
    CHECK(simulation->devices()[1]->name() == "pdu2");
    const Terminal first(options.pdu_links[0]);
    const Terminal second(options.pdu_links[1]);
    const Terminal ats(options.ats_links[0]);
    CHECK(first.ask("QPI") == "PI90");
    CHECK(second.ask("QPI") == "PI90");
    CHECK(ats.ask("QPI") == "PI97");
    CHECK(first.ask("QPW") != second.ask("QPW"));
}

TEST_CASE("the links are gone when the simulation is", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.control = folder.path() / "control";
    start(options);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a link left over from an earlier run is replaced", "[simulator]") {
    const TempDir folder;
    const auto options = options_in(folder);
    std::filesystem::create_symlink("/dev/pts/none", options.pdu_links[0]);
    const auto simulation = start(options);
    CHECK(Terminal(options.pdu_links[0]).ask("QPI") == "PI90");
}

TEST_CASE("a script's lines are carried out when their time has come", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.script = folder.write("day.sim",
                                  "at 0s set outlet 4 state on\nat 0s set outlet 4 load 77\n"
                                  "at 100ms on ats1 unplug\n");
    const auto simulation = start(options);
    const Terminal ats(options.ats_links[0]);
    CHECK(ats.is_hung_up());
    CHECK(Terminal(options.pdu_links[0]).ask("QPW").substr(20, 4) == "0077");
}

TEST_CASE("a script's fault ends the start with file, line and reason", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    const auto error_of = [&](const std::string& script) {
        options.script = folder.write("day.sim", script);
        const auto simulation = Simulation::start(options);
        REQUIRE_FALSE(simulation);
        CHECK(simulation.error().kind == ErrorKind::invalid);
        return simulation.error().message;
    };
    const std::string file = folder.path() / "day.sim";
    CHECK(error_of("at 1s plug\nat 2s fault drop 2\n") ==
          file + ":2: a probability or 'next N' (0 to 1) expected, got '2'");
    CHECK(error_of("at 1s on pdu2 unplug\n") ==
          file + ":1: no such device is simulated: 'on pdu2 unplug'");
    CHECK(std::filesystem::exists(options.pdu_links[0]) == false);
}

TEST_CASE("nothing to simulate is an error", "[simulator]") {
    const auto simulation = Simulation::start({});
    REQUIRE_FALSE(simulation);
    CHECK(simulation.error().message.find("nothing to simulate") != std::string::npos);
}

TEST_CASE("the control socket takes directives and says what became of them", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.control = folder.path() / "control";
    const auto simulation = start(options);
    const Terminal pdu(options.pdu_links[0]);
    const Talker talker(options.control);
    CHECK(talker.say("answer QPI PI30\n") == "ok\n");
    CHECK(pdu.ask("QPI") == "PI30");
    CHECK(talker.say("answer QPI off\n") == "ok\n");
    CHECK(talker.say("explode\n").starts_with("error fault, unplug, plug"));
    CHECK(talker.say("on pdu9 plug\n") == "error no such device is simulated\n");
    CHECK(talker.say("set outlet 9 load 1\n") ==
          "error the outlet's number (1 to 8) expected, got '9'\n");
    const Talker second(options.control);
    CHECK(second.say("on pdu1 think 1ms\n") == "ok\n");
    CHECK(talker.say("fault nak next 1 only QVFW\n") == "ok\n");
    CHECK(pdu.ask("QVFW") == "NAK");
}

TEST_CASE("lines may come in pieces and several at once", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.control = folder.path() / "control";
    const auto simulation = start(options);
    const Talker talker(options.control);
    CHECK(talker.say("think 1ms\nthink 2ms\nthi") == "ok\n");
    CHECK(talker.say("nk 3ms\n") == "ok\n");
    CHECK(talker.say("") == "ok\n");
}

TEST_CASE("a talker that never ends its line is shown out", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.control = folder.path() / "control";
    const auto simulation = start(options);
    const Talker talker(options.control);
    CHECK(talker.say(std::string(10'000, 'x')).empty());
    CHECK(Talker(options.control).say("plug\n") == "ok\n");
}

TEST_CASE("captures are the same from every simulated device and cannot be set", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.captures = true;
    const auto simulation = start(options);
    CHECK(Terminal(options.pdu_links[0]).ask("QPW") ==
          "0246 0000 0042 0000 0080 0030 0044 0031 0000");
    CHECK(Terminal(options.ats_links[0]).ask("QAS") == "000000010000000000000000");
    const auto refused = simulation->inject("set outlet 3 load 5");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("pdu1: "));
}

TEST_CASE("the log has every answer as it was meant and as it was sent", "[simulator]") {
    const TempDir folder;
    auto options = options_in(folder);
    options.log = folder.path() / "answers.ndjson";
    const auto before = to_timestamp(std::chrono::system_clock::now()).time_since_epoch().count();
    {
        const auto simulation = start(options);
        const Terminal pdu(options.pdu_links[0]);
        CHECK(pdu.ask("QPI") == "PI90");
        REQUIRE(simulation->inject("fault unended next 1"));
        pdu.write("QVFW\r");
        CHECK(pdu.read(12) == "(VERFW:00.15");
        REQUIRE(simulation->inject("fault drop next 1"));
        pdu.write("QPW\r");
        CHECK(pdu.ask("QPI") == "PI90");  // in order: QPW has been dealt with
        REQUIRE(simulation->inject("unplug"));
        CHECK(pdu.is_hung_up());
    }
    const auto after = to_timestamp(std::chrono::system_clock::now()).time_since_epoch().count();
    std::vector<rapidjson::Document> answers;
    bool unplugged = false;
    for (auto& line : read_log(options.log)) {
        CHECK(line["time_ms"].GetInt64() >= before);
        CHECK(line["time_ms"].GetInt64() <= after);
        unplugged = unplugged ||
                    (has_member(line, "event", "unplugged") && has_member(line, "device", "pdu1"));
        if (line.HasMember("command")) {
            answers.push_back(std::move(line));
        }
    }
    REQUIRE(answers.size() == 4);
    CHECK(has_member(answers[0], "device", "pdu1"));
    CHECK(has_member(answers[0], "command", "QPI"));
    CHECK(has_member(answers[0], "meant", "PI90"));
    CHECK(has_member(answers[0], "sent", "(PI90\\r"));
    CHECK(has_member(answers[0], "fault", "none"));
    CHECK(has_member(answers[1], "sent", "(VERFW:00.15"));
    CHECK(has_member(answers[1], "fault", "unended"));
    CHECK(has_member(answers[2], "command", "QPW"));
    CHECK(has_member(answers[2], "sent", ""));
    CHECK(has_member(answers[2], "fault", "drop"));
    CHECK(answers[2].HasMember("meant"));
    CHECK(unplugged);
}
