// SPDX-License-Identifier: MIT
#include "mqtt/state_board.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "mqtt/state_messages.h"
#include "mqtt/ups_messages.h"

namespace pwlog {

std::map<std::string, std::string> places_above(const BoardOptions& options) {
    std::map<std::string, std::string> above;
    for (const auto& kind : {options.pdus, options.ats, options.ups}) {
        for (const auto& id : kind) {
            above[id] = id == kind.front() ? options.prefix : options.prefix + "/" + id;
        }
    }
    return above;
}

std::map<std::string, std::string> availability_topics(const BoardOptions& options) {
    std::map<std::string, std::string> topics;
    const auto above = places_above(options);
    const auto add = [&](const char* kind, const std::vector<std::string>& ids) {
        for (const auto& id : ids) {
            topics[id] = availability_message(above.at(id), kind, true).topic;
        }
    };
    add("pdu", options.pdus);
    add("ats", options.ats);
    add("ups", options.ups);
    return topics;
}

StateBoard::StateBoard(BoardOptions options, Outbox& outbox)
    : options_(std::move(options)), above_(places_above(options_)), outbox_(outbox) {}

const std::string* StateBoard::place_above(const std::string& device_id) const {
    const auto place = above_.find(device_id);
    return place == above_.end() ? nullptr : &place->second;
}

void StateBoard::saw(const PduContext& pdu, const std::string& firmware,
                     const PduReading& reading) {
    const auto* const place = place_above(pdu.device.id);
    if (place == nullptr) {
        return;
    }
    const auto& above = *place;
    if (is_news(pdu.device, firmware)) {
        const auto switchable = options_.switchable.find(pdu.device.id);
        announce(home_device(
            above, pdu, firmware,
            switchable == options_.switchable.end() ? std::vector<int>() : switchable->second));
    }
    put(pdu_messages(above, reading, options_.oldest_form));
    const std::lock_guard lock(mutex_);
    auto& alarms = alarms_[above];
    alarms.pdu = reading.status;
    outbox_.set(alert_message(above, alarms.pdu, alarms.ats));
    outbox_.keep(availability_message(above, "pdu", true));
}

void StateBoard::saw(const AtsContext& ats, const std::string& firmware,
                     const AtsReading& reading) {
    const auto* const place = place_above(ats.device.id);
    if (place == nullptr) {
        return;
    }
    const auto& above = *place;
    if (is_news(ats.device, firmware)) {
        announce(home_device(above, ats, firmware));
    }
    put(ats_messages(above, ats, reading));
    const std::lock_guard lock(mutex_);
    auto& alarms = alarms_[above];
    alarms.ats = reading.status;
    outbox_.set(alert_message(above, alarms.pdu, alarms.ats));
    outbox_.keep(availability_message(above, "ats", true));
}

/// The last state stays what it was; whether it still holds, the availability says.
void StateBoard::missed(const DeviceTag& device) {
    const auto* const place = place_above(device.id);
    if (place == nullptr) {
        return;
    }
    const auto is_among = [&](const std::vector<std::string>& ids) {
        return std::find(ids.begin(), ids.end(), device.id) != ids.end();
    };
    const char* const kind = is_among(options_.pdus)  ? "pdu"
                             : is_among(options_.ats) ? "ats"
                                                      : "ups";
    outbox_.keep(availability_message(*place, kind, false));
}

void StateBoard::saw(const DeviceTag& ups, const UpsReading& reading) {
    const auto* const place = place_above(ups.id);
    if (place == nullptr) {
        return;
    }
    const auto& above = *place;
    const auto known = variables_of(ups, reading);
    // What it gives for the first time is news as well.
    if (is_news(ups, fmt::format("{}/{}", reading.manufacturer, known.size()))) {
        announce(home_device(above, ups, reading, known));
    }
    for (auto& message : ups_messages(above, reading)) {
        if (message.payload.empty()) {
            outbox_.keep(std::move(message));  // once is enough
        } else {
            outbox_.set(std::move(message));
        }
    }
    outbox_.keep(availability_message(above, "ups", true));
}

void StateBoard::succeed(const StateBoard& before) {
    std::set<std::string> topics;
    for (const auto& [id, topic] : availability_topics(options_)) {
        topics.insert(topic);
    }
    for (const auto& [id, topic] : availability_topics(before.options_)) {
        if (!topics.contains(topic) && before.outbox_.said(topic) != "offline") {
            outbox_.take_back({topic, "offline"});
        }
    }
    const auto homes = [&] {
        const std::lock_guard lock(before.mutex_);
        return before.homes_;
    }();
    for (const auto& [topic, device] : homes) {
        if (!still_announces(device, before)) {
            for (auto& message : withdrawal(*before.options_.home, device)) {
                outbox_.take_back(std::move(message));
            }
        }
    }
    for (auto& last : before.outbox_.open_last_words()) {
        outbox_.take_back(std::move(last));
    }
    for (auto& event : before.outbox_.take_events()) {
        outbox_.tell({options_.prefix + "/event", std::move(event.payload)});
    }
}

/// With the same topics. A broker that does not let us read what it keeps tells us of none.
bool StateBoard::still_announces(const HomeDevice& device, const StateBoard& before) const {
    const auto* const place = place_above(device.id);
    return options_.home && options_.home->prefix == before.options_.home->prefix &&
           place != nullptr && *place == *before.place_above(device.id);
}

/// What an earlier process announced of a device is taken back once that is read: announce().
void StateBoard::withdraw() {
    const std::lock_guard lock(mutex_);
    is_withdrawn_ = true;
    for (const auto& [topic, device] : homes_) {
        for (auto& message : withdrawal(*options_.home, device)) {
            outbox_.keep(std::move(message));
        }
    }
}

std::set<std::string> StateBoard::variables_of(const DeviceTag& ups, const UpsReading& reading) {
    const std::lock_guard lock(mutex_);
    auto& known = variables_[ups.id];
    for (const auto& [name, value] : reading.published) {
        known.insert(name);
    }
    return known;
}

void StateBoard::heard(const Document& event) {
    outbox_.tell({options_.prefix + "/event", event.json});
}

bool StateBoard::is_news(const DeviceTag& device, const std::string& firmware) {
    const std::lock_guard lock(mutex_);
    const std::string known = device.model + "/" + firmware;
    const auto [place, is_new] = announced_.try_emplace(device.id, known);
    return options_.home && (is_new || std::exchange(place->second, known) != known);
}

void StateBoard::announce(const HomeDevice& device) {
    auto options = *options_.home;
    const std::lock_guard lock(mutex_);
    homes_.insert_or_assign(device_topic(options, device), device);
    if (too_large_.contains(device.id)) {
        options.form = HomeOptions::Form::entity;
    }
    for (auto& message :
         is_withdrawn_ ? withdrawal(options, device) : announcement(options, device)) {
        outbox_.keep(std::move(message));
    }
}

void StateBoard::was_too_large(const std::string& topic) {
    std::optional<HomeDevice> device;
    {
        const std::lock_guard lock(mutex_);
        const auto home = homes_.find(topic);
        if (home == homes_.end() || !too_large_.insert(home->second.id).second) {
            return;
        }
        device = home->second;
    }
    spdlog::info("MQTT: {} is announced entity by entity, as discovery = \"entity\" does",
                 device->id);
    announce(*device);
}

void StateBoard::put(std::vector<MqttMessage> messages) {
    for (auto& message : messages) {
        outbox_.set(std::move(message));
    }
}

}  // namespace pwlog
