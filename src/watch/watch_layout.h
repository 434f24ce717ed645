// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "watch/watch_model.h"
#include "watch/watch_screen.h"

namespace pwlog {

/// What the terminal is to show: at most `canvas.rows` lines, none wider than it.
struct WatchScreen {
    std::vector<Line> lines;
    std::size_t scroll = 0;  ///< the first line of the body that is shown: no further than needed
    std::size_t last_scroll = 0;  ///< how far one can scroll
    std::size_t page = 1;         ///< lines of the body that are shown
};

/// Pure. Two lines at the top (who says it and the time, alarms), the devices between, from line
/// `scroll` on, and at the bottom spool, shipping and keys.
WatchScreen lay_out(const WatchModel& model, const Canvas& canvas, std::size_t scroll);

/// The devices: a title and a line for each outlet; the sources; of a UPS the title alone.
void add_pdu(const DeviceView& pdu, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);
void add_ats(const DeviceView& ats, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);
void add_ups(const DeviceView& ups, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);

/// "rack1-pdu", with a warning where it cannot be reached or its sample is old; for more behind it.
LineWriter device_title(const DeviceView& device, const WatchModel& model, const Canvas& canvas);
/// The sample's age, where that is no warning: the least that a title says.
void add_age(const DeviceView& device, const WatchModel& model, LineWriter& title);
/// Its trouble, where it has some, and its alarms.
void add_troubles(const DeviceView& device, const Canvas& canvas, std::vector<Line>& lines);

/// What its title says of its values: the first in `first`, words in a faint colour.
void add_values(const DeviceView& device, const Canvas& canvas, Paint first, LineWriter& title);

/// One line for a sample, for files and pipes: "…Z rack1-ats: source 1 …".
std::string plain_line(const DeviceView& device);
/// What stands in it, of each kind, between id and alarms.
std::string plain_pdu(const DeviceView& pdu);
std::string plain_ats(const DeviceView& ats);
std::string plain_ups(const DeviceView& ups);

/// "on line (OL CHRG), 87 % charge, 23 % load, 22 min left"
std::string ups_text(const DeviceView& ups);

/// The state of an outlet in words: "on", "off in 12 s" …
std::string state_words(const OutletView& outlet);

}  // namespace pwlog
