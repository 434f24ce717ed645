// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cli/memory_text.h"
#include "config/config.h"
#include "control/control_protocol.h"
#include "control/daemon_status.h"
#include "control/device_replies.h"
#include "document/energy.h"
#include "elastic/bulk.h"
#include "elastic/http.h"
#include "elastic/server.h"
#include "elastic/server_check.h"
#include "elastic/template_check.h"
#include "events/ats_watch.h"
#include "events/pdu_watch.h"
#include "events/state_text.h"
#include "fuzz/targets.h"
#include "mqtt/command.h"
#include "mqtt/connection.h"
#include "protocol/frame.h"
#include "protocol/memory.h"
#include "protocol/question.h"
#include "sampling/nut_answer.h"
#include "setup/kibana_reply.h"
#include "spool/record_format.h"
#include "support/http_stub.h"

namespace pwlog::test {
namespace {

/// The first byte chooses, what follows is read.
std::size_t choice(std::string_view& bytes, std::size_t count) {
    const std::size_t chosen = bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0]) % count;
    bytes.remove_prefix(bytes.empty() ? 0 : 1);
    return chosen;
}

template <class T>
void demand_reason(const Result<T>& result) {
    demand(result || !result.error().message.empty(), "a refusal has a reason");
}

void read_frames(std::string_view bytes) {
    FrameReader reader;
    for (const char byte : bytes) {
        if (const auto payload = reader.feed(byte)) {
            demand(payload->size() <= FrameReader::longest_payload, "a payload is bounded");
            FrameReader again;
            std::optional<std::string> same;
            for (const char copy : frame(*payload)) {
                same = again.feed(copy);
            }
            demand(same == payload, "a payload is what its frame says");
        }
    }
}

void read_answer(std::string_view bytes) {
    constexpr std::array pdu_queries{"QPI",  "QVFW", "QMD", "QGS",   "QPW",
                                     "QPVA", "QEC",  "QSR", "QGM03", "QX"};
    constexpr std::array ats_queries{"QPI", "QVFW", "QATS", "QAS", "QRI", "GM0018", "QX"};
    const auto chosen = choice(bytes, pdu_queries.size() + ats_queries.size());
    const auto question =
        chosen < pdu_queries.size()
            ? question_of(DeviceKind::pdu, pdu_queries.at(chosen))
            : question_of(DeviceKind::ats, ats_queries.at(chosen - pdu_queries.size()));
    demand(question.has_value(), "each of these is a question");
    demand_reason(question->check(bytes));
    demand_reason(question_of(DeviceKind::pdu, bytes));
}

void read_memory(std::string_view bytes) {
    const bool is_pdu = choice(bytes, 2) == 0;
    const int address =
        static_cast<int>(choice(bytes, is_pdu ? pdu::memory_words : ats::memory_words));
    const auto values =
        is_pdu ? pdu::decode_memory(address, bytes) : ats::decode_memory(address, bytes);
    demand_reason(values);
    for (const auto& value : values.value_or(std::vector<MemoryValue>())) {
        demand(value.setting->address == address, "a word has its own settings");
    }
}

void read_config(std::string_view bytes) {
    const auto config = parse_config(bytes, "fuzz.toml");
    demand_reason(config);
    demand(config || config.error().message.find("fuzz.toml") != std::string::npos,
           "a mistake says where");
}

void read_bulk_reply(std::string_view bytes) {
    constexpr std::size_t most = 16;
    const auto expected = choice(bytes, most) + 1;
    const auto reply = parse_bulk_reply(bytes, expected);
    demand_reason(reply);
    demand(!reply || reply->outcomes.size() == expected, "one outcome for each document");
}

/// Whatever a server answers to everything: identity, mappings, templates.
void read_server(std::string_view bytes) {
    static std::string body;
    static int status = 200;
    static HttpStub stub(
        [](const StubRequest&) { return StubReply{.status = status, .body = body}; });
    static const auto url = ServerUrl::parse(stub.url(), false);
    static HttpClient client = *HttpClient::open({});
    constexpr std::array statuses{200, 200, 200, 400, 401, 403, 404, 429, 503};
    status = statuses.at(choice(bytes, statuses.size()));
    body.assign(bytes);
    const auto info = identify_server(client, *url);
    demand_reason(info);
    const ServerInfo server = info.value_or(ServerInfo{});
    (void)check_server(server, IndexMode::time_series);
    const auto checked =
        check_template(client, *url, server, {.version = 1}, "powerwalker-metrics-2026.11");
    demand_reason(checked);
    demand(!checked || checked->may_ship() || !checked->message.empty(), "why nothing may be sent");
}

void read_kibana(std::string_view bytes) {
    const std::string text(bytes);
    const HttpReply reply{.status = 200, .body = text};
    demand_reason(check_kibana_status(reply, "http://kibana"));
    (void)describe_kibana(reply);
    (void)exported_objects(text);
    (void)missing_objects(reply);
    (void)is_same_object(text, R"({"attributes":{},"references":[]})");
    std::vector<SetupLine> lines{{.object = "dashboard/a", .outcome = SetupOutcome::created}};
    judge_import(reply, lines);
    demand(lines.size() == 1, "an import's objects stay");
}

std::string deflated(std::string_view text) {
    z_stream stream{};
    constexpr int raw = -15;
    constexpr int memory_level = 8;
    demand(deflateInit2(&stream, 1, Z_DEFLATED, raw, memory_level, Z_DEFAULT_STRATEGY) == Z_OK,
           "zlib has memory");
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    demand(deflate(&stream, Z_FINISH) == Z_STREAM_END, "all of it fits");
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

/// A row as it lies on disk, and one whose text alone is strange.
void read_record(std::string_view bytes) {
    constexpr std::uint32_t some_size = 4096;
    demand_reason(decode_record(bytes, checksum(bytes), some_size));
    const auto entry =
        decode_record(deflated(bytes), checksum(bytes), static_cast<std::uint32_t>(bytes.size()));
    demand_reason(entry);
    if (entry) {
        // A leading zero of its time passes: what was read is then written without it.
        const auto record = encode_record(*entry);
        demand_reason(record);
        const auto again = record ? decode_record(record->body, record->crc, record->size) : entry;
        demand(again && again->stream == entry->stream && again->time == entry->time &&
                   std::ranges::equal(again->documents, entry->documents, {}, &Document::index,
                                      &Document::index),
               "an entry comes back as it was");
    }
}

/// What the spool keeps under names.
void read_remembered(std::string_view bytes) {
    const auto state = StateText::parse(bytes);
    demand(StateText::parse(state.text()).all() == state.all(), "state comes back as it was");
    const DeviceTag device{"a", "ATS"};
    AtsWatch(device).restore(bytes);
    PduWatch(device, {}).restore(bytes);
    const auto meter = PduEnergyMeter::restore(bytes);
    demand_reason(meter);
    demand(!meter || PduEnergyMeter::restore(meter->save()).has_value(), "a meter comes back");
}

void read_command(std::string_view bytes) {
    const bool retained = choice(bytes, 2) == 1;
    const auto line = bytes.find('\n');
    const Incoming message{std::string(bytes.substr(0, line)),
                           std::string(line == bytes.npos ? "" : bytes.substr(line + 1)), retained};
    const auto command = parse_command({{"power", "rack1-pdu"}, {"power/b", "rack2-pdu"}}, message);
    if (command && command->refusal.empty()) {
        const auto& said = message.payload;
        demand(!retained, "what is kept switches nothing");
        demand(said == "0" || said == "1" || said == "ON" || said == "OFF" || said == "PRESS",
               "only known words switch");
        demand(command->device == "rack1-pdu" || command->device == "rack2-pdu", "a known device");
    }
}

void read_nut(std::string_view bytes) {
    (void)is_whole_list(bytes, "ups");
    const auto variables = decode_list(bytes, "ups");
    demand_reason(variables);
    if (variables) {
        const auto reading = reading_of(*variables, WallTime{});
        demand_reason(reading);
        demand(!reading || !reading->status.empty(), "a reading has a status");
    }
}

/// What a client says to the daemon.
void read_request(std::string_view bytes) {
    const auto request = decode_request(bytes);
    demand_reason(request);
    if (request) {
        const auto again = decode_request(encode_request(*request));
        demand(again && again->name == request->name && again->arguments == request->arguments,
               "a request comes back as it was");
        demand_reason(decode_switch_request(*request));
    }
}

/// What a daemon says to a client.
void read_reply(std::string_view bytes) {
    demand_reason(decode_reply(bytes));
    demand_reason(parse_daemon_status(bytes));
    (void)parse_restart_needed(bytes);
    demand_reason(decode_listed(bytes));
    demand_reason(decode_payload(bytes));
    demand_reason(decode_switch_piece(bytes));
}

void read_saved_memory(std::string_view bytes) { demand_reason(saved_memory(bytes)); }

struct Target {
    std::string_view name;
    void (*read)(std::string_view);
};
constexpr std::array targets{Target{"frames", read_frames},
                             Target{"answers", read_answer},
                             Target{"memory", read_memory},
                             Target{"config", read_config},
                             Target{"bulk", read_bulk_reply},
                             Target{"server", read_server},
                             Target{"kibana", read_kibana},
                             Target{"record", read_record},
                             Target{"remembered", read_remembered},
                             Target{"command", read_command},
                             Target{"nut", read_nut},
                             Target{"request", read_request},
                             Target{"reply", read_reply},
                             Target{"saved_memory", read_saved_memory}};

}  // namespace

void demand(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "it does not hold: %s\n", what);
        std::abort();
    }
}

void fuzz(std::string_view target, std::string_view bytes) {
    for (const auto& [name, read] : targets) {
        if (name == target) {
            read(bytes);
            return;
        }
    }
    fuzz_source(target, bytes);
}

}  // namespace pwlog::test
