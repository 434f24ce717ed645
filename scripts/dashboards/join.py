# SPDX-License-Identifier: MIT
"""From a reviewable object to the line that Kibana's import takes.

Kibana keeps some attributes as JSON inside a string. In our files they are JSON like the rest; here they
become strings: every attribute whose name ends in JSON, and these few of a data view.
"""

import json

IN_STRINGS = {'fieldAttrs', 'fieldFormatMap', 'fields', 'runtimeFieldMap', 'sourceFilters'}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


def with_strings(attributes):
    joined = {}
    for name, value in attributes.items():
        if name.endswith('JSON') or name in IN_STRINGS:
            joined[name] = compact(value)
        elif isinstance(value, dict):
            joined[name] = with_strings(value)
        else:
            joined[name] = value
    return joined


def line(saved_object):
    return compact({**saved_object, 'attributes': with_strings(saved_object['attributes'])}) + '\n'
