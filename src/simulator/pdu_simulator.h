// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <utility>

#include "protocol/pdu.h"
#include "simulator/device_model.h"
#include "simulator/load.h"
#include "simulator/memory_image.h"
#include "simulator/outlet.h"
#include "simulator/pdu_meters.h"

namespace pwlog::simulator {

/// What a script makes of an outlet instead of leaving it to chance.
struct OutletForcing {
    std::optional<double> load_w;
    std::optional<double> power_factor;
    double meter = 1;    ///< shown current, W and VA are the true ones times this
    double counter = 1;  ///< the counter runs this much too fast
    std::optional<int> shows;
};

struct PduForcing {
    std::optional<double> voltage;
    std::optional<double> frequency;
    std::optional<double> temperature;
    double meter = 1;  ///< of the input
    double counter = 1;
    std::array<std::optional<bool>, 6> alarms;  ///< in the order of QGS
    std::array<OutletForcing, pdu::outlet_count> outlets;
};

/// The eight things plugged in, by outlet; two outlets are free and off.
extern const std::array<LoadProfile, pdu::outlet_count> pdu_loads;

/// A PDU RC-16A with eight loads. Figures change once a second, as a meter's do; the counters count
/// exactly what the meters see, and start where the captured ones stood.
class PduSimulator final : public DeviceModel {
  public:
    PduSimulator(std::uint64_t seed, const Moment& start);

    std::optional<std::string> answer(std::string_view command, const Moment& now) override;
    std::vector<std::string> queries() const override;

    /// QGS shows the outlets' states so much later than they are.
    void set_lag(std::chrono::nanoseconds lag) { lag_ = lag; }

    /// Lets time pass: everything below acts at the moment last given here.
    void advance(const Moment& now);
    PduForcing& forcing() { return forcing_; }
    MemoryImage& memory() { return memory_; }
    /// 1 to 8.
    Outlet& outlet(int number) { return outlets_.at(static_cast<std::size_t>(number - 1)); }
    /// 0 = the input, 1 to 8.
    void set_energy(int meter, double kwh);
    void clear_energy();

  private:
    PduMeters measure(std::int64_t second) const;
    void count_energy();
    void watch_overloads(SteadyTime now);
    void cut_off_above_limit();
    std::string status() const;
    std::string outlet_digits() const;
    std::string countdowns() const;
    std::string power(std::span<const NumberField> fields, bool active) const;
    std::string energy() const;
    std::optional<std::string> memory_word(std::string_view command) const;
    bool switch_outlets(std::string_view command);

    Moment start_;
    Moment now_;
    std::int64_t second_ = 0;  // whole seconds since the start that are accounted for
    std::vector<Load> loads_;
    std::uint64_t seed_;
    std::array<Outlet, pdu::outlet_count> outlets_;
    std::array<double, pdu::outlet_count + 1> energy_kwh_;
    PduMeters meters_;
    PduForcing forcing_;
    MemoryImage memory_;
    std::chrono::nanoseconds lag_{};
    std::deque<std::pair<SteadyTime, std::string>> past_digits_;  // at each change, oldest first
};

}  // namespace pwlog::simulator
