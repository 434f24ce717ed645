# SPDX-License-Identifier: MIT
"""Lens formulas: the text a person writes, taken apart into the columns that Lens keeps for it.

A formula `count(kql='a') / count()` is saved by Lens as one column per operation (`idX0`, `idX1`), a
`math` column with the syntax tree of what combines them, and the formula's own column pointing at the
last of these. Lens makes them when a person types; an imported object must bring them along.
"""

import re

TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_@][\w.@]*)|'(?P<text>(?:[^'\\]|\\.)*)'"
                   r"|(?P<sign>[-+*/(),=]))")
SIGNS = {'+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide'}

FIELD_OPERATIONS = {'average', 'sum', 'max', 'min', 'median', 'unique_count', 'last_value', 'count'}
REFERENCE_OPERATIONS = {'counter_rate', 'differences', 'overall_max', 'overall_sum'}
CONTEXT_OPERATIONS = {'interval', 'time_range', 'now'}
HIDES_ZERO = {'sum', 'unique_count', 'count'}


class Parser:
    """Recursive descent; a node is a number, ('name', n) or ('call', n, args, named)."""

    def __init__(self, text):
        self.tokens, position, text = [], 0, text.strip()
        while position < len(text):
            match = TOKEN.match(text, position)
            if not match:
                raise ValueError(f'formula: cannot read {text[position:position + 20]!r}')
            self.tokens.append((match.lastgroup, match.group(match.lastgroup)))
            position = match.end()
        self.tokens.append(('end', ''))

    def take(self, sign=None):
        kind, value = self.tokens[0]
        if sign and (kind != 'sign' or value != sign):
            raise ValueError(f'formula: {sign!r} expected, found {value!r}')
        return self.tokens.pop(0)

    def sees(self, *signs):
        return self.tokens[0][0] == 'sign' and self.tokens[0][1] in signs

    def whole(self):
        node = self.sum()
        if self.tokens[0][0] != 'end':
            raise ValueError(f'formula: {self.tokens[0][1]!r} is left over')
        return node

    def sum(self):
        node = self.product()
        while self.sees('+', '-'):
            node = ('call', SIGNS[self.take()[1]], [node, self.product()], {})
        return node

    def product(self):
        node = self.atom()
        while self.sees('*', '/'):
            node = ('call', SIGNS[self.take()[1]], [node, self.atom()], {})
        return node

    def atom(self):
        if self.sees('('):
            self.take('(')
            node = self.sum()
            self.take(')')
            return node
        kind, value = self.take()
        if kind == 'number':
            return float(value) if '.' in value else int(value)
        if kind != 'name':
            raise ValueError(f'formula: {value!r} is out of place')
        return self.call(value) if self.sees('(') else ('name', value)

    def call(self, name):
        args, named = [], {}
        self.take('(')
        while not self.sees(')'):
            if self.tokens[0][0] == 'name' and self.tokens[1] == ('sign', '='):
                key = self.take()[1]
                self.take('=')
                named[key] = self.take()[1].replace("\\'", "'")
            else:
                args.append(self.sum())
            if not self.sees(')'):
                self.take(',')
        self.take(')')
        return ('call', name, args, named)


class Compiler:
    def __init__(self, column_id, label):
        self.column_id, self.part = column_id, f'Part of {label}'
        self.columns = {}

    def add(self, column):
        column_id = f'{self.column_id}X{len(self.columns)}'
        self.columns[column_id] = column
        return column_id

    def base(self, operation, **more):
        return {'label': self.part, 'customLabel': True, 'dataType': 'number',
                'operationType': operation, 'isBucketed': False, 'scale': 'ratio', **more}

    def math(self, tree):
        return self.add(self.base('math', params={'tinymathAst': tree}, references=references(tree)))

    def compile(self, node):
        """The id of the column that stands for `node`, or its syntax tree where it is arithmetic."""
        if isinstance(node, (int, float)):
            return node
        if node[0] != 'call':
            raise ValueError(f'formula: {node[1]!r} stands alone')
        _, name, args, named = node
        if name in CONTEXT_OPERATIONS:
            return self.add(self.base(name, references=[]))
        if name in FIELD_OPERATIONS:
            return self.field_operation(name, args, named)
        if name in REFERENCE_OPERATIONS:
            inner = self.compile(args[0])
            inner = inner if isinstance(inner, str) else self.math(inner)
            scale = {'timeScale': 's'} if name == 'counter_rate' else {}
            return self.add(self.base(name, references=[inner], **scale))
        return {'type': 'function', 'name': name, 'args': [self.compile(arg) for arg in args]}

    def field_operation(self, name, args, named):
        field = args[0][1] if args else '___records___'
        column = self.base(name, sourceField=field)
        if name == 'last_value':
            column['params'] = {'sortField': '@timestamp'}
            named.setdefault('kql', f'{field}: *')
        elif name in HIDES_ZERO:
            column['params'] = {'emptyAsNull': False}
        else:
            column['params'] = {}
        if 'kql' in named:
            column['filter'] = {'query': named['kql'], 'language': 'kuery'}
        if 'reducedTimeRange' in named:
            column['reducedTimeRange'] = named['reducedTimeRange']
        if 'shift' in named:
            column['timeShift'] = named['shift']
        return self.add(column)


def references(tree):
    if isinstance(tree, str):
        return [tree]
    found = []
    for arg in tree['args'] if isinstance(tree, dict) else []:
        found += [ref for ref in references(arg) if ref not in found]
    return found


def columns(column_id, label, text):
    """The hidden columns of a formula, and the id of the one that holds its result."""
    compiler = Compiler(column_id, label)
    root = compiler.compile(Parser(text).whole())
    result = root if isinstance(root, str) else compiler.math(root)
    return compiler.columns, result
