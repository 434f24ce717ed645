// SPDX-License-Identifier: MIT
#include "backfill/sources/recorded_message.h"

#include <vector>

#include "backfill/sources/csv_source.h"
#include "base/timestamp_text.h"

namespace pwlog {

std::optional<RecordedMessage> read_recorded(std::string_view line) {
    constexpr std::size_t columns = 6;
    std::vector<std::string> cells;
    bool garbled = false;
    if (!split_row(line, ',', cells, garbled) || garbled || cells.size() != columns) {
        return std::nullopt;
    }
    const bool is_qos = cells[2] == "0" || cells[2] == "1" || cells[2] == "2";
    const bool is_retained = cells[3] == "True";
    if (!is_qos || (!is_retained && cells[3] != "False") || !parse_epoch_seconds(cells[4])) {
        return std::nullopt;
    }
    return RecordedMessage{std::move(cells[0]), std::move(cells[1]), is_retained,
                           std::move(cells[4])};
}

}  // namespace pwlog
