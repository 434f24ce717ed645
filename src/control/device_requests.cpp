// SPDX-License-Identifier: MIT
#include "control/device_requests.h"

#include <fmt/format.h>

#include "base/printable.h"
#include "control/device_replies.h"
#include "switching/posted_job.h"

namespace pwlog {
namespace {

/// None where it is nothing that could be asked on a line.
std::optional<ListedDevice> listed(const DeviceSetup& setup) {
    if (std::holds_alternative<UpsSetup>(setup)) {
        return std::nullopt;
    }
    const bool is_pdu = std::holds_alternative<PduSetup>(setup);
    return ListedDevice{tag_of(setup).id, is_pdu ? DeviceKind::pdu : DeviceKind::ats,
                        port_of(setup)};
}

/// The device of a request.
Result<ListedDevice> device_of(const Agent& agent, const ControlRequest& request) {
    const auto id = request.get<std::string>("device").value_or("");
    for (const auto& setup : agent.options().devices) {
        if (auto device = listed(setup); device && device->id == id) {
            return *std::move(device);
        }
    }
    return fail(ErrorKind::not_found,
                fmt::format("the daemon has no device \"{}\"", printable(id)));
}

Result<void> list_devices(Agent& agent, ControlReply& reply) {
    for (const auto& setup : agent.options().devices) {
        auto device = listed(setup);
        if (!device) {
            continue;
        }
        if (const auto switcher = agent.switcher(device->id)) {
            device->switchable = switcher->permit().outlets();
        }
        if (auto sent = reply.send(encode_listed(*device)); !sent) {
            return sent;
        }
    }
    return {};
}

constexpr auto usual_talk = std::chrono::milliseconds(500);  // a question and its answer

/// Talks to the device on its own thread and sends what it said.
using Talk =
    std::function<Result<std::string>(Session&, const ListedDevice&, const std::stop_token&)>;
Result<void> answer_payload(Agent& agent, const ControlRequest& request, ControlReply& reply,
                            const Talk& talk) {
    const auto device = device_of(agent, request);
    if (!device) {
        return pass_on(device);
    }
    const auto sampler = agent.sampler(device->id);
    if (!sampler) {
        return fail(ErrorKind::not_found, "the daemon has just been told to leave that device");
    }
    Result<std::string> payload = fail(ErrorKind::stopped, "not asked");
    auto ran = run_on(
        *sampler,
        [&](SampledDevice& sampled, const std::stop_token& stop) {
            payload = talk(*sampled.session(), *device, stop);
        },
        usual_talk, reply.stop());
    if (!ran) {
        return ran;
    }
    return payload ? reply.send(encode_payload(*payload)) : pass_on(payload);
}

/// A switch request as it was asked for, of whom, and the way to do it.
struct AskedOrder {
    std::shared_ptr<Switcher> switcher;
    SwitchOrder order;
};
Result<AskedOrder> asked_order(Agent& agent, const ControlRequest& request, ControlReply& reply) {
    auto switcher = agent.switcher(request.get<std::string>("device").value_or(""));
    if (switcher == nullptr) {
        return fail(ErrorKind::not_found, "the daemon has no such PDU");
    }
    auto order = decode_switch_request(request);
    if (!order) {
        return pass_on(order);
    }
    order->requested_by = reply.asked_by();
    order->method = "cli";
    return AskedOrder{std::move(switcher), *std::move(order)};
}

Result<void> switch_outlet(Agent& agent, const ControlRequest& request, ControlReply& reply) {
    const auto asked = asked_order(agent, request, reply);
    if (!asked) {
        return pass_on(asked);
    }
    const auto watch = [&](const SwitchProgress& progress) {
        return reply.send(encode_progress(progress)).has_value();
    };
    const auto gone = HangUp::watch(reply);
    if (!gone) {
        return pass_on(gone);
    }
    const auto report =
        request.get<bool>("rehearsal").value_or(false)
            ? asked->switcher->rehearse(asked->order, (*gone)->token())
            : asked->switcher->carry_out(asked->order, watch, reply.stop(), (*gone)->token());
    if (auto sent = reply.send(encode_report(report)); !sent) {
        return sent;
    }
    return report.error ? Result<void>(tl::unexpected(*report.error)) : Result<void>();
}

Result<void> note_refusal(Agent& agent, const ControlRequest& request, ControlReply& reply) {
    const auto asked = asked_order(agent, request, reply);
    if (!asked) {
        return pass_on(asked);
    }
    asked->switcher->refuse(asked->order,
                            printable(request.get<std::string>("reason").value_or("")));
    return {};
}

}  // namespace

Result<std::string> ask_payload(Session& session, DeviceKind kind, std::string_view question,
                                const std::stop_token& stop) {
    const auto known = question_of(kind, question);
    if (!known) {
        return pass_on(known);
    }
    auto answer = session.ask(known->text, known->payload_bytes, known->check, stop);
    return answer ? Result<std::string>(std::move(answer->payload)) : pass_on(answer);
}

Result<std::string> send_command(Session& session, std::string_view command,
                                 const std::stop_token& stop) {
    const auto allowed = pdu::custom(pdu::SwitchPermit(), command);
    if (!allowed) {
        return pass_on(allowed);
    }
    const auto result = session.command(*allowed, pdu::LivePermit(), stop);
    if (result.stage == CommandResult::Stage::sent) {
        return fail(result.done.error().kind,
                    fmt::format("{}; {} was sent, and may have been carried out",
                                result.done.error().message, command));
    }
    return result.done ? Result<std::string>("ACK") : pass_on(result.done);
}

void add_device_handlers(ControlHandlers& handlers, Agent& agent) {
    handlers[std::string(device_request::devices)] =
        [&agent](const ControlRequest&, ControlReply& reply) { return list_devices(agent, reply); };
    handlers[std::string(device_request::ask)] = [&agent](const ControlRequest& request,
                                                          ControlReply& reply) {
        const auto question = request.get<std::string>("question").value_or("");
        return answer_payload(
            agent, request, reply,
            [&](Session& session, const ListedDevice& device, const std::stop_token& stop) {
                return ask_payload(session, device.kind, question, stop);
            });
    };
    handlers[std::string(device_request::command)] = [&agent](const ControlRequest& request,
                                                              ControlReply& reply) {
        const auto text = request.get<std::string>("command").value_or("");
        return answer_payload(
            agent, request, reply,
            [&](Session& session, const ListedDevice&, const std::stop_token& stop) {
                return send_command(session, text, stop);
            });
    };
    handlers[std::string(device_request::switch_outlet)] = [&agent](const ControlRequest& request,
                                                                    ControlReply& reply) {
        return pwlog::switch_outlet(agent, request, reply);
    };
    handlers[std::string(device_request::refused)] = [&agent](const ControlRequest& request,
                                                              ControlReply& reply) {
        return note_refusal(agent, request, reply);
    };
}

}  // namespace pwlog
