# SPDX-License-Identifier: MIT
"""What counts as an alarm, in the samples: used by every panel that shows or counts alarms."""

from data_view import label

PDU_FLAGS = ['low_input_voltage', 'high_input_voltage', 'low_input_current', 'high_input_current',
             'aux1_power_fail', 'aux2_power_fail']
ATS_FLAGS = ['sync_bad', 'aux1_power_fail', 'aux2_power_fail', 'short_circuit', 'overload_fault', 'overload',
             'fault_mode']
SOURCE_FLAGS = [f'source{number}_{what}_bad' for number in (1, 2) for what in ('voltage', 'freq', 'wave')]

# (what a person calls it, the query that finds it, what is counted)
ALARMS = ([('Outlet overloaded', 'powerwalker.outlet.state : "overload"', 'powerwalker.outlet.name'),
           ('Outlet locked', 'powerwalker.outlet.state : "locked"', 'powerwalker.outlet.name')]
          + [('No redundancy', 'powerwalker.ats.redundant : false', 'device.id')]
          + [(label(field), f'{field} : true', 'device.id')
             for field in [f'powerwalker.pdu.alarm.{flag}' for flag in PDU_FLAGS]
             + [f'powerwalker.ats.{flag}' for flag in SOURCE_FLAGS]
             + [f'powerwalker.ats.alarm.{flag}' for flag in ATS_FLAGS]])

NOW, SILENT = '5m', '15m'
NOTHING_OF_NOTHING = '0 * max(@timestamp)'  # 0, or no number where there are no documents
ABOUT = ('Alarms seen in the last 5 minutes, of PDUs, outlets and transfer switches, redundancy that is lost, and '
         'devices from which nothing came for 15 minutes. N/A: nothing came at all in the chosen time.')


def count_formula():
    """How many alarms there are now: each condition once per device or outlet that has it. A silent device counts
    too: it has no alarms to tell of, and 0 would say that all is well. Where nothing was ever heard there is no number
    at all."""
    silent = f"unique_count(device.id) - unique_count(device.id, reducedTimeRange='{SILENT}')"
    return ' + '.join([f"unique_count({counted}, kql='{query}', reducedTimeRange='{NOW}')"
                       for _, query, counted in ALARMS] + [silent, NOTHING_OF_NOTHING])
