// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include "control/control_socket.h"
#include "control/device_access_kinds.h"
#include "control/device_requests.h"
#include "control/spool_access.h"
#include "daemon/agent_options.h"
#include "link/open_in_turn.h"
#include "sampling/recorder.h"

namespace pwlog {
namespace {

class DirectAccess final : public DeviceAccess {
  public:
    DirectAccess(DirectDevice device, std::stop_token stop)
        : DeviceAccess(device.facts),
          options_(std::move(device)),
          stop_(std::move(stop)),
          device_(make_session(), clock_) {}

    Result<std::string> ask(std::string_view question) override {
        return ask_payload(device_.session(), facts().kind, question, stop_);
    }
    Result<std::string> command(std::string_view command) override {
        return send_command(device_.session(), command, stop_);
    }

  private:
    Session make_session() const {
        const auto id = facts().kind == DeviceKind::pdu ? pdu::protocol_id : ats::protocol_id;
        const auto open = [port = options_.port](const std::stop_token& stop) {
            return open_in_turn(port, stop);
        };
        return {open, id, options_.session, clock_};
    }
    pdu::SwitchPermit permit() const {
        return pdu::SwitchPermit::of(facts().switchable).value_or(pdu::SwitchPermit());
    }
    Result<SwitchReport> switch_outlets(const SwitchOrder& order,
                                        const Switcher::Watcher& watcher) override;
    Result<SwitchReport> plan(const SwitchOrder& order) override;
    Result<void> note_refusal(const SwitchOrder& order, const std::string& reason) override;
    static SwitchOrder signed_by_user(SwitchOrder order);
    template <class Act>
    Result<void> with_switcher(const Act& act);

    DirectDevice options_;
    std::stop_token stop_;
    SystemClock clock_;
    PduDevice device_;  // for an ATS only its session is used
};

/// The event goes into the spool that a daemon will ship.
template <class Act>
Result<void> DirectAccess::with_switcher(const Act& act) {
    constexpr auto patience = std::chrono::seconds(10);
    auto spool = open_spool(*options_.config, clock_, patience, stop_);
    if (!spool) {
        return fail(spool.error().kind,
                    fmt::format("a switch request must be kept as an event, and: {}",
                                spool.error().message));
    }
    auto origin = agent_options(*options_.config).origin;
    Recorder recorder(**spool, std::move(origin), clock_);
    SwitchSetup setup{{facts().id, "", facts().name}, facts().outlet_names};
    for (const auto& pdu : options_.config->pdus) {
        setup.per_minute = pdu.id == facts().id ? pdu.switch_limit : setup.per_minute;
    }
    Switcher switcher(std::move(setup), permit(), std::make_shared<DirectPdu>(device_), recorder,
                      clock_);
    if (const auto saved = (*spool)->state(switcher.state_key())) {
        switcher.restore(*saved);
    }
    if (const auto saved = (*spool)->state(switcher.orders_key())) {
        switcher.tell_of_orders_left(*saved);
    }
    act(switcher);
    return (*spool)->flush();
}

SwitchOrder DirectAccess::signed_by_user(SwitchOrder order) {
    order.requested_by = user_name(getuid());
    order.method = "cli";
    return order;
}

Result<SwitchReport> DirectAccess::switch_outlets(const SwitchOrder& order,
                                                  const Switcher::Watcher& watcher) {
    SwitchReport report;
    auto kept = with_switcher([&](Switcher& switcher) {
        report = switcher.carry_out(signed_by_user(order), watcher, stop_);
    });
    return kept ? Result<SwitchReport>(std::move(report)) : pass_on(kept);
}

/// Without a configuration there is no spool to keep the event in.
Result<void> DirectAccess::note_refusal(const SwitchOrder& order, const std::string& reason) {
    return options_.config ? with_switcher([&](Switcher& switcher) {
        switcher.refuse(signed_by_user(order), reason);
    })
                           : Result<void>();
}

Result<SwitchReport> DirectAccess::plan(const SwitchOrder& order) {
    const auto states = read_outlets(device_, order.outlet, stop_);
    if (!states) {
        return pass_on(states);
    }
    auto report = report_on(order);
    report.request.digits_before = report.request.digits_after = digits_of(*states);
    const auto commands = plan_switch(order, permit(), *states);
    if (!commands) {
        report.request.outcome = SwitchRequest::Outcome::refused;
        report.request.reason = commands.error().message;
        report.error = commands.error();
        return report;
    }
    for (const auto& command : *commands) {
        report.sent.push_back(command.text());
    }
    return report;
}

}  // namespace

std::unique_ptr<DeviceAccess> make_direct_access(DirectDevice device, const std::stop_token& stop) {
    return std::make_unique<DirectAccess>(std::move(device), stop);
}

}  // namespace pwlog
