// SPDX-License-Identifier: MIT
#include "device/device_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "protocol/frame.h"

namespace pwlog {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t read_at_once = 256;
constexpr std::size_t most_noise = 2048;  // before an answer; more is no answer at all
constexpr auto longest_drain = std::chrono::seconds(3);
constexpr auto shortest_sleep = std::chrono::milliseconds(15);  // of few bytes each is waited for

nanoseconds wire_time(std::size_t bytes) {
    return duration_cast<nanoseconds>(std::chrono::duration<double>(wire_seconds(bytes)));
}

/// What came instead of an answer: one that has its CR and was refused has not lost its end.
std::string unusable(const std::string& heard) {
    const auto start = heard.rfind('(');
    const bool has_ended = start != heard.npos && heard.find('\r', start) != heard.npos;
    return fmt::format("{} '{}'", has_ended ? "damaged answer" : "answer cut off after",
                       printable(heard));
}

bool is_padding(char byte) { return byte == '\0' || byte == '\n' || byte == '\r'; }

}  // namespace

Result<void> DeviceLine::drain(milliseconds silence, const std::stop_token& stop) {
    const auto give_up = clock_.steady_now() + longest_drain;
    std::array<char, read_at_once> buffer{};
    while (clock_.steady_now() < give_up) {
        auto count = link_->read(buffer, last_heard_ + silence, stop);
        if (!count && count.error().kind == ErrorKind::timeout) {
            return {};
        }
        if (!count) {
            return pass_on(count);
        }
        last_heard_ = clock_.steady_now();
    }
    return fail(ErrorKind::garbled, fmt::format("{} does not fall silent", link_->name()));
}

Result<void> DeviceLine::keep_gap(const std::stop_token& stop) {
    std::array<char, read_at_once> buffer{};
    while (clock_.steady_now() < gap_ends_) {
        auto count = link_->read(buffer, gap_ends_, stop);
        if (!count && count.error().kind == ErrorKind::timeout) {
            break;
        }
        if (!count) {
            return pass_on(count);
        }
        last_heard_ = clock_.steady_now();
        const auto stray = std::span(buffer).first(*count);
        if (!std::all_of(stray.begin(), stray.end(), is_padding)) {
            return fail(ErrorKind::garbled, fmt::format("{}: unexpected bytes: '{}'", link_->name(),
                                                        printable({stray.data(), stray.size()})));
        }
    }
    return {};
}

Result<void> DeviceLine::send(std::string_view question, const std::stop_token& stop) {
    if (auto discarded = link_->discard_input(); !discarded) {
        return discarded;
    }
    const std::string request = std::string(question) + "\r";
    const auto on_wire = wire_time(request.size());
    auto written =
        link_->write(request, clock_.steady_now() + on_wire + options_.answer_timeout, stop);
    // A write, and tcdrain on a PTY too, returns before the bytes are through: count their time
    // from here.
    request_ends_ = clock_.steady_now() + on_wire;
    return written;
}

Result<Answer> DeviceLine::receive(std::string_view question, std::size_t payload_bytes, Wait wait,
                                   const std::stop_token& stop) {
    constexpr std::size_t framing = 2;
    const auto first_byte = request_ends_ + (wait == Wait::as_learned
                                                 ? patience_.for_first_byte(options_.answer_timeout)
                                                 : options_.answer_timeout);
    // Room for noise before the answer and for a slow giver, but an end all the same.
    const auto last_byte =
        first_byte + 2 * wire_time(payload_bytes + framing) + options_.byte_timeout;
    FrameReader reader;
    std::string heard;
    SteadyTime began;
    SteadyTime woke;
    bool was_there = false;  // when the sleeper woke, all that has been read since
    std::size_t first_bytes = 0;
    std::array<char, read_at_once> buffer{};
    while (true) {
        if (reader.inside() && heard.size() < payload_bytes + framing) {
            const auto ends = began + pace_.expected(payload_bytes + framing - first_bytes);
            if (ends > std::max(last_heard_ + shortest_sleep, clock_.steady_now())) {
                (void)clock_.wait_until(ends, stop);  // a stop shows in read()
                woke = clock_.steady_now();
                was_there = true;
            }
        }
        const auto deadline =
            was_there       ? woke
            : heard.empty() ? first_byte
                            : std::min(last_byte, clock_.steady_now() + options_.byte_timeout);
        auto count = link_->read(buffer, deadline, stop);
        if (!count && count.error().kind == ErrorKind::timeout && was_there) {
            was_there = false;
            continue;
        }
        if (!count && count.error().kind == ErrorKind::timeout && !heard.empty()) {
            return fail(ErrorKind::garbled,
                        fmt::format("{} on {}: {}", question, link_->name(), unusable(heard)));
        }
        if (!count) {
            // A link's own errors begin with its name.
            return fail(count.error().kind,
                        fmt::format("{} on {}", question, count.error().message));
        }
        last_heard_ = clock_.steady_now();
        if (heard.empty()) {
            began = last_heard_;
            first_bytes = *count;
            patience_.learn(began - request_ends_);
        }
        for (std::size_t i = 0; i < *count; ++i) {
            if (auto payload = reader.feed(buffer[i])) {
                gap_ends_ = last_heard_ + options_.query_gap;
                pace_.learn(heard.size() + i + 1 - first_bytes, last_heard_ - began, was_there);
                return Answer{std::move(*payload), clock_.wall_now()};
            }
        }
        heard.append(buffer.data(), *count);
        if (heard.size() > most_noise) {
            return fail(ErrorKind::garbled,
                        fmt::format("{} on {}: {} bytes and no answer among them: '{}'", question,
                                    link_->name(), heard.size(), printable(heard)));
        }
    }
}

}  // namespace pwlog
