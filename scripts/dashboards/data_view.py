"""The data view `powerwalker-*`: what each field is called, its unit and how its values read."""

import re

from board import saved_object
from lens import DATA_VIEW

STATES = {'off': 'Off', 'on': 'On', 'shutdown_active': 'Going off', 'shutdown_imminent': 'Off imminent',
          'restore_active': 'Coming back', 'overload': 'Overload', 'locked': 'Locked'}
SOURCES = {0: 'None', 1: 'Source 1', 2: 'Source 2'}

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

LABELS = {
    '@timestamp': 'Time', 'message': 'What happened',
    'device.id': 'Device', 'device.manufacturer': 'Maker', 'device.model.name': 'Model',
    'host.name': 'Host', 'agent.name': 'Logger', 'agent.type': 'Logger program', 'agent.version': 'Logger version',
    'ecs.version': 'ECS version',
    'event.action': 'Event', 'event.code': 'Front panel code', 'event.kind': 'Kind', 'event.dataset': 'Dataset',
    'event.module': 'Module', 'event.id': 'Belongs to', 'event.clock': 'Clock', 'event.duration': 'Duration',
    'event.outcome': 'Outcome', 'event.reason': 'Reason', 'event.start': 'Began', 'event.end': 'Ended',
    'event.category': 'Category', 'event.type': 'Type',
    'powerwalker.pdu.input_v': 'Input voltage (V)', 'powerwalker.pdu.input_hz': 'Input frequency (Hz)',
    'powerwalker.pdu.input_a': 'Input current (A)', 'powerwalker.pdu.power_w': 'Input power (W)',
    'powerwalker.pdu.power_va': 'Input apparent power (VA)', 'powerwalker.pdu.power_factor': 'Input power factor',
    'powerwalker.pdu.energy_kwh': 'Input energy counter (kWh)',
    'powerwalker.pdu.interval_wh': 'Input energy (Wh)', 'powerwalker.pdu.cost': 'Input cost',
    'powerwalker.pdu.currency': 'Currency', 'powerwalker.pdu.load_pct': 'Load of the 16 A input',
    'powerwalker.pdu.temperature_c': 'PDU temperature (°C)',
    'powerwalker.pdu.interval_from_counter': 'Input energy taken from the counter',
    'powerwalker.outlet.number': 'Outlet number', 'powerwalker.outlet.name': 'Outlet',
    'powerwalker.outlet.state': 'Outlet state', 'powerwalker.outlet.state_code': 'Outlet state (coloured)',
    'powerwalker.outlet.current_a': 'Current (A)', 'powerwalker.outlet.power_w': 'Power (W)',
    'powerwalker.outlet.power_va': 'Apparent power (VA)', 'powerwalker.outlet.power_factor': 'Power factor',
    'powerwalker.outlet.energy_kwh': 'Energy counter (kWh)', 'powerwalker.outlet.interval_wh': 'Energy (Wh)',
    'powerwalker.outlet.cost': 'Cost', 'powerwalker.outlet.currency': 'Currency of the outlet',
    'powerwalker.outlet.load_pct': 'Load of the alarm threshold',
    'powerwalker.outlet.interval_from_counter': 'Energy taken from the counter',
    'powerwalker.outlet.shutdown_s': 'Goes off in', 'powerwalker.outlet.restore_s': 'Comes back in',
    'powerwalker.ats.active_source': 'Active source', 'powerwalker.ats.preferred_source': 'Preferred source',
    'powerwalker.ats.load_pct': 'ATS load', 'powerwalker.ats.output_a': 'Output current (A)',
    'powerwalker.ats.sync_angle_deg': 'Angle between the sources (°)',
    'powerwalker.ats.temperature_c': 'ATS temperature (°C)', 'powerwalker.ats.redundant': 'Redundancy',
    'powerwalker.ats.capsule': 'Reading around a transfer',
    'powerwalker.ups.status': 'UPS status', 'powerwalker.ups.on_battery': 'UPS on battery',
    'powerwalker.ups.low_battery': 'UPS battery low', 'powerwalker.ups.charge_pct': 'UPS battery charge',
    'powerwalker.ups.load_pct': 'UPS load', 'powerwalker.ups.runtime_s': 'UPS battery lasts',
    'powerwalker.ups.input_v': 'UPS input voltage (V)', 'powerwalker.ups.output_v': 'UPS output voltage (V)',
    'powerwalker.ups.battery_v': 'UPS battery voltage (V)',
    'powerwalker.logger.read': 'Documents made', 'powerwalker.logger.stored': 'Documents stored',
    'powerwalker.logger.duplicates': 'Documents it had already', 'powerwalker.logger.rejected': 'Documents rejected',
    'powerwalker.logger.dropped': 'Documents dropped', 'powerwalker.logger.pending': 'Documents waiting',
    'powerwalker.logger.read_errors': 'Failed readings', 'powerwalker.logger.cycles_late': 'Late cycles',
    'powerwalker.logger.spool_bytes': 'Spool size', 'powerwalker.logger.ship_latency_ms': 'Shipping latency',
    'powerwalker.event.alarm': 'Alarm', 'powerwalker.event.observed': 'End was seen',
    'powerwalker.event.from_state': 'State before', 'powerwalker.event.to_state': 'State after',
    'powerwalker.event.from_source': 'From source', 'powerwalker.event.to_source': 'To source',
    'powerwalker.event.source': 'Source', 'powerwalker.event.reasons': 'What was wrong',
    'powerwalker.event.sync_angle_deg': 'Angle before the transfer (°)',
    'powerwalker.event.away_s': 'Away from the preferred source', 'powerwalker.event.setting_unit': 'Unit of the setting',
    'powerwalker.event.requested_by': 'Asked by', 'powerwalker.event.method': 'Asked over',
    'powerwalker.event.delay_s': 'Delay asked for', 'powerwalker.event.restore_after_s': 'Time off asked for',
    'powerwalker.event.digits_before': 'Outlets before', 'powerwalker.event.digits_after': 'Outlets after',
    'powerwalker.event.counter_before_kwh': 'Counter before (kWh)',
    'powerwalker.event.counter_after_kwh': 'Counter after (kWh)',
}

ALARMS = {
    'low_input_voltage': 'Input voltage low (A01)', 'high_input_voltage': 'Input voltage high (A02)',
    'low_input_current': 'Input current low (F09)', 'high_input_current': 'Input current high (F10)',
    'aux1_power_fail': 'Auxiliary supply 1 failed', 'aux2_power_fail': 'Auxiliary supply 2 failed',
    'sync_bad': 'Sources out of step', 'short_circuit': 'Short circuit', 'overload_fault': 'Switched off by overload',
    'overload': 'Overload', 'fault_mode': 'Fault mode',
}


def label(field):
    """What a person calls the field."""
    if field in LABELS:
        return LABELS[field]
    name = field.rsplit('.', 1)[1]
    if '.alarm.' in field:
        return f'{"PDU" if ".pdu." in field else "ATS"}: {ALARMS[name]}'
    source = re.fullmatch(r'source(\d)_(voltage|freq|wave)_bad', name)
    if source:
        what = {'voltage': 'voltage', 'freq': 'frequency', 'wave': 'wave form'}[source[2]]
        return f'Source {source[1]} {what} out of limits'
    source = re.fullmatch(r'source(\d)_(v|hz)(_min|_max)?', name)
    if source:
        what = {'v': 'voltage (V)', 'hz': 'frequency (Hz)'}[source[2]]
        return f'Source {source[1]} {what}' + EXTREME[source[3]]
    extreme = re.fullmatch(r'(.*)(_min|_max)', field)
    if extreme:
        return label(extreme[1]) + EXTREME[extreme[2]]
    return name.replace('_', ' ').capitalize()


EXTREME = {None: '', '_min': ', least', '_max': ', greatest'}


def pattern(text):
    return {'id': 'number', 'params': {'pattern': text}}


def lookup(words):
    entries = [{'key': str(key).lower() if isinstance(key, bool) else str(key), 'value': value}
               for key, value in words.items()]
    return {'id': 'static_lookup', 'params': {'lookupEntries': entries}}


def duration(unit):
    return {'id': 'duration', 'params': {'inputFormat': unit, 'outputFormat': 'humanizePrecise',
                                         'outputPrecision': 1, 'useShortSuffix': True, 'includeSpaceWithSuffix': True}}


def value_format(field, kind):
    """How a value reads; None leaves it to Kibana."""
    name = field.rsplit('.', 1)[-1]
    base = re.sub(r'_(min|max)$', '', name)
    if field == 'powerwalker.outlet.state_code':
        return lookup(dict(enumerate(STATES.values())))
    if field == 'powerwalker.outlet.state' or name in ('from_state', 'to_state'):
        return lookup(STATES)
    if name in ('active_source', 'preferred_source', 'from_source', 'to_source', 'source'):
        return lookup(SOURCES)
    if field == 'event.action':
        return lookup(ACTIONS)
    if field == 'powerwalker.event.reasons':
        return lookup(REASONS)
    if field == 'powerwalker.ats.redundant':
        return lookup({True: 'Redundant', False: 'Not redundant'})
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
