// SPDX-License-Identifier: MIT
#include "cli/status_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text_values.h"
#include "terminal/terminal_text.h"

namespace pwlog {
namespace {

using State = CheckAnswer::State;

constexpr std::size_t most_named = 5;  // a pager's line is short

std::string_view word_of(State state) {
    constexpr std::array words{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    return words.at(static_cast<std::size_t>(state));
}

/// What was found, the worst of it first.
class Judgement {
  public:
    void add(State state, std::string text) {
        if (state > worst_) {
            worst_ = state;
        }
        found_.emplace_back(state, std::move(text));
    }
    /// By how old something is.
    void add_age(std::chrono::milliseconds age, const CheckLimits& limits,
                 const std::string& what) {
        if (age >= limits.warn) {
            add(age >= limits.crit ? State::critical : State::warning,
                fmt::format("{} {} old", what, rough_duration(age)));
        }
    }
    State worst() const { return worst_; }
    std::string text(std::string_view where_all_is_well) {
        std::stable_sort(found_.begin(), found_.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        std::vector<std::string> texts;
        for (const auto& [state, text] : found_) {
            if (texts.size() == most_named) {
                texts.push_back(fmt::format("and {} more", found_.size() - most_named));
                break;
            }
            texts.push_back(text);
        }
        return texts.empty() ? std::string(where_all_is_well)
                             : fmt::format("{}", fmt::join(texts, "; "));
    }

  private:
    State worst_ = State::ok;
    std::vector<std::pair<State, std::string>> found_;
};

std::chrono::milliseconds age_of(const std::optional<Timestamp>& time, Timestamp now) {
    return time ? std::max(now - *time, std::chrono::milliseconds(0))
                : std::chrono::milliseconds(0);
}

void judge_daemon(const DaemonStatus& status, Judgement& judgement) {
    if (!status.alive) {
        judgement.add(State::critical, "a device's loop is stuck");
    }
    if (status.spool.disk_full) {
        judgement.add(State::critical, "the spool's disk is full");
    }
    for (const auto& hold : status.shipping.holds) {
        judgement.add(State::critical, hold.index + " accepts no documents");
    }
    for (const auto& conflict : status.shipping.conflicts) {
        judgement.add(State::critical, "another logger writes " + conflict.device);
    }
    if (!status.configuration_error.empty()) {
        judgement.add(State::warning, "the configuration could not be read again");
    }
    if (status.mqtt && !status.mqtt->connected) {
        judgement.add(State::warning, "no connection to the broker");
    }
}

double seconds_of(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

/// Seconds, with the limits that they are held against.
std::string performance(const std::string& label, std::chrono::milliseconds age,
                        const CheckLimits& limits) {
    return fmt::format(" '{}'={:.0f}s;{:.0f};{:.0f};0", label, seconds_of(age),
                       seconds_of(limits.warn), seconds_of(limits.crit));
}

}  // namespace

CheckAnswer check_status(const DaemonStatus& status, const CheckLimits& limits, Timestamp now) {
    Judgement judgement;
    judge_daemon(status, judgement);
    std::string numbers;
    for (const auto& device : status.devices) {
        if (!device.last_sample) {
            judgement.add(State::critical, device.id + " was never read");
            continue;
        }
        const auto age = age_of(device.last_sample, now);
        judgement.add_age(age, limits, device.id + ": newest sample is");
        numbers += performance(device.id + "_age", age, limits);
    }
    const auto waits = age_of(status.spool.oldest_pending, now);
    judgement.add_age(waits, limits, "the oldest document that waits is");
    const auto line = fmt::format(
        "PWLOG {} - {} |{} 'pending'={};;;0 'rejected'={}c 'dropped'={}c{}",
        word_of(judgement.worst()),
        judgement.text(fmt::format(
            "{} read, {} pending", counted(status.devices.size(), "device"),
            counted(static_cast<std::uint64_t>(status.spool.pending_documents), "document"))),
        performance("oldest_pending", waits, limits), status.spool.pending_documents,
        status.spool.rejected, status.spool.dropped, numbers);
    return {judgement.worst(), terminal_text(line)};
}

CheckAnswer check_failed(State state, const std::string& why) {
    auto text = terminal_text(why);
    std::replace(text.begin(), text.end(), '|', '/');
    return {state, fmt::format("PWLOG {} - {}", word_of(state), text)};
}

}  // namespace pwlog
