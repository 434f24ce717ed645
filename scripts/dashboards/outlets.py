# SPDX-License-Identifier: MIT
"""[Metrics PowerWalker] Outlets: which outlet draws how much, when, and how near its limit it is."""

from board import Board
from lens import (Layer, by_time, chart, dataset, formula, heatmap, limits, metric, number, percent, series,
                  static, terms)
from data_view import STATES
from overview import by_outlet, power_of_outlets
from words import BLUE, STATE_COLORS, STATE_STEPS

OUTLET = 'powerwalker.outlet'
NAME = f'{OUTLET}.name'
TWO_WEEKS = ('now-14d/d', 'now')
WORST = 'Of more than 24 outlets those with such a state come first (choose others above).'
EIGHT = 'the eight outlets that drew most (choose others above)'


def board():
    page = Board('powerwalker-outlets', '[Metrics PowerWalker] Outlets',
                 'Power, current, power factor, energy and state of each outlet.')
    page.control('device', 'device.id', 'Device')
    page.control('outlet', NAME, 'Outlet')
    query = dataset(OUTLET)
    page.lens('power', (0, 2, 30, 13), 'Power', power(), query,
              about='Average power in each step of time: ' + EIGHT + ', and all others together.')
    page.lens('top', (30, 2, 18, 13), 'Top consumers', top(), query, about='Energy in the chosen time.')
    page.lens('energy-per-day', (0, 15, 24, 13), 'Energy per day', energy_per_day(), query, time_range=TWO_WEEKS,
              about='Today and the 14 days before, from midnight to midnight where you are, whatever the time picker '
                    'says: ' + EIGHT + ', and all others together.')
    page.lens('cost-per-day', (24, 15, 24, 13), 'Cost per day', cost_per_day(), query, time_range=TWO_WEEKS,
              about='The same days, by the tariff in the configuration and in its currency.')
    page.lens('state', (0, 28, 30, 13), 'State over time', state(), query,
              about='In each step of time the state that matters most: a lock or an overload before on, on before off. '
                    'The colours are those of the panel beside it. ' + WORST)
    page.lens('time-in-state', (30, 28, 18, 13), 'Time in each state', time_in_state(), query,
              about='Share of the time that the samples stand for; a sample stands for the time since the one before. ' + WORST)
    page.lens('current', (0, 41, 16, 13), 'Current', current(), query,
              about='Average current in each step of time: ' + EIGHT + '.')
    page.lens('power-factor', (16, 41, 16, 13), 'Power factor', power_factor(), query,
              about='Power by apparent power; an outlet that draws nothing has none. It is ' + EIGHT + '.')
    page.lens('headroom', (32, 41, 16, 13), 'Load and headroom to the alarm threshold', headroom(), query,
              about='The highest current in the chosen time as a share of the outlet\'s own alarm threshold; what is left '
                    'up to the line is its headroom. No bar: its threshold is not known, as in imported history.')
    return page


def over_time(column, bounds=None, other=False):
    layer = Layer('values', outlet=by_outlet(other), time=by_time(), value=column)
    return chart(series(layer, 'line', 'time', 'value', split='outlet'), bounds=bounds, legend='right')


def power():
    return over_time(power_of_outlets(), other=True)


def current():
    return over_time(metric('average', f'{OUTLET}.current_a', 'Current', number(2, ' A')))


def power_factor():
    return over_time(metric('average', f'{OUTLET}.power_factor', 'Power factor', number(2)), bounds=(0, 1))


def top():
    most = terms(NAME, 'Outlet', 16, rank=('sum', f'{OUTLET}.interval_wh'))
    layer = Layer('energy', outlet=most, kwh=formula(f'sum({OUTLET}.interval_wh) / 1000', 'Energy', number(2, ' kWh')))
    return chart(series(layer, 'bar_horizontal', 'outlet', 'kwh', colors={'kwh': BLUE}), legend='none', value_labels='show')


def energy_per_day():
    layer = Layer('energy', outlet=by_outlet(), day=by_time('1d', 'Day'),
                  kwh=formula(f'sum({OUTLET}.interval_wh) / 1000', 'Energy', number(2, ' kWh')))
    return chart(series(layer, 'bar_stacked', 'day', 'kwh', split='outlet'), legend='right')


def cost_per_day():
    layer = Layer('cost', currency=terms(f'{OUTLET}.currency', 'Currency', 3, missing=True), day=by_time('1d', 'Day'),
                  cost=metric('sum', f'{OUTLET}.cost', 'Cost', number(2), empty_as_null=False))
    return chart(series(layer, 'bar_stacked', 'day', 'cost', split='currency'), legend='right')


def those_that_matter():
    return terms(NAME, 'Outlet', 24, rank=('max', f'{OUTLET}.state_code'))


def state():
    layer = Layer('state', outlet=those_that_matter(), time=by_time(),
                  state=metric('max', f'{OUTLET}.state_code', 'State'))
    return heatmap(layer, 'time', 'outlet', 'state', STATE_STEPS)


def time_in_state():
    layer = Layer('states', outlet=those_that_matter(),
                  **{name: formula(f"sum({OUTLET}.interval_s, kql='{OUTLET}.state : \"{name}\"') / 60", words,
                                   number(0, ' min')) for name, words in STATES.items()})
    return chart(series(layer, 'bar_horizontal_percentage_stacked', 'outlet', *STATES, colors=STATE_COLORS), legend='right')


def headroom():
    layer = Layer('load', outlet=terms(NAME, 'Outlet', 16, rank=('max', f'{OUTLET}.load_pct')),
                  load=metric('max', f'{OUTLET}.load_pct', 'Highest load', percent()))
    bounds = Layer('limits', alarm=static(1, 'alarm'))
    return chart(series(layer, 'bar_horizontal', 'outlet', 'load', colors={'load': BLUE}), limits(bounds),
                 legend='none', value_labels='show')
