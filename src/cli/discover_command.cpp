#include "cli/discover_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/clock.h"
#include "device/session.h"
#include "link/link.h"
#include "protocol/identity.h"
#include "protocol/query.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

struct DiscoverOptions {
    std::vector<std::string> ports;
};

struct Candidate {
    std::string name;  ///< stable where udev gave one
    fs::path device;   ///< what it leads to
};

/// Adds what lies in `folder` under names that begin with `prefix`, each device once.
void collect(const fs::path& folder, std::string_view prefix, std::set<fs::path>& seen,
             std::vector<Candidate>& found) {
    std::error_code absent;
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
        if (entry.path().filename().string().starts_with(prefix)) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        const auto device = fs::canonical(path, absent);
        if (!absent && seen.insert(device).second) {
            found.push_back({path.string(), device});
        }
    }
}

/// Every port a device could hang on, by its most lasting name.
std::vector<Candidate> candidates() {
    std::set<fs::path> seen;
    std::vector<Candidate> found;
    collect("/dev/serial/by-id", "", seen, found);
    collect("/dev/serial/by-path", "", seen, found);
    for (const char* prefix : {"ttyUSB", "ttyACM", "ttyAMA", "hidraw"}) {
        collect("/dev", prefix, seen, found);
    }
    return found;
}

/// Asks QPI, and nothing else: what is not ours is left as it was. PI90, PI97, another, or the
/// error.
Result<std::string> ask_identity(const std::string& port) {
    const SystemClock clock;
    const auto open = [&port] {
        PortOptions options;
        options.name = port;
        return open_link(options);
    };
    auto link = open();
    if (!link) {
        return pass_on(link);
    }
    link->reset();
    std::string identity;
    for (const auto expected : {pdu::protocol_id, ats::protocol_id}) {
        Session session(open, expected, {}, clock);
        auto connected = session.connect({});
        if (connected) {
            return std::string(expected);
        }
        if (connected.error().kind != ErrorKind::wrong_device) {
            return pass_on(connected);
        }
        identity = connected.error().message;
    }
    return fail(ErrorKind::wrong_device, identity);
}

std::string device_section(const std::string& kind, int number, const std::string& port) {
    std::string text =
        fmt::format("\n[[{}]]\nid = \"{}{}\"\nport = \"{}\"\n", kind, kind, number, port);
    if (kind == "pdu") {
        text += "outlets = [\"\", \"\", \"\", \"\", \"\", \"\", \"\", \"\"]    # their names\n";
    }
    return text;
}

int run_discover(const DiscoverOptions& options) {
    std::vector<Candidate> ports;
    ports.reserve(options.ports.size());
    for (const auto& port : options.ports) {
        ports.push_back({port, port});
    }
    if (ports.empty()) {
        ports = candidates();
    }
    std::string sections;
    int pdus = 0;
    int switches = 0;
    for (const auto& port : ports) {
        auto identity = ask_identity(port.name);
        if (!identity) {
            print_problem(identity.error().message);  // it names the port
        } else if (*identity == pdu::protocol_id) {
            print_problem(fmt::format("{}: a PDU", port.name));
            sections += device_section("pdu", ++pdus, port.name);
        } else {
            print_problem(fmt::format("{}: an ATS", port.name));
            sections += device_section("ats", ++switches, port.name);
        }
    }
    if (sections.empty()) {
        print_problem(ports.empty()
                          ? "no serial port and no hidraw node is here; is the adapter plugged in?"
                          : "no PDU and no ATS answered");
        return status_of(ExitCode::device);
    }
    print(
        "# Written by `pwlog discover`. The ids become device.id: choose them now, never change "
        "them.\n"
        "interval = \"10s\"\n\n[elasticsearch]\nhosts = [\"https://localhost:9200\"]\n"
        "api_key_file = \"/etc/pwlog/api_key\"\n" +
        sections);
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_discover(CommandLine& line) {
    auto options = std::make_shared<DiscoverOptions>();
    auto& command = line.add<DiscoverOptions>(
        "discover", "Find the ports where a PDU or an ATS answers; prints a configuration",
        "pwlog discover > pwlog.toml", options, run_discover);
    command
        .add_option("port", options->ports,
                    "Ask these ports only; all serial and hidraw ports otherwise")
        ->type_name("PORT");
}

}  // namespace pwlog
