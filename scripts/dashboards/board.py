# SPDX-License-Identifier: MIT
"""A dashboard: panels on a grid of 48 columns, their references, controls and the links to the others."""

from lens import DATA_VIEW, kuery

PANEL_VERSION = '8.9.0'
CORE_VERSION = '8.8.0'
TYPE_VERSIONS = {'dashboard': '8.9.0', 'index-pattern': '8.0.0', 'search': '8.0.0', 'tag': '8.0.0'}
TAG = {'type': 'tag', 'id': 'powerwalker', 'name': 'tag-ref-powerwalker'}

# The link names are what people read; the ids are for ever.
BOARDS = [('powerwalker-overview', 'Overview'), ('powerwalker-outlets', 'Outlets'),
          ('powerwalker-transfer-switch', 'Transfer switch'), ('powerwalker-events', 'Events'),
          ('powerwalker-logger', 'Logger')]


def saved_object(kind, object_id, attributes, references=()):
    return {'type': kind, 'id': object_id, 'attributes': attributes, 'references': list(references),
            'coreMigrationVersion': CORE_VERSION, 'typeMigrationVersion': TYPE_VERSIONS[kind]}


def data_view_reference(name):
    return {'type': 'index-pattern', 'id': DATA_VIEW, 'name': name}


class Board:
    def __init__(self, object_id, title, description):
        self.id, self.title, self.description = object_id, title, description
        self.panels, self.references, self.controls = [], [dict(TAG)], {}
        self.filters = []
        self.links()

    def links(self):
        """In one line, on a phone too: the panel is no higher."""
        shown = [f'**{name}**' if board == self.id else f'[{name}](#/view/{board})' for board, name in BOARDS]
        self.place('links', (0, 0, 48, 2), 'visualization', {
            'hidePanelTitles': True,
            'savedVis': {'id': '', 'title': '', 'description': '', 'type': 'markdown',
                         'params': {'fontSize': 10, 'openLinksInNewTab': False,
                                    'markdown': ' · '.join(shown)},
                         'uiState': {}, 'data': {'aggs': [], 'searchSource': {'query': kuery(''), 'filter': []}}}})

    def place(self, panel_id, box, kind, config, title=None, **more):
        x, y, w, h = box
        panel = {'version': PANEL_VERSION, 'type': kind, 'panelIndex': panel_id,
                 'gridData': {'x': x, 'y': y, 'w': w, 'h': h, 'i': panel_id}, **more,
                 'embeddableConfig': {'enhancements': {}, **config}}
        if title:
            panel['title'] = title
        self.panels.append(panel)

    def lens(self, panel_id, box, title, visualization, query, about='', time_range=None):
        """`about` is shown at the panel's (i); `time_range` (from, to) makes it independent of the time
        picker."""
        kind, state, layers = visualization
        references = [data_view_reference(f'indexpattern-datasource-layer-{layer.id}') for layer in layers]
        states = {layer.id: layer.state() for layer in layers}
        attributes = {'title': title, 'description': about, 'visualizationType': kind, 'type': 'lens',
                      'references': references,
                      'state': {'visualization': state, 'query': kuery(query), 'filters': [],
                                'datasourceStates': {'formBased': {'layers': states}},
                                'internalReferences': [], 'adHocDataViews': {}}}
        config = {'attributes': attributes}
        if time_range:
            config['timeRange'] = {'from': time_range[0], 'to': time_range[1]}
        self.place(panel_id, box, 'lens', config, title)
        self.references += [{**reference, 'name': f'{panel_id}:{reference["name"]}'} for reference in references]

    def search(self, panel_id, box, title, search_id, time_range=None):
        config = {'timeRange': {'from': time_range[0], 'to': time_range[1]}} if time_range else {}
        self.place(panel_id, box, 'search', config, title, panelRefName=f'panel_{panel_id}')
        self.references.append({'type': 'search', 'id': search_id, 'name': f'{panel_id}:panel_{panel_id}'})

    def control(self, control_id, field, title, width='medium'):
        self.controls[control_id] = {
            'type': 'optionsListControl', 'order': len(self.controls), 'grow': False, 'width': width,
            'explicitInput': {'id': control_id, 'fieldName': field, 'title': title, 'selectedOptions': [],
                              'enhancements': {}}}
        self.references.append(data_view_reference(f'controlGroup_{control_id}:optionsListDataView'))

    def only(self, label, query):
        """A filter on the whole dashboard, shown as a pill; it also narrows what the controls offer. `query`:
        Elasticsearch's, as a filter has no KQL."""
        name = f'kibanaSavedObjectMeta.searchSourceJSON.filter[{len(self.filters)}].meta.index'
        self.filters.append({'meta': {'alias': label, 'disabled': False, 'negate': False, 'type': 'custom',
                                      'key': 'query', 'indexRefName': name},
                             'query': query, '$state': {'store': 'appState'}})
        self.references.append(data_view_reference(name))

    def object(self):
        attributes = {
            'title': self.title, 'description': self.description, 'version': 1, 'timeRestore': True,
            'timeFrom': 'now-24h', 'timeTo': 'now', 'refreshInterval': {'pause': False, 'value': 30000},
            'optionsJSON': {'useMargins': True, 'syncColors': True, 'syncCursor': True,
                            'syncTooltips': False, 'hidePanelTitles': False},
            'kibanaSavedObjectMeta': {'searchSourceJSON': {'query': kuery(''), 'filter': self.filters}},
            'panelsJSON': self.panels}
        if self.controls:
            attributes['controlGroupInput'] = {
                'controlStyle': 'oneLine', 'chainingSystem': 'HIERARCHICAL',
                'ignoreParentSettingsJSON': {'ignoreFilters': False, 'ignoreQuery': False,
                                             'ignoreTimerange': False, 'ignoreValidations': False},
                'panelsJSON': self.controls}
        return saved_object('dashboard', self.id, attributes, self.references)
