// SPDX-License-Identifier: MIT
#include "control/device_replies.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <array>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "base/printable.h"

namespace pwlog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Ended = SwitchRequest::Outcome;

constexpr std::array<std::pair<Ended, std::string_view>, 5> outcome_words{{
    {Ended::done, "done"},
    {Ended::refused, "refused"},
    {Ended::withdrawn, "withdrawn"},
    {Ended::failed, "failed"},
    {Ended::unknown, "unknown"},
}};

seconds seconds_of(const rapidjson::Value& object, const char* key) {
    return seconds(json::integer(object, key).value_or(0));
}

Result<void> parse(rapidjson::Document& document, std::string_view json) {
    if (!json::parse(document, json) || !document.IsObject()) {
        return fail(ErrorKind::garbled,
                    fmt::format("the daemon's answer cannot be read: {}", printable(json)));
    }
    return {};
}

SwitchReport report_of(const rapidjson::Value& object) {
    SwitchReport report;
    const std::string outcome = json::text(object, "outcome");
    for (const auto& [value, word] : outcome_words) {
        if (word == outcome) {
            report.request.outcome = value;
        }
    }
    report.request.reason = json::text(object, "reason");
    report.request.digits_before = json::text(object, "digits_before");
    report.request.digits_after = json::text(object, "digits_after");
    for (const auto& command : json::elements(object, "sent")) {
        report.sent.emplace_back(command.IsString() ? command.GetString() : "");
    }
    return report;
}

}  // namespace

std::string_view to_word(Ended outcome) {
    for (const auto& [value, word] : outcome_words) {
        if (value == outcome) {
            return word;
        }
    }
    return "unknown";
}

std::string encode_listed(const ListedDevice& device) {
    JsonObject json;
    json.add("id", device.id);
    json.add("kind", to_keyword(device.kind));
    json.add("port", device.port);
    json.open_list("switchable");
    for (const int outlet : device.switchable) {
        json.add_item(std::to_string(outlet));
    }
    json.close_list();
    return json.take();
}

std::string encode_payload(std::string_view payload) {
    JsonObject json;
    json.add("payload", payload);
    return json.take();
}

std::string encode_progress(const SwitchProgress& progress) {
    JsonObject json;
    json.add("digits", progress.digits);
    json.add("left_s", std::int64_t{progress.left.count()});
    json.add("patience_s", std::int64_t{progress.patience.count()});
    return json.take();
}

std::string encode_report(const SwitchReport& report, bool dry_run) {
    const auto& request = report.request;
    JsonObject json;
    json.add("device", request.device.id);
    json.add("outlet", request.outlet ? std::to_string(request.outlet->number) : "all");
    if (request.outlet && !request.outlet->name.empty()) {
        json.add("name", request.outlet->name);
    }
    json.add("action", request.command);
    if (dry_run) {
        json.add("dry_run", true);
    }
    json.add("outcome", to_word(request.outcome));
    json.add_text("reason", request.reason);
    json.add("sent", report.sent);
    json.add("digits_before", request.digits_before);
    json.add("digits_after", request.digits_after);
    return json.take();
}

Result<ListedDevice> decode_listed(std::string_view json) {
    rapidjson::Document document;
    if (auto parsed = parse(document, json); !parsed) {
        return pass_on(parsed);
    }
    const auto kind = json::text(document, "kind") == to_keyword(DeviceKind::pdu) ? DeviceKind::pdu
                                                                                  : DeviceKind::ats;
    ListedDevice listed{json::text(document, "id"), kind, json::text(document, "port")};
    for (const auto& outlet : json::elements(document, "switchable")) {
        const std::string_view text = outlet.IsString() ? outlet.GetString() : "";
        if (text.size() == 1 && text[0] >= '1' && text[0] <= '8') {
            listed.switchable.push_back(text[0] - '0');
        }
    }
    return listed;
}

Result<std::string> decode_payload(std::string_view json) {
    rapidjson::Document document;
    if (auto parsed = parse(document, json); !parsed) {
        return pass_on(parsed);
    }
    return json::text(document, "payload");
}

Result<std::variant<SwitchProgress, SwitchReport>> decode_switch_piece(std::string_view json) {
    using Piece = std::variant<SwitchProgress, SwitchReport>;
    rapidjson::Document document;
    if (auto parsed = parse(document, json); !parsed) {
        return pass_on(parsed);
    }
    if (document.HasMember("digits")) {
        return Piece(SwitchProgress{json::text(document, "digits"), seconds_of(document, "left_s"),
                                    seconds_of(document, "patience_s")});
    }
    return Piece(report_of(document));
}

ControlRequest switch_request(const std::string& device, const SwitchOrder& order, bool rehearsal) {
    ControlRequest request;
    request.name = device_request::switch_outlet;
    request.arguments["device"] = device;
    request.arguments["action"] = std::string(to_word(order.action));
    request.arguments["outlet"] = std::int64_t{order.outlet.outlet()};
    request.arguments["wait"] = order.wait;
    request.arguments["in_any_state"] = order.in_any_state;
    request.arguments["rehearsal"] = rehearsal;
    if (order.delay) {
        request.arguments["delay_s"] = std::int64_t{order.delay->count()};
    }
    if (order.restore_after) {
        request.arguments["restore_after_min"] = std::int64_t{order.restore_after->count()};
    }
    return request;
}

ControlRequest refusal_request(const std::string& device, const SwitchOrder& order,
                               const std::string& reason) {
    auto request = switch_request(device, order, false);
    request.name = device_request::refused;
    request.arguments["reason"] = reason;
    return request;
}

Result<SwitchOrder> decode_switch_request(const ControlRequest& request) {
    SwitchOrder order;
    const auto action = parse_action(request.get<std::string>("action").value_or(""));
    const auto outlet = request.get<std::int64_t>("outlet");
    if (!action || !outlet || *outlet < 0 || *outlet > pdu::outlet_count) {
        return fail(ErrorKind::invalid, "expected an action and an outlet, 0 for all");
    }
    order.action = *action;
    if (*outlet > 0) {
        order.outlet = *pdu::OutletChoice::number(static_cast<int>(*outlet));
    }
    order.wait = request.get<bool>("wait").value_or(true);
    order.in_any_state = request.get<bool>("in_any_state").value_or(false);
    if (const auto delay = request.get<std::int64_t>("delay_s")) {
        order.delay = seconds(*delay);
    }
    if (const auto restore = request.get<std::int64_t>("restore_after_min")) {
        order.restore_after = minutes(*restore);
    }
    return order;
}

}  // namespace pwlog
