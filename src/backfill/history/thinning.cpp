// SPDX-License-Identifier: MIT
#include "backfill/history/thinning.h"

#include <rapidjson/document.h>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "document/extremes.h"
#include "document/read.h"
#include "document/write.h"

namespace pwlog {
namespace {

/// What an interval took: that of two in a row is their sum.
bool is_of_an_interval(Field field) {
    using enum Field;
    return field == pdu_interval_wh || field == outlet_interval_wh || field == pdu_cost ||
           field == outlet_cost || field == outlet_interval_s || field == ats_interval_s;
}

/// Makes one sample of two that follow each other, as it is known when the second one is: its
/// values, what only the first one has, the least and the greatest of both, and the sum of what is
/// summed.
void merge(Sample& earlier, const Sample& later) {
    constexpr int decimals = 8;  // as the finest of them
    Extremes extremes;
    extremes.add(earlier);
    extremes.add(later);
    for (const auto& [field, value] : later.values) {
        const auto before =
            is_of_an_interval(field) ? earlier.values.number(field) : std::optional<double>();
        const auto sum = before ? *before + later.values.number(field).value_or(0) : 0;
        earlier.values.set(field, before ? FieldValue(rounded(sum, decimals)) : value);
    }
    earlier.time = later.time;
    extremes.write_into(earlier);
}

}  // namespace

std::vector<Sample> Thinning::take(std::vector<Sample> samples) {
    if (!interval_ || samples.empty()) {
        return samples;
    }
    const auto time = samples.front().time;
    const auto tick = [&](Timestamp at) { return at.time_since_epoch() / *interval_; };
    for (auto& sample : samples) {
        const std::pair which(sample.kind, sample.outlet);
        const auto [place, is_first] = waiting_.try_emplace(which, sample);
        if (!is_first) {
            merge(place->second, sample);
        }
    }
    newest_ = time;
    if (last_ && tick(*last_) == tick(time)) {
        return {};
    }
    return flush();
}

std::vector<Sample> Thinning::flush() {
    std::vector<Sample> complete;
    complete.reserve(waiting_.size());
    for (auto& [which, sample] : waiting_) {
        sample.time = newest_;
        complete.push_back(std::move(sample));
    }
    if (!complete.empty()) {
        last_ = newest_;
    }
    waiting_.clear();
    return complete;
}

std::string Thinning::save(const Origin& origin, const DeviceTag& device) const {
    JsonObject json;
    if (last_) {
        json.add("last", std::int64_t{last_->time_since_epoch().count()});
        json.add("newest", std::int64_t{newest_.time_since_epoch().count()});
    }
    json.open_list("waiting");
    for (const auto& [which, sample] : waiting_) {
        json.add_item(write(origin, device, sample).json);
    }
    json.close_list();
    return json.take();
}

void Thinning::restore(std::string_view text) {
    rapidjson::Document saved;
    const auto parsed = json::parse(saved, text);
    if (const auto last = json::integer(saved, "last"); parsed && last) {
        last_ = Timestamp(std::chrono::milliseconds(*last));
        newest_ = Timestamp(std::chrono::milliseconds(json::integer(saved, "newest").value_or(0)));
    }
    waiting_.clear();
    for (const auto& document : json::elements(saved, "waiting")) {
        if (auto sample = read(document.IsString() ? document.GetString() : "")) {
            waiting_.insert_or_assign({sample->kind, sample->outlet}, std::move(*sample));
        }
    }
}

}  // namespace pwlog
