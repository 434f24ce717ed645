// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mqtt/command.h"
#include "switching/switch_limit.h"
#include "switching/switching.h"

namespace pwlog {

struct DeskCounters {
    std::uint64_t done = 0;     ///< the device shows what was wanted
    std::uint64_t failed = 0;   ///< it does not, or could not be asked
    std::uint64_t refused = 0;  ///< not permitted, not understood, too often: nothing was sent
};

/// Takes commands from the broker to the one way to switch. Whatever comes in, and however much,
/// taking it is quick, what waits is bounded, and no more than a PDU's limit reaches its line.
class CommandDesk {
  public:
    /// A PDU that commands are taken for.
    struct Pdu {
        std::string above;  ///< of its topics
        std::shared_ptr<Switcher> switcher;
        std::function<void()> sample_now;  ///< so that the new state is told at once
    };

    CommandDesk(const std::vector<Pdu>& pdus, const Clock& clock);
    /// Begins to carry out what comes. Error: no thread can be made.
    Result<void> start();
    ~CommandDesk();

    /// Any thread. True where the topic was one for commands.
    bool take(const Incoming& message);

    /// Before the agent's threads end: nothing is begun any more, which is an event of each command
    /// that waits, and who waits for a new state gives up.
    void stop();

    DeskCounters counters() const;

  private:
    struct Counter {  // one PDU's
        Pdu pdu;
        SwitchLimit limit;
        SwitchLimit told_refusals;
        std::size_t waiting = 0;
        std::size_t at_work = 0;
    };
    std::string reason_to_refuse(const Command& command, Counter& counter) const;
    void work(const std::stop_token& stop);
    bool may_begin(const Command& command) const;
    void handle(const Command& command, const std::stop_token& stop);
    void carry_out(const Command& command, const std::stop_token& stop);

    const Clock& clock_;
    std::map<std::string, std::string> devices_;  // device.id by what is above
    mutable std::mutex mutex_;                    // what follows
    std::condition_variable_any news_;
    std::map<std::string, Counter> counters_by_pdu_;
    std::deque<Command> waiting_;
    std::set<std::pair<std::string, int>> busy_;  // outlets that somebody is at
    std::uint64_t changes_ = 0;                   // what came into waiting_
    DeskCounters counters_;
    std::vector<std::jthread> workers_;  // last: they use all of the above
};

}  // namespace pwlog
