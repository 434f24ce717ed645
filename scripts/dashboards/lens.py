# SPDX-License-Identifier: MIT
"""The parts of a Lens panel: columns (what is asked) and visualizations (how it is shown)."""

import formula as formulas

DATA_VIEW = 'powerwalker'
EVERY = 1000  # as many values as Kibana asks for: those of a table, where one that is left out is not missed


def number(decimals=0, suffix=''):
    return {'id': 'number', 'params': {'decimals': decimals, 'suffix': suffix}}


def percent(decimals=0):
    return {'id': 'percent', 'params': {'decimals': decimals}}


def kuery(text):
    return {'query': text, 'language': 'kuery'}


def dataset(*names):
    """The query for documents of these kinds."""
    return 'event.dataset : ' + ('"%s"' % names[0] if len(names) == 1 else
                                 '(' + ' or '.join(f'"{name}"' for name in names) + ')')


# Columns. Each function gives a column without an id; Layer.add names it.

def by_time(interval='auto', label='Time', drop_partial=False):
    return {'label': label, 'customLabel': True, 'dataType': 'date', 'operationType': 'date_histogram',
            'sourceField': '@timestamp', 'isBucketed': True, 'scale': 'interval',
            'params': {'interval': interval, 'includeEmptyRows': True, 'dropPartials': drop_partial}}


def terms(field, label, size=20, rank=None, kind='string', missing=False, other=False):
    """The values of a field: alphabetical, or those with the greatest `rank` (operation, field); `other`: and all
    the rest as one."""
    params = {'size': size, 'orderBy': {'type': 'alphabetical', 'fallback': False}, 'orderDirection': 'asc',
              'otherBucket': other, 'missingBucket': missing, 'parentFormat': {'id': 'terms'},
              'include': [], 'exclude': [], 'includeIsRegex': False, 'excludeIsRegex': False}
    if rank:
        params.update(orderBy={'type': 'custom'}, orderDirection='desc', orderAgg=metric(*rank, 'Rank'))
    return {'label': label, 'customLabel': True, 'dataType': kind, 'operationType': 'terms',
            'scale': 'ordinal', 'sourceField': field, 'isBucketed': True, 'params': params}


def filters(label, named_queries):
    """One bucket per query, there even when nothing matches."""
    return {'label': label, 'customLabel': True, 'dataType': 'string', 'operationType': 'filters',
            'scale': 'ordinal', 'isBucketed': True,
            'params': {'filters': [{'label': name, 'input': kuery(query)} for name, query in named_queries]}}


def metric(operation, field, label, fmt=None, where=None, reduced=None, empty_as_null=True):
    column = {'label': label, 'customLabel': True, 'dataType': 'number', 'operationType': operation,
              'sourceField': field, 'isBucketed': False, 'scale': 'ratio', 'params': {}}
    if operation in formulas.HIDES_ZERO:
        column['params']['emptyAsNull'] = empty_as_null
    if fmt:
        column['params']['format'] = fmt
    if where:
        column['filter'] = kuery(where)
    if reduced:
        column['reducedTimeRange'] = reduced
    return column


def count(label, where=None, fmt=None, empty_as_null=False):
    return metric('count', '___records___', label, fmt or number(), where, empty_as_null=empty_as_null)


def last(field, label, kind='number', fmt=None, where=None, reduced=None):
    """The newest value; kind: number, string, boolean or date."""
    column = {'label': label, 'customLabel': True, 'dataType': kind, 'operationType': 'last_value',
              'sourceField': field, 'isBucketed': False,
              'scale': 'ordinal' if kind == 'string' else 'ratio',
              'filter': kuery(f'{field}: *' + (f' and ({where})' if where else '')),
              'params': {'sortField': '@timestamp', 'showArrayValues': False}}
    if fmt:
        column['params']['format'] = fmt
    if reduced:
        column['reducedTimeRange'] = reduced
    return column


def formula(text, label, fmt=None):
    column = {'label': label, 'customLabel': True, 'dataType': 'number', 'operationType': 'formula',
              'isBucketed': False, 'scale': 'ratio', 'references': [],
              'params': {'formula': text, 'isFormulaBroken': False}}
    if fmt:
        column['params']['format'] = fmt
    return column


def heard(within):
    """How many devices or loggers there were samples of: where that is 0 it says why a number is N/A."""
    return formula(f"unique_count(device.id, reducedTimeRange='{within}')", 'heard from', number())


def rate_per_minute(field, label, fmt=None):
    """How fast a counter rises; it may start again at 0. Not as a formula: Lens doesn't scale those to a unit."""
    column = {'label': label, 'customLabel': True, 'dataType': 'number', 'operationType': 'counter_rate',
              'isBucketed': False, 'scale': 'ratio', 'references': [], 'timeScale': 'm', 'params': {}}
    if fmt:
        column['params']['format'] = fmt
    return {**column, 'of': metric('max', field, label)}


def static(value, label, fmt=None):
    params = {'value': str(value)}
    if fmt:
        params['format'] = fmt
    return {'label': label, 'customLabel': True, 'dataType': 'number', 'operationType': 'static_value',
            'isStaticValue': True, 'isBucketed': False, 'scale': 'ratio', 'references': [],
            'params': params}


class Layer:
    """Named columns over the data view, in the order they were added."""

    def __init__(self, layer_id, **columns):
        self.id, self.columns, self.links = layer_id, {}, []
        for name, column in columns.items():
            self.add(name, column)

    def add(self, name, column):
        if column['operationType'] == 'formula':
            hidden, result = formulas.columns(name, column['label'], column['params']['formula'])
            column = {**column, 'references': [result]}
            self.columns.update(hidden)
        if 'of' in column:
            self.columns[f'{name}X0'] = column['of']
            column = {**{key: given for key, given in column.items() if key != 'of'}, 'references': [f'{name}X0']}
        self.columns[name] = column

    def state(self):
        buckets = [name for name, column in self.columns.items() if column['isBucketed']]
        values = [name for name, column in self.columns.items() if not column['isBucketed']]
        state = {'columnOrder': buckets + values, 'columns': self.columns,
                 'incompleteColumns': {}, 'sampling': 1}
        return {**state, 'linkToLayers': self.links} if self.links else state


def steps(*bounds, first='#54B399'):
    """A palette of fixed colours: `first` below bounds[0][0], then each colour from its bound on."""
    lower = [{'color': first, 'stop': None}] + [{'color': c, 'stop': b} for b, c in bounds]
    upper = [{'color': color['color'], 'stop': following['stop']}
             for color, following in zip(lower, lower[1:])]
    upper.append({'color': lower[-1]['color'], 'stop': bounds[-1][0] + 1 if bounds else 1})
    return {'type': 'palette', 'name': 'custom',
            'params': {'name': 'custom', 'reverse': False, 'rangeType': 'number', 'rangeMin': None,
                       'rangeMax': None, 'progression': 'fixed', 'continuity': 'all', 'steps': len(lower),
                       'maxSteps': max(5, len(lower)), 'colorStops': lower, 'stops': upper}}


# Visualizations: each gives (visualizationType, its state, its layers).

def tile(layer, value, secondary=None, prefix=None, color=None, palette=None, maximum=None, trend=None, summed=None):
    """One number; `maximum`: the column that a full bar stands for; `trend`: a layer (time, trend) drawn behind it;
    `summed`: a column of groups whose numbers are added up."""
    state = {'layerId': layer.id, 'layerType': 'data', 'metricAccessor': value}
    optional = {'secondaryMetricAccessor': secondary, 'secondaryPrefix': prefix, 'color': color,
                'palette': palette, 'maxAccessor': maximum, 'breakdownByAccessor': summed,
                'collapseFn': 'sum' if summed else None}
    state.update({key: given for key, given in optional.items() if given is not None})
    if maximum:
        state.update(showBar=True, progressDirection='horizontal')
    if not trend:
        return 'lnsMetric', state, [layer]
    trend.links = [layer.id]
    state.update(trendlineLayerId=trend.id, trendlineLayerType='metricTrendline',
                 trendlineTimeAccessor='time', trendlineMetricAccessor='trend')
    return 'lnsMetric', state, [layer, trend]


def series(layer, shape, x, *values, split=None, colors=None, right=()):
    """One layer of an XY chart; colors: value -> colour."""
    state = {'layerId': layer.id, 'layerType': 'data', 'seriesType': shape, 'xAccessor': x,
             'accessors': list(values), 'position': 'top', 'showGridlines': False}
    if split:
        state.update(splitAccessor=split, palette={'type': 'palette', 'name': 'default'})
    config = []
    for value in values:
        entry = {'forAccessor': value}
        if value in right:
            entry['axisMode'] = 'right'
        if colors and value in colors:
            entry['color'] = colors[value]
        config.append(entry)
    state['yConfig'] = config
    return layer, state


def limits(layer, color='#D0382E'):
    """Dashed lines at fixed values, each with its name."""
    config = [{'forAccessor': value, 'axisMode': 'left', 'color': color, 'lineStyle': 'dashed',
               'lineWidth': 1, 'fill': 'none', 'textVisibility': True, 'iconPosition': 'left'}
              for value in layer.columns]
    return layer, {'layerId': layer.id, 'layerType': 'referenceLine', 'accessors': list(layer.columns),
                   'yConfig': config}


def chart(*layers, bounds=None, legend='bottom', right_bounds=None, gaps='None', value_labels='hide'):
    """bounds: (lower, upper), or 'data' to fit the axis to what is shown; None starts at 0.
    The axes have no titles: their numbers carry the unit."""
    first = layers[0][1]
    state = {'legend': {'isVisible': legend != 'none', 'position': legend if legend != 'none' else 'bottom',
                        'showSingleSeries': True, 'shouldTruncate': True, 'maxLines': 1},
             'valueLabels': value_labels, 'fittingFunction': gaps, 'preferredSeriesType': first['seriesType'],
             'axisTitlesVisibilitySettings': {'x': False, 'yLeft': False, 'yRight': False},
             'tickLabelsVisibilitySettings': {'x': True, 'yLeft': True, 'yRight': True},
             'labelsOrientation': {'x': 0, 'yLeft': 0, 'yRight': 0},
             'gridlinesVisibilitySettings': {'x': False, 'yLeft': True, 'yRight': False},
             'yLeftExtent': extent(bounds), 'layers': [state for _, state in layers]}
    if any(entry.get('axisMode') == 'right' for _, layer in layers for entry in layer['yConfig']):
        state['yRightExtent'] = extent(right_bounds)
    return 'lnsXY', state, [layer for layer, _ in layers]


def extent(bounds):
    if bounds is None:
        return {'mode': 'full', 'niceValues': True}
    if bounds == 'data':
        return {'mode': 'dataBounds', 'niceValues': True}
    return {'mode': 'custom', 'lowerBound': bounds[0], 'upperBound': bounds[1], 'niceValues': True}


def table(layer, columns, sort=None, page=None, fit_rows=False):
    """columns: name -> dict of what differs from a plain column (width, alignment, palette …)."""
    shown = []
    for name, options in columns.items():
        entry = {'columnId': name, **options}
        if 'palette' in options:
            entry.setdefault('colorMode', 'cell')
        shown.append(entry)
    state = {'layerId': layer.id, 'layerType': 'data', 'columns': shown, 'rowHeight': 'single',
             'headerRowHeight': 'single', 'rowHeightLines': 1, 'headerRowHeightLines': 1}
    if fit_rows:
        state.update(rowHeight='auto')
    if page:
        state['paging'] = {'size': page, 'enabled': True}
    if sort:
        state['sorting'] = {'columnId': sort[0], 'direction': sort[1]}
    return 'lnsDatatable', state, [layer]


def heatmap(layer, x, y, value, palette):
    """Without a legend: Kibana's names ranges (`On - Going off`), where each colour is one value."""
    state = {'shape': 'heatmap', 'layerId': layer.id, 'layerType': 'data', 'xAccessor': x, 'yAccessor': y,
             'valueAccessor': value, 'palette': {**palette, 'accessor': value},
             'legend': {'isVisible': False, 'position': 'right', 'type': 'heatmap_legend'},
             'gridConfig': {'type': 'heatmap_grid', 'isCellLabelVisible': False, 'isYAxisLabelVisible': True,
                            'isXAxisLabelVisible': True, 'isYAxisTitleVisible': False,
                            'isXAxisTitleVisible': False}}
    return 'lnsHeatmap', state, [layer]
