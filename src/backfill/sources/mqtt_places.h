// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

#include "backfill/sources/mqtt_topic.h"

namespace pwlog {

/// Whose data the topics hold.
struct MqttDevices {
    using Ids = std::set<std::string, std::less<>>;

    std::string pdu;     ///< device.id for `P/pdu/…`; empty: such topics end the run
    std::string ats;     ///< the same for `P/ats/…`
    std::string prefix;  ///< P; empty: the first one seen, and a second one ends the run
    std::string ups{};   ///< the same for `P/ups/…`
    /// Of a logger with several of a kind, all of them: `P/<id>/pdu/…` is that one's.
    Ids pdus{};
    Ids switches{};
    Ids upses{};
};

/// Tells of each topic whose it is.
class MqttPlaces {
  public:
    explicit MqttPlaces(MqttDevices devices);

    struct Place {
        enum class Kind { ours, foreign, second_logger };
        Kind kind = Kind::foreign;
        std::string_view device{};  ///< empty: nobody said which one; valid as long as the topic
    };
    /// The first one also decides on the prefix, where none was given.
    Place of(const MqttTopic& topic);

    /// P, as given or as found.
    const std::string& prefix() const { return devices_.prefix; }

  private:
    const MqttDevices::Ids& several_of(const MqttTopic& topic) const;
    const std::string& one_of(const MqttTopic& topic) const;

    MqttDevices devices_;
    bool any_prefix_;
    bool adopted_ = false;
};

}  // namespace pwlog
