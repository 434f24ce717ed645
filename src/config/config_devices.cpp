#include <fmt/format.h>

#include <algorithm>
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

/// Where an id or a port was first used.
struct Used {
    std::string what;
    std::string value;
    std::uint32_t line;
};

/// Reads one [[pdu]] or [[ats]] after the other and remembers what must be there only once.
class DeviceReader {
  public:
    DeviceReader(const DeviceDefaults& defaults, ConfigProblems& problems)
        : defaults_(defaults), problems_(problems) {}

    PduConfig read_pdu(const toml::table& table);
    AtsConfig read_ats(const toml::table& table);

  private:
    void read_common(TableReader& reader, DeviceConfig& device);
    void read_id(TableReader& reader, DeviceConfig& device);
    void read_port_name(TableReader& reader, std::string& name);
    void read_port(TableReader& reader, DeviceConfig& device);
    void read_report_number(TableReader& reader, DeviceConfig& device);
    void read_fast_interval(TableReader& reader, DeviceConfig& device);
    void once_only(const TableReader& reader, std::string_view key, const std::string& value);
    static void read_outlets(TableReader& reader, PduConfig& pdu);
    static void read_switchable(TableReader& reader, PduConfig& pdu);
    static void read_switch_limit(TableReader& reader, PduConfig& pdu);
    void check_times(TableReader& reader, const DeviceConfig& device, Cycle full, Cycle fast) const;

    const DeviceDefaults& defaults_;
    ConfigProblems& problems_;
    std::vector<Used> used_;
};

void DeviceReader::once_only(const TableReader& reader, std::string_view key,
                             const std::string& value) {
    const std::uint32_t line = reader.line(key);
    for (const Used& used : used_) {
        if (used.what == key && used.value == value) {
            reader.problem(key, fmt::format("\"{}\" is already used in line {}; each device has "
                                            "its own",
                                            value, used.line));
            return;
        }
    }
    used_.push_back({std::string(key), value, line});
}

void DeviceReader::read_id(TableReader& reader, DeviceConfig& device) {
    if (reader.find("id") == nullptr) {
        reader.problem("id", R"(is missing: a name that never changes, such as id = "rack1-pdu")");
    } else if (reader.read("id", device.id)) {
        if (!is_device_id(device.id)) {
            reader.problem("id", device_id_rule(*reader.find("id")));
        } else {
            once_only(reader, "id", device.id);
        }
    }
    device.name = device.id;
    reader.read("name", device.name);
}

/// In one spelling each, so that one port under two is found. What udev's links lead to is the
/// business of the start and of `doctor`: it changes with what is plugged in.
void DeviceReader::read_port_name(TableReader& reader, std::string& name) {
    const toml::node* node = reader.find("port");
    const auto* text = node->as_string();
    if (text == nullptr || !is_tcp_name(text->get())) {
        std::filesystem::path path;
        if (reader.read_path("port", path)) {
            name = path.string();
            once_only(reader, "port", path.lexically_normal().string());
        }
    } else if (const auto place = parse_tcp_name(text->get())) {
        name = place->name();
        once_only(reader, "port", name);
    } else {
        reader.problem("port", place.error().message);
    }
}

void DeviceReader::read_port(TableReader& reader, DeviceConfig& device) {
    using Kind = PortOptions::Kind;
    if (reader.find("port") == nullptr) {
        reader.problem("port",
                       R"(is missing: port = "/dev/serial/by-id/…"; pwlog discover lists them)");
    } else {
        read_port_name(reader, device.port.name);
    }
    reader.read<Kind>("port_kind", device.port.kind,
                      {{"auto", Kind::automatic},
                       {"serial", Kind::serial},
                       {"pty", Kind::descriptor},
                       {"hidraw", Kind::hidraw}});
    read_report_number(reader, device);
}

void DeviceReader::read_report_number(TableReader& reader, DeviceConfig& device) {
    const toml::node* node = reader.find("report_number");
    if (node != nullptr && node->is_string()) {
        enum class None { none };
        None none{};
        if (reader.read<None>("report_number", none, {{"none", None::none}})) {
            device.port.report_number.reset();
        }
        return;
    }
    std::int64_t number = 0;
    if (reader.read("report_number", number, {0, 255})) {
        device.port.report_number = static_cast<std::uint8_t>(number);
    }
}

void DeviceReader::read_fast_interval(TableReader& reader, DeviceConfig& device) {
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

void DeviceReader::read_common(TableReader& reader, DeviceConfig& device) {
    device.interval = defaults_.interval;
    device.session = defaults_.session;
    read_id(reader, device);
    read_port(reader, device);
    reader.read("interval", device.interval, {1ms, 24h});
    read_session(reader, device.session);
    read_fast_interval(reader, device);
}

void DeviceReader::check_times(TableReader& reader, const DeviceConfig& device, Cycle full,
                               Cycle fast) const {
    if (auto fits = check_interval(full, device.interval, device.session.query_gap); !fits) {
        const bool own = reader.find("interval") != nullptr;
        reader.problem(
            "interval",
            fits.error().message +
                (own ? "" : fmt::format(" (taken from line {})", defaults_.interval_line)));
    }
    if (!device.fast_interval || device.fast_interval->count() == 0) {
        return;
    }
    if (auto fits = check_interval(fast, *device.fast_interval, device.session.query_gap); !fits) {
        reader.problem("fast_interval",
                       fits.error().message + R"(; "0s" reads as fast as the line allows)");
    }
}

void DeviceReader::read_outlets(TableReader& reader, PduConfig& pdu) {
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

void DeviceReader::read_switchable(TableReader& reader, PduConfig& pdu) {
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

void DeviceReader::read_switch_limit(TableReader& reader, PduConfig& pdu) {
    constexpr std::int64_t most = 600;
    std::int64_t limit = pdu.switch_limit;
    reader.read("switch_limit", limit, {1, most});
    pdu.switch_limit = static_cast<int>(limit);
}

PduConfig DeviceReader::read_pdu(const toml::table& table) {
    TableReader reader(table, "pdu", problems_);
    PduConfig pdu;
    read_common(reader, pdu);
    read_outlets(reader, pdu);
    read_switchable(reader, pdu);
    read_switch_limit(reader, pdu);
    read_tariff(reader, pdu.tariff, problems_);
    check_times(reader, pdu, Cycle::pdu_full, Cycle::pdu_fast);
    finish_section(reader);
    return pdu;
}

AtsConfig DeviceReader::read_ats(const toml::table& table) {
    TableReader reader(table, "ats", problems_);
    AtsConfig ats;
    read_common(reader, ats);
    reader.read("capsule", ats.capsule);
    check_times(reader, ats, Cycle::ats, Cycle::ats);
    finish_section(reader);
    return ats;
}

}  // namespace

bool is_device_id(std::string_view id) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view rest = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    return id.size() <= longest_id && first.find(id.front()) != std::string_view::npos &&
           id.find_first_not_of(rest) == std::string_view::npos;
}

std::string device_id_rule(const toml::node& node) {
    return fmt::format(
        "expected up to {} of the characters a-z 0-9 . _ -, the first a letter or digit, got {}",
        longest_id, node_text(node));
}

void read_session(TableReader& reader, SessionOptions& session) {
    reader.read("query_gap", session.query_gap, {0ms, 10s});
    reader.read("timeout", session.answer_timeout, {10ms, 60s});
}

void read_devices(TableReader& top, const DeviceDefaults& defaults, Config& config,
                  ConfigProblems& problems) {
    DeviceReader reader(defaults, problems);
    const std::vector<const toml::table*> pdus = top.tables("pdu");
    const std::vector<const toml::table*> ats = top.tables("ats");
    if (pdus.empty() && ats.empty() && top.tables("ups").empty()) {
        problems.add(0,
                     "has no device: a [[pdu]] or [[ats]] section each; `pwlog discover` finds "
                     "them and prints their sections");
    }
    if (pdus.size() + ats.size() > most_devices) {
        problems.add(0, fmt::format("has more than {} devices", most_devices));
        return;
    }
    for (const toml::table* table : pdus) {
        config.pdus.push_back(reader.read_pdu(*table));
    }
    for (const toml::table* table : ats) {
        config.ats.push_back(reader.read_ats(*table));
    }
}

}  // namespace pwlog
