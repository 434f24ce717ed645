// SPDX-License-Identifier: MIT
#include "watch/shown_value.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text_values.h"

namespace pwlog {
namespace {

struct Form {
    int decimals;
    std::string_view unit;
    std::string_view ascii = unit;
    double factor = 1;
};

Form form_of(Measure measure) {
    switch (measure) {
        case Measure::voltage:
            return {1, " V"};
        case Measure::current:
            return {1, " A"};
        case Measure::power:
            return {0, " W"};
        case Measure::apparent:
            return {0, " VA"};
        case Measure::frequency:
            return {1, " Hz"};
        case Measure::counter:
            return {1, " kWh"};
        case Measure::energy:
            return {1, " Wh"};
        case Measure::celsius:
            return {1, " °C", " C"};
        case Measure::ratio:
            return {0, " %", " %", 100};
        case Measure::angle:
            return {0, "°", " deg"};
        case Measure::seconds:
        case Measure::none:
            break;
    }
    return {2, ""};
}

std::string number_text(const std::optional<double>& value, Measure measure, bool utf8) {
    if (measure == Measure::seconds && value) {
        return rough_duration(std::chrono::seconds(static_cast<long>(*value)));
    }
    const auto form = form_of(measure);
    return (value ? fmt::format("{:.{}f}", *value * form.factor, form.decimals) : "-") +
           std::string(utf8 ? form.unit : form.ascii);
}

}  // namespace

std::string shown_value(const FieldValues& values, Field field, bool utf8) {
    const auto& row = row_of(field);
    auto text = row.type == FieldType::text ? values.text_or_none(field)
                                            : number_text(values.number(field), row.measure, utf8);
    const auto place = row.shown.find("{}");
    return fmt::format("{}{}{}", row.shown.substr(0, place), text, row.shown.substr(place + 2));
}

std::vector<Field> title_fields(DocumentKind kind, std::size_t first) {
    std::vector<Field> fields;
    for (std::size_t i = 0; i < field_table.size(); ++i) {
        if (field_table[i].kind == kind && field_table[i].title > 0) {
            fields.push_back(static_cast<Field>(i));
        }
    }
    std::sort(fields.begin(), fields.end(),
              [](Field a, Field b) { return row_of(a).title < row_of(b).title; });
    fields.resize(std::min(fields.size(), first));
    return fields;
}

std::string title_values(const FieldValues& values, const std::vector<Field>& fields) {
    std::string text;
    for (const Field field : fields) {
        text += (text.empty() ? "" : ", ") + shown_value(values, field, false);
    }
    return text;
}

}  // namespace pwlog
