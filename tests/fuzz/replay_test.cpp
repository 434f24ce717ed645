// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>

#include "base/unique_fd.h"
#include "fuzz/targets.h"
#include "support/paths.h"

using namespace pwlog::test;

namespace {

/// Each parser of bytes that others wrote, by name.
std::vector<std::string> fuzz_targets() {
    std::ifstream file(test_data().parent_path() / "fuzz/targets.txt");
    return {std::istream_iterator<std::string>(file), {}};
}

std::vector<std::string> corpus_of(std::string_view target) {
    std::vector<std::string> inputs;
    const auto folder = test_data() / "fuzz" / target;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

std::string damaged(std::string text, const std::vector<std::string>& others,
                    std::mt19937& random) {
    for (auto changes = random() % 4 + 1; changes > 0; --changes) {
        const std::size_t at = text.empty() ? 0 : random() % text.size();
        const auto& other = others[random() % others.size()];
        switch (random() % 5) {
            case 0:
                text.insert(at, 1, static_cast<char>(random()));
                break;
            case 1:
                text.erase(at, random() % 16);
                break;
            case 2:
                text.insert(
                    at, other.substr(other.empty() ? 0 : random() % other.size(), random() % 64));
                break;
            case 3:
                if (!text.empty()) {
                    text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
                }
                break;
            default:
                text.resize(at);
        }
    }
    return text;
}

/// How long to go on: PWLOG_FUZZ_SECONDS, or else just some rounds.
class Budget {
  public:
    explicit Budget(std::string_view target) : rounds_(target == "unpack" ? 200 : 1500) {
        if (const char* const seconds = std::getenv("PWLOG_FUZZ_SECONDS")) {
            end_ = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoi(seconds));
        }
    }
    bool allows(int round) const {
        return end_ ? std::chrono::steady_clock::now() < *end_ : round < rounds_;
    }

  private:
    int rounds_;  // the target that unpacks writes files
    std::optional<std::chrono::steady_clock::time_point> end_;
};

}  // namespace

TEST_CASE("whatever the bytes, each reader of them holds what it promises", "[fuzz]") {
    const auto targets = fuzz_targets();
    REQUIRE_FALSE(targets.empty());
    const auto target = GENERATE_COPY(from_range(targets));
    if (const char* const only = std::getenv("PWLOG_FUZZ_TARGET"); only && target != only) {
        REQUIRE(std::count(targets.begin(), targets.end(), only) == 1);
        return;
    }
    const auto corpus = corpus_of(target);
    REQUIRE_FALSE(corpus.empty());
    for (const auto& input : corpus) {
        fuzz(target, input);
    }
    std::mt19937 random(std::random_device{}());
    const Budget budget(target);
    // Written down first: what aborts can then be repeated.
    const auto place =
        std::filesystem::temp_directory_path() / fmt::format("fuzz-input-{}", target);
    const pwlog::UniqueFd file(open(place.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(file);
    for (int i = 0; budget.allows(i); ++i) {
        const auto input = damaged(corpus[random() % corpus.size()], corpus, random);
        REQUIRE(pwrite(file.get(), input.data(), input.size(), 0) ==
                static_cast<ssize_t>(input.size()));
        REQUIRE(ftruncate(file.get(), static_cast<off_t>(input.size())) == 0);
        const auto began = std::chrono::steady_clock::now();
        fuzz(target, input);
        REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
    }
    std::filesystem::remove(place);
}
