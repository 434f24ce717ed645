// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text_values.h"
#include "cli/command_line.h"
#include "control/control_client.h"
#include "terminal/output.h"
#include "watch/watch_loop.h"

namespace pwlog {

namespace {

struct WatchOptions {
    const CommonOptions* common = nullptr;
    std::vector<std::string> devices;
    std::vector<std::string> ports;
    std::string interval;
    std::int64_t count = 0;
    bool once = false;
    bool lines = false;
};

/// Where the numbers come from; nothing, and said why, where that cannot be told.
struct Start {
    std::unique_ptr<WatchFeed> feed;
    WatchWishes wishes;
};

std::optional<std::chrono::milliseconds> period_of(const WatchOptions& options,
                                                   std::chrono::milliseconds standard) {
    if (options.interval.empty()) {
        return standard;
    }
    const auto period = parse_duration(options.interval);
    constexpr auto least = std::chrono::milliseconds(100);
    if (!period || *period < least) {
        print_problem(
            fmt::format(R"(--interval {}: expected at least 100 ms, such as "500ms" or "10s")",
                        options.interval));
        return std::nullopt;
    }
    return period;
}

std::vector<WatchedDevice> devices_at(const std::vector<std::string>& ports) {
    std::vector<WatchedDevice> devices;
    for (const auto& port : ports) {
        DeviceConfig config;
        config.id = std::filesystem::path(port).filename().string();
        config.name = config.id;
        config.port.name = port;
        devices.emplace_back(std::move(config));
    }
    return devices;
}

/// Those of the configuration that were asked for.
std::vector<WatchedDevice> devices_of(const Config& config, const std::vector<std::string>& asked) {
    std::vector<WatchedDevice> devices;
    const auto add = [&](const auto& device) {
        if (asked.empty() || std::find(asked.begin(), asked.end(), device.id) != asked.end()) {
            devices.emplace_back(device);
        }
    };
    std::for_each(config.pdus.begin(), config.pdus.end(), add);
    std::for_each(config.ats.begin(), config.ats.end(), add);
    std::for_each(config.ups.begin(), config.ups.end(), add);
    return devices;
}

bool knows_all(const Config& config, const std::vector<std::string>& asked) {
    for (const auto& id : asked) {
        if (devices_of(config, {id}).empty()) {
            print_problem(fmt::format("--device {}: the configuration has no such device", id));
            return false;
        }
    }
    return true;
}

constexpr auto ask_daemon_each = std::chrono::seconds(1);
constexpr auto read_devices_each = std::chrono::seconds(2);

std::unique_ptr<WatchFeed> daemon_feed(const std::filesystem::path& socket,
                                       std::chrono::milliseconds period) {
    const auto daemon = ControlClient::connect(socket);
    const bool nobody = !daemon && daemon.error().kind == ErrorKind::not_found;
    return nobody ? nullptr : watch_daemon(socket, period);
}

std::optional<Start> start_from_config(const WatchOptions& options) {
    const auto config = read_config(*options.common);
    if (!config || !knows_all(*config, options.devices)) {
        return std::nullopt;
    }
    const auto socket = control_socket_path(config->control_socket);
    const auto asking = period_of(options, ask_daemon_each);
    const auto reading = period_of(options, read_devices_each);
    if (!asking) {
        return std::nullopt;
    }
    Start start;
    start.wishes.devices = options.devices;
    start.feed = daemon_feed(socket, *asking);
    if (!start.feed) {
        start.feed = watch_devices(devices_of(*config, options.devices), *reading);
        // A daemon that starts meanwhile finds its ports in use, until it is asked instead.
        start.wishes.look_for_better = [socket, asking] { return daemon_feed(socket, *asking); };
    }
    return start;
}

std::optional<Start> start(const WatchOptions& options) {
    if (options.ports.empty()) {
        return start_from_config(options);
    }
    const auto period = period_of(options, read_devices_each);
    if (!period) {
        return std::nullopt;
    }
    return Start{watch_devices(devices_at(options.ports), *period), {}};
}

int run_watch(const WatchOptions& options) {
    const WatchSignals signals;  // before the first thread
    auto started = start(options);
    if (!started) {
        return status_of(ExitCode::usage);
    }
    spdlog::set_level(spdlog::level::off);  // what is wrong is shown where it belongs
    auto& wishes = started->wishes;
    if (options.once || options.count > 0) {
        wishes.samples = options.once ? 1 : options.count;
    }
    if (!options.lines && !wishes.samples && output_is_terminal() && isatty(STDIN_FILENO) == 1) {
        if (auto terminal = WatchTerminal::open()) {
            const auto code = watch_screen(std::move(started->feed), wishes, signals, **terminal);
            return status_of(code);
        }
    }
    return status_of(watch_lines(std::move(started->feed), wishes, signals));
}

/// CLI11's own check names its range in the help text.
const CLI::Validator positive{[](const std::string& text) {
                                  return text.starts_with('-') || text == "0"
                                             ? std::string("expected at least 1")
                                             : std::string();
                              },
                              ""};

}  // namespace

void setup_watch(CommandLine& line) {
    const auto [watch, options] = line.add(
        "watch", "Show devices, outlets, sources, alarms, spool and shipping, live",
        "pwlog watch\n  pwlog watch --port /dev/ttyUSB0\n  pwlog watch --once --device rack1-ats",
        run_watch);
    add_value(watch, "--device ID", options.devices, "Only these devices of the configuration");
    add_value(watch, "--port PORT", options.ports,
              "Read these ports, without configuration and daemon")
        ->excludes("--device");
    add_value(watch, "--interval DURATION", options.interval,
              "How often to ask the daemon (1s), or to read the devices if none is running (2s)");
    watch.add_flag("--once", options.once, "Print one sample of each device as a line, then exit");
    add_value(watch, "--count N", options.count, "The same with this many samples")
        ->check(positive)
        ->excludes("--once");
    watch.add_flag("--lines", options.lines,
                   "Print lines instead of the full screen, as when there is no terminal");
}

}  // namespace pwlog
