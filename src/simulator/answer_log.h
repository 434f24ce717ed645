// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "simulator/fault.h"

namespace pwlog::simulator {

/// One request and what was made of it.
struct AnswerRecord {
    std::string device;
    std::string command;               ///< as heard, without its CR
    std::optional<std::string> meant;  ///< the payload as the device means it
    std::string sent;                  ///< every byte that went out for it
    std::optional<FaultKind> fault;
    bool overlapped = false;   ///< the next request had come before this answer's last byte
    bool interrupted = false;  ///< the plug was pulled before the last byte
    WallTime done;             ///< when the last byte was written
};

/// Everything the simulated devices said, one JSON object a line, so that a checker which knows
/// nothing of the program can say what must have been stored. Any thread.
class AnswerLog {
  public:
    static Result<std::unique_ptr<AnswerLog>> open(const std::string& path);

    void add(const AnswerRecord& record);
    /// Something other than an answer: `unplugged`, `plugged`, a script's line.
    void add_event(std::string_view device, std::string_view event, WallTime when);

  private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    explicit AnswerLog(std::FILE* file) : file_(file) {}
    void write(const std::string& line);

    std::mutex mutex_;
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace pwlog::simulator
