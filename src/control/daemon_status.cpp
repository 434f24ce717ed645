// SPDX-License-Identifier: MIT
#include "control/daemon_status.h"

#include <rapidjson/document.h>

#include <algorithm>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/timestamp_text.h"
#include "control/control_client.h"

namespace pwlog {

namespace {

using json::elements;
using json::is_true;
using json::member;
using json::text;
using rapidjson::Value;

std::int64_t count(const Value& object, const char* key) {
    return json::integer(object, key).value_or(0);
}

std::optional<Timestamp> time(const Value& object, const char* key) {
    const auto parsed = parse_rfc3339(text(object, key));
    return parsed ? std::optional<Timestamp>(*parsed) : std::nullopt;
}

DeviceStatus device_status(const Value& value) {
    DeviceStatus device;
    device.id = text(value, "id");
    device.model = text(value, "model");
    device.reachable = is_true(value, "reachable");
    device.last_sample = time(value, "last_sample");
    device.last_error = text(value, "last_error");
    device.last_error_kind = text(value, "last_error_kind");
    device.cycles = count(value, "cycles");
    device.failed = count(value, "failed");
    device.late = count(value, "late");
    for (const Value& document : elements(value, "documents")) {
        device.documents.push_back(json::to_text(document));
    }
    return device;
}

SpoolInfo spool_status(const Value& value) {
    SpoolInfo spool;
    spool.stored = count(value, "stored");
    spool.duplicates = count(value, "duplicates");
    spool.rejected = count(value, "rejected");
    spool.dropped = count(value, "dropped");
    spool.pending_documents = count(value, "pending");
    spool.unwritten_documents = count(value, "unwritten");
    spool.unreadable_entries = count(value, "unreadable_cycles");
    spool.bytes = static_cast<std::uint64_t>(count(value, "bytes"));
    spool.max_bytes = static_cast<std::uint64_t>(count(value, "max_bytes"));
    spool.oldest_pending = time(value, "oldest_pending");
    spool.disk_full = is_true(value, "disk_full");
    return spool;
}

DaemonStatus::Shipping shipping_status(const Value& value) {
    DaemonStatus::Shipping shipping;
    shipping.state = text(value, "state");
    shipping.host = text(value, "host");
    shipping.server = text(value, "server");
    shipping.cluster = text(value, "cluster_uuid");
    shipping.last_error = text(value, "last_error");
    shipping.last_success = time(value, "last_success");
    shipping.latency_ms = json::integer(value, "latency_ms");
    for (const Value& hold : elements(value, "holds")) {
        shipping.holds.push_back({text(hold, "index"), text(hold, "reason"), time(hold, "since"),
                                  json::integer(hold, "waiting")});
    }
    for (const Value& conflict : elements(value, "conflicts")) {
        shipping.conflicts.push_back(
            {text(conflict, "device"), count(conflict, "documents"), time(conflict, "last")});
    }
    return shipping;
}

}  // namespace

const DeviceStatus* DaemonStatus::device(std::string_view id) const {
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [id](const DeviceStatus& device) { return device.id == id; });
    return found == devices.end() ? nullptr : &*found;
}

Result<DaemonStatus> parse_daemon_status(std::string_view json) {
    rapidjson::Document document;
    if (!json::parse(document, json) || !document.IsObject()) {
        return fail(ErrorKind::garbled, "the daemon's answer is not a status");
    }
    DaemonStatus status;
    status.version = text(document, "version");
    status.pid = count(document, "pid");
    status.alive = !member(document, "alive").IsFalse();
    status.clock = text(document, "clock");
    for (const Value& device : elements(document, "devices")) {
        status.devices.push_back(device_status(device));
    }
    status.spool = spool_status(member(document, "spool"));
    status.shipping = shipping_status(member(document, "shipping"));
    if (const Value& mqtt = member(document, "mqtt"); mqtt.IsObject()) {
        status.mqtt = {is_true(mqtt, "connected"), text(mqtt, "last_error")};
    }
    status.configuration_error = text(document, "configuration_error");
    if (const Value& marks = member(document, "configuration"); marks.IsObject()) {
        for (const auto& mark : marks.GetObject()) {
            status.configuration[mark.name.GetString()] = text(marks, mark.name.GetString());
        }
    }
    return status;
}

Result<DaemonStatus> ask_status(ControlClient& daemon, std::chrono::milliseconds patience) {
    Result<DaemonStatus> status = parse_daemon_status({});  // where it says nothing
    const auto asked = daemon.ask(
        {"status", {}},
        [&status](std::string_view json) {
            status = parse_daemon_status(json);
            return Result<void>();
        },
        patience);
    return asked ? status : pass_on(asked);
}

std::vector<std::string> parse_restart_needed(std::string_view text) {
    rapidjson::Document document;
    std::vector<std::string> names;
    if (!json::parse(document, text)) {
        return names;
    }
    for (const Value& name : elements(document, "restart_needed_for")) {
        if (name.IsString()) {
            names.emplace_back(name.GetString());
        }
    }
    return names;
}

}  // namespace pwlog
