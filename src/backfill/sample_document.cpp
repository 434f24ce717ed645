#include "backfill/sample_document.h"

#include <fmt/format.h>

#include <array>

#include "base/json_object.h"
#include "document/preamble.h"
#include "protocol/pdu.h"

namespace pwlog {
namespace {

constexpr int ratio_decimals = 4;
constexpr double rated_input_a = 16;  // RC-16A

/// The values of one document by the names of their fields.
class Values {
  public:
    Values(DocumentKind kind, DocumentValues values) : kind_(kind), values_(std::move(values)) {}

    std::optional<double> number(std::string_view path) const {
        const auto* value = find(path);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const auto* whole = std::get_if<std::int64_t>(value)) {
            return static_cast<double>(*whole);
        }
        const auto* real = std::get_if<double>(value);
        return real != nullptr ? std::optional(*real) : std::nullopt;
    }
    std::optional<bool> flag(std::string_view path) const {
        const auto* value = find(path);
        const auto* flag = value != nullptr ? std::get_if<bool>(value) : nullptr;
        return flag != nullptr ? std::optional(*flag) : std::nullopt;
    }
    std::optional<std::string> text(std::string_view path) const {
        const auto* value = find(path);
        const auto* text = value != nullptr ? std::get_if<std::string>(value) : nullptr;
        return text != nullptr ? std::optional(*text) : std::nullopt;
    }
    /// Only where nothing stands there yet: what a source says itself goes first.
    void supply(std::string_view path, FieldValue value) {
        if (const auto field = find_field(kind_, path)) {
            values_.try_emplace(*field, std::move(value));
        }
    }
    void drop(std::string_view path) {
        if (const auto field = find_field(kind_, path)) {
            values_.erase(*field);
        }
    }
    const DocumentValues& all() const { return values_; }

  private:
    const FieldValue* find(std::string_view path) const {
        const auto field = find_field(kind_, path);
        const auto found = field ? values_.find(*field) : values_.end();
        return found != values_.end() ? &found->second : nullptr;
    }

    DocumentKind kind_;
    DocumentValues values_;
};

void supply_power_factor(Values& values) {
    const auto watts = values.number("power_w");
    const auto volt_amperes = values.number("power_va");
    if (watts && volt_amperes && *volt_amperes != 0) {
        values.supply("power_factor", rounded(*watts / *volt_amperes, ratio_decimals));
    }
}

// Keyword, words or digit: all three become keyword and digit.
void supply_state(Values& values) {
    auto said = values.text("state");
    const auto code = values.number("state_code");
    for (int digit = 0; digit <= static_cast<int>(pdu::OutletState::locked); ++digit) {
        const auto state = static_cast<pdu::OutletState>(digit);
        const bool same = said ? (*said == pdu::to_keyword(state) || *said == pdu::to_words(state))
                               : code == digit;
        if (same) {
            values.drop("state");
            values.supply("state", std::string(pdu::to_keyword(state)));
            values.supply("state_code", std::int64_t{digit});
            return;
        }
    }
    values.drop("state");
    values.drop("state_code");
}

// Which source feeds the output, from what each of them says of itself.
void supply_active_source(Values& values) {
    const auto first = values.flag("source1_active");
    const auto second = values.flag("source2_active");
    if (first == true || second == true) {
        values.supply("active_source", std::int64_t{first == true ? 1 : 2});
    } else if (first && second) {
        values.supply("active_source", std::int64_t{0});
    }
    values.drop("source1_active");
    values.drop("source2_active");
}

void supply_redundancy(Values& values) {
    const auto active = values.number("active_source");
    const auto sync_bad = values.flag("alarm.sync_bad");
    if (!active || !sync_bad) {
        return;
    }
    if (*active != 1 && *active != 2) {
        values.supply("redundant", false);
        return;
    }
    const char standby = *active == 1 ? '2' : '1';
    const auto bit = [&](std::string_view name) {
        return values.flag(fmt::format("source{}_{}_bad", standby, name));
    };
    const std::array bits{bit("voltage"), bit("freq"), bit("wave")};
    bool bad = false;
    for (const auto& known : bits) {
        if (!known) {
            return;
        }
        bad = bad || *known;
    }
    // Nothing tells whether the device looked at sync_bad then (memory 18): it counts.
    values.supply("redundant", !bad && !*sync_bad && values.flag("alarm.fault_mode") != true);
}

void supply_missing(const SampleContext& context, const std::string& device, DocumentKind kind,
                    int outlet, Values& values) {
    if (kind == DocumentKind::ats) {
        supply_active_source(values);
        supply_redundancy(values);
        return;
    }
    supply_power_factor(values);
    if (kind == DocumentKind::pdu) {
        if (const auto current = values.number("input_a")) {
            values.supply("load_pct", rounded(*current / rated_input_a, ratio_decimals));
        }
        return;
    }
    supply_state(values);
    const auto names = context.outlet_names.find(device);
    const auto index = static_cast<std::size_t>(outlet) - 1;
    const bool named = names != context.outlet_names.end() && index < names->second.size() &&
                       !names->second[index].empty();
    values.supply("name", named ? names->second[index] : fmt::format("outlet {}", outlet));
}

void write_values(JsonObject& json, const DocumentValues& values) {
    std::string_view open;
    for (const auto& [field, value] : values) {
        auto path = row_of(field).path;
        const std::size_t dot = path.find('.');
        const auto group = dot == path.npos ? std::string_view() : path.substr(0, dot);
        if (group != open && !open.empty()) {
            json.close();
        }
        if (group != open && !group.empty()) {
            json.open(group);
        }
        open = group;
        path.remove_prefix(dot == path.npos ? 0 : dot + 1);
        std::visit([&](const auto& plain) { json.add(path, plain); }, value);
    }
    if (!open.empty()) {
        json.close();
    }
}

std::string document(const SampleContext& context, const JoinedSample& sample, DocumentKind kind,
                     int outlet, Values values) {
    supply_missing(context, sample.device, kind, outlet, values);
    const auto model = context.models.find(sample.device);
    JsonObject json;
    write_preamble(json, context.origin,
                   {sample.device, model == context.models.end() ? "" : model->second},
                   dataset_name(kind), "metric", sample.time);
    close_event(json, std::nullopt);
    json.open("powerwalker");
    json.open(dataset_name(kind).substr(dataset_name(kind).find('.') + 1));
    if (kind == DocumentKind::outlet) {
        json.add("number", outlet);
    }
    write_values(json, values.all());
    json.close();
    json.close();
    return json.take();
}

}  // namespace

std::vector<std::string> sample_documents(const SampleContext& context,
                                          const JoinedSample& sample) {
    std::vector<std::string> documents;
    documents.reserve(sample.documents.size());
    for (const auto& [which, values] : sample.documents) {
        documents.push_back(
            document(context, sample, which.first, which.second, Values(which.first, values)));
    }
    return documents;
}

}  // namespace pwlog
