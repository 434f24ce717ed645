// SPDX-License-Identifier: MIT
#include "backfill/sources/csv_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "backfill/sources/source_options.h"
#include "source_reading.h"
#include "support/paths.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pwlog::test::read_all;
using pwlog::test::TempDir;

namespace {

FieldMap parse_map(std::string_view text) {
    auto map = FieldMap::parse(text, "map");
    REQUIRE(map);
    return std::move(*map);
}

SourceOptions options_with(std::string_view map) {
    SourceOptions options;
    options.context.origin = {"pi4", "1.0", {}, true};
    options.devices = {"rack1-pdu", "rack1-ats", ""};
    options.map = parse_map(map);
    return options;
}

std::vector<test::ReadRecord> read_text(std::string_view text, const SourceOptions& options,
                                        const SourcePosition* from = nullptr) {
    const TempDir folder;
    auto opened = open_files_together({folder.write("input", text).string()}, options, from);
    if (!opened) {
        FAIL(opened.error().message);
    }
    return read_all(*opened->source);
}

std::string values_of(const std::string& json) {
    return json.substr(json.find("\"powerwalker\":"));
}

}  // namespace

TEST_CASE("a row of a table becomes a document for the input and one for each outlet in it",
          "[backfill]") {
    const auto records = read_text(
        "time;\"Power; in (kW)\";out1;out3;Volt\r\n"
        "22.11.2026 18:00:05;\"0,3\";10;30;229,7\r\n"
        "22.11.2026 18:00:15;0,4;11;;230\r\n",
        [] {
            auto options = options_with(
                "time = @timestamp\n\"Power; in (kW)\" = pdu.power_w kW\n"
                "out1 = outlet1.power_w\nout3 = powerwalker.outlet3.power_w\nVolt = pdu.input_v\n");
            options.decimal = DecimalMark::comma;
            options.time = *TimeFormat::make("", *TimeZone::open("+01:00"));
            return options;
        }());
    REQUIRE(records.size() == 5);
    CHECK(values_of(records[0].text) ==
          R"("powerwalker":{"pdu":{"input_v":229.7,"power_w":300}}})");
    CHECK_THAT(records[0].text, Catch::StartsWith(R"({"@timestamp":"2026-11-22T17:00:05.000Z")"));
    CHECK(
        values_of(records[2].text) ==
        R"("powerwalker":{"outlet":{"number":3,"name":"outlet 3","power_w":30,"interval_s":0.0}}})");
    CHECK(records[3].facts.time - records[0].facts.time == 10s);
}

TEST_CASE("a header may be longer than what is usually looked at", "[backfill]") {
    std::string header = "time,power";
    std::string row = "2026-11-22T18:00:05Z,300";
    for (int column = 0; column < 9000; ++column) {
        header += fmt::format(",column_{}", column);
        row += ",";
    }
    const auto records = read_text(header + "\n" + row + "\n",
                                   options_with("time = @timestamp\npower = pdu.power_w\n"));
    REQUIRE(records.size() == 1);
    CHECK(values_of(records[0].text) == R"("powerwalker":{"pdu":{"power_w":300}}})");
}

TEST_CASE("sections choose by value, so that one value a row is enough", "[backfill]") {
    const auto map =
        "time = @timestamp\ndevice.id := other\n"
        "[kind=W where=in]\nvalue = pdu.power_w\n"
        "[kind=W]\nwhere = outlet.number\nvalue = outlet.power_w\n"
        "[kind=A]\nwhere = outlet.number\nvalue = outlet.current_a mA\n";
    const auto records = read_text(
        "time,where,kind,value\n"
        "1700000000,in,W,500\n1700000000,out2,W,40\n1700000000,out2,A,200\n"
        "1700000010,in,W,501\n1700000010,out9,W,40\n1700000010,lamp,lx,4\n",
        options_with(map));
    REQUIRE(records.size() == 4);
    CHECK_THAT(records[0].text, Catch::Contains("\"power_w\":500"));
    CHECK(records[0].facts.device == "other");
    CHECK(
        values_of(records[1].text) ==
        R"("powerwalker":{"outlet":{"number":2,"name":"outlet 2","current_a":0.2,"power_w":40,"interval_s":0.0}}})");
    CHECK_THAT(records[2].reason, Catch::Contains("where: 'out9' is not an outlet"));
    CHECK(records[2].line == 6);
    CHECK_THAT(records[3].text, Catch::Contains("\"power_w\":501"));
}

TEST_CASE("what Kibana exports needs no map", "[backfill]") {
    const auto records = read_text(
        "\"@timestamp\",\"device.id\",\"powerwalker.outlet.number\",\"powerwalker.outlet.power_w\","
        "\"powerwalker.outlet.state\",\"powerwalker.pdu.power_w\"\n"
        "\"Nov 22, 2026 @ 17:04:05.123\",rack7,3,\"55\",on,-\n"
        "\"Nov 22, 2026 @ 17:04:05.123\",rack7,-,-,-,(null)\n",
        options_with(""));
    REQUIRE(records.size() == 1);
    CHECK(records[0].facts.device == "rack7");
    CHECK_THAT(records[0].text, Catch::Contains("2026-11-22T17:04:05.123Z"));
    CHECK(values_of(records[0].text) ==
          R"("powerwalker":{"outlet":{"number":3,"name":"outlet 3","state":"on","state_code":1,)"
          R"("power_w":55,"interval_s":0.0}}})");
}

TEST_CASE("rows that cannot be are refused alone, and fed back with their header", "[backfill]") {
    const TempDir folder;
    const auto path = folder
                          .write("input",
                                 "# made by hand\ntime,w\n1700000000,5\n1700000010,many\n"
                                 "1700000020\nsoon,7\n1700000020,\"8\n9\"\n1700000030,nan\n"
                                 "1700000040,6\n1700000040,7\n1700000050,\"1")
                          .string();
    const auto options = options_with("time=@timestamp\nw=pdu.power_w\n");
    auto opened = open_files_together({path}, options, nullptr);
    REQUIRE(opened);
    CHECK(opened->kind == SourceKind::csv);
    const auto records = read_all(*opened->source);
    std::vector<std::string> reasons;
    std::size_t good = 0;
    for (const auto& record : records) {
        good += record.kind == SourceRecord::Kind::document ? 1U : 0U;
        if (record.kind == SourceRecord::Kind::bad) {
            reasons.push_back(fmt::format("{}: {}", record.line, record.reason));
        }
    }
    CHECK(good == 2);
    CHECK(reasons == std::vector<std::string>{
                         "4: w: power_w: 'many' is not a number",
                         "5: it has 1 fields, the header has 2",
                         "6: time: 'soon' is not in a known time format; give --time-format",
                         "7: w: power_w: '8\\n9' is not a number",
                         "11: another value of the same device, field and time came before",
                         "12: a quoted text does not end; the input ends here without a line end, "
                         "so it may be cut off",
                     });
    CHECK(opened->source->rejects_header(0) == "time,w");
}

TEST_CASE(
    "values of one time meet however far apart they stand, and each place can be gone on from",
    "[backfill]") {
    std::string text;
    for (const std::string field : {"power=1", "va=2", "volt=230"}) {
        for (int i = 0; i < 40; ++i) {
            text += fmt::format("pdu {} {}000000000\n", field, 1793491200 + i % 20 * 10 + i / 20);
        }
        text += "pdu power=many 1793491300000000000\npdu power=77 1793491200000000000\n";
    }
    auto options = options_with(
        "device.id := a\npower = pdu.power_w\nva = pdu.power_va\nvolt = pdu.input_v\n");
    options.kind = SourceKind::influx;
    const auto all = read_text(text, options);
    std::size_t documents = 0;
    std::vector<std::string> refused;
    for (const auto& record : all) {
        if (record.kind == SourceRecord::Kind::bad) {
            refused.push_back(fmt::format("{}: {}", record.line, record.reason));
            continue;
        }
        ++documents;
        CHECK_THAT(record.text, Catch::Contains("\"input_v\":230") &&
                                    Catch::Contains("\"power_w\":1") &&
                                    Catch::Contains("\"power_va\":2"));
    }
    CHECK(documents == 40);
    REQUIRE(refused.size() == 6);
    CHECK_THAT(refused[0], Catch::StartsWith("42: another value of the same device"));
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto rest = read_text(text, options, &all[i].position);
        REQUIRE(rest.size() == all.size() - i - 1);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            CHECK(rest[k].text == all[i + 1 + k].text);
            CHECK(rest[k].line == all[i + 1 + k].line);
        }
    }
}

TEST_CASE("a map that cannot be is refused with its line", "[backfill]") {
    const auto message = [](std::string_view text) {
        const auto map = FieldMap::parse(text, "my.map");
        return map ? std::string() : map.error().message;
    };
    CHECK_THAT(message("a = pdu.powr_w"),
               Catch::Contains("my.map:1: there is no field 'pdu.powr_w'"));
    CHECK_THAT(message("\n# x\na = pdu.power_w V"),
               Catch::Contains("my.map:3: power_w cannot be in 'V', only in W, kW, mW"));
    CHECK_THAT(message("nonsense"), Catch::Contains("my.map:1: expected"));
    CHECK_THAT(message("[open"), Catch::Contains("a section ends"));
    FieldMap map;
    CHECK_FALSE(map.add_option("column"));
    CHECK(map.add_option("column=ats.temperature_c:F"));
    const TempDir folder;
    const auto missing = open_files_together({folder.write("i", "time,w\n1,2\n").string()},
                                             options_with("x=pdu.power_w"), nullptr);
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().message, Catch::Contains("'x', the header has time, w"));
}

TEST_CASE("rows of every kind go through the scratch file unchanged", "[backfill]") {
    const std::vector<std::string> rows{
        "1700000000,1,230.5,overload,true,",
        "1700000010,2,-0.25,on,false,10",
        "1700000020,many,230,on,false,11",
        "1700000030,3,230.5,locked,true,12",
        R"({"@timestamp":"2023-11-14T22:14:00.000Z","device":{"id":"a"},)"
        R"("event":{"dataset":"powerwalker.pdu"}})",
        "1700000040,4,,,,13",
    };
    const auto options = options_with(
        "time=@timestamp\nw=pdu.power_w\nv=pdu.input_v\ns=outlet2.state\n"
        "b=pdu.alarm.aux1_power_fail\nw2=outlet2.power_w\n");
    const auto read = [&](const std::vector<std::string>& lines) {
        auto records =
            read_text(fmt::format("time,w,v,s,b,w2\n{}\n", fmt::join(lines, "\n")), options);
        std::vector<std::string> texts;
        for (const auto& record : records) {
            texts.push_back(fmt::format("{} {}", record.text, record.reason));
        }
        return texts;
    };
    const auto in_order = read(rows);
    CHECK(in_order.size() > rows.size());
    // The last one first: what has no time of its own stays beside what it followed.
    auto out_of_order = rows;
    std::rotate(out_of_order.begin(), out_of_order.end() - 1, out_of_order.end());
    CHECK(read(out_of_order) == in_order);
}

TEST_CASE("line protocol is read with a map, its units of time and its escapes", "[backfill]") {
    const auto records = read_text(
        "# from a dump\n"
        "power,outlet=out1,host=my\\ pi w=55i,va=60i,on=t 1700000000123000000\n"
        "power,outlet=out2 w=7.4,note=\"a \\\"b\\\", c=d\" 1700000000123000000\n"
        "cpu,host=pi idle=99 1700000000123000000\n"
        "power,outlet=out1 w=56i 1700000010123\n"
        "power,outlet=out1 w=\n"
        "power,outlet=out1 w=57i\n",
        options_with("[measurement=power]\noutlet = outlet.number\nw = outlet.power_w\n"
                     "va = outlet.power_va\non = outlet.state\n"));
    REQUIRE(records.size() == 5);
    CHECK(
        values_of(records[1].text) ==
        R"("powerwalker":{"outlet":{"number":2,"name":"outlet 2","power_w":7,"interval_s":0.0}}})");
    CHECK_THAT(records[0].text, Catch::Contains("\"power_w\":55,\"power_va\":60,"
                                                "\"power_factor\":0.9167"));
    CHECK(records[0].facts.time == Timestamp(1700000000123ms));
    CHECK_THAT(records[2].reason, Catch::Contains("no time"));
    CHECK_THAT(records[3].reason, Catch::Contains("no time"));
    CHECK(records[4].facts.time == Timestamp(1700000010123ms));
}

TEST_CASE("times are read in every form, by the rules of their zone", "[backfill]") {
    const auto berlin = TimeZone::open("Europe/Berlin");
    REQUIRE(berlin);
    const auto format = *TimeFormat::make("", *berlin);
    const auto text = [&](std::string_view written) {
        const auto time = format.parse(written);
        return time ? format_time(*time) : std::string("none");
    };
    CHECK(text("2026-11-22T17:04:05.5Z") == "2026-11-22T17:04:05.500Z");
    CHECK(text("2026-11-22 17:04:05") == "2026-11-22T16:04:05.000Z");
    CHECK(text("22.11.2026 17:04") == "2026-11-22T16:04:00.000Z");
    CHECK(text("2026-07-01 12:00:00") == "2026-07-01T10:00:00.000Z");
    CHECK(text("2026-10-25 02:30:00") == "2026-10-25T00:30:00.000Z");  // twice: the first
    CHECK(text("2026-03-29 02:30:00") == "none");                      // never
    CHECK(text("2045-07-01 12:00:00") == "2045-07-01T10:00:00.000Z");  // behind the file's list
    CHECK(text("1700000000") == "2023-11-14T22:13:20.000Z");
    CHECK(text("1700000000.25") == "2023-11-14T22:13:20.250Z");
    CHECK(text("1700000000123") == "2023-11-14T22:13:20.123Z");
    CHECK(text("1700000000123456789") == "2023-11-14T22:13:20.123Z");
    CHECK(text("2026-02-30 00:00:00") == "none");
    CHECK(text("") == "none");
    const auto american = *TimeFormat::make("%m/%d/%y %I:%M %p", TimeZone());
    CHECK(format_time(*american.parse("11/22/26 5:04 PM")) == "2026-11-22T17:04:00.000Z");
    CHECK_FALSE(TimeFormat::make("%Q", TimeZone()));
    CHECK_FALSE(TimeZone::open("../../etc/passwd"));
    CHECK_FALSE(TimeZone::open("Nowhere/Else"));
}

TEST_CASE("a zone file that gives its future as a rule only is read by that rule", "[backfill]") {
    const auto zone = TimeZone::read_file((test::test_data() / "backfill/zones/slim").string());
    REQUIRE(zone);
    const auto format = *TimeFormat::make("", *zone);
    CHECK(format_time(*format.parse("2026-07-01 12:00:00")) == "2026-07-01T10:00:00.000Z");
    CHECK(format_time(*format.parse("2026-11-22 12:00:00")) == "2026-11-22T11:00:00.000Z");
    CHECK(format_time(*format.parse("2061-07-01 12:00:00")) == "2061-07-01T10:00:00.000Z");
}

TEST_CASE("a source is recognised by its content", "[backfill]") {
    const auto kind = [](std::string_view text) -> std::string {
        const TempDir folder;
        auto input = open_input(folder.write("input", text).string());
        REQUIRE(input);
        LineReader lines(std::move(*input));
        const auto found = recognise_source(lines);
        REQUIRE(found);
        return *found ? std::string(to_text(**found)) : "none";
    };
    CHECK(kind(R"({"@timestamp":"2026-11-22T17:00:00.123Z","device":{"id":"a"},)"
               R"("event":{"dataset":"powerwalker.ats"}})"
               "\n") == "ndjson");
    CHECK(kind("# comment\n{\"create\":{}}\n") == "ndjson");
    CHECK(kind("{\"_index\":\"a\",\"_source\":{}}\n") == "ndjson");
    CHECK(kind("{\"took\":1,\"hits\":{}}\n") == "search");
    CHECK(kind("{\n  \"took\" : 1,") == "search");
    CHECK(kind("[{\"@timestamp\":1}]") == "search");
    CHECK(kind("1700000000.5 a/b {\"c\":1}\n") == "mqtt");
    CHECK(kind("2026-11-22T20:03:36+0000 a/b c\n") == "mqtt");
    CHECK(kind("{\"tst\":\"x\",\"topic\":\"a\"}\n") == "mqtt");
    CHECK(kind("m,tag=1 f=2i 1700000000000000000\n") == "influx");
    CHECK(kind("time;w\n1;2\n") == "csv");
    CHECK(kind("hello\n") == "none");
    CHECK(kind("") == "none");
}

TEST_CASE("a finer source is thinned to the interval, wherever it was interrupted", "[backfill]") {
    std::string text = "time,device,watts,out2,volts\n";
    constexpr int rows = 2000;
    for (int i = 0; i < rows; ++i) {
        // Two devices whose documents never fall together; a minute of one is lost.
        const Timestamp time(std::chrono::seconds(1782864000 + i * 5));
        if (i < 600 || i > 640 || i % 2 == 0) {
            text += fmt::format("{},{},{},{},{}\n", format_time(time), i % 2 == 0 ? "a" : "b",
                                100 + i * 37 % 200, i % 7 == 0 ? "" : "5", 225 + i % 11);
        }
    }
    auto options = options_with(
        "time = @timestamp\ndevice = device.id\nwatts = pdu.power_w\n"
        "out2 = outlet2.power_w\nvolts = pdu.input_v\n");
    options.context.interval = 60s;
    const auto whole = read_text(text, options);
    REQUIRE(whole.size() > 600);
    double watt_hours = 0;
    for (const auto& record : whole) {
        const auto at = record.text.find("\"interval_wh\":");
        watt_hours += at == std::string::npos ? 0 : std::stod(record.text.substr(at + 14));
    }
    auto fine = options;
    fine.context.interval.reset();
    double expected = 0;
    for (const auto& record : read_text(text, fine)) {
        const auto at = record.text.find("\"interval_wh\":");
        expected += at == std::string::npos ? 0 : std::stod(record.text.substr(at + 14));
    }
    CHECK(watt_hours == Approx(expected).epsilon(0.01));  // less what stands behind the last one
    CHECK(std::count_if(whole.begin(), whole.end(), [](const auto& record) {
              return record.text.find("\"input_v_min\":") != std::string::npos;
          }) > 300);
    for (std::size_t i = 100; i < whole.size(); i += 97) {
        const auto rest = read_text(text, options, &whole[i].position);
        REQUIRE(rest.size() == whole.size() - i - 1);
        for (std::size_t j = 0; j < rest.size(); ++j) {
            CHECK(rest[j].text == whole[i + 1 + j].text);
        }
    }
}

TEST_CASE("in quotes a backslash may be the last character of a text", "[backfill]") {
    const auto records = read_text(
        "power,outlet=out1 note=\"C:\\\\\",w=55 1700000000123000000\n",
        options_with("[measurement=power]\noutlet = outlet.number\nw = outlet.power_w\n"));
    REQUIRE(records.size() == 1);
    CHECK_THAT(records[0].text, Catch::Contains("\"power_w\":55"));
}
