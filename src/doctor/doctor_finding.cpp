// SPDX-License-Identifier: MIT
#include "doctor/doctor_finding.h"

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_object.h"
#include "base/version.h"
#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

struct StepText {
    DoctorStep step;
    std::string_view name;
    ExitCode code;  // where it failed
};

constexpr std::array<StepText, 14> steps{{
    {DoctorStep::configuration, "configuration", ExitCode::usage},
    {DoctorStep::secrets, "secrets", ExitCode::usage},
    {DoctorStep::daemon, "daemon", ExitCode::failure},
    {DoctorStep::ports, "ports", ExitCode::device},
    {DoctorStep::devices, "devices", ExitCode::device},
    {DoctorStep::ups, "ups", ExitCode::device},
    {DoctorStep::wire_time, "wire_time", ExitCode::device},
    {DoctorStep::clock, "clock", ExitCode::failure},
    {DoctorStep::spool, "spool", ExitCode::spool},
    {DoctorStep::broker, "broker", ExitCode::server},
    {DoctorStep::elasticsearch, "elasticsearch", ExitCode::server},
    {DoctorStep::authorisation, "authorisation", ExitCode::server},
    {DoctorStep::templates, "templates", ExitCode::templates},
    {DoctorStep::documents, "documents", ExitCode::server},
}};

const StepText& text_of(DoctorStep step) { return steps.at(static_cast<std::size_t>(step)); }

fmt::terminal_color colour_of(Verdict verdict) {
    using enum fmt::terminal_color;
    constexpr std::array colours{green, yellow, red, bright_black};
    return colours.at(static_cast<std::size_t>(verdict));
}

}  // namespace

std::string_view to_text(Verdict verdict) {
    constexpr std::array<std::string_view, 4> names{"pass", "warn", "fail", "skip"};
    return names.at(static_cast<std::size_t>(verdict));
}

std::string_view to_text(DoctorStep step) { return text_of(step).name; }

Finding not_judged(DoctorStep step, std::string why) {
    return {step, "not_judged", Verdict::skipped, "", std::move(why)};
}

Verdict worst(const Findings& findings) {
    Verdict found = Verdict::pass;
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::fail) {
            return Verdict::fail;
        }
        found = finding.verdict == Verdict::warn ? Verdict::warn : found;
    }
    return found;
}

ExitCode doctor_exit_code(const Findings& findings) {
    const auto failed = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.verdict == Verdict::fail;
    });
    return failed == findings.end() ? ExitCode::ok : text_of(failed->step).code;
}

std::string finding_text(const Finding& finding, std::size_t columns, bool coloured) {
    constexpr std::size_t indent = 21;
    constexpr std::size_t narrowest = 20;
    const std::size_t room = columns == 0 ? 0 : std::max(columns, indent + narrowest) - indent;
    std::string message = finding.message;
    if (message.find(finding.subject) == std::string::npos) {
        message = fmt::format("{}: {}", finding.subject, message);
    }
    if (finding.verdict == Verdict::warn || finding.verdict == Verdict::fail) {
        message += fmt::format(" [{}]", finding.name);
    }
    auto lines = wrap_text(terminal_text(message), room);
    if (!finding.next.empty()) {
        for (auto& line : wrap_text("next: " + terminal_text(finding.next), room)) {
            lines.push_back(std::move(line));
        }
    }
    const auto style =
        coloured ? fmt::fg(colour_of(finding.verdict)) | fmt::emphasis::bold : fmt::text_style();
    std::string text = fmt::format("{}  {:<13}", fmt::styled(to_text(finding.verdict), style),
                                   to_text(finding.step));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        text += fmt::format("{:{}}{}\n", "", i == 0 ? 2 : indent, lines[i]);
    }
    return text;
}

std::string summary_text(const Findings& findings) {
    std::array<int, 4> counts{};
    for (const Finding& finding : findings) {
        ++counts.at(static_cast<std::size_t>(finding.verdict));
    }
    const auto [passed, warnings, failed, skipped] = counts;
    std::string text = fmt::format("\n{} passed", passed);
    const auto add = [&text](int count, std::string_view what) {
        text += count > 0 ? fmt::format(", {} {}", count, what) : std::string();
    };
    add(warnings, warnings == 1 ? "warning" : "warnings");
    add(failed, "failed");
    add(skipped, "could not be judged");
    return text + "\n";
}

std::string findings_json(const Findings& findings) {
    JsonObject json;
    json.add("version", version);
    json.add("verdict", to_text(worst(findings)));
    json.add("exit_status", static_cast<int>(doctor_exit_code(findings)));
    json.add_list("findings", findings, [&json](const Finding& finding) {
        json.add("step", to_text(finding.step));
        json.add("name", finding.name);
        json.add("verdict", to_text(finding.verdict));
        json.add_text("subject", terminal_text(finding.subject));
        json.add("message", terminal_text(finding.message));
        json.add_text("next", terminal_text(finding.next));
    });
    return json.take();
}

}  // namespace pwlog
