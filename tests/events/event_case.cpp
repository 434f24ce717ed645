// SPDX-License-Identifier: MIT
#include "event_case.h"

#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <sstream>

#include "simulator/words.h"
#include "support/paths.h"

namespace pwlog::test {
namespace {

using std::chrono::nanoseconds;

/// `90s`, `10m`, `1h`, `150ms`
nanoseconds duration_of(const std::string& text) {
    const auto duration = simulator::parse_duration(text);
    INFO(text);
    REQUIRE(duration);
    return *duration;
}

/// `2026-11-22T10:00:00`, local.
WallTime local_time(const std::string& text) {
    std::tm local{};
    INFO(text);
    REQUIRE(strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &local) != nullptr);
    local.tm_isdst = -1;
    return WallTime(std::chrono::seconds(std::mktime(&local)));
}

std::chrono::minutes time_of_day(const std::string& text) {
    return std::chrono::hours(std::stoi(text.substr(0, 2))) +
           std::chrono::minutes(std::stoi(text.substr(3)));
}

enum class Part { run, expect, totals };

/// Reads a file line by line into a case.
class CaseReader {
  public:
    explicit CaseReader(EventCase& read) : case_(read) {}

    void take(const std::string& line) {
        std::istringstream words(line);
        std::string word;
        if (!(words >> word) || word.starts_with('#')) {
            return;
        }
        if (word == "expect") {
            part_ = Part::expect;
        } else if (word == "totals") {
            part_ = Part::totals;
        } else if (part_ == Part::expect) {
            case_.expected.push_back(line);
        } else if (part_ == Part::totals) {
            take_total(line);
        } else if (word == "at") {
            take_directive(line);
        } else {
            take_setting(word, words);
        }
    }

    void finish() {
        auto parsed = simulator::parse_script(script_, case_.name);
        INFO((parsed ? std::string() : parsed.error().message));
        REQUIRE(parsed);
        case_.script = std::move(*parsed);
        REQUIRE(case_.length.count() > 0);
        stops_.push_back(case_.length);
        REQUIRE(starts_.size() == stops_.size());
        for (std::size_t i = 0; i < starts_.size(); ++i) {
            case_.runs.emplace_back(starts_[i], stops_[i]);
        }
    }

  private:
    void take_directive(const std::string& line) {
        std::istringstream words(line);
        std::string at;
        std::string time;
        std::string what;
        words >> at >> time >> what;
        if (what == "stop") {
            stops_.push_back(duration_of(time));
        } else if (what == "start") {
            starts_.push_back(duration_of(time));
        } else {
            script_ += line + "\n";
        }
    }

    void take_setting(const std::string& word, std::istringstream& words) {
        std::string value;
        words >> value;
        INFO(word << " " << value);
        if (word == "device") {
            case_.device = value == "ats" ? simulator::DeviceKind::ats : simulator::DeviceKind::pdu;
        } else if (word == "zone") {
            case_.zone = value;
            setenv("TZ", value.c_str(), 1);
            tzset();
        } else if (word == "begin") {
            case_.begin = local_time(value);
        } else if (word == "run") {
            case_.length = duration_of(value);
        } else if (word == "interval") {
            case_.interval =
                std::chrono::duration_cast<std::chrono::milliseconds>(duration_of(value));
        } else if (word == "fast") {
            case_.fast_interval =
                std::chrono::duration_cast<std::chrono::milliseconds>(duration_of(value));
        } else if (word == "tariff") {
            case_.tariff = flat_tariff(std::stod(value), "EUR");
        } else if (word == "band") {
            std::string until;
            std::string price;
            words >> until >> price;
            REQUIRE(case_.tariff);
            case_.tariff->periods.front().bands.push_back({.per_kwh = std::stod(price),
                                                           .from = time_of_day(value),
                                                           .until = time_of_day(until)});
        } else {
            FAIL("what is '" << word << "'?");
        }
    }

    void take_total(const std::string& line) {
        std::istringstream words(line);
        DayTotal total{};
        INFO(line);
        REQUIRE(words >> total.date >> total.channel >> total.watt_hours >> total.cost);
        if (std::string within; words >> within >> total.within_wh) {
            REQUIRE(within == "within");
        } else {
            total.within_wh = DayTotal{}.within_wh;
        }
        case_.totals.push_back(total);
    }

    EventCase& case_;
    Part part_ = Part::run;
    std::string script_;
    std::vector<nanoseconds> starts_{nanoseconds(0)};
    std::vector<nanoseconds> stops_;
};

}  // namespace

EventCase read_event_case(const std::filesystem::path& file) {
    setenv("TZ", "UTC", 1);
    tzset();
    EventCase read;
    read.name = file.filename().string();
    std::ifstream stream(file);
    REQUIRE(stream);
    CaseReader reader(read);
    for (std::string line; std::getline(stream, line);) {
        reader.take(line);
    }
    reader.finish();
    return read;
}

std::vector<std::filesystem::path> event_case_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(test::test_data() / "events")) {
        if (entry.path().extension() == ".case") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace pwlog::test
