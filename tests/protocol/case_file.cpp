// SPDX-License-Identifier: MIT
#include "case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "support/paths.h"

namespace pwlog::test {
namespace {

std::string unescape(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 2, "\\x") == 0 && i + 3 < text.size()) {
            bytes += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
            i += 3;
        } else {
            bytes += text[i];
        }
    }
    return bytes;
}

std::map<std::string, std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::map<std::string, std::string> lines;
    for (std::string line; std::getline(file, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with('#')) {
            continue;
        }
        if (colon == std::string::npos ||
            !lines.emplace(line.substr(0, colon), line.substr(colon + 2)).second) {
            throw std::runtime_error(path.string() + ": odd line: " + line);
        }
    }
    return lines;
}

CaseFile load_case(const std::filesystem::path& path) {
    auto lines = read_lines(path);
    const auto take = [&](const std::string& key) {
        auto node = lines.extract(key);
        return node.empty() ? std::string() : node.mapped();
    };
    CaseFile loaded;
    loaded.name = path.stem().string();
    loaded.device = take("device");
    loaded.command = take("command");
    loaded.answer = unescape(take("answer"));
    loaded.captured = take("captured") == "yes";
    loaded.expect = take("expect");
    loaded.error = take("error");
    loaded.message = take("message");
    if (!lines.empty() || loaded.command.empty() || loaded.expect.empty() == loaded.error.empty() ||
        (loaded.device != "pdu" && loaded.device != "ats")) {
        throw std::runtime_error(path.string() + ": not a protocol case");
    }
    return loaded;
}

}  // namespace

std::vector<CaseFile> load_cases() {
    std::vector<CaseFile> cases;
    for (const auto& entry : std::filesystem::directory_iterator(test::test_data() / "protocol")) {
        if (entry.path().extension() == ".case") {
            cases.push_back(load_case(entry.path()));
        }
    }
    std::sort(cases.begin(), cases.end(),
              [](const CaseFile& a, const CaseFile& b) { return a.name < b.name; });
    return cases;
}

}  // namespace pwlog::test
