# SPDX-License-Identifier: MIT
"""The data view `powerwalker-*`: what each field is called, its unit and how its values read."""

import re

import field_table
from board import saved_object
from lens import DATA_VIEW

STATES = {'off': 'Off', 'on': 'On', 'shutdown_active': 'Going off', 'shutdown_imminent': 'Off imminent',
          'restore_active': 'Coming back', 'overload': 'Overload', 'locked': 'Locked'}
SOURCES = {0: 'None', 1: 'Source 1', 2: 'Source 2'}

COMMANDS = {'on': 'On', 'off': 'Off', 'cycle': 'Off and on', 'cancel': 'Cancel'}
REASONS = {'voltage_bad': 'Voltage bad', 'freq_bad': 'Frequency bad', 'wave_bad': 'Wave form bad'}
ACTIONS = {
    'alarm_started': 'Alarm began', 'alarm_ended': 'Alarm over', 'transfer': 'Transfer',
    'redundancy_lost': 'Redundancy lost', 'redundancy_restored': 'Redundancy back',
    'preferred_source_changed': 'Preferred source changed', 'outlet_state_changed': 'Outlet state changed',
    'meter_check_failed': 'Meters disagree', 'meter_check_passed': 'Meters agree again',
    'energy_counter_reset': 'Energy counter cleared', 'setting_changed': 'Setting changed',
    'device_unreachable': 'Device unreachable', 'device_reachable': 'Device back', 'reading_failed': 'Reading failed',
    'wrong_device': 'Wrong device', 'switch_request': 'Switch request',
    'clock_unsynchronised': 'Clock not synchronised', 'clock_synchronised': 'Clock synchronised',
    'samples_dropped': 'Samples dropped',
    'clock_stepped_back': 'Clock stepped back', 'logger_started': 'Logger started', 'logger_stopped': 'Logger stopped',
}

TABLE = {row.name: row for row in field_table.rows()}


def label(field):
    """What a person calls the field."""
    return TABLE[field].label


def pattern(text):
    return {'id': 'number', 'params': {'pattern': text}}


def lookup(words):
    entries = [{'key': str(key).lower() if isinstance(key, bool) else str(key), 'value': value}
               for key, value in words.items()]
    return {'id': 'static_lookup', 'params': {'lookupEntries': entries}}


def duration(unit):
    return {'id': 'duration', 'params': {'inputFormat': unit, 'outputFormat': 'humanizePrecise',
                                         'outputPrecision': 1, 'useShortSuffix': True, 'includeSpaceWithSuffix': True}}


FORMATS = {
    'outlet_state': STATES, 'outlet_state_code': dict(enumerate(STATES.values())), 'source': SOURCES,
    'action': ACTIONS, 'reason': REASONS, 'command': COMMANDS, 'redundancy': {True: 'Redundant', False: 'Not redundant'},
}


def value_format(field, kind):
    """How a value reads; None leaves it to Kibana."""
    row = TABLE[field]
    base = field.rsplit('.', 1)[-1].removesuffix(row.extreme)
    if row.format:
        return lookup(FORMATS[row.format])
    if kind == 'boolean':
        return lookup({True: 'Yes', False: 'No'})
    if field == 'event.duration':
        return duration('nanoseconds')
    for end, unit in (('_ms', 'milliseconds'), ('_s', 'seconds')):
        if base.endswith(end):
            return duration(unit)
    if base.endswith('_pct'):
        return {'id': 'percent', 'params': {'pattern': '0.0%'}}
    if base.endswith('_bytes'):
        return {'id': 'bytes', 'params': {'pattern': '0.0b'}}
    for ends, text in (('_w _va _deg', '0,0'), ('_v _a _hz _c _kwh', '0,0.0'), ('_wh', '0,0.00')):
        if base.endswith(tuple(ends.split())):
            return pattern(text)
    if base in ('cost', 'power_factor'):
        return pattern('0.00')
    return pattern('0,0') if kind in ('long', 'integer', 'byte') else None


def data_view(fields):
    """`fields`: name -> Elasticsearch's type, as the mappings have them."""
    formats = {field: value_format(field, kind) for field, kind in sorted(fields.items())}
    return saved_object('index-pattern', DATA_VIEW, {
        'title': 'powerwalker-*', 'name': 'PowerWalker', 'timeFieldName': '@timestamp',
        'fieldAttrs': {field: {'customLabel': label(field)} for field in sorted(fields)},
        'fieldFormatMap': {field: fmt for field, fmt in formats.items() if fmt},
        'fields': [], 'runtimeFieldMap': {}, 'sourceFilters': []})
