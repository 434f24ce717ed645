// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "simulator/served.h"
#include "support/temp_dir.h"

namespace pwlog::test {

/// A simulated device in a folder of its own that remembers all its answers.
class Served {
  public:
    using Options = simulator::Served::Options;

    /// Unpaced, without any delay: what most tests want.
    static Options fast_pdu() { return fast(simulator::DeviceKind::pdu); }
    static Options fast_ats() { return fast(simulator::DeviceKind::ats); }

    static Result<std::unique_ptr<Served>> start(Options options) {
        std::unique_ptr<Served> served(new Served());
        auto& port = options.port;
        port.name = options.device.kind == simulator::DeviceKind::pdu ? "pdu" : "ats";
        if (port.link.empty()) {
            port.link = served->folder_.path() / port.name;
        }
        port.on_answer = [self = served.get()](const auto& record) { self->note(record); };
        auto device = simulator::Served::start(std::move(options));
        if (!device) {
            return pass_on(device);
        }
        served->device_ = std::move(*device);
        return served;
    }

    const std::string& path() const { return device_->path(); }

    /// Does what a script's line says, without its time. `on DEVICE` must name this one.
    Result<void> inject(std::string_view directive) {
        auto parsed = simulator::parse_directive(directive);
        if (!parsed) {
            return pass_on(parsed);
        }
        if (!parsed->device.empty() && parsed->device != device_->name()) {
            return fail(ErrorKind::invalid, "this is " + device_->name());
        }
        return device_->apply(*parsed);
    }

    /// Every answer so far, oldest first.
    std::vector<simulator::AnswerRecord> answers() const {
        const std::lock_guard lock(mutex_);
        return answers_;
    }
    /// Waits until there have been `count` of them; false where time ran out.
    bool wait_for_answers(std::size_t count) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10),
                                 [&] { return answers_.size() >= count; });
    }

  private:
    Served() = default;

    static Options fast(simulator::DeviceKind kind) {
        Options options;
        options.device.kind = kind;
        options.port.paced = false;
        return options;
    }
    void note(const simulator::AnswerRecord& record) {
        {
            const std::lock_guard lock(mutex_);
            answers_.push_back(record);
        }
        changed_.notify_all();
    }

    TempDir folder_;
    mutable std::mutex mutex_;  // guards answers_
    mutable std::condition_variable changed_;
    std::vector<simulator::AnswerRecord> answers_;
    std::unique_ptr<simulator::Served> device_;  // last: its thread tells the others
};

}  // namespace pwlog::test
