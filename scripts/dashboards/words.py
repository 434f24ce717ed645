# SPDX-License-Identifier: MIT
"""The colours that mean the same on every page."""

from data_view import STATES
from lens import steps

GREEN, AMBER, ORANGE, RED, PINK, GREY = '#54B399', '#D6BF57', '#DA8B45', '#E7664C', '#F2B8AC', '#98A2B3'
BLUE, DARK_BLUE, PURPLE, DARK_PURPLE = '#6092C0', '#3B73A6', '#9170B8', '#8058B0'

# What is not known is neither good nor bad. It is what is below the first bound: Kibana gives that colour to N/A.
UNKNOWN = GREY


def rating(*bounds, lowest=GREEN):
    """The colours of a number that is never negative: `lowest` from 0 on, then each from its bound on."""
    return steps((0, lowest), *bounds, first=UNKNOWN)


# Kibana shows what a table has no value for as a dash, whatever the field's format.
NONE_YET = '(- : none yet)'

# One colour per outlet state, by the device's own digit 0 to 6.
STATE_COLORS = dict(zip(STATES, [GREY, GREEN, AMBER, ORANGE, BLUE, RED, PURPLE]))
STATE_STEPS = steps(*[(code, color) for code, color in enumerate(STATE_COLORS.values()) if code],
                    first=STATE_COLORS['off'])

# Source 1 and 2 are named, not rated: neither is green or red. No source at all is red.
SOURCE_COLORS = {'one': BLUE, 'two': PURPLE, 'none': RED}
SOURCE_STEPS = rating((1, SOURCE_COLORS['one']), (2, SOURCE_COLORS['two']), lowest=SOURCE_COLORS['none'])
