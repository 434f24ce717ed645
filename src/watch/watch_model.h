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

namespace pwlog {

/// The last values of one number, oldest first.
using History = std::deque<double>;

/// What is the same for all devices.
struct DeviceView {
    std::string id;
    bool reachable = false;
    std::optional<Timestamp> sampled;
    std::string trouble;              ///< why the last reading failed; empty where it did not
    std::vector<std::string> alarms;  ///< in words: "low input voltage", "outlet 3 (nas): overload"
};

struct OutletView {
    int number = 0;
    std::string name;
    std::string state;  ///< the keyword of a document: "shutdown_active"
    std::optional<double> power_w;
    std::optional<double> power_va;
    std::optional<double> current_a;
    std::optional<double> power_factor;
    std::optional<double> shutdown_s;
    std::optional<double> restore_s;
    History power_history;
};

struct PduView : DeviceView {
    std::optional<double> power_w;
    std::optional<double> power_va;
    std::optional<double> power_factor;
    std::optional<double> input_v;
    std::optional<double> input_hz;
    std::optional<double> input_a;
    std::optional<double> temperature_c;
    std::optional<double> energy_kwh;
    std::vector<OutletView> outlets;
};

struct SourceView {
    std::optional<double> voltage_v;
    std::optional<double> frequency_hz;
    std::vector<std::string> faults;  ///< what is bad: "voltage", "frequency", "wave"
    History voltage_history;
};

struct AtsView : DeviceView {
    std::array<SourceView, 2> sources;
    int active = 0;  ///< 1 or 2; 0 = the output hangs on neither, or nothing is known
    int preferred = 0;
    bool redundant = false;
    std::optional<double> load;  ///< 1.0 = all it can
    std::optional<double> output_a;
    std::optional<double> sync_angle_deg;
    std::optional<double> temperature_c;
};

struct UpsView : DeviceView {
    std::string status;              ///< NUT's own words: "OL CHRG"
    std::optional<bool> on_battery;  ///< none while the status does not say
    bool low_battery = false;
    std::optional<double> charge;  ///< 1.0 = full
    std::optional<double> load;    ///< 1.0 = all it can
    std::optional<double> runtime_s;
    std::optional<double> input_v;
};

/// All that `watch` shows at one moment.
struct WatchModel {
    std::string origin;   ///< who says it: "daemon, process 4711"
    std::string trouble;  ///< nobody says it any more, and why; empty else
    std::string clock;    ///< the time of day, as it is to be shown
    Timestamp now;
    std::vector<PduView> pdus;
    std::vector<AtsView> ats;
    std::vector<UpsView> ups;
    std::vector<DeviceView> unread;  ///< those without any sample yet
    /// None without a daemon: then nothing is recorded.
    std::optional<DaemonStatus::Spool> spool;
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

/// One device's last sample taken apart; none where it has none of this kind.
std::optional<PduView> pdu_view(const DeviceStatus& device);
std::optional<AtsView> ats_view(const DeviceStatus& device);
std::optional<UpsView> ups_view(const DeviceStatus& device);

/// The alarms of all devices, each behind its device's id.
std::vector<std::string> all_alarms(const WatchModel& model);

}  // namespace pwlog
