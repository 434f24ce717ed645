// SPDX-License-Identifier: MIT
#include "backfill/map/sample_joiner.h"

#include <algorithm>

namespace pwlog {

void SampleJoiner::close(std::map<std::string, JoinedSample>::iterator sample) {
    complete_.push_back(std::move(sample->second));
    open_.erase(sample);
}

// By the order of their beginnings, so that two readings give the same.
void SampleJoiner::close_older(Timestamp now) {
    for (;;) {
        auto oldest = open_.end();
        for (auto it = open_.begin(); it != open_.end(); ++it) {
            const auto age = now - it->second.time;
            const bool past = age > window_ || age < -window_;
            if (past && (oldest == open_.end() || it->second.number < oldest->second.number)) {
                oldest = it;
            }
        }
        if (oldest == open_.end()) {
            return;
        }
        close(oldest);
    }
}

bool SampleJoiner::comes_again(const JoinedSample& sample, const SampleValue& value) {
    const auto second = sample.second_choices.find(value.field);
    const bool had_second = second != sample.second_choices.end();
    if (value.second_choice || (had_second && second->second)) {
        return value.second_choice && had_second;
    }
    const auto document = sample.documents.find({value.kind, value.outlet});
    return document != sample.documents.end() && document->second.contains(value.field);
}

void SampleJoiner::set(JoinedSample& sample, SampleValue& value) {
    auto& document = sample.documents[{value.kind, value.outlet}];
    if (value.second_choice) {
        const bool counts = !document.contains(value.field);
        const auto is_new = sample.second_choices.emplace(value.field, counts).second;
        if (!is_new || !counts) {
            return;
        }
    } else if (!sample.second_choices.empty()) {
        if (const auto second = sample.second_choices.find(value.field);
            second != sample.second_choices.end()) {
            second->second = false;
        }
    }
    document.set(value.field, std::move(value.value));
}

bool SampleJoiner::contradicts(const SampleValue& value, const RowPlace& place) const {
    const auto sample = open_.find(value.device);
    if (sample == open_.end() || sample->second.place == place ||
        sample->second.time != value.time || !comes_again(sample->second, value)) {
        return false;
    }
    const auto document = sample->second.documents.find({value.kind, value.outlet});
    if (document == sample->second.documents.end()) {
        return false;
    }
    const auto second = sample->second.second_choices.find(value.field);
    if (value.second_choice && !second->second) {
        return false;  // it doesn't count
    }
    const auto* const known = document->second.find(value.field);
    return known != nullptr && *known != value.value;
}

/// Whether a sample is open that another value of this field ends.
bool SampleJoiner::is_over(const JoinedSample& sample, const SampleValue& value,
                           const RowPlace& place) {
    return sample.place != place && sample.time != value.time && comes_again(sample, value);
}

bool SampleJoiner::add(std::span<SampleValue> values, const RowPlace& place) {
    if (values.empty()) {
        return true;
    }
    const auto time = values.front().time;
    const bool time_is_open = std::any_of(
        open_.begin(), open_.end(), [&](const auto& sample) { return sample.second.time == time; });
    if (time_is_open && std::any_of(values.begin(), values.end(), [&](const SampleValue& value) {
            return contradicts(value, place);
        })) {
        return false;
    }
    close_older(time);
    auto sample = open_.end();
    for (auto& value : values) {
        if (sample == open_.end() || sample->first != value.device) {
            sample = open_.find(value.device);
        }
        if (sample != open_.end() && is_over(sample->second, value, place)) {
            close(sample);
            sample = open_.end();
        }
        if (sample == open_.end()) {
            if (open_.size() >= most_open) {
                flush();
            }
            sample = open_
                         .emplace(value.device,
                                  JoinedSample{value.device, value.time, place, ++opened_, {}})
                         .first;
        }
        set(sample->second, value);
    }
    return true;
}

bool SampleJoiner::all_opened_at(const RowPlace& place) const {
    return std::all_of(open_.begin(), open_.end(),
                       [&](const auto& sample) { return sample.second.place == place; });
}

void SampleJoiner::flush() {
    while (!open_.empty()) {
        close(std::min_element(open_.begin(), open_.end(), [](const auto& a, const auto& b) {
            return a.second.number < b.second.number;
        }));
    }
}

}  // namespace pwlog
