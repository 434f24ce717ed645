// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "spool/tended_file.h"

namespace pwlog {

// How a TendedFile has a damaged spool copied.

namespace {

/// Before the next try where a damaged spool cannot be read, and where there is no room for what it
/// has until some of it is delivered.
constexpr std::chrono::seconds rescue_pause{10};
constexpr std::chrono::seconds delivery_pause{1};
/// Below this a rescue keeps to a few pages, which it fills again and again as they are delivered.
constexpr std::uint64_t room_for_rescue = 4U << 20U;

}  // namespace

bool TendedFile::rescue(std::chrono::milliseconds budget) {
    if (!rescue_ || !file_ || clock_.steady_now() < next_rescue_) {
        return false;
    }
    // While nothing but the damaged one has it on disk, what was copied is to be delivered first.
    const auto has_to_stay = [&] { return in_memory_ && file_->ledger().pending() > 0; };
    if (rescue_->has_all_pending() && has_to_stay()) {
        return false;
    }
    // Where there is little room it keeps to the pages that the file has, however full the disk is
    // said to be, then to those of what was delivered, and leaves the rest to what comes.
    auto& file = *file_;
    const bool grew = file.is_growing();
    const bool is_tight = !in_memory_ && directory_.free_bytes() < room_for_rescue;
    const bool is_small = file.all_pages() < rescue_pages && !disk_.refuses_growth();
    file.set_growing(is_tight ? is_small : grew);
    // Not through write(): one that is damaged itself is found by what works with it.
    const auto step = rescue_->step(*file_, budget);
    file.set_growing(grew);
    if (is_tight) {
        static_cast<void>(file.move_log());  // so that its log stays as small
    }
    if (!step) {
        static_cast<void>(!in_memory_ && stop_growing(step.error()));
        next_rescue_ = clock_.steady_now() + rescue_pause;
        return false;
    }
    switch (*step) {
        case Rescue::Step::more:
            return true;
        case Rescue::Step::no_room:
            next_rescue_ = clock_.steady_now() + delivery_pause;
            return false;
        case Rescue::Step::done:
            if (!has_to_stay()) {
                finish_rescue();
            }
            return rescue_ != nullptr && !has_to_stay();
    }
    return false;
}

void TendedFile::finish_rescue() {
    const auto finished = std::move(rescue_);
    if (auto flushed = file_->flush(uptime()); !flushed) {
        return;  // the damaged one stays until the next start, which finds its rows here
    }
    const auto kept = directory_.finish_rescue(finished->file(), clock_.wall_now());
    static_cast<void>(Rescue::forget(*file_));
    const auto lost = finished->lost();
    spdlog::warn("{} documents of the damaged spool copied, {}; it is {}", finished->copied(),
                 lost ? fmt::format("{} lost", *lost) : "how many waited in it is not known",
                 kept ? *kept : "not renamed: " + kept.error().message);
    const auto next = directory_.next_rescue();
    rescue_ = next && *next != finished->file() ? std::make_unique<Rescue>(*next) : nullptr;
    if (in_memory_) {
        disk_.try_now();  // it has made room
        leave_memory();
    }
}

/// What is in memory becomes the spool's file, as soon as the disk has room for it.
void TendedFile::leave_memory() {
    if (!disk_.may_write()) {
        return;
    }
    const auto image = file_->database().image();
    auto placed = image ? directory_.write_fresh(*image) : pass_on(image);
    placed = placed ? directory_.put_in_place() : placed;
    if (!placed) {
        disk_.write_failed(placed.error());
        return;
    }
    in_memory_ = false;
    if (reopen()) {
        disk_.write_worked();
    }
}

}  // namespace pwlog
