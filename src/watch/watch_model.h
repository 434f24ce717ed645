// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "control/daemon_status.h"
#include "document/sample.h"

namespace pwlog {

/// The last values of one number, oldest first.
using History = std::deque<double>;

struct OutletView {
    FieldValues values;  ///< those of an outlet's document
    History power_history{};

    int number() const { return static_cast<int>(values.number(Field::outlet_number).value_or(0)); }
    std::string name() const { return values.text_or_none(Field::outlet_name); }
    std::string state() const { return values.text_or_none(Field::outlet_state); }
};

/// A device, with its last sample.
struct DeviceView {
    std::string id;
    bool reachable = false;
    std::optional<Timestamp> sampled{};
    std::string trouble{};  ///< why the last reading failed; empty where it did not
    std::vector<std::string>
        alarms{};  ///< in words: "low input voltage", "outlet 3 (nas) overload"
    std::optional<DocumentKind> kind{};  ///< none before the first sample
    FieldValues values{};
    std::vector<OutletView> outlets{};         ///< of a PDU
    std::array<History, 2> voltage_history{};  ///< of an ATS: of its sources

    /// 1 or 2; 0 = the output hangs on neither, or nothing is known.
    int source(Field field) const { return static_cast<int>(values.number(field).value_or(0)); }
};

/// All that `watch` shows at one moment.
struct WatchModel {
    std::string origin;   ///< who says it: "daemon, process 4711"
    std::string trouble;  ///< nobody says it any more, and why; empty else
    std::string clock;    ///< the time of day, as it is to be shown
    Timestamp now;
    std::vector<DeviceView> devices;
    /// None without a daemon: then nothing is recorded.
    std::optional<SpoolInfo> spool;
    std::optional<DaemonStatus::Shipping> shipping;
};

/// Remembers what was seen, for the short histories. One thread.
class WatchHistory {
  public:
    /// Takes each device's sample up, once.
    void note(const DaemonStatus& status);
    /// The same, as documents say it: with the histories so far.
    void fill(const DaemonStatus& status, WatchModel& model) const;

  private:
    std::map<std::string, Timestamp> seen_;  // by device
    std::map<std::string, History> values_;  // by device and what it is: "rack1-pdu/3"
};

/// What a device's status says, its documents taken apart.
DeviceView device_view(const DeviceStatus& device);

/// What is bad about a source, 0 or 1: "voltage", "frequency", "wave".
std::vector<std::string> source_faults(const DeviceView& ats, std::size_t source);

/// The alarms of all devices, each behind its device's id.
std::vector<std::string> all_alarms(const WatchModel& model);

}  // namespace pwlog
