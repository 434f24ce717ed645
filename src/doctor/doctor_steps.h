// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "control/daemon_status.h"
#include "doctor/doctor_finding.h"

namespace pwlog {

/// The steps of `pwlog doctor` on this machine: each looks at one link of the chain and says what
/// it found. None changes anything, and each ends after a bounded time with everything dead.
/// `daemon` is what a running one said of itself; null where none did.

/// Reads the file; `config` has a value where that went well.
Findings examine_configuration(const std::filesystem::path& file, std::optional<Config>& config);

/// Run by root, the doctor looks with the eyes of the logger's user, who owns the spool's folder:
/// lets go of root, for good. Before the first thread.
Findings take_loggers_place(const Config& config);

/// The secret, the client's key and the certificates: there, and nobody else can read it.
Findings examine_secrets(const Config& config);

/// Asks a daemon at the configured socket; `status` has a value where one answered.
Findings examine_daemon(const Config& config, std::optional<DaemonStatus>& status);

/// Asks every device QPI: through the daemon that holds its port, or else at the port.
Findings examine_devices(const Config& config, const DaemonStatus* daemon, Timestamp now);

/// Asks the NUT server of each [[ups]] for its variables, or takes the daemon's word.
Findings examine_ups(const Config& config, const DaemonStatus* daemon, Timestamp now);

/// How much of its interval each device's line is busy.
Findings examine_wire_time(const Config& config, const DaemonStatus* daemon);

Findings examine_clock(const Clock& clock);

/// The spool as the daemon says it is, or its file where none runs, and the room on its disk.
Findings examine_spool(const SpoolConfig& config, const DaemonStatus* daemon, Timestamp now);

/// Connects to the broker as `<client_id>-doctor`: name and password, TLS, whether its access list
/// lets us subscribe, and publish on topics that nobody reads. Nothing is published where a state
/// or a command could be.
Findings examine_broker(const Config& config, const DaemonStatus* daemon);

}  // namespace pwlog
