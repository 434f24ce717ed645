// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "document/event.h"
#include "events/state_text.h"

namespace pwlog {

/// What can be on or off for a while, and how it is called.
struct Alarm {
    std::string name;                       ///< `low_input_voltage`, `outlet3_overload`
    std::string code{};                     ///< front panel, empty: none
    std::string words{};                    ///< "the input voltage is too low"
    std::string words_over{};               ///< "the input voltage is no longer too low"
    std::string started = "alarm_started";  ///< event.action of the beginning …
    std::string ended = "alarm_ended";      ///< … and of the end
    std::optional<OutletTag> outlet{};
    std::optional<int> source{};  ///< of an ATS
};

/// Which alarms are on. Begin and end of an alarm are two events with one id; the end carries both
/// times. The book survives a restart through save() and restore().
class AlarmBook {
  public:
    /// The event of an edge, none where nothing changed. `observed`: whether the device was watched
    /// between the last reading and this one; if not, when it really changed is not known and the
    /// event says so.
    std::optional<Event> update(const DeviceTag& device, const Alarm& alarm, bool active,
                                Timestamp now, bool observed);

    bool is_on(const std::string& name) const { return on_.contains(name); }

    void save(StateText& state) const;
    void restore(const StateText& state);

  private:
    struct Open {
        Timestamp since;
        std::string id;
    };
    std::map<std::string, Open> on_;
};

/// `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`: a length of time for people.
std::string in_words(std::chrono::milliseconds time);

}  // namespace pwlog
