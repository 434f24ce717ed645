// SPDX-License-Identifier: MIT
#include "simulator/answer_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "base/json_object.h"
#include "base/printable.h"

namespace pwlog::simulator {
namespace {

std::int64_t milliseconds(WallTime time) { return to_timestamp(time).time_since_epoch().count(); }

std::string escaped(std::string_view bytes) {
    return printable(bytes, std::numeric_limits<std::size_t>::max());
}

}  // namespace

Result<std::unique_ptr<AnswerLog>> AnswerLog::open(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "ae");
    if (file == nullptr) {
        return fail(ErrorKind::io, fmt::format("opening {}: {}", path, std::strerror(errno)));
    }
    return std::unique_ptr<AnswerLog>(new AnswerLog(file));
}

void AnswerLog::add(const AnswerRecord& record) {
    JsonObject line;
    line.add("time_ms", milliseconds(record.done));
    line.add("device", record.device);
    line.add("command", escaped(record.command));
    line.add("meant", record.meant);
    line.add("sent", escaped(record.sent));
    line.add("fault", record.fault ? to_word(*record.fault) : "none");
    if (record.overlapped) {
        line.add("overlapped", true);
    }
    if (record.interrupted) {
        line.add("interrupted", true);
    }
    write(line.take());
}

void AnswerLog::add_event(std::string_view device, std::string_view event, WallTime when) {
    JsonObject line;
    line.add("time_ms", milliseconds(when));
    line.add("device", device);
    line.add("event", escaped(event));
    write(line.take());
}

void AnswerLog::write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::fputs((line + "\n").c_str(), file_.get());
    std::fflush(file_.get());  // whoever reads along sees whole lines
}

}  // namespace pwlog::simulator
