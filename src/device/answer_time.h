// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace pwlog {

/// From the end of a request to the end of its answer, learned for each length of answer. Where a
/// device is steady, a reader that sleeps for so long is woken once by an answer, and not by its
/// first byte as well. Devices and adapters that are not steady (an FTDI adapter hands over what
/// came each 16 ms) are still listened to from the first byte on: sleeping until their latest would
/// cost more time than being woken costs the processor.
class AnswerTime {
  public:
    using nanoseconds = std::chrono::nanoseconds;

    /// An answer of so many bytes ended so long after its request, as the reader saw it end.
    void saw(std::size_t bytes, nanoseconds took) {
        Usual* usual = usual_of(bytes);
        if (usual == nullptr) {
            return;
        }
        if (usual->bytes == 0) {
            *usual = {.bytes = bytes, .took = took};
            return;
        }
        const auto off = took - usual->took;
        // One that was late for once is no reason to be late with those behind it.
        usual->took += (is_steady(*usual) ? std::min(off, most_up) : off) + margin;
        usual->spread += (std::chrono::abs(off) - usual->spread) / 8;
        usual->slept_past = 0;
    }

    /// An answer of so many bytes was there when the reader woke: how long it had been, nobody saw,
    /// so the next one is slept a little shorter; by ever more where it goes on, as the device has
    /// become faster.
    void slept_past(std::size_t bytes) {
        Usual* usual = usual_of(bytes);
        if (usual == nullptr || usual->bytes == 0) {
            return;
        }
        usual->slept_past = std::min(usual->slept_past + 1, int{most_in_turn});
        usual->spread -= usual->spread / 64;
        usual->took = std::max(usual->took - step * std::max(1, usual->slept_past - few_in_turn),
                               nanoseconds(0));
    }

    /// How long to sleep for one of so many bytes; zero where it is not known, or not steady.
    nanoseconds expected(std::size_t bytes) const {
        for (const auto& usual : usual_) {
            if (usual.bytes == bytes && is_steady(usual)) {
                return usual.took;
            }
        }
        return nanoseconds(0);
    }

  private:
    static constexpr nanoseconds steady = std::chrono::milliseconds(1);
    static constexpr nanoseconds not_yet_known = steady + steady / 4;  // so after three alike
    static constexpr nanoseconds margin = std::chrono::microseconds(100);
    static constexpr nanoseconds most_up = std::chrono::microseconds(300);
    static constexpr nanoseconds step = std::chrono::microseconds(50);
    static constexpr int few_in_turn = 16;
    static constexpr int most_in_turn = 1024;
    static constexpr std::size_t most_lengths = 8;  // a PDU's cycle has five, an ATS's two

    struct Usual {
        std::size_t bytes = 0;  // of the answer; no answer has none
        nanoseconds took{0};
        nanoseconds spread = not_yet_known;  // how far answers are from it, on average
        int slept_past = 0;                  // in turn
    };

    static bool is_steady(const Usual& usual) { return usual.spread < steady; }

    /// Null where there is no room for another length: a memory map's lengths are asked once.
    Usual* usual_of(std::size_t bytes) {
        for (auto& usual : usual_) {
            if (usual.bytes == bytes || usual.bytes == 0) {
                return &usual;
            }
        }
        return nullptr;
    }

    std::array<Usual, most_lengths> usual_{};
};

}  // namespace pwlog
