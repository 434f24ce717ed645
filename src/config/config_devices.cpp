// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "config/config_sections.h"
#include "config/config_tariff.h"
#include "config/wire_time.h"
#include "link/tcp_link.h"

namespace pwlog {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_id = 64;
constexpr std::size_t most_devices = 64;  // a thread and a port each

bool is_device_id(std::string_view id) {
    return id.size() <= longest_id && id.find_first_of("._-") != 0 &&
           id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == id.npos;
}

void read_id(TableReader& reader, DeviceConfig& device) {
    read_id_and_name(reader, "rack1-pdu", device.id, device.name);
}

/// A name over the network in one spelling.
void read_port(TableReader& reader, DeviceConfig& device) {
    const toml::node* node = reader.find("port");
    if (node == nullptr) {
        reader.problem("port",
                       R"(is missing: port = "/dev/serial/by-id/…"; pwlog discover lists them)");
        return;
    }
    const auto* text = node->as_string();
    if (text == nullptr || !is_tcp_name(text->get())) {
        std::filesystem::path path;
        if (reader.read_path("port", path)) {
            device.port.name = path.string();
        }
    } else if (const auto place = parse_tcp_name(text->get())) {
        device.port.name = place->name();
    } else {
        reader.problem("port", place.error().message);
    }
}

void read_report_number(TableReader& reader, DeviceConfig& device) {
    const toml::node* node = reader.find("report_number");
    if (node != nullptr && node->is_string()) {
        reader.read<std::optional<std::uint8_t>>("report_number", device.port.report_number,
                                                 {{"none", std::nullopt}});
        return;
    }
    std::int64_t number = 0;
    if (reader.read("report_number", number, {0, 255})) {
        device.port.report_number = static_cast<std::uint8_t>(number);
    }
}

void read_fast_interval(TableReader& reader, DeviceConfig& device) {
    const toml::node* node = reader.find("fast_interval");
    const auto* word = node == nullptr ? nullptr : node->as_string();
    if (word != nullptr && word->get() == "off") {
        device.fast_interval.reset();
        return;
    }
    milliseconds fast{};
    if (reader.read("fast_interval", fast, {0ms, 24h})) {
        device.fast_interval = fast;
        if (fast > device.interval) {
            reader.problem("fast_interval",
                           fmt::format("{} ms is longer than the interval of {} ms; \"off\" reads "
                                       "once an interval",
                                       fast.count(), device.interval.count()));
        }
    } else if (device.fast_interval && *device.fast_interval >= device.interval) {
        device.fast_interval.reset();  // the default has no use here
    }
}

void read_outlets(TableReader& reader, PduConfig& pdu) {
    std::vector<std::string> names;
    if (!reader.read_texts("outlets", names)) {
        return;
    }
    if (names.size() != pdu.outlets.size()) {
        reader.problem("outlets",
                       fmt::format(R"(expected {} names, "" for an unnamed outlet, got {})",
                                   pdu.outlets.size(), names.size()));
        return;
    }
    std::move(names.begin(), names.end(), pdu.outlets.begin());
}

void read_switchable(TableReader& reader, PduConfig& pdu) {
    std::vector<std::int64_t> outlets;
    if (!reader.read_numbers("switchable", outlets)) {
        return;
    }
    std::sort(outlets.begin(), outlets.end());
    for (const std::int64_t outlet : outlets) {
        if (outlet < 1 || outlet > 8) {
            reader.problem("switchable",
                           fmt::format("expected outlets from 1 to 8, got {}", outlet));
            return;
        }
        pdu.switchable.push_back(static_cast<int>(outlet));
    }
    if (std::adjacent_find(outlets.begin(), outlets.end()) != outlets.end()) {
        reader.problem("switchable", "names an outlet twice");
    }
}

/// What PDU and ATS have in common; examples differ.
auto device_keys(std::string_view id, std::string_view port) {
    using S = DeviceConfig;
    using Kind = PortOptions::Kind;
    return std::tuple{
        SpecialKey<S>{"id", &read_id, id, "becomes device.id: unique, never change it",
                      Stand::needed},
        SpecialKey<S>{"name", nullptr, R"("Rack 1")", "shown to people; the id if left out"},
        SpecialKey<S>{"port", &read_port, port, "a stable name: `pwlog discover` prints it",
                      Stand::needed},
        Key{"port_kind", [](auto& device) -> Kind& { return device.port.kind; },
            Word<Kind>{{{"auto", Kind::automatic},
                        {"serial", Kind::serial},
                        {"pty", Kind::descriptor},
                        {"hidraw", Kind::hidraw}}},
            R"(or "serial", "pty", "hidraw")"},
        SpecialKey<S>{"report_number", &read_report_number, "0",
                      R"(hidraw: the byte before each report, or "none")"}};
}

/// The times of one device, which begin as those at the top of the file.
auto time_keys(std::string_view fast_interval) {
    using S = DeviceConfig;
    return std::tuple_cat(
        std::tuple{Key{"interval", &S::interval, Duration{{1ms, 24h}},
                       "between documents of this device; as at the top"}},
        session_keys(),
        std::tuple{SpecialKey<S>{"fast_interval", &read_fast_interval, fast_interval,
                                 R"(between readings for events; "0s" = without pause)"}});
}

const auto& pdu_keys() {
    using S = PduConfig;
    static const auto keys = std::tuple_cat(
        device_keys(R"("rack1-pdu")", R"("/dev/serial/by-id/usb-Prolific_1234-if00-port0")"),
        std::tuple{SpecialKey<S>{"outlets", &read_outlets,
                                 R"(["nas", "switch", "router", "", "", "", "", "printer"])",
                                 "their names", Stand::needed},
                   SpecialKey<S>{"switchable", &read_switchable, "[]",
                                 "outlets that may be switched; none by default", Stand::needed},
                   Key{"switch_limit", &S::switch_limit, Whole{{1, 600}},
                       "switch requests within a minute"},
                   SpecialKey<S>{
                       "tariff", [](auto& reader, auto& pdu) { read_tariff(reader, pdu.tariff); },
                       "0.31", "per kWh; [[pdu.tariff]] for hours and dates: docs/events.md"},
                   SpecialKey<S>{"currency", nullptr, R"("EUR")", "of the tariff"}},
        time_keys(R"("off")"));
    return keys;
}

const auto& ats_keys() {
    static const auto keys =
        std::tuple_cat(device_keys(R"("rack1-ats")", R"("tcp://192.0.2.7:2001")"),
                       std::tuple{Key{"capsule", &AtsConfig::capsule, Flag{},
                                      "keep the readings of the minutes around a transfer"}},
                       time_keys(R"("1s")"));
    return keys;
}

/// Reads one [[pdu]] or [[ats]] after the other and remembers what must be there only once.
class DeviceReader {
  public:
    DeviceReader(TableReader& top, const Config& config, ConfigProblems& problems)
        : config_(config),
          interval_place_(top.find("interval") == nullptr ? ConfigPlace{} : top.place("interval")),
          problems_(problems) {}

    template <class Device, class Keys>
    Device read(const toml::table& table, const char* where, const Keys& keys, Cycle full,
                Cycle fast) {
        TableReader reader(table, where, problems_);
        Device device;
        device.interval = config_.interval;
        device.session = config_.session;
        read_keys(reader, device, keys);
        once_only(reader, "id", device.id);
        once_only(reader, "port",
                  is_tcp_name(device.port.name)
                      ? device.port.name
                      : std::filesystem::path(device.port.name).lexically_normal().string());
        check_times(reader, device, full, fast);
        finish_section(reader);
        return device;
    }

  private:
    void once_only(const TableReader& reader, std::string_view key, const std::string& value);
    void check_times(TableReader& reader, const DeviceConfig& device, Cycle full, Cycle fast) const;

    const Config& config_;
    ConfigPlace interval_place_;  // line 0 = not in the file
    ConfigProblems& problems_;
    std::map<std::pair<std::string, std::string>, ConfigPlace> used_;  // key and value
};

/// One port under two names is found by its spelling. What udev's links lead to is the business of
/// the start and of `doctor`: it changes with what is plugged in.
void DeviceReader::once_only(const TableReader& reader, std::string_view key,
                             const std::string& value) {
    if (value.empty()) {
        return;
    }
    const auto place = reader.place(key);
    const auto [used, is_first] = used_.try_emplace({std::string(key), value}, place);
    if (!is_first) {
        reader.problem(key, fmt::format("\"{}\" is already used in {}; each device has its own",
                                        value, problems_.line_text(used->second, place)));
    }
}

void DeviceReader::check_times(TableReader& reader, const DeviceConfig& device, Cycle full,
                               Cycle fast) const {
    if (auto fits = check_interval(full, device.interval, device.session.query_gap); !fits) {
        const auto taken_from = problems_.line_text(interval_place_, reader.place("interval"));
        const bool own = reader.find("interval") != nullptr;
        reader.problem("interval", fits.error().message +
                                       (own ? "" : fmt::format(" (taken from {})", taken_from)));
    }
    if (!device.fast_interval || device.fast_interval->count() == 0) {
        return;
    }
    if (auto fits = check_interval(fast, *device.fast_interval, device.session.query_gap); !fits) {
        reader.problem("fast_interval",
                       fits.error().message + R"(; "0s" reads as fast as the line allows)");
    }
}

}  // namespace

void read_id_and_name(TableReader& reader, std::string_view example, std::string& id,
                      std::string& name) {
    const auto* node = reader.find("id");
    if (node == nullptr) {
        reader.problem("id", fmt::format("is missing: a name that never changes, such as id = {}",
                                         toml_text(example)));
    } else if (reader.read("id", id) && !is_device_id(id)) {
        reader.problem("id", fmt::format("expected up to {} of the characters a-z 0-9 . _ -, the "
                                         "first a letter or digit, got {}",
                                         longest_id, node_text(*node)));
    }
    name = id;
    reader.read("name", name);
}

void read_devices(TableReader& top, Config& config, ConfigProblems& problems) {
    DeviceReader reader(top, config, problems);
    const std::vector<const toml::table*> pdus = top.tables("pdu");
    const std::vector<const toml::table*> ats = top.tables("ats");
    // What stands there and is no list of sections has been told of.
    const auto names_none = [&top](std::string_view key) {
        const toml::node* node = top.find(key);
        return node == nullptr || (node->is_array() && node->as_array()->empty());
    };
    if (names_none("pdu") && names_none("ats") && names_none("ups")) {
        problems.add({},
                     "has no device: a [[pdu]] or [[ats]] section each; `pwlog discover` finds "
                     "them and prints their sections");
    }
    if (pdus.size() + ats.size() > most_devices) {
        problems.add({}, fmt::format("has more than {} devices", most_devices));
        return;
    }
    for (const toml::table* table : pdus) {
        config.pdus.push_back(
            reader.read<PduConfig>(*table, "pdu", pdu_keys(), Cycle::pdu_full, Cycle::pdu_fast));
    }
    for (const toml::table* table : ats) {
        config.ats.push_back(
            reader.read<AtsConfig>(*table, "ats", ats_keys(), Cycle::ats, Cycle::ats));
    }
}

SectionFacts pdu_facts() {
    return {"pdu", true, true, "one for each", facts_of(PduConfig{}, pdu_keys())};
}

SectionFacts ats_facts() {
    return {"ats", true, true, "one for each; a port over the network: raw TCP, as from ser2net",
            facts_of(AtsConfig{}, ats_keys())};
}

}  // namespace pwlog
