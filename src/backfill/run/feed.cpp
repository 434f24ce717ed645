// SPDX-License-Identifier: MIT
#include "backfill/run/feed.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "base/thread.h"

namespace pwlog {
namespace {

constexpr std::size_t most_bytes = std::size_t{256} * 1024;

class FeedInput final : public ByteInput {
  public:
    explicit FeedInput(LineMaker maker) {
        const auto started =
            start_thread(thread_, "feed",
                         [this, maker = std::move(maker)](const std::stop_token&) { make(maker); });
        if (!started) {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            failure_ = started.error();
        }
    }

    ~FeedInput() override {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        changed_.notify_all();
    }
    FeedInput(const FeedInput&) = delete;
    FeedInput& operator=(const FeedInput&) = delete;

    Result<std::size_t> read(char* to, std::size_t size) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !bytes_.empty() || ended_; });
        const std::size_t count = std::min(size, bytes_.size());
        std::memcpy(to, bytes_.data(), count);
        bytes_.erase(0, count);
        consumed_ += count;
        if (count == 0 && failure_) {
            damage_ = failure_->message;
        }
        changed_.notify_all();
        return count;
    }

    Result<void> skip_to(std::uint64_t) override {
        return fail(ErrorKind::invalid, "this source cannot be gone on with; begin with --fresh");
    }
    std::uint64_t consumed() const override { return consumed_; }
    std::optional<std::uint64_t> total() const override { return std::nullopt; }
    const std::string& damage() const override { return damage_; }

  private:
    void make(const LineMaker& maker) {
        auto made = maker([this](std::string_view line) { return put(line); });
        const std::lock_guard lock(mutex_);
        ended_ = true;
        if (!made && made.error().kind != ErrorKind::stopped) {
            failure_ = made.error();
        }
        changed_.notify_all();
    }

    Result<void> put(std::string_view line) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return bytes_.size() < most_bytes || abandoned_; });
        if (abandoned_) {
            return fail(ErrorKind::stopped, "nobody reads any more");
        }
        bytes_ += line;
        bytes_ += '\n';
        changed_.notify_all();
        return {};
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    bool ended_ = false;
    bool abandoned_ = false;
    std::optional<Error> failure_;
    std::uint64_t consumed_ = 0;
    std::string damage_;
    std::jthread thread_;  // last: it uses everything above
};

}  // namespace

std::unique_ptr<ByteInput> feed_input(LineMaker maker) {
    return std::make_unique<FeedInput>(std::move(maker));
}

}  // namespace pwlog
