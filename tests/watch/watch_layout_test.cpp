// SPDX-License-Identifier: MIT
#include "watch/watch_layout.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/text.h"
#include "terminal/terminal_text.h"
#include "text_of.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::has;
using test::text_of;

namespace {

const Timestamp now{1'795'366'800s};  // 2026-11-22T17:00:00Z

using enum Field;

DeviceView a_pdu(const std::string& id) {
    DeviceView pdu{id, true, now - 2s};
    pdu.kind = DocumentKind::pdu;
    pdu.values.set(pdu_power_w, 512);
    pdu.values.set(pdu_power_va, 601);
    pdu.values.set(pdu_input_v, 230.1);
    const std::vector<std::string> names{"nas",   "switch",   "router", "a very long outlet's name",
                                         "Küche", "outlet 6", "白い箱", "printer"};
    for (int number = 1; number <= 8; ++number) {
        OutletView outlet;
        outlet.values.set(outlet_number, number);
        outlet.values.set(outlet_name, names.at(static_cast<std::size_t>(number) - 1));
        outlet.values.set(outlet_state, std::string(number == 8 ? "off" : "on"));
        outlet.values.set(outlet_power_w, 25.0 * (number - 1));
        outlet.values.set(outlet_power_va, 30.0 * (number - 1));
        outlet.values.set(outlet_current_a, 0.1 * number);
        outlet.values.set(outlet_power_factor, 0.83);
        outlet.power_history = {10, 20, 30, 20, 10};
        pdu.outlets.push_back(outlet);
    }
    return pdu;
}

DeviceView an_ats() {
    DeviceView ats{"rack1-ats", true, now - 1s};
    ats.kind = DocumentKind::ats;
    ats.values.set(ats_active_source, 1);
    ats.values.set(ats_preferred_source, 1);
    ats.values.set(ats_redundant, true);
    ats.values.set(ats_load_pct, 0.25);
    ats.values.set(ats_output_a, 4.1);
    ats.values.set(ats_source1_v, 230.1);
    ats.values.set(ats_source2_v, 229.8);
    return ats;
}

WatchModel a_model(int pdus = 1) {
    WatchModel model;
    model.now = now;
    model.clock = "17:00:00";
    model.origin = "daemon, process 4711";
    for (int i = 1; i <= pdus; ++i) {
        model.devices.push_back(a_pdu("rack" + std::to_string(i) + "-pdu"));
    }
    model.devices.push_back(an_ats());
    model.spool.emplace().stored = 12345;
    model.shipping.emplace().state = "idle";
    return model;
}

std::string text(const WatchScreen& screen) {
    std::string all;
    for (const Line& line : screen.lines) {
        all += text_of(line) + "\n";
    }
    return all;
}

/// Nothing outside the terminal, nothing over something else, nothing a terminal would obey.
void check_fits(const WatchScreen& screen, const Canvas& canvas) {
    CHECK(screen.lines.size() <= canvas.rows);
    for (const Line& line : screen.lines) {
        std::size_t end = 0;
        INFO(text_of(line));
        for (const Span& span : line) {
            CHECK(span.column >= end);
            end = span.column + text_width(span.text);
            CHECK(end <= canvas.columns);
            CHECK(is_terminal_text(span.text));
            if (!canvas.utf8) {
                CHECK(std::all_of(span.text.begin(), span.text.end(),
                                  [](char c) { return c >= ' ' && c <= '~'; }));
            }
        }
    }
}

}  // namespace

TEST_CASE("80x24 holds a PDU, an ATS, spool and shipping without scrolling", "[cli]") {
    const Canvas canvas{80, 24, true};
    const auto screen = lay_out(a_model(), canvas, 0);
    check_fits(screen, canvas);
    const auto shown = text(screen);
    INFO(shown);
    CHECK(screen.lines.size() == 24);
    CHECK(screen.last_scroll == 0);
    for (const auto* part :
         {"daemon, process 4711", "17:00:00", "no alarms", "rack1-ats  on source 1  redundant",
          "source 1 active, preferred  230.1 V", "source 2 standby            229.8 V",
          "rack1-pdu  512 W  601 VA  230.1 V", "  1 nas ", "  8 printer", "off", "12,345 shipped",
          "Shipping  idle", "q quit", "▁"}) {
        INFO(part);
        CHECK(has(shown, part));
    }
}

TEST_CASE("a wide terminal shows whole names and longer bars", "[cli]") {
    const Canvas canvas{160, 50, true};
    const auto screen = lay_out(a_model(), canvas, 0);
    check_fits(screen, canvas);
    CHECK(has(text(screen), "a very long outlet's name"));
    CHECK(has(text(screen), "███████████"));
    CHECK(screen.lines.size() == 50);
}

TEST_CASE("a small terminal keeps alarms, states and watts", "[cli]") {
    const Canvas canvas{40, 12, true};
    auto model = a_model();
    model.devices[0].alarms = {"low input voltage"};
    const auto screen = lay_out(model, canvas, 0);
    check_fits(screen, canvas);
    const auto shown = text(screen);
    INFO(shown);
    CHECK(has(shown, "1 ALARM  rack1-pdu: low input"));
    CHECK(has(shown, "on source 1  redundant"));
    CHECK(has(shown, "0 pending  idle"));
    CHECK(screen.last_scroll > 0);
    const auto below = text(lay_out(model, canvas, 1000));
    INFO(below);
    CHECK(has(below, "8 printer"));
    CHECK(has(below, " off "));
    CHECK(has(below, " 175"));
}

TEST_CASE("fifty devices scroll, to the last line and no further", "[cli]") {
    const Canvas canvas{80, 24, true};
    const auto model = a_model(50);
    const auto top = lay_out(model, canvas, 0);
    CHECK(top.last_scroll > 400);
    CHECK(has(text(top), "1 to 19 of "));
    std::size_t found = 0;
    for (std::size_t scroll = 0; scroll <= top.last_scroll; ++scroll) {
        const auto screen = lay_out(model, canvas, scroll);
        check_fits(screen, canvas);
        CHECK(screen.scroll == scroll);
        found += has(text(screen), "rack" + std::to_string(found + 1) + "-pdu") ? 1 : 0;
    }
    CHECK(found == 50);
    const auto bottom = lay_out(model, canvas, top.last_scroll + 1000);
    CHECK(bottom.scroll == top.last_scroll);
    CHECK(has(text(bottom), "8 printer"));
}

TEST_CASE("no size makes garbage", "[cli]") {
    auto model = a_model(2);
    model.devices[2].reachable = false;
    model.devices[2].trouble = "/dev/ttyUSB0: no such device; is it plugged in?";
    model.devices[0].alarms = {"low input voltage", "outlet 3 (router) overload"};
    model.shipping->last_error = "GET http://127.0.0.1:9200/: Failed to connect";
    model.devices.emplace_back().id = "late";
    for (const bool utf8 : {true, false}) {
        for (const std::size_t columns :
             {0, 1, 2, 3, 7, 19, 20, 33, 39, 40, 56, 63, 64, 80, 81, 300}) {
            for (const std::size_t rows : {0, 1, 2, 3, 4, 5, 6, 12, 15, 16, 24, 100}) {
                const Canvas canvas{columns, rows, utf8};
                INFO(columns << "x" << rows);
                check_fits(lay_out(model, canvas, 3), canvas);
            }
        }
    }
}

TEST_CASE("what nobody confirms any more is not called good", "[cli]") {
    auto model = a_model();
    model.trouble = "NO DAEMON: nobody listens";
    const auto shown = text(lay_out(model, {80, 24, true}, 0));
    CHECK(has(shown, "NO DAEMON: nobody listens"));
    CHECK(has(shown, "no alarms when last heard of"));
    model.now += 2min;
    CHECK(has(text(lay_out(model, {80, 24, true}, 0)), "rack1-ats  2 min ago"));
}

TEST_CASE("an ASCII terminal gets bars, histories and names in ASCII", "[cli]") {
    const Canvas canvas{80, 24, false};
    const auto screen = lay_out(a_model(), canvas, 0);
    check_fits(screen, canvas);
    CHECK(has(text(screen), "K?che"));
    CHECK(has(text(screen), "####"));
    CHECK(has(text(screen), " C "));
}

TEST_CASE("what a device or a server says cannot write to the terminal", "[cli]") {
    auto model = a_model();
    model.devices[0].outlets[0].values.set(outlet_name, std::string("a\x1b[2Jb"));
    model.shipping->last_error = "bad\r\n\x1b]0;title\a";
    const Canvas canvas{80, 24, true};
    const auto screen = lay_out(model, canvas, 0);
    check_fits(screen, canvas);
    CHECK(has(text(screen), "a\\x1b[2J"));
}

TEST_CASE("states are words, with what a countdown has left", "[cli]") {
    OutletView outlet;
    const auto words = [&](const char* state) {
        outlet.values.set(outlet_state, std::string(state));
        return state_words(outlet);
    };
    CHECK(words("on") == "on");
    CHECK(words("overload") == "overload");
    CHECK(words("shutdown_active") == "shutdown active");
    CHECK(words("restore_active") == "restore active");
    CHECK(words("shutdown_imminent") == "shutdown imminent");
    CHECK(words("") == "-");
    outlet.values.set(outlet_shutdown_s, 12);
    outlet.values.set(outlet_restore_s, 9999);
    CHECK(words("shutdown_active") == "off in 12 s");
    CHECK(words("restore_active") == "on in 9999 s");
}

TEST_CASE("a history shows its shape, and silence as silence", "[cli]") {
    const Canvas canvas;
    CHECK(sparkline(canvas, {}, 4) == "    ");
    CHECK(sparkline(canvas, {0, 0}, 4) == "  ▁▁");
    CHECK(sparkline(canvas, {0, 100}, 2) == "▁█");
    CHECK(sparkline(canvas, {1, 2, 3, 0, 100}, 2) == "▁█");
    CHECK(sparkline(canvas, {100, 100.1}, 2) == "▄▅");
    CHECK(bar(canvas, 0, 2) == "  ");
    CHECK(bar(canvas, 1, 2) == "██");
    CHECK(bar(canvas, 0.25, 2) == "▌ ");
    CHECK(bar(canvas, 7, 2) == "██");
    CHECK(bar(canvas, -1, 2) == "  ");
}
