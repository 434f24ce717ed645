// SPDX-License-Identifier: MIT
#include "terminal/logging.h"

#include <spdlog/details/log_msg.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

using namespace pwlog;

namespace {

std::string line_for(LogTarget target, spdlog::level::level_enum level, std::string_view text) {
    const auto formatter = make_log_formatter(target);
    spdlog::memory_buf_t line;
    formatter->format(
        spdlog::details::log_msg("", level, spdlog::string_view_t(text.data(), text.size())), line);
    return {line.data(), line.size()};
}

}  // namespace

TEST_CASE("the journal gets a priority and one line for each message", "[cli]") {
    CHECK(line_for(LogTarget::journal, spdlog::level::err, "port gone") == "<3>port gone\n");
    CHECK(line_for(LogTarget::journal, spdlog::level::warn, "x") == "<4>x\n");
    CHECK(line_for(LogTarget::journal, spdlog::level::info, "x") == "<6>x\n");
    CHECK(line_for(LogTarget::journal, spdlog::level::debug, "x") == "<7>x\n");
}

TEST_CASE("a collector of logs gets an object a line, whatever the text", "[cli]") {
    const auto line = line_for(LogTarget::json, spdlog::level::warn, "a \"b\"\n\\c");
    CHECK(line.starts_with("{\"@timestamp\":\""));
    CHECK(line.find("Z\",\"log.level\":\"warning\",\"message\":\"a \\\"b\\\"\\\\x0a\\\\c\",") !=
          std::string::npos);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    CHECK(line.ends_with("\"service.name\":\"pwlog\"}\n"));
}

TEST_CASE("no text of a device or a server makes a second log line or an escape sequence",
          "[cli]") {
    CHECK(line_for(LogTarget::journal, spdlog::level::info, "a\n<2>b\x1b[31mc\r") ==
          "<6>a\\x0a<2>b\\x1b[31mc\\x0d\n");
}

TEST_CASE("a file gets full time and level", "[cli]") {
    std::string line = line_for(LogTarget::plain, spdlog::level::warn, "Küche");
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
    std::replace(line.begin(), line.end() - 20, '-', '+');  // the zone may be west of Greenwich
    CHECK(line == "0000+00+00T00:00:00.000+00:00 warning Küche\n");
}

TEST_CASE("a level is read again while others log", "[cli]") {
    const auto before = spdlog::default_logger();
    set_up_logging(LogLevel::error);
    const auto* const logger = spdlog::default_logger_raw();
    {
        std::vector<std::jthread> loggers;
        for (int i = 0; i < 4; ++i) {
            loggers.emplace_back([](const std::stop_token& stop) {
                while (!stop.stop_requested()) {
                    spdlog::debug("{}", "not shown, but looked at");
                }
            });
        }
        for (int i = 0; i < 2000; ++i) {
            set_up_logging(i % 2 == 0 ? LogLevel::warning : LogLevel::error);
        }
    }
    CHECK(spdlog::default_logger_raw() == logger);  // nobody holds one that is gone
    CHECK(spdlog::get_level() == spdlog::level::err);
    spdlog::set_default_logger(before);
    spdlog::set_level(spdlog::level::info);
}

TEST_CASE("the journal is told by the stream, not by the variable alone", "[cli]") {
    setenv("JOURNAL_STREAM", "1:2", 1);
    CHECK(detect_log_target() != LogTarget::journal);
    struct stat stream {};
    REQUIRE(fstat(STDERR_FILENO, &stream) == 0);
    const auto name = std::to_string(stream.st_dev) + ":" + std::to_string(stream.st_ino);
    setenv("JOURNAL_STREAM", name.c_str(), 1);
    CHECK(detect_log_target() == LogTarget::journal);
    unsetenv("JOURNAL_STREAM");
}
