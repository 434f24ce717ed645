# SPDX-License-Identifier: MIT
"""[Metrics PowerWalker] Transfer switch: are both sources good, and what has the switch done?"""

from alarms import NOTHING_OF_NOTHING
from board import Board
from lens import (Layer, by_time, chart, count, dataset, filters, formula, heard, last, limits, metric, number, percent, series,
                  static, table, terms, tile)
from overview import ABOUT_REDUNDANCY, active_source, redundancy
from words import AMBER, BLUE, DARK_BLUE, DARK_PURPLE, NONE_YET, PURPLE, RED, SOURCE_COLORS, rating

ATS, EVENT = 'powerwalker.ats', 'powerwalker.event'
# The dense readings around a transfer would weigh too much in an average or a count.
SAMPLES = dataset(ATS) + f' and not {ATS}.capsule : true'
TRANSFER = f'event.dataset : "{EVENT}" and event.action : "transfer"'
NOW = '15m'
TWO_WEEKS, MONTH = ('now-14d/d', 'now'), ('now-30d/d', 'now')


def board():
    page = Board('powerwalker-transfer-switch', '[Metrics PowerWalker] Transfer switch',
                 'Both sources with their limits, the active source, transfers and load of the transfer switch.')
    page.only('Transfer switches', {'bool': {'minimum_should_match': 1, 'should': [
        {'term': {'event.dataset': ATS}},
        {'bool': {'filter': [{'term': {'event.dataset': EVENT}}, {'exists': {'field': f'{EVENT}.to_source'}}]}}]}})
    page.control('device', 'device.id', 'Transfer switch')
    tiles(page)
    page.lens('voltage', (0, 8, 24, 12), 'Voltage of both sources', voltage(), SAMPLES,
              about='Lowest and highest in each step of time. Dashed: the limits of a new device; a source beyond them '
                    'is left. Yours may be set otherwise (pwlog ats memory).')
    page.lens('frequency', (24, 8, 24, 12), 'Frequency of both sources', frequency(), SAMPLES,
              about='Lowest and highest in each step of time; dashed: the limits of a new device.')
    page.lens('active-source', (0, 20, 24, 10), 'Active source over time', active_over_time(), SAMPLES,
              about='Share of each step of time on source 1, on source 2, or on none.')
    page.lens('minutes-out', (24, 20, 24, 10), 'Minutes out of range per day', minutes_out(), SAMPLES,
              time_range=TWO_WEEKS, about='How long each source was outside its voltage, frequency or wave limits, '
                                          'from midnight to midnight, today and the 14 days before, as long as samples '
                                          'said so.')
    page.lens('transfers', (0, 30, 24, 10), 'Transfers per day', transfers(), f'({SAMPLES}) or ({TRANSFER})',
              time_range=MONTH, about='Today and the 30 days before.')
    page.lens('last-transfer', (24, 30, 24, 10), 'Latest transfer', last_transfer(), TRANSFER,
              time_range=MONTH, about='The latest transfer to each source, the switch that made it, and how long one was away from its '
                                      'preferred source at most. The older ones are on the Events page.')
    page.lens('angle', (0, 40, 16, 10), 'Angle between the sources', angle(), SAMPLES,
              about='Greatest in each step of time. At a small angle a transfer is gentle; some devices refuse one at '
                    'a large angle.')
    page.lens('load', (16, 40, 16, 10), 'Load', load(), SAMPLES, about='Average and highest in each step of time.')
    page.lens('temperature', (32, 40, 16, 10), 'Temperature', temperature(), SAMPLES,
              about='Inside the device, average in each step of time.')
    return page


def tiles(page):
    page.lens('source-now', (0, 2, 8, 6), 'Active source', active_source(), SAMPLES)
    page.lens('redundancy-now', (8, 2, 8, 6), 'Redundancy', redundancy(), SAMPLES, about=ABOUT_REDUNDANCY)
    page.lens('without-redundancy', (16, 2, 8, 6), 'Without redundancy', one(formula(
        minutes(f'{ATS}.redundant : false') + ' + ' + NOTHING_OF_NOTHING, 'in the chosen time', number(0, ' min')),
        palette=rating((1, AMBER), (60, RED))), SAMPLES,
        about='As long as samples said so; what happened while nothing was read is not known.')
    page.lens('load-now', (24, 2, 8, 6), 'Load', one(last(f'{ATS}.load_pct', 'now', fmt=percent(), reduced=NOW),
              palette=rating((0.8, AMBER), (1, RED))), SAMPLES)
    page.lens('angle-now', (32, 2, 8, 6), 'Angle between the sources', one(last(
        f'{ATS}.sync_angle_deg', 'now', fmt=number(0, '°'), reduced=NOW)), SAMPLES)
    page.lens('temperature-now', (40, 2, 8, 6), 'Temperature', one(last(
        f'{ATS}.temperature_c', 'now', fmt=number(0, ' °C'), reduced=NOW)), SAMPLES)


def one(column, palette=None):
    return tile(Layer('now', value=column, heard=heard(NOW)), 'value', secondary='heard', prefix='switches heard from',
                palette=palette)


def least(field):
    """Of the samples, and of the readings between them where the logger keeps those."""
    return f'pick_min(min({field}), defaults(min({field}_min), min({field})))'


def greatest(field):
    return f'pick_max(max({field}), defaults(max({field}_max), max({field})))'


EXTREMES = {'one_low': BLUE, 'one_high': DARK_BLUE, 'two_low': PURPLE, 'two_high': DARK_PURPLE}


def voltage():
    volts = number(0, ' V')
    layer = Layer('volts', time=by_time(),
                  one_low=formula(least(f'{ATS}.source1_v'), 'Source 1 low', volts),
                  one_high=formula(greatest(f'{ATS}.source1_v'), 'Source 1 high', volts),
                  two_low=formula(least(f'{ATS}.source2_v'), 'Source 2 low', volts),
                  two_high=formula(greatest(f'{ATS}.source2_v'), 'Source 2 high', volts))
    bounds = Layer('limits', low=static(180, '180 V'), high=static(258, '258 V'))
    return chart(series(layer, 'line', 'time', *EXTREMES, colors=EXTREMES), limits(bounds), bounds=(160, 280), legend='right')


def frequency():
    hertz = number(1, ' Hz')
    layer = Layer('hertz', time=by_time(),
                  one_low=metric('min', f'{ATS}.source1_hz', 'Source 1 low', hertz),
                  one_high=metric('max', f'{ATS}.source1_hz', 'Source 1 high', hertz),
                  two_low=metric('min', f'{ATS}.source2_hz', 'Source 2 low', hertz),
                  two_high=metric('max', f'{ATS}.source2_hz', 'Source 2 high', hertz))
    bounds = Layer('limits', low=static(45, '45 Hz'), high=static(55, '55 Hz'))
    return chart(series(layer, 'line', 'time', *EXTREMES, colors=EXTREMES), limits(bounds), bounds=(44, 56), legend='right')


def active_over_time():
    layer = Layer('active', time=by_time(), one=count('Source 1', f'{ATS}.active_source : 1'),
                  two=count('Source 2', f'{ATS}.active_source : 2'), none=count('None', f'{ATS}.active_source : 0'))
    return chart(series(layer, 'bar_percentage_stacked', 'time', 'one', 'two', 'none', colors=SOURCE_COLORS))


def minutes(query):
    """How long the matching samples say that it lasted: each stands for the time since the one before. Those of an
    older version don't say how long; of them it is the matching part of the span that they cover."""
    old = f'not {ATS}.interval_s : *'
    span = f"(defaults(max(@timestamp, kql='{old}'), 0) - defaults(min(@timestamp, kql='{old}'), 0)) / 60000"
    share = f"count(kql='({query}) and {old}') / pick_max(count(kql='{old}'), 1)"
    return f"sum({ATS}.interval_s, kql='{query}') / 60 + {share} * {span}"


def minutes_out():
    def bad(source):
        return ' or '.join(f'{ATS}.source{source}_{what}_bad : true' for what in ('voltage', 'freq', 'wave'))
    layer = Layer('minutes', day=by_time('1d', 'Day'), one=formula(minutes(bad(1)), 'Source 1', number(0, ' min')),
                  two=formula(minutes(bad(2)), 'Source 2', number(0, ' min')))
    return chart(series(layer, 'bar_stacked', 'day', 'one', 'two', colors=SOURCE_COLORS))


def transfers():
    layer = Layer('transfers', day=by_time('1d', 'Day'), one=count('to source 1', f'{TRANSFER} and {EVENT}.to_source : 1'),
                  two=count('to source 2', f'{TRANSFER} and {EVENT}.to_source : 2'))
    return chart(series(layer, 'bar_stacked', 'day', 'one', 'two', colors=SOURCE_COLORS))


def last_transfer():
    """A row for each source: those are known even where no switch is."""
    layer = Layer('last', to=filters('Transfer', [(f'to source {source}', f'{EVENT}.to_source : {source}') for source in (1, 2)]),
                  number=count('Number'), when=last('@timestamp', f'Latest {NONE_YET}', 'date', where=TRANSFER),
                  device=last('device.id', 'Switch', 'string'), away=metric('max', f'{EVENT}.away_s', 'Longest away'))
    return table(layer, {'to': {'alignment': 'left', 'width': 110}, 'number': {'width': 85}, 'when': {'width': 230},
                         'device': {'width': 105}, 'away': {}})


def angle():
    layer = Layer('angle', time=by_time(), angle=metric('max', f'{ATS}.sync_angle_deg', 'Angle', number(0, '°')))
    return chart(series(layer, 'line', 'time', 'angle', colors={'angle': BLUE}), legend='none')


def load():
    layer = Layer('load', time=by_time(), average=metric('average', f'{ATS}.load_pct', 'Average', percent()),
                  highest=formula(greatest(f'{ATS}.load_pct'), 'Highest', percent()))
    bounds = Layer('limits', alarm=static(1, '100%'))
    return chart(series(layer, 'line', 'time', 'average', 'highest', colors={'average': BLUE, 'highest': AMBER}),
                 limits(bounds), bounds=(0, 1.1))


def temperature():
    layer = Layer('temperature', time=by_time(),
                  celsius=metric('average', f'{ATS}.temperature_c', 'Temperature', number(0, ' °C')))
    return chart(series(layer, 'line', 'time', 'celsius', colors={'celsius': BLUE}), bounds='data', legend='none')
