# SPDX-License-Identifier: MIT
"""[Metrics PowerWalker] Logger: does what is read arrive, and in time?"""

from board import Board
from lens import (EVERY, Layer, by_time, chart, dataset, formula, heard, last, metric, number, rate_per_minute,
                  series, steps, table, terms, tile)
from words import AMBER, GREEN, RED, rating

LOGGER = 'powerwalker.logger'
NOW = '15m'
COUNTERS = [('rejected', 'Rejected', RED), ('dropped', 'Dropped', RED), ('read_errors', 'Failed readings', AMBER),
            ('cycles_late', 'Late cycles', AMBER), ('duplicates', 'Duplicates', GREEN)]
MILLISECONDS = number(0, ' ms')


def board():
    page = Board('powerwalker-logger', '[Metrics PowerWalker] Logger',
                 'The way from the devices to Elasticsearch: waiting, shipped, refused, lost, late.')
    page.control('host', 'host.name', 'Host')
    query = dataset(LOGGER)
    x = 0
    for panel, width, visualization, title, about in tiles():
        page.lens(panel, (x, 2, width, 6), title, visualization, query, about=about)
        x += width
    page.lens('silent', (x, 2, 8, 6), 'Silent devices', one(
        formula("unique_count(device.id) - unique_count(device.id, reducedTimeRange='5m')", 'for 5 minutes', number()),
        bad()), dataset('powerwalker.pdu', 'powerwalker.ats', LOGGER),
        about='Devices and loggers of the chosen time from which nothing came in its last 5 minutes.')
    page.lens('waiting', (0, 8, 24, 11), 'Documents waiting', over_time(metric(
        'max', f'{LOGGER}.pending', 'Waiting', number())), query, about='Greatest in each step of time. It should come back to 0.')
    page.lens('shipped', (24, 8, 24, 11), 'Shipped per minute', over_time(
        rate_per_minute(f'{LOGGER}.stored', 'Shipped', number()), whole_steps=True), query,
              about='Documents that Elasticsearch took. Needs half an hour or more: below, a step of time is shorter than what '
                    'lies between two reports of a logger.')
    page.lens('latency', (0, 19, 24, 11), 'Shipping latency', over_time(metric(
        'max', f'{LOGGER}.ship_latency_ms', 'Latency', MILLISECONDS)), query,
        about='From the commit in the spool to the answer, greatest in each step of time.')
    page.lens('spool', (24, 19, 24, 11), 'Spool size', over_time(metric(
        'max', f'{LOGGER}.spool_bytes', 'Spool', {'id': 'bytes', 'params': {'decimals': 1}}), ), query,
        about='Delivered documents stay in it for spool.keep, 7 days unless set otherwise.')
    page.lens('hosts', (0, 30, 48, 8), 'Loggers', hosts(), query,
              about='Rises of the counters in the chosen time. Shipped and duplicates have arrived; rejected ones wait in '
                    'the spool; dropped ones are lost.')
    return page


def tiles():
    yield ('waiting-now', 8, one(metric('max', f'{LOGGER}.pending', 'now', number(), reduced='5m'),
                              rating((1000, AMBER), (10000, RED)), heard('5m')), 'Documents waiting',
           'Made and not yet taken by Elasticsearch; the greatest of the last 5 minutes.')
    yield ('latency-now', 8, one(last(f'{LOGGER}.ship_latency_ms', 'newest batch', fmt=MILLISECONDS, reduced=NOW),
                              within=heard(NOW)),
           'Shipping latency', 'From the commit in the spool to the answer.')
    yield ('dropped', 6, risen('dropped', bad()), 'Dropped', 'Lost, as the spool was full.')
    yield ('rejected', 6, risen('rejected', bad()), 'Rejected',
           'Refused by Elasticsearch; they wait in the spool (pwlog spool rejects).')
    yield ('read-errors', 6, risen('read_errors', rating((1, AMBER), (100, RED))),
           'Failed readings', 'Readings that failed after their retries.')
    yield ('late', 6, risen('cycles_late', rating((1, AMBER), (100, RED))),
           'Late cycles', 'Skipped, as the cycle before was not done.')


def bad():
    return rating((1, RED))


def one(column, palette=None, within=None):
    if not within:
        return tile(Layer('now', value=column), 'value', palette=palette)
    return tile(Layer('now', value=column, heard=within), 'value', secondary='heard', prefix='loggers heard from',
                palette=palette)


def rise(name, label):
    """How far a counter rose; a spool made anew starts again at 0."""
    return formula(f'max({LOGGER}.{name}) - min({LOGGER}.{name})', label, number())


def risen(name, palette):
    """Of all hosts. Each has a counter of its own, so the greatest less the least of all would mean nothing."""
    layer = Layer('now', host=terms('host.name', 'Host', EVERY), value=rise(name, 'in the chosen time'))
    return tile(layer, 'value', palette=palette, summed='host')


def over_time(column, whole_steps=False):
    greatest = ('max', column.get('of', column)['sourceField'])
    layer = Layer('values', host=terms('host.name', 'Host', 10, rank=greatest), time=by_time(drop_partial=whole_steps), value=column)
    return chart(series(layer, 'line', 'time', 'value', split='host'), gaps='Linear')


def hosts():
    layer = Layer('hosts', host=terms('host.name', 'Host', EVERY), newest=last('@timestamp', 'Newest sample', 'date'),
                  version=last('agent.version', 'Version', 'string'),
                  pending=last(f'{LOGGER}.pending', 'Waiting', fmt=number()), stored=rise('stored', 'Shipped'),
                  **{name: rise(name, words) for name, words, _ in COUNTERS})
    marks = {name: {'palette': steps((1, color), first=GREEN)} for name, _, color in COUNTERS if color != GREEN}
    marks['newest'] = {'width': 230}
    return table(layer, {name: marks.get(name, {}) for name in ['host', 'newest', 'version', 'pending', 'stored']
                         + [counter[0] for counter in COUNTERS]})
