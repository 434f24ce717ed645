// SPDX-License-Identifier: MIT
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/unique_fd.h"
#include "support/run_program.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using test::has;
using test::run_program;
using test::TempDir;

namespace {

/// `pwlog simulate` while it runs; killed at the end if it still does.
class Simulate {
  public:
    explicit Simulate(const std::vector<std::string>& options) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        out_ = UniqueFd(ends[0]);
        const UniqueFd child_out(ends[1]);
        process_ = fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            dup2(child_out.get(), STDOUT_FILENO);
            std::vector<std::string> words{PWLOG_BINARY, "simulate"};
            words.insert(words.end(), options.begin(), options.end());
            std::vector<char*> arguments;
            for (auto& word : words) {
                arguments.push_back(word.data());
            }
            arguments.push_back(nullptr);
            execv(arguments.front(), arguments.data());
            _exit(127);
        }
    }
    ~Simulate() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
    }
    Simulate(const Simulate&) = delete;
    Simulate& operator=(const Simulate&) = delete;

    /// What it wrote, up to and with the line given.
    std::string read_until(const std::string& line) const {
        constexpr int patience_ms = 10'000;
        std::string text;
        pollfd waiting{.fd = out_.get(), .events = POLLIN, .revents = 0};
        char byte = 0;
        while (!text.ends_with(line + "\n") && poll(&waiting, 1, patience_ms) == 1 &&
               read(out_.get(), &byte, 1) == 1) {
            text += byte;
        }
        return text;
    }
    int end_with(int signal) {
        kill(process_, signal);
        int status = 0;
        waitpid(std::exchange(process_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    UniqueFd out_;
    pid_t process_ = -1;
};

}  // namespace

TEST_CASE("simulate names its devices, says ready, and takes its links away at the end", "[cli]") {
    const TempDir folder;
    const std::string pdu = folder.path() / "pdu";
    const std::string second = folder.path() / "second";
    const std::string ats = folder.path() / "ats";
    const int signal = GENERATE(SIGTERM, SIGINT);
    Simulate simulate({"--pdu", pdu, "--pdu", second, "--ats", ats, "--control",
                       folder.path() / "control", "--seed", "7", "--think", "1ms"});
    const auto said = simulate.read_until("ready");
    CHECK(has(said, "pdu1 " + pdu + " -> /dev/pts/"));
    CHECK(has(said, "pdu2 " + second + " -> /dev/pts/"));
    CHECK(has(said, "ats1 " + ats + " -> /dev/pts/"));
    CHECK(std::filesystem::is_symlink(ats));
    CHECK(simulate.end_with(signal) == 0);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("simulate refuses what it cannot do, each with one line and code 2", "[cli]") {
    const TempDir folder;
    const std::string pdu = folder.path() / "pdu";
    const std::string script = folder.write("day.sim", "at 1s plug\nat 2s explode\n");
    const auto refused = [](const std::vector<std::string>& options) {
        std::vector<std::string> command{PWLOG_BINARY, "simulate"};
        command.insert(command.end(), options.begin(), options.end());
        const auto output = run_program(command);
        CHECK(output.status == 2);
        CHECK(output.out.empty());
        return output.err;
    };
    CHECK(has(refused({}), "nothing to simulate"));
    CHECK(has(refused({"--pdu", pdu, "--think", "soon"}), "--think: a duration as 500ms"));
    CHECK(has(refused({"--pdu", pdu, "--script", script}), script + ":2: fault, unplug, plug"));
    CHECK(has(refused({"--pdu", script}), "is in the way"));
    CHECK(has(refused({"--pdu", pdu, "--time-factor", "0"}), "--time-factor"));
    CHECK_FALSE(std::filesystem::exists(pdu));
}
