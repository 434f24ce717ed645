// SPDX-License-Identifier: MIT
#include "spool/tended_file.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "spool/opening.h"
#include "spool/rescue/log_tail.h"
#include "spool/schema.h"
#include "spool/spool_inspection.h"

namespace pwlog {

namespace {

/// Failed reads in a row after which the file is closed and opened again.
constexpr int patience = 3;
constexpr std::chrono::milliseconds longest_pause = std::chrono::minutes(1);
/// Between two tries of entries that the disk fails to read.
constexpr std::chrono::minutes unreadable_pause{5};
/// Of a start, for what a small spool takes.
constexpr std::chrono::milliseconds first_rescue{200};
/// Free on the disk before the file may grow again: the ballast and some samples.
constexpr std::uint64_t room_to_grow = 1U << 20U;

/// None of the last file's numbers is used again: an answer may still come for one.
Result<void> number_behind(SpoolFile& file, const std::optional<Ledger>& last) {
    if (!last || file.ledger().next_seq >= last->next_seq) {
        return {};
    }
    auto change = file.begin(Sync::relaxed);
    if (!change) {
        return pass_on(change);
    }
    change->ledger.next_seq = last->next_seq;
    return change->commit();
}

}  // namespace

Result<std::unique_ptr<TendedFile>> TendedFile::open(SpoolDirectory directory,
                                                     const SpoolFileOptions& options,
                                                     const Clock& clock) {
    std::unique_ptr<TendedFile> tended(new TendedFile(std::move(directory), options, clock));
    std::error_code error;
    const bool was_there = std::filesystem::exists(tended->directory_.database(), error) ||
                           tended->directory_.next_rescue();
    if (auto opened = tended->ensure_open(); !opened) {
        const auto kind = opened.error().kind;
        // Denied: a read-only disk, for whose folder and files are these was looked at before.
        // Where there is no spool yet, a disk that is full or read-only is somebody's mistake.
        const bool passes = kind == ErrorKind::io ||
                            (was_there && (kind == ErrorKind::full || kind == ErrorKind::denied));
        if (!passes) {
            return pass_on(opened);
        }
        spdlog::error(
            "the spool cannot be {} now: {}tried again, and samples wait in memory: check the "
            "disk. {}",
            was_there ? "opened" : "made", was_there ? "it is left as it is and " : "it is ",
            opened.error().message);
        return tended;
    }
    if (!tended->directory_.has_ballast() && tended->directory_.free_bytes() >= room_to_grow) {
        tended->directory_.make_ballast();
    }
    return tended;
}

Result<void> TendedFile::ensure_open() {
    if (file_) {
        return {};
    }
    const auto now = clock_.steady_now();
    if (now < next_reopening_) {
        return fail(ErrorKind::unavailable, "the spool could not be opened again yet");
    }
    reopening_pause_ = std::clamp(
        reopening_pause_ * 2, std::chrono::milliseconds(std::chrono::seconds(1)), longest_pause);
    next_reopening_ = now + reopening_pause_;
    if (auto opened = open_file(); !opened) {
        return opened;
    }
    if (opened_once_ || reopening_pause_ > std::chrono::seconds(1)) {
        spdlog::info("the spool is open {}", opened_once_ ? "again" : "now");
    }
    opened_once_ = true;
    reopening_pause_ = {};
    next_reopening_ = {};
    return {};
}

Result<void> TendedFile::open_file() {
    if (auto locked = directory_.lock(); !locked) {
        return locked;
    }
    const auto set_aside_before = directory_.next_rescue();
    auto opened = open_or_replace(directory_, options_, clock_.wall_now(), books_);
    if (!opened && opened.error().kind == ErrorKind::full) {
        directory_.drop_ballast();
        directory_.drop_corrupt();
        opened = open_or_replace(directory_, options_, clock_.wall_now(), books_);
    }
    if (directory_.next_rescue() != set_aside_before) {
        damaged_books_ = books_;
        in_flight_.clear();
    }
    std::error_code error;
    const bool is_set_aside = directory_.next_rescue() &&
                              !std::filesystem::exists(directory_.database(), error) && !error;
    if (!opened && opened.error().kind == ErrorKind::full && is_set_aside) {
        disk_.write_failed(opened.error());
        opened = open_in_memory(options_, *directory_.next_rescue());
        in_memory_ = opened.has_value();
    }
    auto numbered = opened ? number_behind(**opened, books_) : pass_on(opened);
    if (!numbered) {
        return numbered;
    }
    file_ = std::move(*opened);
    file_->set_growing(in_memory_ || !disk_.refuses_growth());
    rescue_.reset();
    if (const auto damaged = directory_.next_rescue()) {
        rescue_ = std::make_unique<Rescue>(*damaged);
        if (auto begun = rescue_->begin(*file_, damaged_books_); !begun) {
            spdlog::error("a damaged spool is not copied yet: {}", begun.error().message);
        }
        next_rescue_ = {};
        const auto deadline = std::chrono::steady_clock::now() + first_rescue;
        while (std::chrono::steady_clock::now() < deadline && rescue(first_rescue / 4)) {
        }
    }
    return {};
}

/// Whether what failed is worth another try at once.
bool TendedFile::mend(const Error& error) {
    if (error.kind == ErrorKind::corrupt) {
        // Opened again, it shows whether it is damaged or was only read wrongly.
        return reopen();
    }
    const bool read_failed =
        error.kind == ErrorKind::io && !file_->database().number("SELECT commits FROM ledger");
    return read_failed && ++failures_ >= patience && reopen();
}

/// Whether a page that says what waits is never read again, though the disk works: then what can be
/// read is copied, as of a damaged file.
bool TendedFile::is_past_reading() const {
    return file_->delivery().has_lost_track() && is_mostly_readable(directory_.database());
}

/// What is still wrong after that is.
bool TendedFile::replace(const Error& error) {
    if (error.kind != ErrorKind::corrupt) {
        return false;
    }
    books_ = damaged_books_ = file_->ledger();
    in_flight_.clear();
    file_->database().set_checkpoint_on_close(false);
    file_.reset();
    auto aside = set_damaged_aside(directory_, clock_.wall_now(), error.message);
    next_reopening_ = {};
    auto opened = aside ? ensure_open() : aside;
    if (!opened) {
        spdlog::error("the spool could not be created again: {}", opened.error().message);
    }
    return opened.has_value();
}

bool TendedFile::reopen() {
    failures_ = 0;
    books_ = file_->ledger();
    file_->database().set_checkpoint_on_close(false);
    file_.reset();
    next_reopening_ = {};
    if (auto opened = ensure_open(); !opened) {
        spdlog::error("the spool could not be opened again: {}", opened.error().message);
        return false;
    }
    return true;
}

/// SQLite needs room even to delete; the ballast gives it that.
bool TendedFile::stop_growing(const Error& error) {
    if (error.kind != ErrorKind::full || !file_ || !file_->is_growing()) {
        return false;
    }
    if (!disk_.is_on()) {
        directory_.drop_ballast();
        directory_.drop_corrupt();
    }
    disk_.growth_failed(error);
    file_->set_growing(false);
    pages_when_full_ = file_->all_pages();
    free_when_refused_ = directory_.free_bytes();
    return true;
}

void TendedFile::note_write(const std::optional<Error>& error) {
    if (!error) {
        disk_.write_worked();
    } else if (file_ && (error->kind == ErrorKind::io || error->kind == ErrorKind::full ||
                         error->kind == ErrorKind::denied)) {
        // That it cannot be opened has been told, and has a pause of its own.
        disk_.write_failed(*error);
        free_when_refused_ = directory_.free_bytes();
    }
}

void TendedFile::look_after_disk() {
    if (in_memory_) {
        leave_memory();
    }
    if (file_ && clock_.steady_now() >= next_unreadable_) {
        next_unreadable_ = clock_.steady_now() + unreadable_pause;
        file_->delivery().try_unreadable();
    }
    if (!file_ || in_memory_ || !disk_.is_on()) {
        return;
    }
    // What the disk says is a hint and no proof: quotas and thin volumes say nothing.
    if (free_when_refused_ < room_to_grow && directory_.free_bytes() >= room_to_grow) {
        disk_.try_now();
        free_when_refused_ = directory_.free_bytes();
    }
    // Where even the system says that it is full, what the ballast gave is not for growing.
    const bool is_hopeless = directory_.free_bytes() < room_to_grow;
    if (!disk_.refuses_growth() || !disk_.may_grow() || is_hopeless) {
        return;
    }
    file_->set_growing(true);
    // Growing is proved where the file itself has grown, and not only its log.
    const auto flushed = write([&](SpoolFile& file) { return file.flush(uptime()); });
    if (!flushed || !file_ || !file_->is_growing()) {
        return;
    }
    if (file_->all_pages() > pages_when_full_) {
        disk_.growth_worked();
        directory_.make_ballast();
    } else {
        disk_.growth_unproved();
    }
}

const SpoolInfo& TendedFile::info() {
    if (file_) {
        last_info_ = {};
        fill(last_info_, *file_);
        const auto open_fates = file_->delivery().dropped_of(in_flight_).value_or(0);
        last_info_.dropped -= open_fates;
        last_info_.pending_documents += open_fates;
        last_info_.disk_full = last_info_.disk_full || in_memory_;
    }
    last_info_.unopened = !file_;
    return last_info_;
}

}  // namespace pwlog
