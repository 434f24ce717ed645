// SPDX-License-Identifier: MIT
#include "backfill/run/document_target.h"

#include <string>

#include "document/event.h"

namespace pwlog {
namespace {

// `_id` is made of device, action, subject and time (see event_id()). The subject is the only part
// that need not stand in the document by itself, but it stands in event.id: that is the `_id` of
// the event itself, or of the one that began the same matter.
std::string subject_of(const DocumentFacts& facts) {
    std::string_view id = facts.event_id;
    if (!id.starts_with(facts.device + "/")) {
        return {};
    }
    id.remove_prefix(facts.device.size() + 1);
    const std::size_t first = id.find('/');
    const std::size_t last = id.rfind('/');
    return first < last ? std::string(id.substr(first + 1, last - first - 1)) : std::string();
}

}  // namespace

std::string_view DocumentTarget::index(const DocumentFacts& facts) {
    const auto family = facts.family();
    auto& month = months_[family == Family::metrics ? 0 : 1];
    if (facts.time < month.begin || facts.time >= month.end) {
        const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(facts.time));
        const auto first = date.year() / date.month() / 1;
        month.begin = std::chrono::sys_days(first);
        month.end = std::chrono::sys_days(first + std::chrono::months(1));
        month.name = index_name(family, facts.time);
    }
    return month.name;
}

std::string_view DocumentTarget::id(const DocumentFacts& facts, std::string_view given) {
    if (facts.kind == DocumentKind::events) {
        if (!given.empty()) {
            return given;
        }
        Event event;
        event.device.id = facts.device;
        event.action = facts.action;
        event.subject = subject_of(facts);
        id_ = event_id(event, facts.time);
        return id_;
    }
    id_.assign(facts.device);
    id_ += '/';
    id_ += dataset_name(facts.kind);
    id_ += '/';
    id_ += static_cast<char>('0' + facts.outlet);
    id_ += '/';
    if (facts.time != time_) {
        time_ = facts.time;
        digits_ = std::to_string(time_.time_since_epoch().count());
    }
    id_ += digits_;
    return id_;
}

}  // namespace pwlog
