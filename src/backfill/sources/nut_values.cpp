// SPDX-License-Identifier: MIT
#include "backfill/sources/nut_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {
namespace {

constexpr std::string_view nut_fields = R"(time = @timestamp
ups.status = ups.status
battery.charge = ups.charge_pct %
ups.load = ups.load_pct %
battery.runtime = ups.runtime_s s
input.voltage = ups.input_v
output.voltage = ups.output_v
battery.voltage = ups.battery_v
input.current = ups.input_a
output.current = ups.output_a
input.frequency = ups.input_hz
output.frequency = ups.output_hz
output.realpower = ups.power_w
ups.realpower = ups.power_w
output.power = ups.power_va
ups.power = ups.power_va
battery.temperature = ups.temperature_c
ups.temperature = ups.temperature_c
ups.alarm = ups.alarm
)";

/// `20261122 170405` has a blank too many to be recognised.
std::string without_blank(std::string_view time) {
    constexpr std::size_t date = 8;
    std::string text(time);
    if (text.size() == 15 && text[date] == ' ' && are_digits(time.substr(0, date)) &&
        are_digits(time.substr(date + 1))) {
        text.erase(date, 1);
    }
    return text;
}

/// A value of the format, and the text up to the next one.
struct Piece {
    std::string name;  ///< empty: nothing that is wanted
    std::string behind;
    std::string within;  ///< what of it stands in the value, too: the blank of a time
};

/// Where a value ends.
std::size_t end_of(std::string_view line, std::string_view behind, std::string_view within) {
    if (behind.empty()) {
        return line.size();
    }
    std::size_t end = line.find(behind);
    for (auto at = within.find(behind); at != within.npos && end != line.npos;
         at = within.find(behind, at + 1)) {
        end = line.find(behind, end + 1);
    }
    return end;
}

class UpslogParser final : public ValueParser {
  public:
    UpslogParser(std::vector<Piece> pieces, MappingOptions options)
        : pieces_(std::move(pieces)), options_(std::move(options)) {}

    ParsedLine parse(std::string_view line) override {
        const auto unlike = [] {
            return ParsedLine{ParsedLine::Kind::bad, {}, "it is not as upslog's format has it"};
        };
        const auto& before = pieces_.front().behind;
        if (!line.starts_with(before)) {
            return unlike();
        }
        line.remove_prefix(before.size());
        std::string time;
        row_.clear();
        for (std::size_t i = 1; i < pieces_.size(); ++i) {
            const auto& [name, behind, within] = pieces_[i];
            const auto end = end_of(line, behind, within);
            if (end == line.npos || (behind.empty() && i + 1 < pieces_.size())) {
                return unlike();
            }
            if (name == "time") {
                time = without_blank(line.substr(0, end));
                row_.push_back({name, time});
            } else if (!name.empty()) {
                row_.push_back({name, line.substr(0, end)});
            }
            line.remove_prefix(end + behind.size());
        }
        return line.empty() ? map_values(nut_map(), options_, row_, std::nullopt) : unlike();
    }

  private:
    std::vector<Piece> pieces_;  ///< the first one is what stands before all values
    MappingOptions options_;
    std::vector<NamedValue> row_;
};

/// `%VAR ups.load%`, `%TIME @Y@m@d%`, `%HOST%`: a piece; none where it is no word of upslog's.
std::optional<Piece> piece_of(std::string_view word) {
    if (word.starts_with("VAR ")) {
        return Piece{std::string(word.substr(4)), {}, {}};
    }
    if (word.starts_with("TIME ") || word == "ETIME") {
        return Piece{"time", {}, std::string(word.substr(std::min<std::size_t>(5, word.size())))};
    }
    const bool is_known = word == "HOST" || word == "UPSHOST" || word == "PID";
    return is_known ? std::optional(Piece{}) : std::nullopt;
}

Result<std::vector<Piece>> pieces_of(std::string_view format) {
    std::vector<Piece> pieces(1);
    while (!format.empty()) {
        const auto percent = std::min(format.find('%'), format.size());
        pieces.back().behind += format.substr(0, percent);
        format.remove_prefix(percent);
        if (format.starts_with("%%")) {
            pieces.back().behind += '%';
            format.remove_prefix(2);
        } else if (!format.empty()) {
            const auto end = std::min(format.find('%', 1), format.size());
            auto piece = piece_of(format.substr(1, end - 1));
            if (!piece || end == format.size()) {
                return fail(ErrorKind::invalid,
                            fmt::format("--upslog-format: '{}' is not one of %VAR name%, %TIME "
                                        "format%, %ETIME%, %HOST%, %UPSHOST%, %PID%, %%",
                                        printable(format.substr(0, end), 40)));
            }
            pieces.push_back(std::move(*piece));
            format.remove_prefix(end + 1);
        }
    }
    return pieces;
}

}  // namespace

const FieldMap& nut_map() {
    static const FieldMap map = [] {
        auto parsed = FieldMap::parse(nut_fields, "NUT");
        assert(parsed);
        if (parsed) {
            parsed->prefer_last();
        }
        return parsed ? std::move(*parsed) : FieldMap();
    }();
    return map;
}

bool looks_like_upslog(std::string_view line) {
    const auto time = line.substr(0, std::min<std::size_t>(15, line.size()));
    return without_blank(time).size() == 14 && line.find(" [") != line.npos &&
           line.find(']') != line.npos;
}

Result<std::unique_ptr<ValueParser>> make_upslog_parser(std::string_view format,
                                                        MappingOptions options) {
    auto pieces = pieces_of(format.empty() ? usual_upslog_format : format);
    if (!pieces) {
        return pass_on(pieces);
    }
    return std::make_unique<UpslogParser>(std::move(*pieces), std::move(options));
}

}  // namespace pwlog
