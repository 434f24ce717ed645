// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/common_options.h"
#include "protocol/question.h"
#include "switching/switching.h"
#include "terminal/exit_code.h"

namespace pwlog {

/// Which device a command is for: one of the configuration, or whatever is on a port.
struct DeviceChoice {
    const CommonOptions* common = nullptr;
    std::string device;         ///< an id; empty: the only one of its kind
    std::string port;           ///< instead of an id
    std::string report_number;  ///< hidraw, with `port`: a number or `none`; empty: 0
};

/// The byte before each report, or none of them; false where the text is neither.
bool read_report_number(std::string_view text, std::optional<std::uint8_t>& report_number);

/// What is known of a device before it is asked.
struct DeviceFacts {
    DeviceKind kind = DeviceKind::pdu;
    std::string id;    ///< the port where no configuration names it
    std::string name;  ///< for people
    std::array<std::string, pdu::outlet_count> outlet_names{};
    /// As the configuration of this process has it, or, where it does not know the device, the
    /// daemon's.
    std::vector<int> switchable{};
    /// What a daemon that has the device allows: it counts too.
    std::optional<std::vector<int>> in_force{};
};

/// A device to talk to, wherever its port is held: in a running daemon, or, where none has it,
/// here. One thread.
class DeviceAccess {
  public:
    virtual ~DeviceAccess() = default;

    /// A query's payload. Known queries are asked again where the answer makes no sense.
    virtual Result<std::string> ask(std::string_view question) = 0;
    /// A set command that switches no outlet: `ACK`, or the error.
    virtual Result<std::string> command(std::string_view command) = 0;
    /// Asks whoever decides; an error where the answer is no.
    using Ask = std::function<Result<void>()>;
    /// The one way to switch from here. What facts().switchable lacks is refused, with its event,
    /// and nobody is asked; nothing else spares the question, whatever a daemon may make of the
    /// order. An error, and not a report, where not even that could begin.
    Result<SwitchReport> carry_out(const SwitchOrder& order, const Ask& ask,
                                   const Switcher::Watcher& watcher);
    /// What carry_out() would send.
    Result<SwitchReport> rehearse(const SwitchOrder& order);

    const DeviceFacts& facts() const { return facts_; }

  protected:
    explicit DeviceAccess(DeviceFacts facts) : facts_(std::move(facts)) {}
    /// A report that names the device and the outlet, and nothing else yet.
    SwitchReport report_on(const SwitchOrder& order) const;

  private:
    virtual Result<SwitchReport> switch_outlets(const SwitchOrder& order,
                                                const Switcher::Watcher& watcher) = 0;
    virtual Result<SwitchReport> plan(const SwitchOrder& order) = 0;
    /// Makes the event of an order that is not to be carried out.
    virtual Result<void> note_refusal(const SwitchOrder& order, const std::string& reason) = 0;
    SwitchReport refused(const SwitchOrder& order, const Error& error) const;
    Result<void> check(const SwitchOrder& order) const;

    DeviceFacts facts_;
};

using OpenedDevice = Result<std::unique_ptr<DeviceAccess>>;

/// Opens the line to the device meant. Errors: invalid (configuration, no such id), those of the
/// port and of the control socket. A stop ends every wait on it.
OpenedDevice open_device(DeviceKind kind, const DeviceChoice& choice, const std::stop_token& stop);

/// A device of the configuration, to be opened when its turn comes: a daemon has room for a few
/// clients, and each line through it is one.
struct ConfiguredDevice {
    DeviceFacts facts;
    std::function<OpenedDevice()> open;  ///< any thread
};
Result<std::vector<ConfiguredDevice>> all_devices(const CommonOptions& common,
                                                  const std::stop_token& stop);

/// Prints the problem, made fit for a terminal; the exit status of `code`, or that of the trouble.
int fail_at_device(const Error& error, std::optional<ExitCode> code = {});

/// The exit status for what became of an order: `usage` where it was refused, `failure` where it
/// came too often, `device` where it was not done or nobody knows.
ExitCode switch_exit_code(const SwitchReport& report);
/// The same where there is no report: nobody said yes, the spool or the daemon could not be had.
ExitCode unbegun_exit_code(const Error& error);

}  // namespace pwlog
