# SPDX-License-Identifier: MIT
"""[Metrics PowerWalker] Overview: is everything all right, and what does it draw and cost?"""

import alarms
from board import Board
from lens import (EVERY, Layer, by_time, chart, dataset, formula, heard, last, limits, metric, number, percent, series, static,
                  steps, table, terms, tile)
from words import AMBER, GREEN, RED, SOURCE_COLORS, SOURCE_STEPS, STATE_STEPS, rating

PDU, OUTLET, ATS = 'powerwalker.pdu', 'powerwalker.outlet', 'powerwalker.ats'
NOW = '15m'  # what is older is not "now": the tile then says N/A


def board():
    page = Board('powerwalker-overview', '[Metrics PowerWalker] Overview',
                 'Power, energy and cost now and today, the two sources, and whether all is well.')
    page.control('device', 'device.id', 'Device')
    page.control('outlet', f'{OUTLET}.name', 'Outlet')
    tiles(page)
    page.lens('power-by-outlet', (0, 10, 30, 13), 'Power by outlet', power_by_outlet(), dataset(OUTLET),
              about='Average power in each step of time, the outlets on top of each other: the eight that drew most, and '
                    'all others together. The table below has each.')
    page.lens('sources', (30, 10, 18, 13), 'Voltage of both sources', sources(), dataset(ATS),
              about='Lowest in each step of time. The dashed lines are the limits an ATS has when it is new.')
    page.lens('outlets', (0, 23, 48, 26), 'Outlets', outlets(), dataset(OUTLET),
              about='State and power are the newest sample; share, energy and cost are of the chosen time.')
    return page


def tiles(page):
    both = dataset(PDU, OUTLET)
    page.lens('power', (0, 2, 9, 8), 'Power now', power_now(), both,
              about='Active power at the input of the PDUs, all together, in the last minute. With an outlet chosen '
                    'above: what that outlet draws. N/A: nothing was read for 15 minutes.')
    page.lens('energy', (9, 2, 8, 8), 'Energy today', energy_today(), both, time_range=TODAY,
              about='Since midnight, all PDUs, whatever the time picker says.')
    page.lens('cost', (17, 2, 7, 8), 'Cost today', cost_today(), both, time_range=TODAY,
              about='Since midnight, all PDUs, by the tariff in the configuration. Without one it is 0.00.')
    page.lens('load', (24, 2, 7, 8), 'Load of the 16 A input', load_now(), dataset(PDU),
              about='Input current by the 16 A that a PDU is made for, in the last minute. N/A: no PDU was read for 15 '
                    'minutes.')
    page.lens('active-source', (31, 2, 6, 8), 'Active source', active_source(), dataset(ATS),
              about='The source that feeds the output of the transfer switch. Of several, the one read last. N/A: none '
                    'was read for 15 minutes.')
    page.lens('redundancy', (37, 2, 6, 8), 'Redundancy', redundancy(), dataset(ATS), about=ABOUT_REDUNDANCY)
    page.lens('alarms', (43, 2, 5, 8), 'Alarms now', alarms_now(), dataset(PDU, OUTLET, ATS),
              about=alarms.ABOUT)


TODAY = ('now/d', 'now/d')
ABOUT_REDUNDANCY = ('Whether the other source could take over, in the last minute: 100 % says yes, 0 % no; of several '
                    'switches, the share that has it. N/A: none was read for 15 minutes.')
HAS_PDU = f"gt(count(kql='event.dataset : \"{PDU}\"'), 0)"


def of_input_or_outlets(name, shift=''):
    """The input's sum; where the outlet control leaves no PDU documents, the chosen outlets' sum."""
    return f'ifelse({HAS_PDU}, sum({PDU}.{name}{shift}), sum({OUTLET}.{name}{shift}))'


def now_of(operation, field):
    """Of the last minute; of the last 15 where samples come less often."""
    return f"defaults({operation}({field}, reducedTimeRange='1m'), {operation}({field}, reducedTimeRange='{NOW}'))"


def power_now():
    """All together. As there is no sum of last values: an average, times how many were averaged."""
    inputs = f"{now_of('average', f'{PDU}.power_w')} * unique_count(device.id, reducedTimeRange='{NOW}')"
    outlets = f"{now_of('average', f'{OUTLET}.power_w')} * unique_count({OUTLET}.name, reducedTimeRange='{NOW}')"
    layer = Layer('power', w=formula(f'ifelse({HAS_PDU}, {inputs}, {outlets})', 'at the input', number(0, ' W')))
    trend = Layer('trend', time=by_time(), trend=formula(
        f'ifelse({HAS_PDU}, average({PDU}.power_w) * unique_count(device.id), '
        f'average({OUTLET}.power_w) * unique_count({OUTLET}.name))', 'Power', number(0, ' W')))
    return tile(layer, 'w', trend=trend)


def energy_today():
    layer = Layer('energy', kwh=formula(f"{of_input_or_outlets('interval_wh')} / 1000", 'all PDUs', number(2, ' kWh')),
                  before=formula(of_input_or_outlets('interval_wh', ", shift='1d'") + ' / 1000', 'yesterday',
                                 number(2, ' kWh')))
    return tile(layer, 'kwh', secondary='before', prefix='all of yesterday')


def cost_today():
    layer = Layer('cost', cost=formula(of_input_or_outlets('cost'), 'all PDUs', number(2)),
                  currency=last(f'{PDU}.currency', 'Currency', 'string'))
    return tile(layer, 'cost', secondary='currency', prefix='')


def load_now():
    layer = Layer('load', load=formula(now_of('max', f'{PDU}.load_pct'), 'most loaded PDU', percent()),
                  full=static(1, 'Full load'), heard=heard(NOW))
    return tile(layer, 'load', secondary='heard', prefix='PDUs heard from', maximum='full',
                palette=rating((0.7, AMBER), (0.9, RED)))


def active_source():
    layer = Layer('source', source=last(f'{ATS}.active_source', 'feeds the output', reduced=NOW), heard=heard(NOW))
    return tile(layer, 'source', secondary='heard', prefix='switches heard from', palette=SOURCE_STEPS)


def redundancy():
    """As a share, since only numbers have colours."""
    layer = Layer('redundancy', redundant=formula(redundant_share(), 'the other source could take over', percent()),
                  heard=heard(NOW))
    return tile(layer, 'redundant', secondary='heard', prefix='switches heard from',
                palette=rating((1, GREEN), lowest=RED))


def redundant_share():
    """Of the last minute; where samples are less frequent, of the last fifteen, and N/A without any."""
    def share(within):
        matching = f"count(kql='{ATS}.redundant : true', reducedTimeRange='{within}')"
        return f"{matching} / pick_max(count(reducedTimeRange='{within}'), 1)"
    heard_of = f"0 * max(@timestamp, reducedTimeRange='{NOW}')"
    return f"ifelse(gt(count(reducedTimeRange='1m'), 0), {share('1m')}, {share(NOW)}) + {heard_of}"


def alarms_now():
    layer = Layer('alarms', alarms=formula(alarms.count_formula(), 'seen in the last 5 minutes', number()))
    return tile(layer, 'alarms', palette=rating((1, RED)))


def by_outlet(other=True):
    """The eight greatest consumers first, and the rest as one: more than nine colours nobody tells apart, and a longer
    legend would scroll. A chart's colours follow this order. It comes before the time, or each step of time would have
    its own."""
    return terms(f'{OUTLET}.name', 'Outlet', 8, rank=('sum', f'{OUTLET}.interval_wh'), other=other)


def power_of_outlets():
    """Of outlets of one name on several PDUs, or of several outlets: an average, times how many were averaged."""
    return formula(f'average({OUTLET}.power_w) * pick_max(unique_count(device.id), unique_count({OUTLET}.name))', 'Power',
                   number(0, ' W'))


def power_by_outlet():
    layer = Layer('power', outlet=by_outlet(), time=by_time(), w=power_of_outlets())
    return chart(series(layer, 'area_stacked', 'time', 'w', split='outlet'), legend='right')


def sources():
    volts = Layer('volts', time=by_time(), one=metric('min', f'{ATS}.source1_v', 'Source 1', number(0, ' V')),
                  two=metric('min', f'{ATS}.source2_v', 'Source 2', number(0, ' V')))
    bounds = Layer('limits', low=static(180, '180 V'), high=static(258, '258 V'))
    return chart(series(volts, 'line', 'time', 'one', 'two', colors=SOURCE_COLORS), limits(bounds), bounds=(170, 270))


def outlets():
    energy = f'sum({OUTLET}.interval_wh)'
    layer = Layer('outlets', device=terms('device.id', 'Device', EVERY),
                  number=terms(f'{OUTLET}.number', 'No.', 8, kind='number'),
                  outlet=terms(f'{OUTLET}.name', 'Outlet', 3),
                  state=last(f'{OUTLET}.state_code', 'State'),
                  w=last(f'{OUTLET}.power_w', 'Power now', fmt=number(0, ' W')),
                  share=formula(f'{energy} / overall_sum({energy})', 'Share of the total', percent(1)),
                  kwh=formula(f'{energy} / 1000', 'Energy', number(2, ' kWh')),
                  cost=metric('sum', f'{OUTLET}.cost', 'Cost', number(2), empty_as_null=False),
                  currency=last(f'{OUTLET}.currency', 'Currency', 'string'))
    right = {'alignment': 'right'}
    return table(layer, {'device': {}, 'number': {'width': 60, **right}, 'outlet': {},
                         'state': {'palette': STATE_STEPS, 'alignment': 'center'}, 'w': right, 'share': right,
                         'kwh': {**right, 'summaryRow': 'sum', 'summaryLabel': 'Total'},
                         'cost': {**right, 'summaryRow': 'sum', 'summaryLabel': 'Total'}, 'currency': {'width': 100}},
                 sort=('kwh', 'desc'), page=20)
