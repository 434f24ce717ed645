#include "backfill/document_target.h"

#include "document/event.h"
#include "document/preamble.h"

namespace pwlog {

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
        id_ = event_id(facts.device, facts.action, facts.time);
        return id_;
    }
    if (!own_ids_) {
        return {};
    }
    id_ = metric_id(facts.device, dataset_name(facts.kind), facts.outlet, facts.time);
    return id_;
}

}  // namespace pwlog
