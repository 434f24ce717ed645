// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "protocol/ats.h"
#include "simulator/chance.h"
#include "simulator/device_model.h"
#include "simulator/memory_image.h"

namespace pwlog::simulator {

/// What a script makes of a source instead of leaving it to chance.
struct SourceForcing {
    std::optional<double> voltage;
    std::optional<double> frequency;
    bool bad_wave = false;
    bool failed = false;
    std::optional<SteadyTime> fails_until;  ///< none: until it is told to come back
};

struct AtsForcing {
    std::array<SourceForcing, 2> sources;
    std::optional<double> load_w;
    std::optional<double> temperature;
    std::optional<double> sync_angle;
    std::array<std::optional<bool>, ats::status_bit_names.size()> bits;
    int preferred = 1;
    bool own_failures = true;  ///< source 1 fails now and then by itself
};

/// An automatic transfer switch between two mains supplies. Source 1 fails for a while now and
/// then; the output changes over at once and comes back when the preferred source has been good for
/// ten seconds.
class AtsSimulator final : public DeviceModel {
  public:
    AtsSimulator(std::uint64_t seed, const Moment& start);

    std::optional<std::string> answer(std::string_view command, const Moment& now) override;
    std::vector<std::string> queries() const override;

    void advance(const Moment& now);
    AtsForcing& forcing() { return forcing_; }
    MemoryImage& memory() { return memory_; }
    /// `index`: 0 or 1. Without a duration it lasts until restore_source().
    void fail_source(std::size_t index, std::optional<std::chrono::nanoseconds> duration);
    void restore_source(std::size_t index);

  private:
    struct Source {
        double voltage = 0;
        double frequency = 0;
        bool voltage_bad = false;
        bool frequency_bad = false;
        bool wave_bad = false;
        std::int64_t good_since = 0;  // second of the model
        bool bad() const { return voltage_bad || frequency_bad || wave_bad; }
    };

    void step();
    void measure(std::size_t index);
    bool has_failed(std::size_t index);
    void choose_source();
    double load_watts() const;
    double output_amperes() const;
    double load_percent() const;
    double sync_angle() const;
    double temperature() const;
    std::string measurements() const;
    std::string status() const;
    std::optional<std::string> memory_word(std::string_view command) const;

    Moment start_;
    Moment now_;
    std::int64_t second_ = 0;
    std::uint64_t seed_;
    std::array<Source, 2> sources_;
    int active_ = 1;  // 0 = neither
    AtsForcing forcing_;
    MemoryImage memory_;
};

}  // namespace pwlog::simulator
