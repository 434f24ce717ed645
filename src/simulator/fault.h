// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/chance.h"
#include "simulator/words.h"

namespace pwlog::simulator {

/// Everything that can happen to an answer on its way. docs/simulator.md says what each one does.
enum class FaultKind {
    drop,
    late,
    truncated,
    unended,
    garbled,
    bitflip,
    noise,
    nul,
    linefeed,
    echo,
    nak,
    ignored,
    wrong,
    stale,
    doubled,
    slow,
    babble,
    unplug,
};

std::string_view to_word(FaultKind kind);

/// `fault KIND (PROBABILITY | next N [after M]) [for D] [only CMD[,CMD…]]`
struct FaultRule {
    FaultKind kind{};
    double probability = 0;
    std::optional<int> next;              ///< answers it still strikes; none: by probability
    int after = 0;                        ///< of `next`: answers that still pass before
    std::chrono::nanoseconds duration{};  ///< late, slow (a byte), babble, unplug
    std::vector<std::string> only;        ///< commands; empty: all
};

/// The faults asked for so far. At most one strikes an answer.
class FaultPlan {
  public:
    /// A rule replaces an earlier one of the same kind for the same commands; one with probability
    /// 0 only removes it.
    void add(const FaultRule& rule);
    void clear() { rules_.clear(); }

    /// What strikes this answer, if anything does.
    std::optional<FaultRule> draw(std::string_view command, Dice& dice);

  private:
    std::vector<FaultRule> rules_;
};

/// Behind `fault`.
FaultRule parse_fault(Words& words);

}  // namespace pwlog::simulator
