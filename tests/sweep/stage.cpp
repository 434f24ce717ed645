// SPDX-License-Identifier: MIT
#include "stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>

namespace pwlog::test {

using namespace std::chrono_literals;

std::string id_of(const std::string& stream, std::int64_t time, int position) {
    return fmt::format("{}.{}.{}", stream, position, time);
}

std::string content_of(const std::string& id) {
    // Made anew for each document of each trial: a generator that costs nothing to begin with.
    std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>{}(id)));
    std::string noise(200, ' ');
    std::generate(noise.begin(), noise.end(),
                  [&] { return static_cast<char>('0' + (random() >> 8U) % 64); });
    std::replace(noise.begin(), noise.end(), '\\', '~');
    return fmt::format(R"({{"id":"{}","noise":"{}"}})", id, noise);
}

Entry entry_of(const std::string& stream, Timestamp time, int documents) {
    Entry entry{stream, time, {}, {}};
    for (int i = 0; i < documents; ++i) {
        const auto id = id_of(stream, time.time_since_epoch().count(), i);
        entry.documents.push_back({id, "powerwalker-metrics-2026.11", content_of(id)});
    }
    return entry;
}

Stage::Stage(std::filesystem::path where, Witness& knows)
    : folder(std::move(where)), witness(knows) {
    options.directory = folder;
    options.max_bytes = 8U << 20U;
}

bool Stage::open() {
    auto opened = Spool::open(options, clock);
    if (!opened) {
        ++witness.refusals;
        return false;
    }
    spool_ = std::move(*opened);
    return true;
}

void Stage::append(const std::string& stream, int documents) {
    clock.advance(10s);
    if (!spool_ || witness.size == Witness::most) {
        return;
    }
    auto entry = entry_of(stream, to_timestamp(clock.wall_now()), documents);
    auto& fate = witness.entries.at(witness.size++);
    std::snprintf(fate.stream.data(), fate.stream.size(), "%s", stream.c_str());
    fate.time = clock.wall;
    fate.documents = documents;
    entry.state.emplace_back("newest", std::to_string(clock.wall));
    const auto appended = spool_->append(std::move(entry));
    witness.refusals += appended ? 0 : 1;
    fate.append = !appended                            ? EntryFate::Append::refused
                  : *appended == Durability::committed ? EntryFate::Append::committed
                                                       : EntryFate::Append::in_memory;
    if (fate.append == EntryFate::Append::in_memory && witness.messages == 0) {
        witness.note(Finding::untold, "an entry stays in memory, and nothing says why");
    }
    if (fate.append == EntryFate::Append::committed) {
        // Memory is written in order.
        for (std::size_t i = 0; i < witness.size; ++i) {
            auto& before = witness.entries.at(i);
            if (before.append == EntryFate::Append::in_memory) {
                before.append = EntryFate::Append::committed;
            }
        }
        fate.flushed = options.sync_each_sample;
    }
}

/// What the disk still refuses at the end goes with the process, and that is said; where nothing is
/// said, all of it has to be on the disk.
void Stage::close() {
    const int messages = witness.messages;
    const bool was_open = is_open();
    spool_.reset();
    const bool is_said = witness.messages > messages;
    for (std::size_t i = 0; was_open && i < witness.size; ++i) {
        auto& fate = witness.entries.at(i);
        const bool in_memory = fate.append == EntryFate::Append::in_memory;
        if (in_memory && is_said) {
            fate.append = EntryFate::Append::asked;
        } else if (!is_said && fate.append >= EntryFate::Append::in_memory) {
            fate.append = EntryFate::Append::committed;
            fate.flushed = true;
            fate.settled_flushed = fate.settled;
        }
    }
}

void Stage::append_many(int count) {
    for (int i = 0; i < count; ++i) {
        append(i % 2 == 0 ? "pdu" : "ats", 1 + i % 4);
    }
}

void Stage::flush() {
    if (!spool_) {
        return;
    }
    if (!spool_->flush()) {
        ++witness.refusals;
        return;
    }
    for (std::size_t i = 0; i < witness.size; ++i) {
        auto& fate = witness.entries.at(i);
        if (fate.append >= EntryFate::Append::in_memory) {
            fate.append = EntryFate::Append::committed;
            fate.flushed = true;
            fate.settled_flushed = fate.settled;
        }
    }
}

void Stage::tick(std::chrono::milliseconds after) {
    clock.advance(after);
    if (spool_) {
        spool_->tick();
    }
}

namespace {

EntryFate* fate_of(Witness& witness, const std::string& id) {
    const auto first = id.find('.');
    const auto last = id.rfind('.');
    return witness.find(id.substr(0, first).c_str(),
                        std::strtoll(id.c_str() + last + 1, nullptr, 10));
}

int position_in(const std::string& id) { return std::atoi(id.c_str() + id.find('.') + 1); }

}  // namespace

void Stage::settle(std::size_t documents, Outcome outcome) {
    if (!spool_) {
        return;
    }
    const auto batch = spool_->next_batch({documents, 1U << 20U});
    if (!batch) {
        ++witness.refusals;
        return;
    }
    std::vector<Settlement> settlements;
    std::vector<std::pair<EntryFate*, std::uint64_t>> touched;
    for (const auto& document : batch->documents) {
        settlements.push_back({document.ref, outcome, 400, "mapper_parsing_exception", "no"});
        auto* fate = fate_of(witness, document.id);
        if (fate != nullptr) {
            touched.emplace_back(
                fate, std::uint64_t{1} << static_cast<unsigned>(position_in(document.id)));
            touched.back().first->asked |= touched.back().second;
        }
    }
    if (!spool_->settle(settlements)) {
        ++witness.refusals;
        return;
    }
    for (const auto& [fate, bit] : touched) {
        fate->settled |= bit;
    }
}

bool Stage::is_rescuing() const {
    const system_calls::Pause pause;
    return std::any_of(std::filesystem::directory_iterator(folder), {}, [](const auto& item) {
        return item.path().filename().string().find(".rescue-") != std::string::npos;
    });
}

/// What a rescue has not copied yet comes with the ticks. False where the disk does not let it end:
/// that is looked at once the disk works again.
bool Stage::end_rescue() {
    constexpr int ticks_of_a_rescue = 40;
    for (int i = 0; i < ticks_of_a_rescue && is_rescuing(); ++i) {
        tick(10s);
    }
    return !is_rescuing();
}

/// False where there was an error.
bool Stage::read_pass(std::set<std::string>& seen) {
    std::set<std::string> found;
    DocumentRef after;
    for (bool more = true; more;) {
        const auto batch = spool_->next_batch({7, 1U << 20U}, after);
        if (!batch) {
            ++witness.refusals;
            return false;
        }
        for (const auto& document : batch->documents) {
            after = document.ref;
            if (!found.insert(document.id).second || document.json != content_of(document.id)) {
                witness.note(Finding::twice,
                             ("a batch holds twice or wrong " + document.id).c_str());
            }
        }
        more = batch->more && !batch->documents.empty();
    }
    seen.insert(found.begin(), found.end());
    return true;
}

/// Documents that wait and are in none of these.
std::vector<std::string> Stage::missing_in(const std::set<std::string>& found) const {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < witness.size; ++i) {
        const auto& fate = witness.entries.at(i);
        for (int position = 0; position < fate.documents; ++position) {
            const bool waits = fate.append == EntryFate::Append::committed &&
                               ((fate.asked >> static_cast<unsigned>(position)) & 1U) == 0 &&
                               !witness.may_be_gone(fate);
            auto id = id_of(fate.stream.data(), fate.time, position);
            if (waits && !found.contains(id)) {
                missing.push_back(std::move(id));
            }
        }
    }
    return missing;
}

void Stage::read_batches() {
    // One entry whose read fails does not hold up the others: a batch passes it over, and the next
    // pass has it. After the tries that an entry gets, one that is still missing is told; so is a
    // file that the disk does not let be opened, where only memory is shipped.
    constexpr int tries_of_an_entry = 5;
    std::set<std::string> found;
    std::vector<std::string> missing;
    for (int pass = 0; spool_ && pass <= tries_of_an_entry; ++pass) {
        if (!read_pass(found)) {
            return;
        }
        missing = missing_in(found);
        if (missing.empty() || !end_rescue()) {
            return;
        }
    }
    const auto info = spool_ ? spool_->info() : SpoolInfo{};
    const bool is_told = (info.unreadable_entries > 0 || info.unopened) && witness.messages > 0;
    for (const auto& id : missing) {
        if (!is_told) {
            witness.note(Finding::lost, ("no batch holds " + id).c_str());
        }
    }
}

void Stage::read_rejects() {
    if (!spool_) {
        return;
    }
    const auto rejects = spool_->rejects({}, 1000);
    if (!rejects) {
        ++witness.refusals;
        return;
    }
    const auto kept = spool_->info().rejects_kept;
    if (static_cast<std::int64_t>(rejects->size()) != kept) {
        witness.note(Finding::lost,
                     fmt::format("{} of {} rejects are listed", rejects->size(), kept).c_str());
    }
}

void Stage::retry_rejects() {
    if (!spool_) {
        return;
    }
    for (std::size_t i = 0; i < witness.size; ++i) {  // these may wait, or still be settled
        auto& fate = witness.entries.at(i);
        fate.may_wait = fate.asked;
        fate.settled = 0;
        fate.settled_flushed = 0;
    }
    witness.refusals += spool_->retry_rejects() ? 0 : 1;
}

void Stage::read_archive() {
    if (!spool_) {
        return;
    }
    std::set<std::pair<std::string, std::int64_t>> found;
    const auto done =
        spool_->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
            found.emplace(entry.stream, entry.time.time_since_epoch().count());
            return true;
        });
    if (!done) {
        ++witness.refusals;
        return;
    }
    std::int64_t passed_over = *done;  // and counted
    for (std::size_t i = 0; i < witness.size; ++i) {
        const auto& fate = witness.entries.at(i);
        if (fate.append == EntryFate::Append::committed && !witness.may_be_gone(fate) &&
            !found.contains({fate.stream.data(), fate.time}) && --passed_over < 0) {
            witness.note(
                Finding::lost,
                fmt::format("the export passes over {} {}", fate.stream.data(), fate.time).c_str());
        }
    }
}

void Stage::read_state() {
    if (!spool_) {
        return;
    }
    const int messages = witness.messages;
    const auto newest = spool_->state("newest");
    if (!newest && witness.size > 0 && witness.messages == messages) {
        witness.note(Finding::untold, "a remembered value is taken for absent, without a word");
    }
}

void Stage::outgrow() {
    clock.advance(options.keep + 1h);
    witness.keep_from = clock.wall - 1;
}

void Stage::heal() {
    if (!spool_) {
        return;
    }
    for (int i = 0; i < 60 && spool_->info().unwritten_entries > 0; ++i) {
        tick(10s);
    }
    for (int i = 0; i < 40; ++i) {  // a rescue goes on in small steps, and pauses where it fails
        tick(10s);
    }
    if (spool_->info().unwritten_entries > 0) {
        witness.note(Finding::stuck, "the disk works again, and entries still wait in memory");
    }
}

}  // namespace pwlog::test
