// SPDX-License-Identifier: MIT
#include "sampling/sampled_pdu.h"

#include <spdlog/spdlog.h>

#include <ctime>
#include <iterator>

#include "base/parse_number.h"
#include "document/readings.h"
#include "sampling/confirmed.h"

namespace pwlog {
namespace {

// The details in the order they are read: names first, as every document carries the model's.
namespace pdu_detail {
enum : std::size_t { model, firmware, first_memory_word };
}

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
        device_.expect_status(watch_.last_bits());
    } else if (key == settings_key()) {
        restore_settings(saved);
    } else if (auto meter = PduEnergyMeter::restore(saved)) {
        energy_ = *meter;
    } else {
        spdlog::warn("{}: {}; energy starts afresh", context_.device.id, meter.error().message);
    }
}

/// What was last read holds until it is read again.
void SampledPdu::restore_settings(const std::string& saved) {
    settings_.restore(saved);
    context_.device.model = settings_.known("model");
    for (const auto& setting : pdu::memory_map()) {
        const auto amperes = parse_number<double>(settings_.known(std::string(setting.name)));
        if (setting.part == MemorySetting::Part::low_byte && amperes && setting.allows(*amperes)) {
            context_.outlet_alarm.at(static_cast<std::size_t>(setting.address - 1)) =
                Amperes(*amperes);
        }
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
        extremes_->add(samples_of(reading_->status, reading_->active_power));
    }
    return reading_->time.first_answer;
}

CycleRecord SampledPdu::make_sample(const Origin& origin, Timestamp time) {
    if (context_.tariff) {
        tzset();  // the machine may have got another time zone, or its zone other rules
    }
    const auto intervals =
        energy_.advance(samples_of(*reading_, time), longest_gap_, reading_->time.uptime);
    CycleRecord sample;
    sample.documents = pdu_documents(origin, context_, *reading_, time, intervals, extremes_);
    sample.state.emplace_back(energy_key(), energy_.save());
    extremes_.reset();
    return sample;
}

void SampledPdu::show_to(Witness& witness) const {
    witness.saw(context_, settings_.known("firmware"), *reading_);
}

Result<WallTime> SampledPdu::read_fast(const std::stop_token& stop) {
    auto reading = device_.read_fast(stop);
    if (!reading) {
        return pass_on(reading);
    }
    if (!extremes_) {
        extremes_.emplace();
    }
    extremes_->add(samples_of(reading->status, reading->active_power));
    status_ = std::move(reading->status);
    is_whole_ = false;
    return reading->first_answer;
}

std::vector<Event> SampledPdu::what_happened(const Moment& moment, bool observed) {
    note_tariff();
    note(watch_.update(*status_, moment.time, observed));
    if (is_whole_) {
        note(watch_.update_meters(*reading_, moment.time, observed));
    }
    return std::exchange(noted_, {});
}

State SampledPdu::state() const {
    return {{watch_key(), watch_.save()}, {settings_key(), settings_.save()}};
}

/// A price that changed explains a jump in the costs.
void SampledPdu::note_tariff() {
    if (!std::exchange(tariff_is_noted_, true)) {
        const std::string tariff = context_.tariff ? to_text(*context_.tariff) : "none";
        if (context_.tariff || !settings_.known("tariff").empty()) {
            note(settings_.update("tariff", tariff));
        }
    }
}

std::size_t SampledPdu::detail_count() const {
    return pdu_detail::first_memory_word + pdu::memory_words;
}

Result<void> SampledPdu::read_detail(std::size_t index, const std::stop_token& stop) {
    if (index == pdu_detail::model) {
        return read_text("model", [&]() -> Result<std::string> {
            auto model = device_.read_model(stop);
            return model ? Result<std::string>(model->name) : pass_on(model);
        });
    }
    if (index == pdu_detail::firmware) {
        return read_text("firmware", [&] { return device_.read_firmware(stop); });
    }
    const auto address = static_cast<int>(index - pdu_detail::first_memory_word);
    auto values =
        confirmed([&] { return device_.read_memory(address, stop); },
                  [&](const std::vector<MemoryValue>& read) { return settings_.is_news(read); });
    if (values) {
        apply_memory(*values);
        note(settings_.update(*values));
    }
    return values ? Result<void>{} : pass_on(values);
}

template <class Ask>
Result<void> SampledPdu::read_text(const std::string& name, const Ask& ask) {
    auto text =
        confirmed(ask, [&](const std::string& read) { return settings_.is_news(name, read); });
    if (!text) {
        return pass_on(text);
    }
    note(settings_.update(name, *text));
    context_.device.model = settings_.known("model");
    return {};
}

void SampledPdu::note(std::vector<Event> events) {
    std::move(events.begin(), events.end(), std::back_inserter(noted_));
}

void SampledPdu::apply_memory(const std::vector<MemoryValue>& values) {
    for (const auto& value : values) {
        if (value.setting->part == MemorySetting::Part::low_byte) {
            // What was known before holds no longer, either.
            context_.outlet_alarm.at(static_cast<std::size_t>(value.setting->address - 1)) =
                value.in_range() ? std::optional(Amperes(value.value())) : std::nullopt;
        }
    }
}

}  // namespace pwlog
