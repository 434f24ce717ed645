// SPDX-License-Identifier: MIT
#include "simulator/served.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/thread.h"

namespace pwlog::simulator {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

Served::Options fast(DeviceKind kind) {
    Served::Options options;
    options.device.kind = kind;
    options.paced = false;
    return options;
}

}  // namespace

Served::Options Served::fast_pdu() { return fast(DeviceKind::pdu); }

Served::Options Served::fast_ats() { return fast(DeviceKind::ats); }

Served::Served(Options options)
    : options_(std::move(options)),
      device_(options_.device, options_.clock != nullptr ? *options_.clock : system_clock_) {}

Result<std::unique_ptr<Served>> Served::start(Options options) {
    if (options.name.empty()) {
        options.name = options.device.kind == DeviceKind::pdu ? "pdu" : "ats";
    }
    std::filesystem::path own_folder;
    if (options.link.empty()) {
        std::error_code none;
        const auto folder = std::filesystem::temp_directory_path(none);
        auto pattern =
            ((none ? std::filesystem::path("/tmp") : folder) / "pwlog-sim-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            return fail(ErrorKind::io, fmt::format("making {}: {}", pattern, std::strerror(errno)));
        }
        own_folder = pattern;
        options.link = (own_folder / options.name).string();
    }
    std::unique_ptr<Served> served(new Served(std::move(options)));
    served->own_folder_ = std::move(own_folder);
    const auto& made = served->options_;
    auto port = PtyPort::open(
        {made.name, made.link, made.paced, made.think}, served->device_,
        [self = served.get()](const AnswerRecord& record) { self->note(record); },
        [log = made.log, name = made.name](std::string_view event) {
            if (log) {
                log->add_event(name, event, std::chrono::system_clock::now());
            }
        });
    if (!port) {
        return pass_on(port);
    }
    served->port_ = std::move(*port);
    auto thread = start_thread(made.name, [serving = served->port_.get()](
                                              const std::stop_token& stop) { serving->run(stop); });
    if (!thread) {
        return pass_on(thread);
    }
    served->thread_ = std::move(*thread);
    return served;
}

Served::~Served() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    port_.reset();
    if (!own_folder_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(own_folder_, ignored);
    }
}

void Served::note(const AnswerRecord& record) {
    if (options_.log) {
        options_.log->add(record);
    }
    if (!options_.remembers) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        answers_.push_back(record);
    }
    changed_.notify_all();
}

Result<void> Served::inject(std::string_view directive) {
    auto parsed = parse_directive(directive);
    if (!parsed) {
        return pass_on(parsed);
    }
    if (!parsed->device.empty() && parsed->device != options_.name) {
        return fail(ErrorKind::invalid,
                    fmt::format("this is {}, not {}", options_.name, parsed->device));
    }
    return apply(*parsed);
}

Result<void> Served::apply(const Directive& directive) {
    const auto done = [](auto act) {
        act();
        return Result<void>{};
    };
    return std::visit(
        Overloaded{
            [&](const FaultRule& rule) { return done([&] { device_.add_fault(rule); }); },
            [&](const FaultsOff&) { return done([&] { device_.clear_faults(); }); },
            [&](const Unplug& unplug) { return done([&] { port_->unplug(unplug.duration); }); },
            [&](const Plug&) { return done([&] { port_->plug(); }); },
            [&](const Think& think) { return done([&] { port_->set_think(think.delay); }); },
            [&](const ForceToken& forced) { return done([&] { device_.force(forced); }); },
            [&](const FixAnswer& fixed) { return done([&] { device_.fix(fixed); }); },
            [&](const PduOrder& order) { return device_.order(order); },
            [&](const AtsOrder& order) { return device_.order(order); },
        },
        directive.action);
}

bool Served::is_concerned(const Directive& directive) const {
    if (!directive.device.empty()) {
        return directive.device == options_.name;
    }
    if (std::holds_alternative<PduOrder>(directive.action)) {
        return device_.kind() == DeviceKind::pdu;
    }
    return !std::holds_alternative<AtsOrder>(directive.action) || device_.kind() == DeviceKind::ats;
}

std::vector<AnswerRecord> Served::answers() const {
    const std::lock_guard lock(mutex_);
    return answers_;
}

bool Served::wait_for_answers(std::size_t count, std::chrono::milliseconds within) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return answers_.size() >= count; });
}

}  // namespace pwlog::simulator
