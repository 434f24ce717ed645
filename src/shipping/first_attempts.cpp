// SPDX-License-Identifier: MIT
#include "shipping/first_attempts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "elastic/json.h"
#include "shipping/shipping_journal.h"

namespace pwlog {
namespace {

/// What is older may have come into the index from a recording of it.
constexpr auto fresh = std::chrono::seconds(60);

/// The identity ends in `/1795366645123`, the document's own time: metric_id(), event_id().
std::optional<Timestamp> time_of(const std::string& id) {
    const char* const end = id.data() + id.size();
    const char* const begin = id.data() + id.rfind('/') + 1;  // npos + 1 is 0
    std::int64_t milliseconds = 0;
    const auto read = std::from_chars(begin, end, milliseconds);
    if (read.ec != std::errc() || read.ptr != end || begin == id.data()) {
        return std::nullopt;
    }
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

bool is_of_an_unsure_clock(const std::string& json) {
    return json.find(R"("clock":"unsynchronised")") != json.npos;
}

}  // namespace

FirstAttempts::FirstAttempts(Timestamp started, std::optional<Timestamp> newest,
                             std::chrono::milliseconds losable)
    : sent_until_(newest ? std::max(started, *newest) : started),
      sent_until_if_unsure_(newest ? std::max(started, *newest + losable) : started) {}

/// Not by its place in the spool: what waited in memory gets another one in the file.
bool FirstAttempts::is_first(const std::string& id, Timestamp time) {
    const auto [tried, made] = newest_tried_.try_emplace(id.substr(0, id.rfind('/')), sent_until_);
    const bool first = time > tried->second;
    tried->second = std::max(tried->second, time);
    return first;
}

std::vector<std::string> FirstAttempts::put_aside_conflicts(const Batch& batch, SendReport& report,
                                                            Timestamp exported, Timestamp now) {
    std::vector<std::string> devices;
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const auto& document = batch.documents[i];
        const auto time = time_of(document.id);
        if (time && is_first(document.id, *time) && report.outcomes[i] == Outcome::duplicate &&
            !report.sent_twice && *time > exported && *time <= now && now - *time < fresh &&
            (*time > sent_until_if_unsure_ || !is_of_an_unsure_clock(document.json))) {
            const auto& device = devices.emplace_back(json_text(document.json, "/device/id"));
            report.outcomes[i] = Outcome::rejected;
            report.refusals.push_back(
                {i, 409, std::string(conflict_type),
                 fmt::format("another logger writes documents of device.id {}: one of this time "
                             "was there before this one was first sent",
                             device)});
        }
    }
    return devices;
}

}  // namespace pwlog
