#include "agent/sampled_pdu.h"

#include <spdlog/spdlog.h>

namespace pwlog {
namespace {

// The details in the order they are read: names first, as every document carries the model's.
enum Detail : std::size_t { model, firmware, first_memory_word };

}  // namespace

SampledPdu::SampledPdu(PduDevice device, PduContext context, std::chrono::milliseconds longest_gap)
    : device_(std::move(device)),
      context_(std::move(context)),
      longest_gap_(longest_gap),
      watch_(context_.device, context_.outlet_names),
      settings_(context_.device) {}

std::vector<std::string> SampledPdu::state_keys() const {
    return {energy_key(), watch_key(), settings_key()};
}

void SampledPdu::restore(const std::string& key, const std::string& saved) {
    if (key == watch_key()) {
        watch_.restore(saved);
    } else if (key == settings_key()) {
        settings_.restore(saved);
    } else if (auto meter = PduEnergyMeter::restore(saved)) {
        energy_ = *meter;
    } else {
        spdlog::warn("{}: {}; energy is counted anew", context_.device.id, meter.error().message);
    }
}

Result<WallTime> SampledPdu::read_cycle(const std::stop_token& stop) {
    auto reading = device_.read_cycle(stop);
    if (!reading) {
        return pass_on(reading);
    }
    reading_ = std::move(*reading);
    status_ = reading_->status;
    is_whole_ = true;
    if (extremes_) {
        extremes_->add(reading_->status, reading_->active_power);
    }
    return reading_->time.first_answer;
}

Sample SampledPdu::make_sample(const Origin& origin, Timestamp time) {
    const auto intervals =
        energy_.advance(time, reading_->active_power, reading_->energy, longest_gap_);
    Sample sample;
    sample.documents = pdu_documents(origin, context_, *reading_, time, intervals, extremes_);
    sample.state.emplace_back(energy_key(), energy_.save());
    extremes_.reset();
    return sample;
}

Result<WallTime> SampledPdu::read_fast(const std::stop_token& stop) {
    auto reading = device_.read_fast(stop);
    if (!reading) {
        return pass_on(reading);
    }
    if (!extremes_) {
        extremes_.emplace();
    }
    extremes_->add(reading->status, reading->active_power);
    status_ = std::move(reading->status);
    is_whole_ = false;
    return reading->first_answer;
}

Happenings SampledPdu::what_happened(Timestamp now, std::chrono::milliseconds longest_gap) {
    Happenings happenings;
    happenings.events = std::exchange(noted_, {});
    const auto append = [&](std::vector<Event> events) {
        std::move(events.begin(), events.end(), std::back_inserter(happenings.events));
    };
    append(watch_.update(*status_, now, longest_gap));
    if (is_whole_) {
        append(watch_.update_meters(*reading_, now));
    }
    happenings.state = {{watch_key(), watch_.save()}, {settings_key(), settings_.save()}};
    return happenings;
}

std::size_t SampledPdu::detail_count() const {
    return Detail::first_memory_word + pdu::memory_words;
}

Result<void> SampledPdu::read_detail(std::size_t index, const std::stop_token& stop) {
    if (index == Detail::model) {
        auto read = device_.read_model(stop);
        if (read) {
            context_.device.model = read->name;
            note(settings_.update("model", read->name));
        }
        return read ? Result<void>{} : pass_on(read);
    }
    if (index == Detail::firmware) {
        auto read = device_.read_firmware(stop);
        if (read) {
            note(settings_.update("firmware", *read));
        }
        return read ? Result<void>{} : pass_on(read);
    }
    auto values = device_.read_memory(static_cast<int>(index - Detail::first_memory_word), stop);
    if (values) {
        apply_memory(*values);
        note(settings_.update(*values));
    }
    return values ? Result<void>{} : pass_on(values);
}

void SampledPdu::note(std::vector<Event> events) {
    std::move(events.begin(), events.end(), std::back_inserter(noted_));
}

void SampledPdu::apply_memory(const std::vector<MemoryValue>& values) {
    for (const auto& value : values) {
        if (value.setting->part == MemorySetting::Part::low_byte && value.in_range()) {
            context_.outlet_alarm[static_cast<std::size_t>(value.setting->address - 1)] =
                Amperes(value.value());
        }
    }
}

}  // namespace pwlog
