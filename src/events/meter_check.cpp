#include "events/meter_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pwlog {
namespace {

constexpr auto patience = std::chrono::minutes(10);

// The PDU feeds itself: captured were 246 W in and 227 W out. So the sum may lack an eighth, or 20
// W.
constexpr double sum_share = 0.12;
constexpr double sum_watts = 20;
// Both are rounded to whole numbers.
constexpr int va_rounding = 2;
// The counter shows 100 Wh steps, and no meter of this class promises better than a few percent.
constexpr double energy_share = 0.10;
constexpr double energy_step_wh = 100;
constexpr auto longest_gap = std::chrono::minutes(5);

}  // namespace

std::vector<MeterCheck::Finding> MeterCheck::update(const PduReading& reading, Timestamp now) {
    std::vector<Finding> findings;
    for (auto& compared :
         {outlets_sum(reading), va_below_w(reading), energy_against_power(reading, now)}) {
        const auto known = outside_since_.find(compared.check);
        if (!compared.outside) {
            outside_since_.erase(compared.check);
            findings.push_back(
                {compared.check, false, compared.measured, compared.expected, compared.words});
        } else if (known == outside_since_.end()) {
            outside_since_[compared.check] = now;
        } else if (now - known->second >= patience) {
            findings.push_back(
                {compared.check, true, compared.measured, compared.expected, compared.words});
        }
    }
    return findings;
}

MeterCheck::Comparison MeterCheck::outlets_sum(const PduReading& reading) const {
    double sum = 0;
    for (const auto& outlet : reading.active_power.outlets) {
        sum += outlet ? outlet->value() : 0;
    }
    const double input = reading.active_power.input ? reading.active_power.input->value() : sum;
    const double tolerance = std::max(sum_watts, sum_share * std::max(input, sum));
    return {"outlets_sum", std::abs(input - sum) > tolerance, input, sum,
            fmt::format("the input's {} W and the outlets' sum of {} W do not fit together", input,
                        sum)};
}

MeterCheck::Comparison MeterCheck::va_below_w(const PduReading& reading) const {
    Comparison result{"va_below_w", false, 0, 0, "apparent power is below active power"};
    const auto compare = [&](const std::optional<Watts>& w, const std::optional<VoltAmperes>& va) {
        if (w && va && w->value() > va->value() + va_rounding) {
            result = {"va_below_w", true, static_cast<double>(va->value()),
                      static_cast<double>(w->value()),
                      fmt::format("{} VA of apparent power are less than {} W of active power",
                                  va->value(), w->value())};
        }
    };
    compare(reading.active_power.input, reading.apparent_power.input);
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        compare(reading.active_power.outlets[i], reading.apparent_power.outlets[i]);
    }
    return result;
}

/// The counter against the integral of power since both were last seen to agree. Tolerated are a
/// step and a tenth, so a wrong meter shows after some hours, and a day's drift of a good one never
/// does.
MeterCheck::Comparison MeterCheck::energy_against_power(const PduReading& reading, Timestamp now) {
    constexpr double renew_wh = 5000;
    Comparison result{"energy_against_power", false, 0, 0,
                      "the energy counter agrees with power over time"};
    if (!reading.active_power.input || !reading.energy.input) {
        return result;
    }
    const double watts = reading.active_power.input->value();
    const double counter_wh = reading.energy.input->value() * 1000;
    if (!integral_ || now - integral_->last > longest_gap || counter_wh < integral_->counter_wh ||
        now <= integral_->last) {
        integral_ = Integral{now, watts, counter_wh, counter_wh, 0};
        return result;
    }
    const double hours =
        std::chrono::duration<double, std::ratio<3600>>(now - integral_->last).count();
    integral_->power_wh += (integral_->last_w + watts) / 2 * hours;
    integral_->last = now;
    integral_->last_w = watts;
    integral_->counter_wh = counter_wh;
    const double counted = counter_wh - integral_->counter_start_wh;
    const double tolerance = energy_step_wh + energy_share * std::max(counted, integral_->power_wh);
    result.outside = std::abs(counted - integral_->power_wh) > tolerance;
    result.measured = counted;
    result.expected = integral_->power_wh;
    result.words =
        fmt::format("the energy counter rose by {:.0f} Wh while power over time gives {:.0f} Wh",
                    counted, integral_->power_wh);
    if (!result.outside && integral_->power_wh > renew_wh) {
        integral_ = Integral{now, watts, counter_wh, counter_wh, 0};
    }
    return result;
}

}  // namespace pwlog
