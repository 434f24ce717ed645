// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text_values.h"
#include "cli/command_line.h"
#include "doctor/doctor_server.h"
#include "doctor/doctor_steps.h"
#include "terminal/logging.h"
#include "terminal/output.h"
#include "terminal/stop_after.h"

namespace pwlog {

namespace {

struct DoctorOptions {
    const CommonOptions* common = nullptr;
    bool json = false;
};

/// What was found so far; each step's findings are printed as they come, for a dead server takes
/// seconds.
class Report {
  public:
    explicit Report(bool json) : json_(json) {
        winsize size{};
        if (!json && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
            columns_ = size.ws_col;
        }
        coloured_ = output_is_terminal() && std::getenv("NO_COLOR") == nullptr;
    }

    void add(Findings findings) {
        for (auto& finding : findings) {
            if (!json_) {
                print(finding_text(finding, columns_, coloured_));
            }
            all_.push_back(std::move(finding));
        }
    }
    /// The rest of the chain cannot be judged: one line for people.
    void skip(DoctorStep from, const std::string& why) {
        const auto first = static_cast<int>(from);
        const auto last = static_cast<int>(DoctorStep::documents);
        for (auto step = first; step <= last; ++step) {
            all_.push_back(not_judged(static_cast<DoctorStep>(step), why));
        }
        if (!json_) {
            const auto more = first < last
                                  ? fmt::format(" ({} skipped)", counted(last - first, "more step"))
                                  : std::string();
            print(finding_text(not_judged(from, why + more), columns_, coloured_));
        }
    }
    int finish() const {
        print(json_ ? findings_json(all_) + '\n' : summary_text(all_));
        return status_of(doctor_exit_code(all_));
    }

  private:
    bool json_;
    bool coloured_ = false;
    std::size_t columns_ = 0;
    Findings all_;
};

void examine_elasticsearch(const Config& config, const DaemonStatus* daemon, Timestamp now,
                           Report& report) {
    constexpr auto most_time = std::chrono::seconds(30);
    const StopAfter limit(most_time);
    const auto stop = limit.token();
    std::optional<ExaminedServer> server;
    report.add(examine_servers(config.elasticsearch, daemon, stop, server));
    if (!server) {
        report.add(examine_shipping(daemon));
        report.skip(DoctorStep::authorisation, "no Elasticsearch could be asked");
        return;
    }
    auto authorisation = examine_authorisation(*server, config.elasticsearch, stop);
    const auto name = authorisation.front().name;
    const bool refused = name.starts_with("credentials_");
    report.add(std::move(authorisation));
    if (refused) {
        report.add(examine_shipping(daemon));
        report.skip(DoctorStep::templates, name == "credentials_unread"
                                               ? "without the secret nothing more can be asked"
                                               : "Elasticsearch rejected the credentials");
        return;
    }
    report.add(examine_templates(*server, config.elasticsearch, now, stop));
    report.add(examine_documents(*server, config, daemon, now, stop));
    report.add(examine_shipping(daemon));
}

int run_doctor(const DoctorOptions& options) {
    set_up_logging(LogLevel::error);
    spdlog::set_level(spdlog::level::off);  // what is wrong is said once, as a finding
    Report report(options.json);
    std::optional<Config> config;
    report.add(examine_configuration(options.common->config_file, config));
    if (!config) {
        report.skip(DoctorStep::secrets, "without a configuration nothing else is known");
        return report.finish();
    }
    const SystemClock clock;
    std::optional<DaemonStatus> status;
    report.add(take_loggers_place(*config));
    report.add(examine_secrets(*config));
    report.add(examine_daemon(*config, status));
    const DaemonStatus* daemon = status ? &*status : nullptr;
    const auto now = to_timestamp(clock.wall_now());
    report.add(examine_devices(*config, daemon, now));
    report.add(examine_ups(*config, daemon, now));
    report.add(examine_wire_time(*config, daemon));
    report.add(examine_clock(clock));
    report.add(examine_spool(config->spool, daemon, now));
    report.add(examine_broker(*config, daemon));
    examine_elasticsearch(*config, daemon, now, report);
    return report.finish();
}

}  // namespace

void setup_doctor(CommandLine& line) {
    const auto [doctor, options] =
        line.add("doctor", "Check the whole chain, from the configuration to the newest document",
                 "pwlog doctor --config /etc/pwlog/pwlog.toml", run_doctor);
    doctor.add_flag("--json", options.json, "All findings as one JSON object");
}

}  // namespace pwlog
