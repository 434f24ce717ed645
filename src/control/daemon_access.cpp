// SPDX-License-Identifier: MIT
#include "control/device_access_kinds.h"
#include "control/device_replies.h"

namespace pwlog {
namespace {

/// A daemon that ends amid an order tells nobody how far it came.
tl::unexpected<Error> fate_unknown(const Error& error) {
    if (error.kind != ErrorKind::gone) {
        return tl::unexpected<Error>(error);
    }
    return fail(error.kind, error.message +
                                ": the daemon ended amid the order, and whether it was carried out "
                                "is not known: look (`pwlog outlet list`) before you repeat it");
}

class DaemonAccess final : public DeviceAccess {
  public:
    DaemonAccess(DeviceFacts facts, ControlClient daemon)
        : DeviceAccess(std::move(facts)), daemon_(std::move(daemon)) {}

    Result<std::string> ask(std::string_view question) override {
        return ask_daemon(device_request::ask, "question", question);
    }
    Result<std::string> command(std::string_view command) override {
        auto answer = ask_daemon(device_request::command, "command", command);
        return answer ? answer : fate_unknown(answer.error());
    }

  private:
    Result<SwitchReport> switch_outlets(const SwitchOrder& order,
                                        const Switcher::Watcher& watcher) override {
        return ask_to_switch(order, watcher, false);
    }
    Result<SwitchReport> plan(const SwitchOrder& order) override {
        return ask_to_switch(order, {}, true);
    }
    Result<void> note_refusal(const SwitchOrder& order, const std::string& reason) override {
        return daemon_.ask(refusal_request(facts().id, order, reason),
                           [](std::string_view) { return Result<void>(); });
    }
    Result<std::string> ask_daemon(std::string_view request, std::string_view key,
                                   std::string_view text);
    Result<SwitchReport> ask_to_switch(const SwitchOrder& order, const Switcher::Watcher& watcher,
                                       bool rehearsal);

    ControlClient daemon_;
};

Result<std::string> DaemonAccess::ask_daemon(std::string_view request, std::string_view key,
                                             std::string_view text) {
    ControlRequest asked{std::string(request), {}};
    asked.arguments["device"] = facts().id;
    asked.arguments[std::string(key)] = std::string(text);
    Result<std::string> payload = fail(ErrorKind::garbled, "the daemon sent no answer");
    auto answered = daemon_.ask(asked, [&](std::string_view json) -> Result<void> {
        payload = decode_payload(json);
        return payload ? Result<void>() : pass_on(payload);
    });
    return answered ? payload : pass_on(answered);
}

Result<SwitchReport> DaemonAccess::ask_to_switch(const SwitchOrder& order,
                                                 const Switcher::Watcher& watcher, bool rehearsal) {
    std::optional<SwitchReport> report;
    auto answered = daemon_.ask(
        switch_request(facts().id, order, rehearsal), [&](std::string_view json) -> Result<void> {
            auto piece = decode_switch_piece(json);
            if (!piece) {
                return pass_on(piece);
            }
            if (auto* final_report = std::get_if<SwitchReport>(&*piece)) {
                report = std::move(*final_report);
            } else if (watcher && !watcher(std::get<SwitchProgress>(*piece))) {
                return fail(ErrorKind::stopped, "nobody is waiting for the new state any more");
            }
            return {};
        });
    if (!report && !answered && answered.error().kind == ErrorKind::stopped) {
        return fail(ErrorKind::stopped,
                    "no longer waiting: an order that had not begun is withdrawn, one that had is "
                    "carried on; `pwlog outlet list` shows the outlets");
    }
    if (!report) {
        if (answered) {
            return fail(ErrorKind::garbled, "the daemon sent no report");
        }
        return rehearsal ? pass_on(answered) : fate_unknown(answered.error());
    }
    if (!answered) {
        report->error = answered.error();
    }
    auto named = report_on(order);
    report->request.device = std::move(named.request.device);
    report->request.outlet = std::move(named.request.outlet);
    report->request.command = std::move(named.request.command);
    return *std::move(report);
}

}  // namespace

std::unique_ptr<DeviceAccess> make_daemon_access(DeviceFacts facts, ControlClient daemon) {
    return std::make_unique<DaemonAccess>(std::move(facts), std::move(daemon));
}

}  // namespace pwlog
