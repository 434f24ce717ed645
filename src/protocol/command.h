// SPDX-License-Identifier: MIT
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pwlog::pdu {

/// Which outlets a person allowed to be switched. Nothing by default.
class SwitchPermit {
  public:
    SwitchPermit() = default;
    /// `outlets`: numbers 1 to 8; others are `invalid`.
    static Result<SwitchPermit> of(const std::vector<int>& outlets);

    bool allows(int outlet) const;
    bool allows_all() const { return outlets_.all(); }
    std::vector<int> outlets() const;  ///< those allowed, as of() takes them
    bool operator==(const SwitchPermit&) const = default;

  private:
    std::bitset<8> outlets_;
};

/// One outlet by its number 1 to 8, or all of them (`A` on the wire).
class OutletChoice {
  public:
    static Result<OutletChoice> number(int outlet);
    static OutletChoice all() { return OutletChoice(0); }
    bool is_all() const { return outlet_ == 0; }
    int outlet() const { return outlet_; }  ///< 0 for all
    char wire() const { return is_all() ? 'A' : static_cast<char>('0' + outlet_); }

  private:
    explicit OutletChoice(int outlet) : outlet_(outlet) {}
    int outlet_;
};

/// A command that changes something on the device. Can only be made by the functions below, and
/// those that switch an outlet ask the permit: this is the lowest wall, the same for every caller.
class SetCommand {
  public:
    const std::string& text() const { return text_; }
    /// What it switches; none where it switches nothing.
    std::optional<OutletChoice> outlet() const { return switches_; }
    /// Whether this permit has what the command switches: one may have changed since it was made.
    Result<void> check(const SwitchPermit& permit) const;

  private:
    explicit SetCommand(std::string text, std::optional<OutletChoice> switches = {})
        : text_(std::move(text)), switches_(switches) {}
    std::string text_;
    std::optional<OutletChoice> switches_;

    friend Result<SetCommand> shutdown(const SwitchPermit&, OutletChoice, std::chrono::seconds,
                                       std::optional<std::chrono::minutes>);
    friend Result<SetCommand> cancel_shutdown(const SwitchPermit&, OutletChoice);
    friend SetCommand clear_energy();
    friend SetCommand self_test();
    friend Result<SetCommand> custom(const SwitchPermit&, std::string_view);
};

/// `S,<o><n>` or, with `restore_after`, `S,<o><n>R<m>`.
///
/// `delay`: 0 (at once), 6 to 54 s in steps of 6 (`.1` to `.9` minutes) or 1 to 99 whole minutes,
/// as the device knows them; others are `invalid`. `restore_after`: 0 to 9999 minutes, 0 = after
/// one second. `denied` where the permit lacks the outlet, or for all outlets where it lacks any.
Result<SetCommand> shutdown(const SwitchPermit& permit, OutletChoice outlet,
                            std::chrono::seconds delay,
                            std::optional<std::chrono::minutes> restore_after);

/// `CS,<o>`: cancels a pending shutdown; the same permit is needed, as it decides over power too.
Result<SetCommand> cancel_shutdown(const SwitchPermit& permit, OutletChoice outlet);

/// `CEC`: zeroes the energy counters.
SetCommand clear_energy();

/// `TP`: all LEDs and the buzzer for five seconds.
SetCommand self_test();

/// A command a person typed. Printable ASCII without spaces only, so that no second command hides
/// behind a CR; whatever looks like switching, or has a comma, must be one of the commands above to
/// the letter, and is permitted or denied like it.
Result<SetCommand> custom(const SwitchPermit& permit, std::string_view text);

}  // namespace pwlog::pdu
