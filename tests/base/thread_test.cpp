// SPDX-License-Identifier: MIT
#include "base/thread.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>

using namespace pwlog;

namespace {

/// Runs `work` in a process of its own that may make no thread: as TasksMax= has it. Returns the
/// exit status.
int without_threads(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) {
        constexpr uid_t nobody = 65534;
        const rlimit none{0, 0};
        const bool is_root = geteuid() == 0;  // whom the limit does not bind
        if ((is_root && setuid(nobody) != 0) || setrlimit(RLIMIT_NPROC, &none) != 0) {
            _exit(99);
        }
        _exit(work());
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    INFO("wait status " << status);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a thread runs, has its name, and stops when asked to", "[base]") {
    std::string name(16, '\0');
    {
        auto thread = start_thread("a name that is too long", [&](const std::stop_token&) {
            pthread_getname_np(pthread_self(), name.data(), name.size());
        });
        REQUIRE(thread);
    }
    CHECK(std::string(name.c_str()) == "a name that is ");
}

TEST_CASE("what the system does not end is left to itself at a stop, with all it holds", "[base]") {
    struct Held {
        std::promise<void> answer;
        std::promise<void> begun;
        std::promise<int> done;
        int value = 0;
    };
    const auto held = std::make_shared<Held>();
    const auto work = [held] {
        held->begun.set_value();
        held->answer.get_future().wait();
        held->done.set_value(++held->value);
    };
    std::stop_source source;
    const std::jthread stopper([&] {
        held->begun.get_future().wait();
        source.request_stop();
    });
    CHECK_FALSE(run_or_leave("stuck", work, source.get_token()));
    held->answer.set_value();
    CHECK(held->done.get_future().get() == 1);
}

TEST_CASE("what ends by itself is waited for", "[base]") {
    int value = 0;
    CHECK(run_or_leave("quick", [&value] { value = 7; }, {}));
    CHECK(value == 7);
    CHECK(without_threads([] {
              int counted = 0;
              return run_or_leave("quick", [&counted] { ++counted; }, {}) ? counted - 1 : 9;
          }) == 0);
}

TEST_CASE("a thread that cannot be made is an error that says what to raise", "[base]") {
    CHECK(without_threads([] {
              const auto thread = start_thread("rack1", [](const std::stop_token&) {});
              return !thread && thread.error().kind == ErrorKind::full &&
                             thread.error().message.find("rack1") != std::string::npos &&
                             thread.error().message.find("TasksMax") != std::string::npos
                         ? 0
                         : 1;
          }) == 0);
    CHECK(without_threads([] { return static_cast<int>(spare_threads(3)); }) == 0);
    CHECK(spare_threads(3) == 3);
}

TEST_CASE("tasks without threads are done one after the other", "[base]") {
    std::atomic<int> done = 0;
    const auto task = [&](std::size_t) { ++done; };
    run_at_once("task", 5, task);
    CHECK(done == 5);
    CHECK(without_threads([&] {
              run_at_once("task", 5, task);
              return done.load();
          }) == 10);
}

TEST_CASE("what escapes from a thread ends the process in order", "[base]") {
    const pid_t child = fork();
    if (child == 0) {
        spdlog::set_level(spdlog::level::off);
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &stop, nullptr);
        auto thread = start_thread(
            "thrower", [](const std::stop_token&) { throw std::runtime_error("no memory"); });
        int signal = 0;
        sigwait(&stop, &signal);
        thread->join();
        _exit(signal == SIGTERM && has_thread_failed() ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK_FALSE(has_thread_failed());
}
