// SPDX-License-Identifier: MIT
#pragma once

#include <spdlog/formatter.h>

#include <memory>

#include "base/log_level.h"

namespace pwlog {

/// Who reads standard error.
enum class LogTarget {
    journal,   ///< systemd: "<6>text", the journal adds time and level
    terminal,  ///< a person: short time, coloured level
    plain,     ///< a file or a pipe: full time
    json,      ///< a collector of logs: an object a line, with the names of ECS
};

/// What standard error is: the journal where $JOURNAL_STREAM names this very stream (a pipe started
/// by a service inherits the variable, but is none), a terminal, or something else.
LogTarget detect_log_target();

/// The lines for a target. Each message is one line: control characters, also those of a device or
/// a server, come out as \xNN.
std::unique_ptr<spdlog::formatter> make_log_formatter(LogTarget target);

/// Whoever reads standard error gets JSON; before set_up_logging().
void log_as_json();

/// Sends spdlog's default logger to standard error; the first time before the first thread starts.
/// From then on it changes the level only, as set_log_level() does.
void set_up_logging(LogLevel level);
/// Changes the level only; at any time, from any thread.
void set_log_level(LogLevel level);

}  // namespace pwlog
