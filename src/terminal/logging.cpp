// SPDX-License-Identifier: MIT
#include "terminal/logging.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/json_object.h"
#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

/// The message, harmless and on one line.
class SafeText final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        const std::string text =
            terminal_text(std::string_view(message.payload.data(), message.payload.size()));
        line.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<SafeText>();
    }
};

/// "<4>": how a line on standard error tells the journal its priority (sd-daemon(3)).
class JournalPriority final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        fmt::format_to(std::back_inserter(line), "<{}>", priority(message.level));
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JournalPriority>();
    }

  private:
    static int priority(spdlog::level::level_enum level) {
        switch (level) {
            case spdlog::level::critical:
                return 2;
            case spdlog::level::err:
                return 3;
            case spdlog::level::warn:
                return 4;
            case spdlog::level::info:
                return 6;
            default:
                return 7;
        }
    }
};

/// `{"@timestamp":…,"log.level":…,"message":…}`
class JsonLines final : public spdlog::formatter {
  public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
        const auto time = std::chrono::floor<std::chrono::milliseconds>(message.time);
        const auto second = std::chrono::floor<std::chrono::seconds>(time);
        const auto level = spdlog::level::to_string_view(message.level);
        JsonObject json;
        json.add("@timestamp", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(second),
                                           (time - second).count()));
        json.add("log.level", std::string_view(level.data(), level.size()));
        json.add("message", terminal_text({message.payload.data(), message.payload.size()}));
        json.add("process.pid", static_cast<std::int64_t>(getpid()));
        json.add("service.name", "pwlog");
        const std::string text = json.take() + '\n';
        line.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonLines>(); }
};

constexpr const char* pattern_of(LogTarget target) {
    switch (target) {
        case LogTarget::journal:
            return "%&%*";
        case LogTarget::terminal:
            return "%H:%M:%S %^%l%$ %*";
        case LogTarget::plain:
        case LogTarget::json:
            break;
    }
    return "%Y-%m-%dT%H:%M:%S.%e%z %l %*";
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            break;
    }
    return spdlog::level::debug;
}

}  // namespace

LogTarget detect_log_target() {
    struct stat stream {};
    const char* journal = std::getenv("JOURNAL_STREAM");
    if (journal != nullptr && fstat(STDERR_FILENO, &stream) == 0 &&
        fmt::format("{}:{}", stream.st_dev, stream.st_ino) == journal) {
        return LogTarget::journal;
    }
    return isatty(STDERR_FILENO) == 1 ? LogTarget::terminal : LogTarget::plain;
}

std::unique_ptr<spdlog::formatter> make_log_formatter(LogTarget target) {
    if (target == LogTarget::json) {
        return std::make_unique<JsonLines>();
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<SafeText>('*').add_flag<JournalPriority>('&').set_pattern(
        pattern_of(target));
    return formatter;
}

namespace {

bool wants_json = false;  // set before the first thread

std::shared_ptr<spdlog::logger> make_logger() {
    const LogTarget target = wants_json ? LogTarget::json : detect_log_target();
    spdlog::sink_ptr sink;
    if (target == LogTarget::terminal && std::getenv("NO_COLOR") == nullptr) {
        sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    sink->set_formatter(make_log_formatter(target));
    return std::make_shared<spdlog::logger>("", std::move(sink));
}

}  // namespace

void log_as_json() { wants_json = true; }

void set_up_logging(LogLevel level) {
    // Once per process: who logs just now uses the logger that is there.
    static const bool is_set = (spdlog::set_default_logger(make_logger()), true);
    static_cast<void>(is_set);
    set_log_level(level);
}

void set_log_level(LogLevel level) { spdlog::set_level(spdlog_level(level)); }

}  // namespace pwlog
