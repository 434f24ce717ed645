// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "document/document_kind.h"

namespace pwlog {

enum class FieldType { integer, real, boolean, text };

/// What a number measures; its unit in documents in brackets.
enum class Measure {
    none,       ///< a count, a code
    voltage,    ///< [V]
    current,    ///< [A]
    power,      ///< [W]
    apparent,   ///< [VA]
    frequency,  ///< [Hz]
    counter,    ///< [kWh]
    energy,     ///< [Wh]
    celsius,    ///< [C]
    ratio,      ///< [1], 1 = 100 %
    angle,      ///< [deg]
    seconds,    ///< [s]
};

/// Of the readings between two documents, of the field that stands before.
enum class Extreme { none, least, greatest };

/// One field of a metric document.
struct FieldRow {
    DocumentKind kind;
    std::string_view path;  ///< below `powerwalker.pdu.` or whichever is the kind's
    FieldType type;
    Measure measure;
    Extreme extreme;
    std::string_view label;  ///< what a person calls it
    int title;               ///< its place in its device's title, from 1; 0: not there
    std::string_view shown;  ///< and how it stands there: `{} load`
    std::string_view mqtt;   ///< its key in MQTT payloads; empty: in none
};

}  // namespace pwlog
