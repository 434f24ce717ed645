// SPDX-License-Identifier: MIT
#include "control/spool_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/json_object.h"
#include "document/document.h"

namespace pwlog {

namespace {

constexpr std::size_t rejects_at_once = 100;

/// The action line of a bulk request. A time-series index makes the `_id` of a metric itself and
/// takes no other; one from elsewhere takes this one.
std::string action_line(const std::string& index, const std::string& id) {
    JsonObject json;
    json.open("create");
    json.add("_index", index);
    json.add("_id", id);
    json.close();
    return json.take();
}

Result<void> send_entry(const Entry& entry, bool bulk, const SendPiece& send) {
    for (const Document& document : entry.documents) {
        if (bulk) {
            if (auto sent = send(action_line(document.index, document.id)); !sent) {
                return sent;
            }
        }
        if (auto sent = send(document.json); !sent) {
            return sent;
        }
    }
    return {};
}

Timestamp moment(const ControlRequest& request, std::string_view key, Timestamp otherwise) {
    const auto ms = request.get<std::int64_t>(key);
    return ms ? Timestamp(std::chrono::milliseconds(*ms)) : otherwise;
}

Result<void> answer_export(Spool& spool, const ControlRequest& request, const SendPiece& send) {
    const bool bulk = request.get<bool>("bulk").value_or(false);
    // Not Timestamp::max(): whoever adds to it would overflow.
    const Timestamp until =
        moment(request, "until", Timestamp(std::chrono::hours(24 * 365 * 1000)));
    Result<void> sent;
    auto read =
        spool.export_entries(moment(request, "since", Timestamp()), until, [&](const Entry& entry) {
            sent = send_entry(entry, bulk, send);
            return sent.has_value();
        });
    if (!read || !sent) {
        return read ? sent : pass_on(read);
    }
    return *read == 0 ? sent
                      : fail(ErrorKind::io,
                             fmt::format("{} cycles are not in the export, as the disk fails to "
                                         "read them: check it, and export again",
                                         *read));
}

std::string reject_json(const Reject& reject) {
    JsonObject json;
    json.add("time", format_time(reject.time));
    json.add("rejected_at", format_time(reject.rejected_at));
    json.add("index", reject.index);
    json.add("id", reject.id);
    json.add("status", reject.status);
    json.add("type", reject.type);
    json.add("reason", reject.reason);
    json.add_raw("document", reject.json);
    return json.take();
}

Result<void> answer_rejects(Spool& spool, const ControlRequest& request, const SendPiece& send) {
    auto left =
        request.get<std::int64_t>("limit").value_or(std::numeric_limits<std::int64_t>::max());
    DocumentRef after;
    while (left > 0) {
        const auto at_once = std::min<std::int64_t>(left, rejects_at_once);
        const auto rejects = spool.rejects(after, static_cast<std::size_t>(at_once));
        if (!rejects) {
            return pass_on(rejects);
        }
        for (const Reject& reject : *rejects) {
            if (auto sent = send(reject_json(reject)); !sent) {
                return sent;
            }
            after = reject.ref;
        }
        if (rejects->empty()) {
            break;
        }
        left -= static_cast<std::int64_t>(rejects->size());
    }
    return {};
}

Result<void> answer_retry(Spool& spool, const ControlRequest& request, const SendPiece& send) {
    RejectFilter filter;
    if (const auto status = request.get<std::int64_t>("status")) {
        filter.status = static_cast<int>(*status);
    }
    filter.type = request.get<std::string>("type");
    const auto retried = spool.retry_rejects(filter);
    if (!retried) {
        return pass_on(retried);
    }
    JsonObject json;
    json.add("retried", *retried);
    return send(json.take());
}

}  // namespace

std::optional<std::string> time_text(const std::optional<Timestamp>& time) {
    return time ? std::optional(format_time(*time)) : std::nullopt;
}

std::string spool_info_json(const SpoolInfo& info) {
    JsonObject json;
    json.add("read", info.read);
    json.add("stored", info.stored);
    json.add("duplicates", info.duplicates);
    json.add("rejected", info.rejected);
    json.add("pending", info.pending_documents);
    json.add("dropped", info.dropped);
    json.add("unwritten", info.unwritten_documents);
    json.add("oldest_pending", time_text(info.oldest_pending));
    json.add("cycles", info.entries);
    json.add("first", time_text(info.first_time));
    json.add("last", time_text(info.last_time));
    json.add("rejects_kept", info.rejects_kept);
    json.add("rejects_dropped", info.rejects_dropped);
    json.add("quarantined_cycles", info.quarantined_entries);
    json.add("unreadable_cycles", info.unreadable_entries);
    json.add("salvaged", info.salvaged_documents);
    json.add("bytes", info.bytes);
    json.add("max_bytes", info.max_bytes);
    json.add("days_until_full", info.days_until_full);
    json.add("unopened", info.unopened);
    json.add("disk_full", info.disk_full);
    return json.take();
}

Result<void> answer_spool_request(Spool& spool, const ControlRequest& request,
                                  const SendPiece& send) {
    if (request.name == "spool info") {
        return send(spool_info_json(spool.info()));
    }
    if (request.name == "spool export") {
        return answer_export(spool, request, send);
    }
    if (request.name == "spool rejects") {
        return answer_rejects(spool, request, send);
    }
    if (request.name == "spool retry") {
        return answer_retry(spool, request, send);
    }
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is not a question to a spool", request.name));
}

void add_spool_handlers(ControlHandlers& handlers, Spool& spool) {
    for (const std::string_view name : spool_request_names) {
        handlers[std::string(name)] = [&spool](const ControlRequest& request, ControlReply& reply) {
            return answer_spool_request(
                spool, request, [&reply](std::string_view json) { return reply.send(json); });
        };
    }
}

}  // namespace pwlog
