// SPDX-License-Identifier: MIT
#include "watch/watch_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text_values.h"
#include "document/document.h"
#include "terminal/terminal_text.h"
#include "terminal/text_table.h"
#include "watch/shown_value.h"

namespace pwlog {

namespace {

/// Below so many rows the devices need what spool and shipping take.
constexpr std::size_t low_terminal = 16;
/// A sample older than this is old, whatever the interval.
constexpr auto long_ago = std::chrono::minutes(1);

double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1U << 20U); }

std::string ago(const std::optional<Timestamp>& time, Timestamp now) {
    return time ? rough_duration(now - *time) + " ago" : std::string("never");
}

Line top_line(const WatchModel& model, const Canvas& canvas) {
    constexpr std::string_view title = "pwlog  ";
    LineWriter line(canvas);
    line.put(0, title.substr(0, title.find(' ')), Paint::title);
    if (canvas.columns < title.size() + model.clock.size()) {
        return line.take();
    }
    const std::size_t clock = canvas.columns - model.clock.size();
    if (clock > title.size() + 1) {
        const bool well = model.trouble.empty();
        line.put(title.size(), well ? model.origin : model.trouble,
                 well ? Paint::plain : Paint::alarm, clock - title.size() - 1);
    }
    line.put(clock, model.clock, Paint::faint);
    return line.take();
}

Line alarm_line(const WatchModel& model, const Canvas& canvas) {
    LineWriter line(canvas);
    const auto alarms = all_alarms(model);
    if (alarms.empty()) {
        const bool known = model.trouble.empty();
        line.put(0, known ? "no alarms" : "no alarms when last heard of",
                 known ? Paint::good : Paint::warning);
        return line.take();
    }
    const std::string text =
        fmt::format("{} {}", alarms.size(), alarms.size() == 1 ? "ALARM" : "ALARMS");
    line.put(0, text, Paint::alarm);
    line.add_cut(fmt::format("{}", fmt::join(alarms, "; ")), Paint::warning);
    return line.take();
}

Paint paint_of_shipping(const DaemonStatus::Shipping& shipping) {
    return !shipping.last_error.empty() ? Paint::alarm : Paint::plain;
}

Line spool_line(const SpoolInfo& spool, const WatchModel& model, const Canvas& canvas) {
    LineWriter line(canvas);
    line.add("Spool   ", Paint::strong);
    const bool waits =
        spool.oldest_pending && model.now - *spool.oldest_pending > std::chrono::minutes(2);
    line.add(grouped(spool.pending_documents) + " pending", waits ? Paint::warning : Paint::plain);
    line.add(grouped(spool.stored + spool.duplicates) + " shipped");
    line.add(grouped(spool.rejected) + " rejected",
             spool.rejected > 0 ? Paint::warning : Paint::plain);
    line.add(grouped(spool.dropped) + " dropped", spool.dropped > 0 ? Paint::alarm : Paint::plain);
    if (spool.disk_full) {
        line.add("the disk is full", Paint::alarm);
    }
    line.add(
        fmt::format("{:.1f} of {:.0f} MiB", mebibytes(spool.bytes), mebibytes(spool.max_bytes)),
        Paint::faint);
    if (spool.oldest_pending) {
        line.add("oldest: " + ago(spool.oldest_pending, model.now), Paint::faint);
    }
    return line.take();
}

Line shipping_line(const DaemonStatus::Shipping& shipping, const WatchModel& model,
                   const Canvas& canvas) {
    LineWriter line(canvas);
    line.add("Shipping", Paint::strong);
    line.add(shipping.state.empty() ? "-" : shipping.state, paint_of_shipping(shipping));
    if (!shipping.last_error.empty()) {
        line.add_cut(shipping.last_error, Paint::alarm);
        return line.take();
    }
    if (shipping.latency_ms) {
        line.add(fmt::format("{} ms", *shipping.latency_ms));
    }
    line.add("last " + ago(shipping.last_success, model.now));
    if (!shipping.server.empty()) {
        line.add(shipping.server, Paint::faint);
    }
    line.add(shipping.host, Paint::faint);
    return line.take();
}

/// Both in one line, for a low terminal.
Line short_line(const WatchModel& model, const Canvas& canvas) {
    const auto& shipping = *model.shipping;
    LineWriter line(canvas);
    line.add(grouped(model.spool->pending_documents) + " pending");
    line.add_cut(shipping.last_error.empty() ? shipping.state : shipping.last_error,
                 paint_of_shipping(shipping));
    return line.take();
}

std::vector<Line> bottom_lines(const WatchModel& model, const Canvas& canvas) {
    if (!model.spool || !model.shipping) {
        LineWriter line(canvas);
        line.put(0, "no daemon: nothing is recorded or shipped", Paint::warning);
        return {line.take()};
    }
    if (canvas.rows < low_terminal) {
        return {short_line(model, canvas)};
    }
    return {spool_line(*model.spool, model, canvas), shipping_line(*model.shipping, model, canvas)};
}

/// Not into the last column: what stands in a terminal's last corner makes some of them scroll.
Line key_line(const WatchScreen& screen, std::size_t body, const Canvas& canvas) {
    const Canvas without_corner{canvas.columns - 1, canvas.rows, canvas.utf8};
    LineWriter line(without_corner);
    line.add("q quit", Paint::faint);
    if (screen.last_scroll > 0) {
        line.add(fmt::format("{} to {} of {}", screen.scroll + 1,
                             std::min(screen.scroll + screen.page, body), body),
                 Paint::strong);
        line.add("arrows, PgUp, PgDn scroll", Paint::faint);
    }
    return line.take();
}

void add_device(const DeviceView& device, const WatchModel& model, const Canvas& canvas,
                std::vector<Line>& lines) {
    if (device.kind == DocumentKind::ats) {
        add_ats(device, model, canvas, lines);
    } else if (device.kind == DocumentKind::pdu) {
        add_pdu(device, model, canvas, lines);
    } else if (device.kind == DocumentKind::ups) {
        add_ups(device, model, canvas, lines);
    } else {
        lines.push_back(device_title(device, model, canvas).take());
        add_troubles(device, canvas, lines);
    }
}

/// All devices, a blank line between them where `apart`; those that feed others first.
std::vector<Line> body_lines(const WatchModel& model, const Canvas& canvas, bool apart) {
    using Kind = std::optional<DocumentKind>;
    std::vector<Line> lines;
    for (const auto& kind :
         {Kind(DocumentKind::ats), Kind(DocumentKind::pdu), Kind(DocumentKind::ups), Kind()}) {
        for (const auto& device : model.devices) {
            if (device.kind != kind) {
                continue;
            }
            if (apart && !lines.empty()) {
                lines.emplace_back();
            }
            add_device(device, model, canvas, lines);
        }
    }
    return lines;
}

}  // namespace

void add_values(const DeviceView& device, const Canvas& canvas, Paint first, LineWriter& title) {
    for (const Field field : title_fields(*device.kind)) {
        const auto& row = row_of(field);
        const Paint paint = row.title == 1                ? first
                            : row.type == FieldType::text ? Paint::faint
                                                          : Paint::plain;
        title.add(shown_value(device.values, field, canvas.utf8), paint);
    }
}

std::string plain_line(const DeviceView& device) {
    if (!device.kind) {
        return terminal_text(device.id + ": a sample without documents");
    }
    const auto values = device.kind == DocumentKind::pdu   ? plain_pdu(device)
                        : device.kind == DocumentKind::ats ? plain_ats(device)
                                                           : plain_ups(device);
    return terminal_text(fmt::format(
        "{} {}: {}; {}", device.sampled ? format_time(*device.sampled) : "-", device.id, values,
        device.alarms.empty() ? std::string("no alarms")
                              : fmt::format("ALARM: {}", fmt::join(device.alarms, ", "))));
}

LineWriter device_title(const DeviceView& device, const WatchModel& model, const Canvas& canvas) {
    LineWriter line(canvas);
    line.add_cut(device.id, Paint::title);
    const bool old = !device.sampled || model.now - *device.sampled > long_ago;
    if (!device.reachable) {
        line.add(device.sampled || !device.trouble.empty() ? "UNREACHABLE" : "not read yet",
                 device.trouble.empty() ? Paint::faint : Paint::alarm);
    }
    if (device.sampled && old) {
        line.add(ago(device.sampled, model.now), Paint::warning);
    }
    return line;
}

void add_age(const DeviceView& device, const WatchModel& model, LineWriter& title) {
    if (device.sampled && model.now - *device.sampled <= long_ago) {
        title.add(ago(device.sampled, model.now), Paint::faint);
    }
}

void add_troubles(const DeviceView& device, const Canvas& canvas, std::vector<Line>& lines) {
    const auto add = [&](const std::string& text, Paint paint) {
        LineWriter line(canvas);
        line.put(2, text, paint);
        lines.push_back(line.take());
    };
    if (!device.trouble.empty()) {
        add(device.trouble, device.reachable ? Paint::warning : Paint::alarm);
    }
    if (!device.alarms.empty()) {
        add(fmt::format("ALARM: {}", fmt::join(device.alarms, ", ")), Paint::alarm);
    }
}

WatchScreen lay_out(const WatchModel& model, const Canvas& canvas, std::size_t scroll) {
    WatchScreen screen;
    if (canvas.rows == 0 || canvas.columns == 0) {
        return screen;
    }
    screen.lines = {top_line(model, canvas), alarm_line(model, canvas)};
    const auto bottom = bottom_lines(model, canvas);
    const std::size_t fixed = screen.lines.size() + bottom.size() + 1;
    screen.page = canvas.rows > fixed ? canvas.rows - fixed : 0;
    auto body = body_lines(model, canvas, true);
    if (body.size() > screen.page) {
        body =
            body_lines(model, canvas, canvas.rows >= low_terminal && body.size() > 2 * screen.page);
    }
    screen.last_scroll = body.size() - std::min(body.size(), screen.page);
    screen.scroll = std::min(scroll, screen.last_scroll);
    for (std::size_t i = 0; i < screen.page; ++i) {
        const std::size_t at = screen.scroll + i;
        screen.lines.push_back(at < body.size() ? body[at] : Line());
    }
    screen.lines.insert(screen.lines.end(), bottom.begin(), bottom.end());
    screen.lines.push_back(key_line(screen, body.size(), canvas));
    screen.lines.resize(std::min(screen.lines.size(), canvas.rows));
    return screen;
}

}  // namespace pwlog
