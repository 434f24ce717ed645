# SPDX-License-Identifier: MIT
"""mappings/fields.yml, the one table of fields, as rows; what is made from it reads it through here."""

import dataclasses
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCE = ROOT / 'mappings' / 'fields.yml'
METRICS = ('pdu', 'outlet', 'ats', 'ups', 'logger')
DATASETS = METRICS + ('event',)
OWN = 'powerwalker.'
TYPES = {'date', 'keyword', 'text', 'boolean', 'byte', 'integer', 'long', 'float', 'double', 'object'}
KEYS = {'name', 'type', 'metric_type', 'unit', 'dimension', 'description', 'object_type',
        'in', 'from', 'label', 'format', 'range', 'history_only', 'title', 'shown', 'mqtt'}
# Ending of a name -> the unit it stands for.
UNIT_ENDINGS = {'v': 'V', 'a': 'A', 'w': 'W', 'va': 'VA', 'kwh': 'kWh', 'wh': 'Wh', 'hz': 'Hz', 'c': '°C',
                'deg': '°', 's': 's', 'ms': 'ms', 'pct': '1 = 100 %', 'bytes': 'bytes'}
EXTREMES = (('_min', ', least', 'The least of the readings since the document before; absent where there was only one'),
            ('_max', ', greatest', 'The greatest of them'))


class Wrong(Exception):
    """The table contradicts itself; the text names the field."""


@dataclasses.dataclass
class Row:
    """A field. `group`: `pdu` of `powerwalker.pdu.input_v`, empty where the name is not one of our own."""
    name: str
    group: str
    type: str
    datasets: tuple
    label: str
    description: str
    unit: str = ''
    metric_type: str = ''
    dimension: bool = False
    object_type: str = ''
    source: str = ''
    format: str = ''
    extreme: str = ''
    history_only: bool = False
    title: int = 0
    shown: str = '{}'
    mqtt: str = ''

    @property
    def path(self):
        """The name below its group."""
        return self.name.removeprefix(f'{OWN}{self.group}.') if self.group else self.name

    def in_metrics(self):
        return self.group in METRICS

    def in_base(self):
        return not self.group and self.datasets != ('event',)

    def in_events(self):
        return 'event' in self.datasets and not self.in_base()


@dataclasses.dataclass
class Group:
    """Fields that stand together: one of our own objects, or (`name` empty) ECS fields."""
    name: str
    description: str
    note: str
    rows: list


def row_of(field, group):
    unknown = field.keys() - KEYS
    if unknown:
        raise Wrong(f'{field.get("name")}: unknown key {", ".join(sorted(unknown))}')
    where = field.get('in', [group])
    name = f'{OWN}{group}.{field["name"]}' if group else field['name']
    return Row(name=name, group=group, type=field['type'], datasets=DATASETS if where == 'all' else tuple(where),
               label=field.get('label', ''), description=field['description'], unit=field.get('unit', ''),
               metric_type=field.get('metric_type', ''), dimension=field.get('dimension', False),
               object_type=field.get('object_type', ''), source=field.get('from', ''), format=field.get('format', ''),
               history_only=field.get('history_only', False), title=field.get('title', 0),
               shown=field.get('shown', '{}'), mqtt=field.get('mqtt', ''))


def with_extremes(row, wanted):
    yield row
    for ending, words, description in EXTREMES if wanted else ():
        yield dataclasses.replace(row, name=row.name + ending, label=row.label + words, description=description,
                                  source='fast readings', extreme=ending, title=0, shown='{}', mqtt='')


def check(row):
    ending = row.name.removesuffix(row.extreme).rsplit('.', 1)[-1].rpartition('_')
    if row.type not in TYPES:
        raise Wrong(f'{row.name}: type {row.type} is not one of {", ".join(sorted(TYPES))}')
    if not set(row.datasets) <= set(DATASETS):
        raise Wrong(f'{row.name}: {row.datasets} are not all datasets')
    if ending[0] and UNIT_ENDINGS.get(ending[2], row.unit) != row.unit:
        raise Wrong(f'{row.name}: its name says {UNIT_ENDINGS[ending[2]]}, the table "{row.unit}"')
    if row.group in METRICS and row.group not in row.datasets:
        raise Wrong(f'{row.name}: not in its own dataset')
    if row.shown.count('{}') != 1 or (row.shown != '{}' and not row.title):
        raise Wrong(f'{row.name}: shown says where in a title the value stands: {{}}, once')
    if not row.description or (row.type != 'object' and not row.label):
        raise Wrong(f'{row.name}: no description or no label')


def groups():
    """All fields in the order of the file, neighbours of one object in one Group."""
    found = []
    for entry in yaml.safe_load(SOURCE.read_text()):
        own = entry['type'] == 'group'
        group = entry['name'].removeprefix(OWN) if own else ''
        if own or not found or found[-1].name:
            found.append(Group(group, entry['description'] if own else '', entry.get('note', ''), []))
        for field in entry['fields'] if own else [entry]:
            found[-1].rows += with_extremes(row_of(field, group), field.get('range', False))
    names = [row.name for group in found for row in group.rows]
    for name in names:
        if names.count(name) > 1:
            raise Wrong(f'{name}: two rows')
    for group in found:
        for row in group.rows:
            check(row)
    return found


def rows():
    """What Elasticsearch is told of."""
    return [row for group in groups() for row in group.rows if not row.history_only]
