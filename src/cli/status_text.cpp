// SPDX-License-Identifier: MIT
#include "cli/status_text.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/text_values.h"
#include "base/timestamp_text.h"
#include "terminal/terminal_text.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

using json::elements;
using json::is_true;
using json::member;
using rapidjson::Value;

constexpr std::size_t reason_columns = 60;
constexpr std::size_t most_rows = 16;  // of devices: with the rest, a screen
constexpr const char* none = "-";

rapidjson::Document parse(std::string_view json) {
    rapidjson::Document document;
    if (!json::parse(document, json) || !document.IsObject()) {
        document.SetObject();
    }
    return document;
}

std::string text(const Value& object, const char* key) {
    return terminal_text(json::text(object, key));
}

std::int64_t number(const Value& object, const char* key) {
    return json::integer(object, key).value_or(0);
}

std::string count(const Value& object, const char* key) {
    const auto whole = json::integer(object, key);
    return whole ? grouped(*whole) : none;
}

std::string how_many(const Value& object, const char* key, std::string_view noun) {
    const auto whole = number(object, key);
    return fmt::format("{} {}{}", grouped(whole), noun, whole == 1 ? "" : "s");
}

std::string ago(const Value& object, const char* key, Timestamp now) {
    const auto time = parse_rfc3339(text(object, key));
    return time ? rough_duration(now - *time) + " ago" : std::string("never");
}

std::string mebibytes(const Value& object, const char* key) {
    const auto bytes = json::number(object, key);
    return bytes ? fmt::format("{:.1f}", *bytes / (1 << 20)) : none;
}

std::string or_none(const std::string& text) { return text.empty() ? none : text; }

/// The devices' table, and below it what is wrong with whom.
std::string devices_text(const Value& status, Timestamp now, std::size_t columns, bool all) {
    const auto devices = elements(status, "devices");
    using Align = TextTable::Align;
    TextTable table;
    table.column("Device").column("State").column("Last sample");
    for (const auto* heading : {"Cycles", "Failed", "Late", "Timeouts", "Garbled"}) {
        table.column(heading, Align::right);
    }
    table.column("Model");
    std::string errors;
    std::size_t well = 0;
    for (const Value& device : devices) {
        const bool reachable = is_true(device, "reachable");
        const std::string error = text(device, "last_error");
        if (!all && devices.size() > most_rows && reachable && error.empty()) {
            ++well;
            continue;
        }
        const bool unread = !reachable && error.empty() && text(device, "last_sample").empty();
        table.row({text(device, "id"),
                   reachable ? "reading"
                   : unread  ? "not read yet"
                             : "unreachable",
                   unread ? none : ago(device, "last_sample", now), count(device, "cycles"),
                   count(device, "failed"), count(device, "late"), count(device, "timeouts"),
                   count(device, "garbled"), or_none(text(device, "model"))});
        if (!error.empty()) {
            errors += fmt::format("{}: {}: {}\n", text(device, "id"),
                                  reachable ? "last error" : "unreachable", error);
        }
    }
    const bool has_rows = well < devices.size();
    return (has_rows ? table.text(columns) : std::string()) + errors +
           (well == 0 ? std::string()
                      : fmt::format("{} of {} read well; a row for each: pwlog status --all\n",
                                    well, counted(devices.size(), "device"))) +
           "\n";
}

/// Of each UPS what it says of itself.
std::string all_ups_text(std::string_view json) {
    std::string lines;
    if (const auto status = parse_daemon_status(json)) {
        for (const auto& device : status->devices) {
            if (const auto view = device_view(device); view.kind == DocumentKind::ups) {
                lines += fmt::format("{}: {}{}\n", terminal_text(device.id), ups_text(view),
                                     device.reachable ? "" : " when last read");
            }
        }
    }
    return lines.empty() ? lines : lines + "\n";
}

std::string shipping_text(const Value& shipping, Timestamp now) {
    std::string line = fmt::format("Shipping   {}", or_none(text(shipping, "state")));
    if (const std::string host = text(shipping, "host"); !host.empty()) {
        line += fmt::format(" to {}", host);
    }
    if (const std::string server = text(shipping, "server"); !server.empty()) {
        line += fmt::format(" ({})", server);
    }
    line += text(shipping, "last_success").empty()
                ? ", no success yet"
                : ", last success " + ago(shipping, "last_success", now);
    if (const auto latency = json::integer(shipping, "latency_ms")) {
        line += fmt::format(", {} ms", *latency);
    }
    if (const std::string error = text(shipping, "last_error"); !error.empty()) {
        line += fmt::format("\n           {}", error);
    }
    for (const Value& hold : elements(shipping, "holds")) {
        line += fmt::format("\n           {} accepts no documents (since {}; {} waiting): {}",
                            text(hold, "index"), ago(hold, "since", now), count(hold, "waiting"),
                            text(hold, "reason"));
    }
    for (const Value& conflict : elements(shipping, "conflicts")) {
        line += fmt::format(
            "\n           another logger writes device.id {}: {} put aside, the last {}",
            text(conflict, "device"), how_many(conflict, "documents", "document"),
            ago(conflict, "last", now));
    }
    return line + "\n";
}

/// Nothing where there is no broker.
std::string mqtt_text(const Value& mqtt) {
    if (!mqtt.IsObject()) {
        return {};
    }
    std::string line = fmt::format(
        "MQTT       {}, {} published, {} waiting, {} superseded, {} dropped, {} reconnects",
        is_true(mqtt, "connected") ? "connected" : "not connected", count(mqtt, "published"),
        count(mqtt, "waiting"), count(mqtt, "superseded"), count(mqtt, "dropped"),
        count(mqtt, "reconnects"));
    if (number(mqtt, "refused") > 0) {
        line += fmt::format(", {} refused", count(mqtt, "refused"));
    }
    if (member(mqtt, "commands_done").IsInt64()) {
        line += fmt::format("\n           commands: {} done, {} failed, {} refused",
                            count(mqtt, "commands_done"), count(mqtt, "commands_failed"),
                            count(mqtt, "commands_refused"));
    }
    if (const std::string error = text(mqtt, "last_error"); !error.empty()) {
        line += fmt::format("\n           {}", error);
    }
    return line + "\n";
}

std::string documents_text(const Value& spool) {
    return fmt::format(
        "Documents  {} read = {} stored + {} duplicate + {} rejected + {} pending + {} dropped\n",
        count(spool, "read"), count(spool, "stored"), count(spool, "duplicates"),
        count(spool, "rejected"), count(spool, "pending"), count(spool, "dropped"));
}

std::string space_text(const Value& spool, Timestamp now) {
    std::string line = fmt::format("Spool      {} of {} MiB", mebibytes(spool, "bytes"),
                                   mebibytes(spool, "max_bytes"));
    if (const Value& days = member(spool, "days_until_full"); days.IsNumber()) {
        line += fmt::format(", room for {:.1f} days without a server", days.GetDouble());
    }
    if (!text(spool, "oldest_pending").empty()) {
        line += fmt::format(", oldest pending: {}", ago(spool, "oldest_pending", now));
    }
    if (number(spool, "unwritten") > 0) {
        line +=
            fmt::format("\n           {} only in memory", how_many(spool, "unwritten", "document"));
    }
    if (number(spool, "unreadable_cycles") > 0) {
        line += fmt::format("\n           waiting, but the disk fails to read them: {}",
                            how_many(spool, "unreadable_cycles", "cycle"));
    }
    if (is_true(spool, "unopened")) {
        line += "\n           the file cannot be opened: what waits in it is shipped once it can";
    }
    return line + (is_true(spool, "disk_full") ? "\n           the disk is full\n" : "\n");
}

/// Nothing where all is well: what the daemon itself lacks.
std::string daemon_text(const Value& status) {
    std::string lines;
    if (const std::string clock = text(status, "clock"); clock == "unsynchronised") {
        lines += "Clock      not synchronised: documents are marked\n";
    } else if (clock == "unknown") {
        lines += "Clock      unknown, the kernel may not be asked: documents are marked\n";
    }
    for (const Value& waiting : elements(status, "restart_needed_for")) {
        lines += fmt::format("Config     what changed in {} needs a restart\n",
                             waiting.IsString() ? terminal_text(waiting.GetString()) : none);
    }
    if (const std::string error = text(status, "configuration_error"); !error.empty()) {
        lines += fmt::format("Config     the file could not be read again, the old one holds: {}\n",
                             error);
    }
    return lines;
}

/// Longer lines broken at blanks, behind the labels' column.
std::string fit(const std::string& text, std::size_t columns) {
    constexpr std::size_t label = 11;
    constexpr std::size_t narrowest = 20;
    if (columns == 0) {
        return text;
    }
    std::string fitted;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = std::string_view(text).substr(begin, end - begin);
        const auto split = std::min(label, line.size());
        auto lead = std::string(line.substr(0, split));
        for (const auto& part :
             wrap_text(line.substr(split), std::max(columns, label + narrowest) - label)) {
            fitted += lead + part + '\n';
            lead.assign(label, ' ');
        }
        begin = end + 1;
    }
    return fitted;
}

}  // namespace

std::string status_text(std::string_view json, Timestamp now, std::size_t columns, bool all) {
    const rapidjson::Document status = parse(json);
    const Value& spool = member(status, "spool");
    return fmt::format("pwlog {}, process {}\n\n", or_none(text(status, "version")),
                       number(status, "pid")) +
           devices_text(status, now, columns, all) +
           fit(all_ups_text(json) + shipping_text(member(status, "shipping"), now) +
                   documents_text(spool) + space_text(spool, now) +
                   mqtt_text(member(status, "mqtt")) + daemon_text(status),
               columns);
}

std::string spool_info_text(std::string_view json, Timestamp now) {
    const rapidjson::Document info = parse(json);
    std::string lines = documents_text(info) + space_text(info, now);
    lines += fmt::format("Archive    {} cycles", count(info, "cycles"));
    if (const std::string first = text(info, "first"); !first.empty()) {
        lines += fmt::format(", {} to {}", first, text(info, "last"));
    }
    lines += fmt::format("\nRejects    {} kept", count(info, "rejects_kept"));
    if (number(info, "rejects_dropped") > 0) {
        lines += fmt::format(", {} older ones dropped", count(info, "rejects_dropped"));
    }
    lines += '\n';
    if (number(info, "quarantined_cycles") > 0 || number(info, "salvaged") > 0) {
        lines += fmt::format("Damage     {} with a wrong checksum, {} rescued\n",
                             how_many(info, "quarantined_cycles", "cycle"),
                             how_many(info, "salvaged", "document"));
    }
    return lines;
}

TextTable reject_table() {
    TextTable table;
    table.column("Time").column("Status").column("Type").column("Reason").column("Id");
    return table;
}

void add_reject(TextTable& table, std::string_view json) {
    const rapidjson::Document reject = parse(json);
    table.row({text(reject, "time"), count(reject, "status"), text(reject, "type"),
               cut_text(text(reject, "reason"), reason_columns), text(reject, "id")});
}

}  // namespace pwlog
