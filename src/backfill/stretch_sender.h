#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/stretch.h"
#include "base/clock.h"
#include "elastic/backoff.h"
#include "elastic/hosts.h"
#include "elastic/http.h"
#include "elastic/server.h"

namespace pwlog {

/// What senders need to know about where they send.
struct SendOptions {
    std::vector<ServerUrl> servers;
    HttpOptions http;
    ServerInfo server;
    /// A server that gives no usable answer for so long ends the run; it can be resumed.
    std::chrono::milliseconds give_up_after = std::chrono::minutes(10);
    Backoff::Options backoff{};
};

/// Sends stretches until each of their documents is stored, was there already, or is refused for
/// good. By the rules for bulk answers: every item's status counts, nothing else does. One thread
/// each; what the threads share is `trouble`.
class StretchSender {
  public:
    /// `trouble` is told each failure that is tried again, for people; any thread may call it.
    static Result<StretchSender> open(const SendOptions& options, const Clock& clock,
                                      std::function<void(const std::string&)> trouble);

    /// Fills in stretch.tally and stretch.rejects. An Error means that the run cannot go on: a
    /// person has to act (`denied`, `invalid`), the server is away (`unavailable`), or `stopped`.
    /// Whether the documents are stored is then unknown.
    Result<void> send(Stretch& stretch, const std::stop_token& stop);

  private:
    struct Item {
        std::string_view lines;  ///< action and document, with both line ends
        std::size_t position;    ///< in the stretch
        int unknown_tries = 0;
    };

    StretchSender(const SendOptions& options, const Clock& clock, HttpClient http,
                  std::function<void(const std::string&)> trouble);

    Result<void> send_items(std::vector<Item> items, std::string_view body, Stretch& stretch,
                            const std::stop_token& stop);
    Result<void> split(std::vector<Item> items, Stretch& stretch, const HttpReply& reply,
                       const std::stop_token& stop);
    std::vector<Item> apply(const BulkReply& reply, const std::vector<Item>& items,
                            Stretch& stretch);
    Result<void> wait(const std::string& why, std::chrono::milliseconds at_least,
                      const std::stop_token& stop);

    const SendOptions& options_;
    const Clock& clock_;
    HttpClient http_;
    Hosts hosts_;
    Backoff backoff_;
    std::function<void(const std::string&)> trouble_;
    SteadyTime last_success_;
};

}  // namespace pwlog
