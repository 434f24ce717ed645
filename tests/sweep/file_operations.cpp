// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "backfill/input/rejects_file.h"
#include "backfill/run/resume_state.h"
#include "operations.h"

namespace pwlog::test {

namespace {

/// What was given to the file, and what of it was acknowledged: kept in the first two fates.
std::int64_t& asked(Stage& stage) { return stage.witness.entries[0].time; }
std::int64_t& acknowledged(Stage& stage) { return stage.witness.entries[1].time; }
/// What the rejects file held when it was last made durable.
RejectsMark kept_mark(const Stage& stage) {
    const auto& entry = stage.witness.entries[2];
    return {static_cast<std::uint64_t>(entry.time), entry.asked};
}

std::filesystem::path state_file(const Stage& stage) { return stage.folder / "state.json"; }
std::filesystem::path rejects_file(const Stage& stage) { return stage.folder / "rejects.ndjson"; }

void save_state(Stage& stage) {
    ResumeState state;
    state.source = "archive.ndjson";
    state.position.lines = static_cast<std::uint64_t>(++asked(stage));
    if (ResumeFile(state_file(stage)).save(state)) {
        acknowledged(stage) = asked(stage);
    } else {
        ++stage.witness.refusals;
    }
}

void check_state(Stage& stage, Ending) {
    const auto loaded = ResumeFile(state_file(stage)).load();
    if (!loaded) {
        stage.witness.note(Finding::lost, loaded.error().message.c_str());
        return;
    }
    const auto lines = *loaded ? static_cast<std::int64_t>((*loaded)->position.lines) : 0;
    if (lines < acknowledged(stage) || lines > asked(stage)) {
        stage.witness.note(
            Finding::lost,
            fmt::format("the state is {}, saved was {}", lines, acknowledged(stage)).c_str());
    }
}

/// None, or an error that is no reason to remove it.
void load_state(Stage& stage) {
    const auto loaded = ResumeFile(state_file(stage)).load();
    stage.witness.refusals += loaded ? 0 : 1;
    if (loaded ? !*loaded : loaded.error().kind == ErrorKind::corrupt) {
        stage.witness.note(Finding::lost, "an unreadable state is taken for absent or damaged");
    }
}

std::string line(std::int64_t number) { return fmt::format(R"({{"line":{}}})", number); }

/// Three lines more, as a run does between two states.
void add_rejects(Stage& stage, RejectsFile& file) {
    for (int i = 0; i < 3; ++i) {
        const auto number = ++asked(stage);
        if (!file.add({static_cast<std::uint64_t>(number), "refused", line(number)})) {
            ++stage.witness.refusals;
            return;
        }
    }
    if (!file.sync()) {
        ++stage.witness.refusals;
        return;
    }
    acknowledged(stage) = asked(stage);
    stage.witness.entries[2].time = static_cast<std::int64_t>(file.mark().bytes);
    stage.witness.entries[2].asked = file.mark().hash;
}

void begin_rejects(Stage& stage) {
    RejectsFile file(rejects_file(stage), {{"archive.ndjson", ""}});
    if (!file.start()) {
        ++stage.witness.refusals;
        return;
    }
    add_rejects(stage, file);
}

void go_on_with_rejects(Stage& stage) {
    RejectsFile file(rejects_file(stage), {{"archive.ndjson", ""}});
    if (!file.resume(kept_mark(stage))) {
        ++stage.witness.refusals;
        return;
    }
    add_rejects(stage, file);
}

/// The next run goes on behind what was made durable, and finds it whole.
void check_rejects(Stage& stage, Ending) {
    RejectsFile file(rejects_file(stage), {{"archive.ndjson", ""}});
    if (const auto resumed = file.resume(kept_mark(stage)); !resumed) {
        stage.witness.note(Finding::stuck, resumed.error().message.c_str());
        return;
    }
    std::ifstream stream(rejects_file(stage), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (std::int64_t number = 1; number <= asked(stage); ++number) {
        const auto whole = "refused\n" + line(number) + "\n";
        const auto found = text.find(whole);
        if (found == std::string::npos && number <= acknowledged(stage)) {
            stage.witness.note(Finding::lost, (line(number) + " is not among the rejects").c_str());
        }
        if (found != std::string::npos && text.find(whole, found + 1) != std::string::npos) {
            stage.witness.note(Finding::twice, (line(number) + " is there twice").c_str());
        }
    }
}

}  // namespace

std::vector<Operation> file_operations() {
    static const auto nothing = [](Stage&) {};
    static const auto no_options = [](SpoolOptions&) {};
    return {
        {"backfill-state", save_state, nothing, save_state, no_options, false, false, check_state},
        {"backfill-load", save_state, nothing, load_state, no_options, false, false, check_state},
        {"backfill-rejects", begin_rejects, nothing, go_on_with_rejects, no_options, false, false,
         check_rejects},
        {"backfill-begin", nothing, nothing, begin_rejects, no_options, false, false,
         check_rejects},
    };
}

}  // namespace pwlog::test
