#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz_targets.h"

using namespace pwlog::test;

namespace {

std::vector<std::string> corpus_of(std::string_view target) {
    std::vector<std::string> inputs;
    const auto folder = std::filesystem::path(PWLOG_TEST_DATA) / "backfill" / target;
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

}  // namespace

TEST_CASE("whatever the bytes, each source reads them to the end and can go on in the middle",
          "[backfill]") {
    const auto target = GENERATE(from_range(fuzz_targets));
    const auto corpus = corpus_of(target);
    REQUIRE_FALSE(corpus.empty());
    for (const auto& input : corpus) {
        fuzz_backfill(target, input);
    }
    std::mt19937 random(std::random_device{}());
    const int rounds = target == "unpack" ? 200 : 1500;  // that one writes files
    for (int i = 0; i < rounds; ++i) {
        // Written down first: what aborts can then be repeated.
        const auto input = damaged(corpus[random() % corpus.size()], corpus, random);
        std::ofstream("backfill-fuzz-input", std::ios::binary) << input;
        fuzz_backfill(target, input);
    }
    std::filesystem::remove("backfill-fuzz-input");
}
