// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "control/control_protocol.h"
#include "protocol/question.h"
#include "switching/switching.h"

namespace pwlog {

/// What daemon and command line say to each other about devices; both ends are made here.
///
///     > {"request":"devices"}                       <
///     {"id":"rack1-pdu","kind":"pdu","port":"/dev/…","switchable":["3"]} >
///     {"request":"ask","device":…,"question":"QGS"}        < {"payload":"00000000…"} >
///     {"request":"command","device":…,"command":"CEC"}     < {"payload":"ACK"} >
///     {"request":"switch","device":…,"action":"off","outlet":8,…}
///                        < {"digits":"11111113","left_s":5,"patience_s":20}, once a look
///                        < {"outcome":"done","sent":["S,800"],"digits_before":…,…}, the last
namespace device_request {
inline constexpr std::string_view devices = "devices";
inline constexpr std::string_view ask = "ask";
inline constexpr std::string_view command = "command";
inline constexpr std::string_view switch_outlet = "switch";
/// As `switch`, with a reason: refused where it was asked for, to be kept as an event. A name of
/// its own, so that no daemon takes it for an order.
inline constexpr std::string_view refused = "refused";
}  // namespace device_request

/// A device of the daemon.
struct ListedDevice {
    std::string id;
    DeviceKind kind = DeviceKind::pdu;
    std::string port;
    std::vector<int> switchable{};  ///< now, of a PDU
};

std::string encode_listed(const ListedDevice& device);
std::string encode_payload(std::string_view payload);
std::string encode_progress(const SwitchProgress& progress);
/// Also what `pwlog outlet … --json` prints.
/// `dry_run`: nothing of it was sent.
std::string encode_report(const SwitchReport& report, bool dry_run = false);

Result<ListedDevice> decode_listed(std::string_view json);
Result<std::string> decode_payload(std::string_view json);
/// The request of a decoded report has no device and no name of its outlet; its error comes by
/// itself, as the request's.
Result<std::variant<SwitchProgress, SwitchReport>> decode_switch_piece(std::string_view json);

/// An order as a request, and back. `rehearsal`: tell what would be sent.
ControlRequest switch_request(const std::string& device, const SwitchOrder& order, bool rehearsal);
ControlRequest refusal_request(const std::string& device, const SwitchOrder& order,
                               const std::string& reason);
Result<SwitchOrder> decode_switch_request(const ControlRequest& request);

/// `done`, `refused`, `withdrawn`, `failed`, `unknown`.
std::string_view to_word(SwitchRequest::Outcome outcome);

}  // namespace pwlog
