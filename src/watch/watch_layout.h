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
void add_pdu(const PduView& pdu, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);
void add_ats(const AtsView& ats, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);
void add_ups(const UpsView& ups, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines);

/// "rack1-pdu", with a warning where it cannot be reached or its sample is old; for more behind it.
LineWriter device_title(const DeviceView& device, const WatchModel& model, const Canvas& canvas);
/// The sample's age, where that is no warning: the least that a title says.
void add_age(const DeviceView& device, const WatchModel& model, LineWriter& title);
/// Its trouble, where it has some, and its alarms.
void add_troubles(const DeviceView& device, const Canvas& canvas, std::vector<Line>& lines);

/// "512 W"; "- W" where there is none.
std::string measured(const std::optional<double>& value, int decimals, std::string_view unit);

/// One line for a sample, for files and pipes: "…Z rack1-ats: source 1 …".
std::string plain_line(const PduView& pdu);
std::string plain_line(const AtsView& ats);
std::string plain_line(const UpsView& ups);

/// "on line (OL CHRG), 87 % charge, 23 % load, 22 min left"
std::string values_text(const UpsView& ups);

/// The state of an outlet in words: "on", "off in 12 s" …
std::string state_words(const OutletView& outlet);

}  // namespace pwlog
