// SPDX-License-Identifier: MIT
#include "backfill/sources/mqtt_source.h"

#include <fmt/format.h>

#include <optional>

#include "backfill/json/json_members.h"
#include "backfill/map/field_value.h"
#include "backfill/sources/csv_row.h"
#include "backfill/sources/mqtt_topic.h"
#include "backfill/sources/nut_values.h"
#include "base/printable.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

struct Message {
    std::string_view time;
    std::string_view topic;
    std::string_view payload;
};

std::optional<Timestamp> read_time(std::string_view text) {
    if (text.find('T') != text.npos) {
        std::string plain(text);
        const std::size_t zulu = plain.find('Z');  // mosquitto writes both: …698067Z+0100
        if (zulu != plain.npos && zulu + 1 < plain.size()) {
            plain.erase(zulu, 1);
        }
        return parse_rfc3339(plain);
    }
    return parse_epoch_seconds(text);
}

class MqttParser final : public ValueParser {
  public:
    explicit MqttParser(MqttDevices devices) : places_(std::move(devices)) {}

    ParsedLine parse(std::string_view line) override {
        result_ = {};
        Message message;
        if (!split(line, message)) {
            return std::move(result_);
        }
        const auto topic = read_mqtt_topic(message.topic);
        if (topic.about == MqttTopic::About::other) {
            return {};
        }
        const auto place = places_.of(topic);
        if (place.kind == MqttPlaces::Place::Kind::second_logger) {
            return impossible(
                fmt::format("the recording has topics below '{}' and below '{}', which are two "
                            "loggers: choose one with --prefix",
                            printable(places_.prefix()), printable(topic.prefix)));
        }
        if (place.kind == MqttPlaces::Place::Kind::foreign) {
            return {};
        }
        const auto time = read_time(message.time);
        if (!time) {
            return bad(fmt::format("'{}' is not a time; record with mosquitto_sub -R -F '%I %t %p'",
                                   printable(message.time, 40)));
        }
        if (place.device.empty()) {
            const bool is_ups = topic.about == MqttTopic::About::ups;
            return impossible(
                fmt::format("topic {}: which device is it? Give its device.id with {}",
                            printable(message.topic),
                            is_ups           ? "--ups ID"
                            : topic.is_ats() ? "--ats ID"
                                             : "--pdu ID"));
        }
        base_ = {std::string(place.device), *time, DocumentKind::pdu, 0, Field{}, false};
        result_.kind = ParsedLine::Kind::values;
        take_payload(topic, message.payload);
        return std::move(result_);
    }

  private:
    bool split(std::string_view line, Message& message) {
        if (line.starts_with('{')) {
            return split_json(line, message);
        }
        if (const auto recorded = read_recorded(line)) {
            recorded_ = *recorded;
            message = {recorded_.time, recorded_.topic, recorded_.payload};
            return !recorded_.retained;
        }
        const std::size_t first = line.find(' ');
        const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
        if (is_topic_of_ours(line.substr(0, first))) {
            bad("it has no time; record with mosquitto_sub -R -F '%I %t %p'");
            return false;
        }
        if (second == line.npos) {
            bad("a message is 'time topic payload'; record with mosquitto_sub -R -F '%I %t %p'");
            return false;
        }
        message = {line.substr(0, first), line.substr(first + 1, second - first - 1),
                   line.substr(second + 1)};
        return true;
    }

    // False: result_ says why; a retained message is ignored.
    bool split_json(std::string_view line, Message& message) {
        std::string error;
        if (!read_members(line, envelope_, error)) {
            bad(error);
            return false;
        }
        bool retained = false;
        for (const auto& member : envelope_) {
            if (member.name == "tst") {
                message.time = member.value;
            } else if (member.name == "topic") {
                message.topic = member.value;
            } else if (member.name == "payload") {
                message.payload = member.value;
            } else if (member.name == "retain") {
                retained = member.value == "1" || member.value == "true";
            }
        }
        if (!retained && (message.time.empty() || message.topic.empty())) {
            bad("a recorded message needs tst and topic");
        }
        return !retained && result_.kind != ParsedLine::Kind::bad;
    }

    void take_payload(const MqttTopic& topic, std::string_view payload) {
        if (topic.about == MqttTopic::About::watts ||
            topic.about == MqttTopic::About::volt_amperes) {
            select_channel(topic.number);
            add_member(topic.about == MqttTopic::About::watts ? "w" : "va", payload);
            return;
        }
        if (topic.about == MqttTopic::About::ups) {
            take_variable(topic.variable, payload);
            return;
        }
        std::string error;
        if (!read_members(payload, members_, error)) {
            bad("the payload: " + error);
            return;
        }
        if (topic.about == MqttTopic::About::supply) {
            take_supply(topic.number);
            return;
        }
        if (topic.is_ats()) {
            base_.kind = DocumentKind::ats;
        } else {
            select_channel(topic.number);
        }
        for (const auto& member : members_) {
            if (!member.is_null) {
                add_member(member.name, member.value);
            }
        }
    }

    // Plain, as NUT has it; empty once the UPS does not give it any more.
    void take_variable(std::string_view name, std::string_view payload) {
        base_.kind = DocumentKind::ups;
        for (const auto& rule : nut_map().sections().front().rules) {
            if (rule.column == name && !payload.empty()) {
                base_.second_choice = rule.second_choice;
                add(rule.field, payload, rule.unit);
            }
        }
    }

    // Where it goes, the table of fields says; one that is not there is not ours.
    void add_member(std::string_view key, std::string_view text) {
        for (std::size_t i = 0; i < field_table.size(); ++i) {
            const auto& row = field_table[i];
            if (row.kind == base_.kind && !key.empty() && row.mqtt == key) {
                add(static_cast<Field>(i), text, row.measure == Measure::ratio ? "%" : "");
            }
        }
    }

    void take_supply(int source) {
        base_.kind = DocumentKind::ats;
        const auto& fields = source_fields.at(static_cast<std::size_t>(source) - 1);
        for (const auto& [name, value, is_object, is_null] : members_) {
            if (is_null) {
                continue;
            }
            if (name == "v") {
                add(fields.voltage, value);
            } else if (name == "hz") {
                add(fields.frequency, value);
            } else if (name == "active") {
                add(source == 1 ? Field::ats_source1_active : Field::ats_source2_active, value);
            } else if (name == "preferred" && value == "1") {
                add(Field::ats_preferred_source, std::to_string(source));
            } else if (name == "bad" && value == "0") {
                // It is the three bits together: none is set. Where it is set, which one is
                // unknown.
                for (const auto bit : {fields.voltage_bad, fields.freq_bad, fields.wave_bad}) {
                    add(bit, "0");
                }
            }
        }
    }

    void select_channel(int number) {
        base_.kind = number == 0 ? DocumentKind::pdu : DocumentKind::outlet;
        base_.outlet = number;
    }

    void add(Field field, std::string_view text, std::string_view unit = "") {
        if (result_.kind == ParsedLine::Kind::bad) {
            return;
        }
        auto value = parse_field_value(row_of(field), text, unit, DecimalMark::point);
        if (!value) {
            bad(value.error().message);
            return;
        }
        auto& added = result_.values.emplace_back(base_);
        added.field = field;
        added.value = std::move(*value);
    }

    ParsedLine bad(std::string reason) {
        result_ = {ParsedLine::Kind::bad, {}, std::move(reason)};
        return result_;
    }
    ParsedLine impossible(std::string reason) {
        result_ = {ParsedLine::Kind::impossible, {}, std::move(reason)};
        return result_;
    }

    MqttPlaces places_;
    ParsedLine result_;
    SampleValue base_{};
    std::vector<JsonMember> envelope_;
    RecordedMessage recorded_;
    std::vector<JsonMember> members_;
};

}  // namespace

std::optional<RecordedMessage> read_recorded(std::string_view line) {
    constexpr std::size_t columns = 6;
    CsvRow row;
    const auto& cells = row.fields();
    if (!row.split(line, ',') || row.is_garbled() || cells.size() != columns) {
        return std::nullopt;
    }
    const bool is_qos = cells[2] == "0" || cells[2] == "1" || cells[2] == "2";
    const bool is_retained = cells[3] == "True";
    if (!is_qos || (!is_retained && cells[3] != "False") || !parse_epoch_seconds(cells[4])) {
        return std::nullopt;
    }
    return RecordedMessage{std::string(cells[0]), std::string(cells[1]), is_retained,
                           std::string(cells[4])};
}

std::unique_ptr<ValueParser> make_mqtt_parser(MqttDevices devices) {
    return std::make_unique<MqttParser>(std::move(devices));
}

}  // namespace pwlog
