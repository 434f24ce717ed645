// SPDX-License-Identifier: MIT
#include "sampling/sampled_ats.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/parse_number.h"
#include "document/readings.h"
#include "sampling/confirmed.h"

namespace pwlog {
namespace {

constexpr int acceptable_phases_address = 18;

/// None where no device can have it: with it any angle might count as one in step.
std::optional<Degrees> acceptable(std::optional<int> degrees) {
    const auto map = ats::memory_map();
    const auto setting = std::find_if(map.begin(), map.end(), [](const MemorySetting& each) {
        return each.address == acceptable_phases_address;
    });
    return degrees && setting->allows(*degrees) ? std::optional(Degrees(*degrees)) : std::nullopt;
}

// The details in the order they are read. Where the angle is checked comes first, as every
// document's `redundant` hangs on it.
namespace ats_detail {
enum : std::size_t { acceptable_phases, firmware, first_memory_word };
}

}  // namespace

SampledAts::SampledAts(AtsDevice device, AtsContext context, std::chrono::milliseconds longest_gap,
                       bool with_capsule)
    : device_(std::move(device)),
      context_(std::move(context)),
      longest_gap_(longest_gap),
      with_capsule_(with_capsule),
      watch_(context_.device),
      settings_(context_.device) {}

std::vector<std::string> SampledAts::state_keys() const {
    return {watch_key(), settings_key(), last_key()};
}

void SampledAts::restore(const std::string& key, const std::string& saved) {
    if (key == watch_key()) {
        watch_.restore(saved);
        device_.expect_status(watch_.last_bits());
        return;
    }
    if (key == last_key()) {
        if (const auto since_epoch = parse_number<std::chrono::milliseconds::rep>(saved)) {
            last_ = Timestamp(std::chrono::milliseconds(*since_epoch));
        }
        return;
    }
    settings_.restore(saved);
    context_.acceptable_phases =
        acceptable(parse_number<int>(settings_.known("acceptable_phases")));
}

Result<WallTime> SampledAts::read_cycle(const std::stop_token& stop) {
    if (!context_.acceptable_phases && !std::exchange(phases_were_asked_, true)) {
        // Without it a lost redundancy would look like a restored one until it has been read.
        (void)read_memory(acceptable_phases_address, stop);
    }
    auto reading = device_.read_cycle(stop);
    if (!reading) {
        return pass_on(reading);
    }
    const bool was_in_step = reading_ && !reading_->status.sync_bad;
    reading_ = std::move(*reading);
    is_whole_ = true;
    if (was_in_step && reading_->status.sync_bad) {
        // Just now it matters whether the device looks at that; somebody may have changed it.
        (void)read_memory(acceptable_phases_address, stop);
    }
    if (extremes_) {
        extremes_->add(sample_of(*reading_, {}));
    }
    return reading_->time.first_answer;
}

CycleRecord SampledAts::make_sample(const Origin& origin, Timestamp time) {
    CycleRecord sample;
    const auto interval = interval_since(last_, time, longest_gap_);
    sample.documents.push_back(
        ats_document(origin, context_, *reading_, time, interval, extremes_));
    last_ = time;
    sample.state.emplace_back(last_key(), fmt::format("{}", time.time_since_epoch().count()));
    extremes_.reset();
    return sample;
}

void SampledAts::show_to(Witness& witness) const {
    witness.saw(context_, settings_.known("firmware"), *reading_);
}

Result<WallTime> SampledAts::read_fast(const std::stop_token& stop) {
    auto read = read_cycle(stop);  // its whole cycle is all that events need
    if (read) {
        is_whole_ = false;
        if (!extremes_) {
            extremes_.emplace().add(sample_of(*reading_, {}));
        }
    }
    return read;
}

std::vector<Event> SampledAts::what_happened(const Moment& moment, bool observed) {
    note(watch_.update(*reading_, context_, moment.time, observed));
    if (with_capsule_) {
        if (!observed) {
            capsule_.forget_recent();
        }
        if (!is_whole_) {  // a whole one is a document of its own already
            capsule_.add(moment.at, moment.time, *reading_);
        }
        for (const auto& event : noted_) {
            if (event.action == "transfer") {
                capsule_.open(moment.at, event.pair_id);
            }
        }
    }
    return std::exchange(noted_, {});
}

State SampledAts::state() const {
    return {{watch_key(), watch_.save()}, {settings_key(), settings_.save()}};
}

std::vector<std::pair<Timestamp, Document>> SampledAts::take_kept_readings(const Origin& origin) {
    std::vector<std::pair<Timestamp, Document>> documents;
    for (const auto& kept : capsule_.take()) {
        documents.emplace_back(kept.time, ats_document(origin, context_, kept.reading, kept.time,
                                                       {}, {}, kept.transfer));
    }
    return documents;
}

std::size_t SampledAts::detail_count() const {
    return ats_detail::first_memory_word + ats::memory_words;
}

Result<void> SampledAts::read_detail(std::size_t index, const std::stop_token& stop) {
    if (index == ats_detail::firmware) {
        auto firmware =
            confirmed([&] { return device_.read_firmware(stop); },
                      [&](const std::string& read) { return settings_.is_news("firmware", read); });
        if (firmware) {
            note(settings_.update("firmware", *firmware));
        }
        return firmware ? Result<void>{} : pass_on(firmware);
    }
    return read_memory(index == ats_detail::acceptable_phases
                           ? acceptable_phases_address
                           : static_cast<int>(index - ats_detail::first_memory_word),
                       stop);
}

Result<void> SampledAts::read_memory(int address, const std::stop_token& stop) {
    auto values =
        confirmed([&] { return device_.read_memory(address, stop); },
                  [&](const std::vector<MemoryValue>& read) { return settings_.is_news(read); });
    if (!values) {
        return pass_on(values);
    }
    if (address == acceptable_phases_address && !values->empty()) {
        context_.acceptable_phases = acceptable(values->front().raw);
    }
    note(settings_.update(*values));
    return {};
}

void SampledAts::note(std::vector<Event> events) {
    std::move(events.begin(), events.end(), std::back_inserter(noted_));
}

}  // namespace pwlog
