#include "cli/device_access_kinds.h"
#include "cli/device_replies.h"

namespace pwlog {
namespace {

class DaemonAccess final : public DeviceAccess {
  public:
    DaemonAccess(DeviceFacts facts, ControlClient daemon)
        : DeviceAccess(std::move(facts)), daemon_(std::move(daemon)) {}

    Result<std::string> ask(std::string_view question) override {
        return ask_daemon(device_request::ask, "question", question);
    }
    Result<std::string> command(std::string_view command) override {
        return ask_daemon(device_request::command, "command", command);
    }
    Result<SwitchReport> carry_out(const SwitchOrder& order,
                                   const Switcher::Watcher& watcher) override {
        return switch_outlet(order, watcher, false);
    }
    Result<SwitchReport> rehearse(const SwitchOrder& order) override {
        return switch_outlet(order, {}, true);
    }

  private:
    Result<std::string> ask_daemon(std::string_view request, std::string_view key,
                                   std::string_view text);
    Result<SwitchReport> switch_outlet(const SwitchOrder& order, const Switcher::Watcher& watcher,
                                       bool rehearsal);
    void name(SwitchReport& report, const SwitchOrder& order) const;

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

/// What the daemon's report leaves out, as it was said by us.
void DaemonAccess::name(SwitchReport& report, const SwitchOrder& order) const {
    report.request.device = {facts().id, "", facts().name};
    report.request.command = to_word(order.action);
    if (!order.outlet.is_all()) {
        const auto index = static_cast<std::size_t>(order.outlet.outlet() - 1);
        report.request.outlet = OutletTag{order.outlet.outlet(), facts().outlet_names.at(index)};
    }
}

Result<SwitchReport> DaemonAccess::switch_outlet(const SwitchOrder& order,
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
                return fail(ErrorKind::stopped, "nobody waits for the new state any more");
            }
            return {};
        });
    if (!report) {
        return answered ? fail(ErrorKind::garbled, "the daemon sent no report") : pass_on(answered);
    }
    if (!answered) {
        report->error = answered.error();
    }
    name(*report, order);
    return *std::move(report);
}

}  // namespace

std::unique_ptr<DeviceAccess> make_daemon_access(DeviceFacts facts, ControlClient daemon) {
    return std::make_unique<DaemonAccess>(std::move(facts), std::move(daemon));
}

}  // namespace pwlog
