// SPDX-License-Identifier: MIT
#include "control/daemon_requests.h"

#include <unistd.h>

#include "base/json_object.h"
#include "base/version.h"
#include "control/device_requests.h"
#include "control/spool_requests.h"

namespace pwlog {
namespace {

void write_device(JsonObject& json, const SamplerStatus& status) {
    json.add("id", status.device);
    json.add_text("model", status.model);
    json.add("reachable", status.reachable);
    json.add("last_sample", time_text(status.last_sample));
    json.add("last_error", status.last_error);
    if (status.last_error_kind) {
        json.add("last_error_kind", error_kind_name(*status.last_error_kind));
    }
    json.add("cycles", status.cycles);
    json.add("failed", status.failed);
    json.add("late", status.late);
    json.add("timeouts", status.line.timeouts);
    json.add("garbled", status.line.garbled);
    json.add("refused", status.line.refused);
    json.add("resyncs", status.line.resyncs);
    json.add("opens", status.line.opens);
    json.open_list("documents");
    for (const auto& document : status.last_documents) {
        json.add_raw_item(document.json);
    }
    json.close_list();
}

void write_shipping(JsonObject& json, const ShipperStatus& status) {
    json.open("shipping");
    json.add("state", to_text(status.state));
    json.add("host", status.host);
    json.add("server", status.server);
    json.add("last_error", status.last_error);
    json.add("last_success", time_text(status.last_success));
    if (status.latency) {
        json.add("latency_ms", static_cast<std::int64_t>(status.latency->count()));
    }
    json.add("requests", status.requests);
    json.add("cluster_uuid", status.cluster);
    json.add_list("conflicts", status.conflicts, [&json](const auto& conflict) {
        json.add("device", conflict.first);
        json.add("documents", conflict.second.documents);
        json.add("last", format_time(conflict.second.last));
    });
    json.add_list("holds", status.holds, [&json](const auto& held) {
        const auto& hold = held.second;
        json.add("index", hold.index);
        json.add("document", hold.document);
        json.add("reason", hold.reason);
        json.add("since", time_text(to_timestamp(hold.since)));
        if (hold.waiting) {
            json.add("waiting", static_cast<std::int64_t>(*hold.waiting));
        }
    });
    json.close();
}

void write_mqtt(JsonObject& json, const MqttParts& mqtt) {
    const auto status = mqtt.publisher->status();
    json.open("mqtt");
    json.add("connected", status.connected);
    json.add("published", status.published);
    json.add("waiting", status.outbox.waiting);
    json.add("superseded", status.outbox.superseded);
    json.add("dropped", status.outbox.dropped);
    json.add("reconnects", status.reconnects);
    json.add("received", status.received);
    json.add("refused", status.refused);
    json.add("last_error", status.last_error);
    if (mqtt.desk) {
        const auto commands = mqtt.desk->counters();
        json.add("commands_done", commands.done);
        json.add("commands_failed", commands.failed);
        json.add("commands_refused", commands.refused);
    }
    json.close();
}

}  // namespace

std::string status_json(const DaemonParts& parts) {
    JsonObject json;
    json.add("version", version);
    json.add("pid", static_cast<std::int64_t>(getpid()));
    json.add("alive", parts.agent.is_alive());
    json.add("clock", word_of(parts.agent.recorder().look_at_clock()));
    json.add("configuration_error", parts.reload.error());
    json.add("restart_needed_for", parts.reload.waiting());
    json.open("configuration");
    for (const auto& [key, mark] : parts.reload.marks()) {
        json.add(key, mark);
    }
    json.close();
    json.add_list("devices", parts.agent.samplers(),
                  [&json](const auto& device) { write_device(json, device); });
    json.add_raw("spool", spool_info_json(parts.spool.info()));
    write_shipping(json, parts.shipper.status());
    if (const auto mqtt = parts.mqtt.get()) {
        write_mqtt(json, *mqtt);
    }
    return json.take();
}

ControlHandlers daemon_handlers(const DaemonParts& parts) {
    ControlHandlers handlers;
    handlers["status"] = [parts](const ControlRequest&, ControlReply& reply) {
        return reply.send(status_json(parts));
    };
    handlers["reload"] = [parts](const ControlRequest&, ControlReply& reply) {
        const auto waiting = parts.reload.ask(reply.stop());
        if (!waiting) {
            return Result<void>(pass_on(waiting));
        }
        JsonObject json;
        json.add("restart_needed_for", *waiting);
        return reply.send(json.take());
    };
    add_device_handlers(handlers, parts.agent);
    add_spool_handlers(handlers, parts.spool);
    // What is put back among the pending is older than what shipping has come to.
    handlers["spool retry"] = [parts, retry = handlers.at("spool retry")](
                                  const ControlRequest& request, ControlReply& reply) {
        auto done = retry(request, reply);
        parts.shipper.look_again();
        return done;
    };
    return handlers;
}

}  // namespace pwlog
