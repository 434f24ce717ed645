#include <fmt/format.h>
#include <unistd.h>

#include "agent/recorder.h"
#include "agent/user_name.h"
#include "cli/agent_options.h"
#include "cli/device_access_kinds.h"
#include "cli/device_requests.h"
#include "cli/spool_options.h"
#include "cli/version.h"

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
    Result<SwitchReport> carry_out(const SwitchOrder& order,
                                   const Switcher::Watcher& watcher) override;
    Result<SwitchReport> rehearse(const SwitchOrder& order) override;

  private:
    Session make_session() const {
        const auto id = facts().kind == DeviceKind::pdu ? pdu::protocol_id : ats::protocol_id;
        return {[port = options_.port] { return open_link(port); }, id, options_.session, clock_};
    }
    pdu::SwitchPermit permit() const {
        return pdu::SwitchPermit::of(facts().switchable).value_or(pdu::SwitchPermit());
    }
    SwitchReport begin(const SwitchOrder& order) const;

    DirectDevice options_;
    std::stop_token stop_;
    SystemClock clock_;
    PduDevice device_;  // for an ATS only its session is used
};

SwitchReport DirectAccess::begin(const SwitchOrder& order) const {
    SwitchReport report;
    report.request.device = {facts().id, "", facts().name};
    report.request.command = to_word(order.action);
    if (!order.outlet.is_all()) {
        const auto index = static_cast<std::size_t>(order.outlet.outlet() - 1);
        report.request.outlet = OutletTag{order.outlet.outlet(), facts().outlet_names.at(index)};
    }
    return report;
}

/// The event goes into the spool that a daemon will ship.
Result<SwitchReport> DirectAccess::carry_out(const SwitchOrder& order,
                                             const Switcher::Watcher& watcher) {
    if (!options_.config) {
        auto report = begin(order);
        report.request.outcome = SwitchRequest::Outcome::refused;
        report.error = Error{ErrorKind::denied,
                             "without a configuration no outlet may be switched: 'switchable' "
                             "of its [[pdu]] names those that may"};
        report.request.reason = report.error->message;
        return report;
    }
    auto spool = Spool::open(spool_options(options_.config->spool), clock_);
    if (!spool) {
        return fail(spool.error().kind,
                    fmt::format("a switch request must be kept as an event, and: {}",
                                spool.error().message));
    }
    auto origin = agent_options(*options_.config).origin;
    Recorder recorder(**spool, std::move(origin), clock_, [] {});
    const auto& config = *options_.config;
    SwitchSetup setup{{facts().id, "", facts().name}, facts().outlet_names, permit()};
    for (const auto& pdu : config.pdus) {
        setup.per_minute = pdu.id == facts().id ? pdu.switch_limit : setup.per_minute;
    }
    Switcher switcher(std::move(setup), runner_on(device_), recorder, clock_);
    if (const auto saved = (*spool)->state(switcher.state_key())) {
        switcher.restore(*saved);
    }
    SwitchOrder asked = order;
    asked.requested_by = user_name(getuid());
    asked.method = "cli";
    auto report = switcher.carry_out(asked, watcher, stop_);
    if (auto kept = (*spool)->flush(); !kept) {
        return pass_on(kept);
    }
    return report;
}

Result<SwitchReport> DirectAccess::rehearse(const SwitchOrder& order) {
    auto report = begin(order);
    const auto refuse = [&](const Error& error) {
        report.request.outcome = SwitchRequest::Outcome::refused;
        report.request.reason = error.message;
        report.error = error;
        return report;
    };
    if (auto allowed = check_switch(order, permit()); !allowed) {
        return refuse(allowed.error());
    }
    const auto states = read_outlets(device_, stop_);
    if (!states) {
        return pass_on(states);
    }
    const auto commands = plan_switch(order, permit(), *states);
    if (!commands) {
        return refuse(commands.error());
    }
    report.request.digits_before = report.request.digits_after = digits_of(*states);
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
