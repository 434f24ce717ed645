// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "document/sample.h"
#include "protocol/pdu.h"

namespace pwlog {

/// Energy of the interval before a sample.
struct IntervalEnergy {
    double watt_hours;
    bool from_counter;  ///< after a gap: the counter's difference, in steps of 100 Wh
    Timestamp since{};  ///< its beginning; its end is the sample's time
    bool is_gap = false;
};

/// A counter that shows less than before was cleared, unless all it did was to take a step back
/// without coming to 0: then the reading before had a damaged last digit.
bool was_cleared(KilowattHours before, KilowattHours now);

/// Splits the energy one channel draws into intervals that can be summed.
///
/// The counter is true in the long run but moves in steps of 0.1 kWh; power x time (trapezium) is
/// fine in the short run but drifts with the meter's error. So each interval is the trapezium, bent
/// as little as needed to keep the running difference between the sum and the counter inside a
/// window of one step: a perfect meter never leaves such a window, and the sum over any span agrees
/// with the counter's difference within one step. Where the gap is longer than `longest_gap`
/// nothing is invented: the counter's difference stands for it.
///
/// A source without a counter is summed by its power alone, one without power by its counter. What
/// was known once is waited for, for a day.
class EnergyMeter {
  public:
    /// The interval that ends with this sample; none for the first one, or where a value is
    /// missing that was there before: the next whole sample then spans this one. Where time did not
    /// advance it has no length, and is what the counter moved. `uptime`: of the
    /// machine that read it, by which the interval is measured where both its ends were read by
    /// this process and the clock was set meanwhile; else by their times, as history has it.
    std::optional<IntervalEnergy> advance(
        Timestamp time, std::optional<Watts> power, std::optional<KilowattHours> counter,
        std::chrono::milliseconds longest_gap,
        std::optional<std::chrono::milliseconds> uptime = std::nullopt);

    /// State as text and back, so that a restart or the next `once` goes on where the last sample
    /// ended.
    std::string save() const;
    static Result<EnergyMeter> restore(std::string_view text);

  private:
    struct Point {
        Timestamp time;
        std::optional<int> power_w;
        std::optional<double> counter_wh;
        std::optional<std::chrono::milliseconds> uptime{};  // not saved: a restart may be a boot
        std::chrono::milliseconds since(const Point& before) const;
        KilowattHours counter() const { return KilowattHours(counter_wh.value_or(0) / 1000); }
    };

    std::optional<IntervalEnergy> by_counter(Timestamp since, const Point& last, const Point& now,
                                             std::optional<double> trapezium, bool is_gap);
    std::optional<IntervalEnergy> over_wrong_clock(const Point& last, const Point& now);
    std::optional<IntervalEnergy> by_power(Timestamp since, std::optional<double> trapezium);
    double from_trapezium(double watt_hours);
    void anchor();

    std::optional<Point> last_;
    double lead_wh_ = 0;     // what was handed out, less what the counter moved, since the anchor
    double least_lead_ = 0;  // the window that lead_wh_ has used so far
    double greatest_lead_ = 0;
    double owed_wh_ = 0;  // what rounding kept back from the last interval
};

/// The nine channels of one PDU.
class PduEnergyMeter {
  public:
    struct Intervals {
        std::optional<IntervalEnergy> input;
        std::array<std::optional<IntervalEnergy>, pdu::outlet_count> outlets;
    };
    /// `samples`: of one time; a channel without one stays where it was.
    Intervals advance(std::span<const Sample> samples, std::chrono::milliseconds longest_gap,
                      std::optional<std::chrono::milliseconds> uptime = std::nullopt);
    std::string save() const;
    static Result<PduEnergyMeter> restore(std::string_view text);

  private:
    std::array<EnergyMeter, pdu::outlet_count + 1> channels_;  // the input first
};

}  // namespace pwlog
