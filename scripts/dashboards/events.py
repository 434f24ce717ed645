# SPDX-License-Identifier: MIT
"""[Logs PowerWalker] Events: what happened, what is still wrong, and who switched what."""

import alarms
from board import Board, data_view_reference, saved_object
from lens import (EVERY, Layer, by_time, chart, count, dataset, filters, formula, kuery, last, metric, number, series, steps, table,
                  terms, tile)
from words import AMBER, BLUE, GREEN, GREY, NONE_YET, PINK, PURPLE, RED, STATE_STEPS, rating

EVENT, OUTLET = 'powerwalker.event', 'powerwalker.outlet'
EVENTS = f'event.dataset : "{EVENT}"'
SAMPLES = dataset('powerwalker.pdu', OUTLET, 'powerwalker.ats')
YEAR, MONTH = ('now-1y', 'now'), ('now-30d/d', 'now')
# Whatever the action is called, only a request to switch has a command.
SWITCHING = f'{EVENTS} and {EVENT}.command : *'

LOGGER = 'logger_* or clock_stepped_back or reading_failed or wrong_device or samples_dropped'

# Groups of event.action, one colour each; what is in none of them is counted as Other.
GROUPS = [('alarms', 'Alarms begun', 'event.kind : alert and not event.type : end', RED),
          ('ended', 'Alarms over', 'event.kind : alert and event.type : end', PINK),
          ('transfers', 'Transfers', 'event.action : (transfer or preferred_source_changed)', PURPLE),
          ('outlets', 'Outlets', f'event.action : outlet_state_changed or {EVENT}.command : *', BLUE),
          ('settings', 'Settings', 'event.action : (setting_changed or energy_counter_reset)', AMBER),
          ('logger', 'Logger', f'event.kind : event and event.action : ({LOGGER})', GREEN)]


def board():
    page = Board('powerwalker-events', '[Logs PowerWalker] Events',
                 'Alarms, transfers, switching, changed settings, and what the logger itself did.')
    page.control('device', 'device.id', 'Device')
    page.control('outlet', f'{OUTLET}.name', 'Outlet')
    page.control('action', 'event.action', 'Event')
    page.lens('alarms-now', (0, 2, 8, 7), 'Alarms now', alarms_now(), SAMPLES,
              about=alarms.ABOUT)
    page.lens('over-time', (8, 2, 26, 11), 'Events over time', over_time(), EVENTS,
              about='Outlets: their states and requests to switch them. Settings: changed settings and cleared counters. '
                    'Logger: starts and stops, failed readings. Alarms: devices that could not be reached as well; each has a begin and an end.')
    page.lens('actions', (34, 2, 14, 11), 'Events by action', by_action(), EVENTS, time_range=MONTH,
              about='Today and the 30 days before.')
    page.lens('number', (0, 9, 8, 4), 'Events', number_of_events(), EVENTS)
    page.lens('alarms', (0, 13, 20, 17), 'Alarms', alarm_table(), SAMPLES,
              about='Every alarm there can be, those of the last 5 minutes first. A dash: none yet in the chosen time.')
    page.lens('switching', (20, 13, 28, 17), 'Switching', switching(), f'({dataset(OUTLET)}) or ({SWITCHING})',
              time_range=MONTH, about='Requests to switch each outlet and the latest one; refused ones count too.')
    page.search('newest', (0, 30, 48, 22), 'Newest events', 'powerwalker-events', time_range=YEAR)
    return page


def search():
    """The list of events, for the page and for Discover."""
    name = 'kibanaSavedObjectMeta.searchSourceJSON.index'
    return saved_object('search', 'powerwalker-events', {
        'title': '[Logs PowerWalker] Events', 'description': 'What happened, newest first',
        'columns': ['device.id', 'message', 'event.action', 'event.reason', f'{EVENT}.reasons', 'event.duration'],
        'sort': [['@timestamp', 'desc']], 'grid': {'columns': {
            '@timestamp': {'width': 225}, 'device.id': {'width': 120}, 'event.action': {'width': 195},
            'event.reason': {'width': 150}, f'{EVENT}.reasons': {'width': 170}, 'event.duration': {'width': 110}}},
        'rowHeight': 1, 'hideChart': False, 'isTextBasedQuery': False, 'timeRestore': True, 'timeRange': {'from': 'now-30d', 'to': 'now'},
        'refreshInterval': {'pause': True, 'value': 60000},
        'kibanaSavedObjectMeta': {'searchSourceJSON': {
            'query': kuery(EVENTS), 'filter': [], 'indexRefName': name}}},
        [data_view_reference(name), {'type': 'tag', 'id': 'powerwalker', 'name': 'tag-ref-powerwalker'}])


def alarms_now():
    layer = Layer('alarms', alarms=formula(alarms.count_formula(), 'seen in the last 5 minutes', number()))
    return tile(layer, 'alarms', palette=rating((1, RED)))


def number_of_events():
    return tile(Layer('number', events=count('in the chosen time')), 'events')


def over_time():
    other = ' and '.join(f'not ({query})' for _, _, query, _ in GROUPS)
    groups = GROUPS + [('other', 'Other', other, GREY)]
    layer = Layer('events', time=by_time(), **{name: count(words, query) for name, words, query, _ in groups})
    return chart(series(layer, 'bar_stacked', 'time', *[group[0] for group in groups],
                        colors={name: color for name, _, _, color in groups}), legend='right')


def by_action():
    layer = Layer('actions', action=terms('event.action', 'Action', 30, rank=('count', '___records___')),
                  number=count('Events'))
    return table(layer, {'action': {}, 'number': {'width': 110, 'alignment': 'right'}}, sort=('number', 'desc'))


def alarm_table():
    layer = Layer('alarms', alarm=filters('Alarm', [(words, query) for words, query, _ in alarms.ALARMS]),
                  now=metric('unique_count', 'device.id', 'Now', number(), reduced=alarms.NOW,
                             empty_as_null=False),
                  where=last('device.id', 'Device', 'string'), seen=last('@timestamp', 'Last seen', 'date'))
    return table(layer, {'alarm': {'alignment': 'left', 'width': 230}, 'now': {'width': 78, 'palette': steps((1, RED), first=GREEN)},
                         'where': {'width': 88}, 'seen': {}}, sort=('now', 'desc'), page=10)


def switching():
    layer = Layer('switching', device=terms('device.id', 'Device', EVERY), outlet=terms(f'{OUTLET}.name', 'Outlet', 10),
                  state=last(f'{OUTLET}.state_code', 'State'), requests=count('Requests', SWITCHING),
                  refused=count('Refused', f'{SWITCHING} and event.outcome : failure'),
                  command=last(f'{EVENT}.command', 'Asked for', 'string', where=SWITCHING),
                  who=last(f'{EVENT}.requested_by', 'By', 'string', where=SWITCHING),
                  when=last('@timestamp', f'Latest {NONE_YET}', 'date', where=SWITCHING))
    return table(layer, {'device': {'width': 85}, 'outlet': {'width': 85}, 'state': {'palette': STATE_STEPS, 'alignment': 'center', 'width': 75},
                         'requests': {'width': 110}, 'refused': {'width': 90}, 'command': {'width': 100},
                         'who': {'width': 75}, 'when': {}},
                 sort=('requests', 'desc'), page=10)
