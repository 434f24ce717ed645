// SPDX-License-Identifier: MIT
#include "switching/open_orders.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "base/timestamp_text.h"

namespace pwlog {

std::size_t OpenOrders::begin(const SwitchRequest& request, Timestamp when,
                              std::chrono::nanoseconds uptime) {
    JsonObject json;
    json.add("begun", format_time(when));
    json.add("uptime_ns", std::int64_t{uptime.count()});
    if (request.outlet) {
        json.add("outlet", request.outlet->number);
        json.add("name", request.outlet->name);
    }
    json.add("by", request.requested_by);
    json.add("method", request.method);
    json.add("command", request.command);
    if (request.delay) {
        json.add("delay_s", std::int64_t{request.delay->count()});
    }
    if (request.restore_after) {
        json.add("restore_after_s", std::int64_t{request.restore_after->count()});
    }
    open_[next_] = json.take();
    return next_++;
}

std::string OpenOrders::save() const {
    std::string saved;
    for (const auto& [number, line] : open_) {
        saved += line + "\n";
    }
    return saved;
}

std::vector<OpenOrders::Left> OpenOrders::left_in(std::string_view saved, const DeviceTag& device) {
    std::vector<Left> left;
    while (!saved.empty()) {
        const auto line = saved.substr(0, saved.find('\n'));
        saved.remove_prefix(std::min(line.size() + 1, saved.size()));
        rapidjson::Document json;
        if (!json::parse(json, line) || !json.IsObject()) {
            continue;
        }
        SwitchRequest request;
        request.device = device;
        if (const auto number = json::integer(json, "outlet")) {
            request.outlet = OutletTag{static_cast<int>(*number), json::text(json, "name")};
        }
        request.requested_by = json::text(json, "by");
        request.method = json::text(json, "method");
        request.command = json::text(json, "command");
        const auto seconds = [&](const char* name) -> std::optional<std::chrono::seconds> {
            const auto count = json::integer(json, name);
            return count ? std::optional(std::chrono::seconds(*count)) : std::nullopt;
        };
        request.delay = seconds("delay_s");
        request.restore_after = seconds("restore_after_s");
        request.outcome = SwitchRequest::Outcome::unknown;
        request.reason = fmt::format(
            "pwlog ended without a goodbye while it was sent or waited for; it had begun at {}",
            json::text(json, "begun"));
        left.push_back({std::move(request),
                        std::chrono::nanoseconds(json::integer(json, "uptime_ns").value_or(0))});
    }
    return left;
}

}  // namespace pwlog
