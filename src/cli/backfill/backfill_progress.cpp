// SPDX-License-Identifier: MIT
#include "cli/backfill/backfill_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/command_line.h"
#include "terminal/output.h"
#include "terminal/terminal_text.h"

namespace pwlog {
namespace {

constexpr auto plain_line_every = std::chrono::seconds(10);

std::size_t terminal_width() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string time_left(double seconds) {
    const auto whole = static_cast<long>(seconds);
    return whole >= 3600
               ? fmt::format("{}:{:02}:{:02} left", whole / 3600, whole / 60 % 60, whole % 60)
               : fmt::format("{}:{:02} left", whole / 60, whole % 60);
}

std::string bar(double part) {
    constexpr std::size_t width = 20;
    const auto full = static_cast<std::size_t>(std::lround(part * width));
    return "[" + std::string(full, '#') + std::string(width - full, '.') + "]";
}

}  // namespace

BackfillProgress::BackfillProgress(std::string source, bool quiet, const Clock& clock)
    : source_(std::move(source)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      clock_(clock),
      started_(clock.steady_now()),
      shown_at_(started_) {}

BackfillProgress::~BackfillProgress() { finish(); }

void BackfillProgress::wipe() {
    if (line_shown_) {
        write_error("\r\x1b[K");
        line_shown_ = false;
    }
}

void BackfillProgress::finish() {
    const std::lock_guard lock(mutex_);
    wipe();
}

void BackfillProgress::note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (++notes_ > most_notes) {
        return;
    }
    wipe();
    print_problem(terminal_text(text));
    if (notes_ == most_notes) {
        print_problem("further messages of this kind are left out");
    }
}

void BackfillProgress::show(const Snapshot& snapshot) {
    const std::lock_guard lock(mutex_);
    if (!first_) {
        first_ = snapshot;
    }
    const auto now = clock_.steady_now();
    if (quiet_ || (!terminal_ && now - shown_at_ < plain_line_every)) {
        return;
    }
    shown_at_ = now;
    if (terminal_) {
        write_error(fmt::format("\r{}\x1b[K", cut_text(line(snapshot), terminal_width() - 1)));
        line_shown_ = true;
    } else {
        print_problem(line(snapshot));
    }
}

std::string BackfillProgress::line(const Snapshot& snapshot) const {
    const auto seconds = std::chrono::duration<double>(clock_.steady_now() - started_).count();
    const auto& tally = snapshot.tally;
    const auto decided = static_cast<double>(tally.decided() - first_->tally.decided());
    std::string text = source_ + " ";
    const auto& [done, total] = snapshot.source;
    if (total && *total > 0) {
        const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
        const double here =
            part - static_cast<double>(first_->source.done) / static_cast<double>(*total);
        text += fmt::format("{}{:.0f} % ", terminal_ ? bar(part) + " " : "", part * 100);
        if (here > 0 && seconds > 1) {
            text += time_left(seconds * (1 - part) / here) + ", ";
        }
    }
    return text + fmt::format("{:.0f}/s, {} stored, {} there already, {} rejected, {} skipped",
                              seconds > 0 ? decided / seconds : 0, tally.stored, tally.duplicate,
                              tally.rejected, tally.skipped);
}

}  // namespace pwlog
