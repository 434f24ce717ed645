// SPDX-License-Identifier: MIT
#include "backfill/sources/mqtt_places.h"

#include <utility>

namespace pwlog {

MqttPlaces::MqttPlaces(MqttDevices devices)
    : devices_(std::move(devices)), any_prefix_(devices_.prefix.empty()) {}

const MqttDevices::Ids& MqttPlaces::several_of(const MqttTopic& topic) const {
    const bool is_ups = topic.about == MqttTopic::About::ups;
    return is_ups ? devices_.upses : topic.is_ats() ? devices_.switches : devices_.pdus;
}

const std::string& MqttPlaces::one_of(const MqttTopic& topic) const {
    const bool is_ups = topic.about == MqttTopic::About::ups;
    return is_ups ? devices_.ups : topic.is_ats() ? devices_.ats : devices_.pdu;
}

MqttPlaces::Place MqttPlaces::of(const MqttTopic& topic) {
    const auto slash = topic.prefix.rfind('/');
    const bool has_above = slash != topic.prefix.npos;
    const auto above = topic.prefix.substr(0, has_above ? slash : 0);
    const auto last = has_above ? topic.prefix.substr(slash + 1) : std::string_view();
    const bool names_device = has_above && several_of(topic).contains(last);
    if (std::exchange(any_prefix_, false)) {
        devices_.prefix = names_device ? above : topic.prefix;
        adopted_ = true;
    }
    if (topic.prefix == devices_.prefix) {
        return {Place::Kind::ours, one_of(topic)};
    }
    if (names_device && above == devices_.prefix) {
        return {Place::Kind::ours, last};
    }
    return {adopted_ ? Place::Kind::second_logger : Place::Kind::foreign};
}

}  // namespace pwlog
