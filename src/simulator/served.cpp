// SPDX-License-Identifier: MIT
#include "simulator/served.h"

#include "base/thread.h"

namespace pwlog::simulator {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

Served::Served(Options options)
    : options_(std::move(options)),
      device_(options_.device, options_.clock != nullptr ? *options_.clock : system_clock_) {}

Result<std::unique_ptr<Served>> Served::start(Options options) {
    std::unique_ptr<Served> served(new Served(std::move(options)));
    auto port = PtyPort::open(served->options_.port, served->device_);
    if (!port) {
        return pass_on(port);
    }
    served->port_ = std::move(*port);
    const auto serving = start_thread(
        served->thread_, served->name(),
        [port = served->port_.get()](const std::stop_token& stop) { port->run(stop); });
    return serving ? Result<std::unique_ptr<Served>>(std::move(served)) : pass_on(serving);
}

Served::~Served() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
}

Result<void> Served::apply(const Directive& directive) {
    const auto done = [](auto act) {
        act();
        return Result<void>{};
    };
    return std::visit(
        Overloaded{
            [&](const FaultRule& rule) { return done([&] { device_.add_fault(rule); }); },
            [&](const FaultsOff&) { return done([&] { device_.clear_faults(); }); },
            [&](const Unplug& unplug) { return done([&] { port_->unplug(unplug.duration); }); },
            [&](const Plug&) { return done([&] { port_->plug(); }); },
            [&](const Think& think) { return done([&] { port_->set_think(think.delay); }); },
            [&](const ForceToken& forced) { return done([&] { device_.force(forced); }); },
            [&](const FixAnswer& fixed) { return done([&] { device_.fix(fixed); }); },
            [&](const PduOrder& order) { return device_.order(order); },
            [&](const AtsOrder& order) { return device_.order(order); },
        },
        directive.action);
}

bool Served::is_concerned(const Directive& directive) const {
    if (!directive.device.empty()) {
        return directive.device == name();
    }
    if (std::holds_alternative<PduOrder>(directive.action)) {
        return device_.kind() == DeviceKind::pdu;
    }
    return !std::holds_alternative<AtsOrder>(directive.action) || device_.kind() == DeviceKind::ats;
}

}  // namespace pwlog::simulator
