// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/described.h"
#include "support/paths.h"
#include "support/temp_dir.h"

using namespace pwlog;

namespace {

constexpr auto good =
    "[elasticsearch]\nhosts = [\"https://localhost:9200\"]\n"
    "[[pdu]]\nid = \"a\"\nport = \"/dev/a\"\n";

Error error_of(const std::filesystem::path& file) {
    const auto config = load_config(file);
    REQUIRE_FALSE(config);
    return config.error();
}

bool has(const Error& error, const char* text) {
    INFO(error.message);
    return error.message.find(text) != std::string::npos;
}

/// Root may read everything, so a test run by root gives that up for a while.
class AsNobody {
  public:
    AsNobody() {
        if (was_root_) {
            REQUIRE(seteuid(65534) == 0);
        }
    }
    ~AsNobody() {
        if (was_root_ && seteuid(0) != 0) {
            std::abort();  // every test after this one would run with the wrong rights
        }
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

  private:
    bool was_root_ = geteuid() == 0;
};

}  // namespace

TEST_CASE("what is no TOML is told in words for people", "[cli]") {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {"id = rack1", "straight quotes"},
        {"id = \xe2\x80\x9crack1\xe2\x80\x9d", "straight quotes"},
        {"interval = 10s", "needs quotes: \"10s\""},
        {"id = 'rack1", "a quote is missing"},
        {"commands = True", "in small letters"},
        {"tariff = 0,31", "decimal point"},
        {"tariff = 0.31 EUR", "only a # comment"},
        {"interval: \"10s\"", "expected key = value"},
        {"host name = \"a\"", "expected key = value"},
        {"; a comment", "a # comment"},
        {"[[pdu]", "in brackets"},
        {"outlets = [\"a\" \"b\"]", "a comma or the closing ]"},
        {"interval = \"1s\"\ninterval = \"2s\"", "this key is there twice"},
        {"[mqtt]\n[mqtt]", "this section is there twice"},
    };
    for (const auto& [text, words] : mistakes) {
        INFO(text);
        const auto config = parse_config(text + "\n", "case.toml");
        REQUIRE_FALSE(config);
        CHECK(has(config.error(), words.c_str()));
        CHECK_FALSE(has(config.error(), "Error while"));
        CHECK(has(config.error(), "case.toml:"));
    }
}

TEST_CASE("an absent configuration is told with the next step", "[cli]") {
    const test::TempDir folder;
    const Error error = error_of(folder.path() / "none.toml");
    CHECK(error.kind == ErrorKind::not_found);
    CHECK(has(error, "none.toml: there is no such file"));
    CHECK(has(error, "--config"));
}

TEST_CASE("a configuration that anyone may write to is refused", "[cli]") {
    const test::TempDir folder;
    const auto file = folder.write("a.toml", good);
    REQUIRE(load_config(file));
    REQUIRE(chmod(file.c_str(), 0666) == 0);
    CHECK(has(error_of(file), "anyone may write to it (mode 666)"));
    REQUIRE(chmod(file.c_str(), 0644) == 0);
    CHECK(load_config(file));
}

TEST_CASE("a configuration that this user may not read is told so", "[cli]") {
    const test::TempDir folder;
    const auto file = folder.write("a.toml", good);
    REQUIRE(chmod(file.c_str(), 0) == 0);
    const AsNobody nobody;
    CHECK(error_of(file).kind == ErrorKind::denied);
}

TEST_CASE("a configuration may be a symbolic link", "[cli]") {
    const test::TempDir folder;
    const auto file = folder.write("a.toml", good);
    std::filesystem::create_symlink(file, folder.path() / "link.toml");
    CHECK(load_config(folder.path() / "link.toml"));
}

TEST_CASE("fragments come after the file, in the order of their names", "[config]") {
    const test::TempDir folder;
    const auto file = folder.write("pwlog.toml", std::string("interval = \"30s\"\n") + good);
    std::filesystem::create_directory(folder.path() / "conf.d");
    folder.write("conf.d/20-ats.toml", "[[ats]]\nid = \"b\"\nport = \"/dev/b\"\n");
    folder.write("conf.d/10-site.toml",
                 "interval = \"20s\"\n[labels]\nsite = \"lab\"\n[elasticsearch]\ngzip = false\n");
    folder.write("conf.d/30-late.toml",
                 "[labels]\nrack = \"7\"\nsite = \"cellar\"\n"
                 "[[pdu]]\nid = \"c\"\nport = \"/dev/c\"\n");
    folder.write("conf.d/notes.txt", "not = [ read");
    folder.write("conf.d/.hidden.toml", "not = [ read");
    const auto config = load_config(file);
    REQUIRE(config);
    CHECK(config->interval == std::chrono::seconds(20));
    CHECK(config->elasticsearch.hosts.size() == 1);
    CHECK_FALSE(config->elasticsearch.gzip);
    CHECK(config->labels == std::map<std::string, std::string>{{"site", "cellar"}, {"rack", "7"}});
    REQUIRE(config->pdus.size() == 2);
    CHECK(config->pdus[1].id == "c");
    CHECK(config->ats.size() == 1);
    REQUIRE(config->fragments.size() == 3);
    CHECK(config->fragments[0].filename() == "10-site.toml");
    CHECK(config->device_marks.size() == 3);
}

TEST_CASE("a fault in a fragment is told with the fragment and its line", "[config]") {
    const test::TempDir folder;
    const auto file = folder.write("pwlog.toml", good);
    std::filesystem::create_directory(folder.path() / "conf.d");
    const auto [text, told] = GENERATE(table<std::string, std::string>({
        {"\n[elasticsearch]\nhost = \"x\"\n", ":3: unknown key \"host\" in elasticsearch"},
        {"\n\nlabels = [", ":3: "},
        {"[[pdu]]\nid = \"a\"\nport = \"/dev/c\"\n", ":2: pdu.id: \"a\" is already used in "},
        {"pdu = 5\n", ":1: pdu: expected "},
        {"interval = \"1ms\"\n", "1.toml:1)"},  // the device's own file is the main one
    }));
    const auto fragment = folder.write("conf.d/1.toml", text);
    const auto error = error_of(file);
    INFO(error.message);
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(has(error, told.c_str()));
    CHECK(has(error, "conf.d/1.toml:"));
}

TEST_CASE("a fragment that anyone may write to, or this user may not read, is refused",
          "[config]") {
    const test::TempDir folder;
    const auto file = folder.write("pwlog.toml", good);
    std::filesystem::create_directory(folder.path() / "conf.d");
    const auto fragment = folder.write("conf.d/1.toml", "[labels]\nsite = \"x\"\n");
    chmod(fragment.c_str(), 0666);
    CHECK(has(error_of(file), "conf.d/1.toml: anyone may write to it"));
    chmod(fragment.c_str(), 0600);
    chmod(folder.path().c_str(), 0755);
    chmod(file.c_str(), 0644);
    const AsNobody nobody;
    CHECK(error_of(file).kind == ErrorKind::denied);
}

TEST_CASE("a device's mark changes with what is read of it, and with nothing else", "[config]") {
    const auto mark = [](const std::string& top, const std::string& device) {
        const auto config = parse_config(top + good + device, "pwlog.toml");
        REQUIRE(config);
        return config->device_marks.at("a");
    };
    const auto before = mark("", "");
    CHECK(mark("log_level = \"debug\"\n", "switchable = [3]\n") == before);
    CHECK(mark("", "name = \"Rack\"\n") != before);
    CHECK(mark("interval = \"20s\"\n", "") != before);
    CHECK(mark("query_gap = \"77ms\"\n", "") != before);
    CHECK(mark("timeout = \"999ms\"\n", "") != before);
    CHECK(mark("interval = \"20s\"\n", "interval = \"9s\"\n") ==
          mark("interval = \"30s\"\n", "interval = \"9s\"\n"));
}

TEST_CASE("what is no regular file is refused at once", "[cli]") {
    const test::TempDir folder;
    REQUIRE(mkfifo((folder.path() / "fifo").c_str(), 0600) == 0);
    CHECK(has(error_of(folder.path() / "fifo"), "is not a regular file"));
    CHECK(has(error_of(folder.path()), "is not a regular file"));
    CHECK(has(error_of("/dev/zero"), "is not a regular file"));
}

TEST_CASE("a file over 1 MiB is refused without reading it all", "[cli]") {
    const test::TempDir folder;
    const auto file = folder.write("a.toml", good);
    std::filesystem::resize_file(file, 1ULL << 30U);
    CHECK(has(error_of(file), "larger than 1 MiB"));
}

TEST_CASE("a file with NUL bytes is refused", "[cli]") {
    const test::TempDir folder;
    const auto file = folder.write("a.toml", std::string(good) + std::string(1, '\0'));
    CHECK(has(error_of(file), "NUL"));
}

TEST_CASE("nesting as deep as a file allows is an error, not a crash", "[cli]") {
    std::string dotted = "a";
    std::string brackets = "a = ";
    std::string inner;
    for (int i = 0; i < 200'000; ++i) {
        dotted += ".a";
        brackets += '[';
        inner += i % 4'000 == 0 ? "a = [[" : "";
    }
    CHECK_FALSE(parse_config(dotted + " = 1\n", "case.toml"));
    CHECK_FALSE(parse_config(brackets, "case.toml"));
    CHECK_FALSE(parse_config(dotted.substr(0, 9'999) + " = 1\n", "case.toml"));
    std::string tables;
    for (int i = 0; i < 60'000; ++i) {
        tables += "[[pdu]]\n";
    }
    CHECK_FALSE(parse_config(tables, "case.toml"));
}

TEST_CASE("a file with thousands of faults names fifty and counts the rest", "[cli]") {
    std::string text = good;
    for (int i = 0; i < 20'000; ++i) {
        text += "k" + std::to_string(i) + " = 1\n";
    }
    const auto config = parse_config(text, "case.toml");
    REQUIRE_FALSE(config);
    CHECK(config.error().message.ends_with("case.toml: and 19950 more"));
}

TEST_CASE("the example configuration that is installed is what the keys say of themselves",
          "[config]") {
    std::ifstream file(test::source_dir() / "docs/pwlog.example.toml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text == example_configuration());  // pwlog --print-example >docs/pwlog.example.toml
}

TEST_CASE("every key that is described is read, in the form that is shown", "[config]") {
    for (const auto& section : described_sections()) {
        for (const auto& key : section.keys) {
            INFO(section.heading() << " " << key.name << " = " << key.value);
            const auto config = parse_config(
                fmt::format("{}\n{} = {}\n", section.heading(), key.name, key.value), "case.toml");
            const std::string errors = config ? "" : config.error().message;
            CHECK(errors.find("unknown key") == std::string::npos);
            CHECK(errors.find("expected") == std::string::npos);
        }
    }
}

TEST_CASE("the example configuration that is installed is a good one", "[config]") {
    const auto config = load_config(test::source_dir() / "docs/pwlog.example.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    CHECK(config->pdus.size() == 1);
    CHECK(config->ats.size() == 1);
}

TEST_CASE("every commented key of the example can be uncommented", "[cli]") {
    std::ifstream file(test::source_dir() / "docs/pwlog.example.toml");
    const std::regex commented("^# (\\[|[a-z_]+ = )");
    const std::regex other_credential("^##+ ");
    std::string text;
    int keys = 0;
    for (std::string line; std::getline(file, line);) {
        keys += std::regex_search(line, commented) ? 1 : 0;
        text += std::regex_replace(line, commented, "$1") + '\n';
        CHECK((!std::regex_search(line, other_credential) || line.find(" = ") != line.npos));
    }
    CHECK(keys > 40);
    const auto config = parse_config(text, "pwlog.example.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    CHECK(config->mqtt);
    CHECK(config->ups.size() == 1);
    CHECK(config->elasticsearch.proxy == "http://proxy.example:3128");
}
