#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks kibana/*.json without a Kibana: versions, references, fields and types, axes, layout.

What is checked here made imports fail, or panels stay empty without a word, in a real Kibana 8.12.
"""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = {"dashboard": "8.9.0", "index-pattern": "8.0.0", "search": "8.0.0", "tag": "8.0.0"}
# What Kibana 8.12 knows; an attribute of a newer one fails the object, within an answer of 200.
ATTRIBUTES = {
    "dashboard": {"title", "description", "version", "timeRestore", "timeFrom", "timeTo", "refreshInterval",
                  "optionsJSON", "kibanaSavedObjectMeta", "panelsJSON", "controlGroupInput"},
    "index-pattern": {"title", "name", "timeFieldName", "fieldAttrs", "fieldFormatMap", "fields", "runtimeFieldMap",
                      "sourceFilters"},
    "search": {"title", "description", "columns", "sort", "grid", "rowHeight", "hideChart", "isTextBasedQuery",
               "timeRestore", "timeRange", "refreshInterval", "kibanaSavedObjectMeta"},
    "tag": {"name", "description", "color"},
}
NUMBERS = {"byte", "integer", "long", "float", "double"}
KINDS = {"string": {"keyword"}, "number": NUMBERS, "boolean": {"boolean"}, "date": {"date"}}


def mapped_fields():
    """name -> definition, as in the time series template, which knows which fields are counters."""
    found = {}

    def walk(properties, above):
        for name, field in properties.items():
            if "properties" in field:
                walk(field["properties"], above + name + ".")
            elif field["type"] != "object":
                found.setdefault(above + name, {}).update(field)

    for name in ("base", "events", "metrics"):
        path = ROOT / "mappings" / "component_template" / f"powerwalker-{name}.json"
        walk(json.loads(path.read_text())["template"]["mappings"]["properties"], "")
    return found


FIELDS = mapped_fields()
OBJECTS = {path.name: json.loads(path.read_text()) for path in sorted((ROOT / "kibana").glob("*.json"))}
BOARDS = {name: found for name, found in OBJECTS.items() if found["type"] == "dashboard"}


def panels(board):
    return board["attributes"]["panelsJSON"]


def lens_panels():
    """(what to call it, its attributes) of every Lens panel."""
    for name, board in BOARDS.items():
        for panel in panels(board):
            if panel["type"] == "lens":
                yield f'{name}: {panel["title"]}', panel["embeddableConfig"]["attributes"]


def layers(attributes):
    return attributes["state"]["datasourceStates"]["formBased"]["layers"]


def columns():
    """(where, id, column) of every column of every panel."""
    for where, attributes in lens_panels():
        for layer in layers(attributes).values():
            for column_id, column in layer["columns"].items():
                yield where, column_id, column


def queries(value):
    """Every KQL text below `value`."""
    if isinstance(value, dict):
        if value.get("language") == "kuery":
            yield value["query"]
        for inner in value.values():
            yield from queries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from queries(inner)


def fields_of_query(query):
    without_values = re.sub(r'"[^"]*"', '""', query)
    return re.findall(r"([A-Za-z_@][\w.@]*)\s*(?::|[<>]=?)", without_values)


def unfit(column):
    """Why a column's operation can't be done on its field; None where it can."""
    operation, field = column["operationType"], column.get("sourceField")
    if field is None or (field == "___records___" and operation == "count"):
        return None
    if field not in FIELDS:
        return f"{field} is not mapped"
    kind, series = FIELDS[field]["type"], FIELDS[field].get("time_series_metric")
    if operation in ("average", "sum", "median"):
        if series == "counter":
            return f"{operation} of the counter {field} means nothing"
        return None if kind in NUMBERS else f"{operation} of {field}, a {kind}"
    if operation in ("max", "min"):
        return None if kind in NUMBERS | {"date"} else f"{operation} of {field}, a {kind}"
    if operation == "date_histogram":
        return None if kind == "date" else f"{field} is a {kind}, no date"
    if operation in ("terms", "unique_count"):
        return None if kind in NUMBERS | {"keyword", "boolean", "date"} else f"{operation} of {field}, a {kind}"
    if operation == "last_value":
        wanted = KINDS.get(column["dataType"], set())
        return None if kind in wanted else f'{field} is a {kind}, told to be a {column["dataType"]}'
    return f"nobody has thought about {operation} of {field}"


class Objects(unittest.TestCase):
    def test_there_is_what_there_should_be(self):
        self.assertEqual(len(BOARDS), 5)
        for name, found in OBJECTS.items():
            self.assertEqual(name, f'{found["type"]}-{found["id"]}.json')

    def test_each_carries_versions_that_8_12_and_later_take(self):
        for name, found in OBJECTS.items():
            self.assertEqual(found["coreMigrationVersion"], "8.8.0", name)
            self.assertEqual(found["typeMigrationVersion"], VERSIONS[found["type"]], name)
            self.assertNotIn("managed", found, f"{name} could not be edited")

    def test_none_has_an_attribute_that_8_12_does_not_know(self):
        for name, found in OBJECTS.items():
            self.assertLessEqual(set(found["attributes"]), ATTRIBUTES[found["type"]], name)

    def test_every_reference_is_to_an_object_that_is_there(self):
        there = {(found["type"], found["id"]) for found in OBJECTS.values()}
        for name, found in OBJECTS.items():
            for reference in found["references"]:
                self.assertIn((reference["type"], reference["id"]), there, name)
            names = [reference["name"] for reference in found["references"]]
            self.assertEqual(len(names), len(set(names)), name)


class References(unittest.TestCase):
    """A name that is missing is no error to an import: the panel just stays empty."""

    def test_a_lens_panel_names_its_data_view_twice_for_each_layer(self):
        for name, board in BOARDS.items():
            outer = {reference["name"] for reference in board["references"]}
            for panel in panels(board):
                if panel["type"] != "lens":
                    continue
                attributes = panel["embeddableConfig"]["attributes"]
                inner = {reference["name"] for reference in attributes["references"]}
                wanted = {f"indexpattern-datasource-layer-{layer}" for layer in layers(attributes)}
                self.assertEqual(inner, wanted, f'{name}: {panel["title"]}')
                self.assertLessEqual({f'{panel["panelIndex"]}:{one}' for one in wanted}, outer, name)

    def test_saved_searches_controls_and_filters_name_theirs(self):
        for name, board in BOARDS.items():
            outer = {reference["name"] for reference in board["references"]}
            for panel in panels(board):
                if panel["type"] == "search":
                    self.assertEqual(panel["panelRefName"], f'panel_{panel["panelIndex"]}')
                    self.assertIn(f'{panel["panelIndex"]}:{panel["panelRefName"]}', outer, name)
            attributes = board["attributes"]
            for control in attributes["controlGroupInput"]["panelsJSON"]:
                self.assertIn(f"controlGroup_{control}:optionsListDataView", outer, name)
            for one in attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]["filter"]:
                self.assertIn(one["meta"]["indexRefName"], outer, name)

    def test_every_board_links_to_the_four_others(self):
        ids = {board["id"] for board in BOARDS.values()}
        for name, board in BOARDS.items():
            text = panels(board)[0]["embeddableConfig"]["savedVis"]["params"]["markdown"]
            self.assertEqual(set(re.findall(r"#/view/([\w-]+)", text)), ids - {board["id"]}, name)

    def test_what_a_panel_shows_is_among_its_columns(self):
        for where, attributes in lens_panels():
            there = {column for layer in layers(attributes).values() for column in layer["columns"]}
            text = json.dumps(attributes["state"]["visualization"])
            shown = re.findall(r'"(?:\w*Accessor|columnId|accessor)": "(\w+)"', text)
            self.assertTrue(shown or '"accessors"' in text, where)
            self.assertLessEqual(set(shown), there, where)
            for layer in layers(attributes).values():
                self.assertEqual(set(layer["columnOrder"]), set(layer["columns"]), where)
                for column in layer["columns"].values():
                    self.assertLessEqual(set(column.get("references", [])), set(layer["columns"]), where)


class Fields(unittest.TestCase):
    def test_every_operation_fits_the_type_of_its_field(self):
        for where, column_id, column in columns():
            self.assertIsNone(unfit(column), f"{where}, {column_id}")
            rank = column.get("params", {}).get("orderAgg") if column["operationType"] == "terms" else None
            self.assertIsNone(unfit(rank) if rank else None, f"{where}, rank of {column_id}")

    def test_the_check_of_operations_finds_what_it_is_for(self):
        bad = [("average", "powerwalker.pdu.energy_kwh"), ("sum", "powerwalker.logger.stored"),
               ("sum", "powerwalker.outlet.state"), ("terms", "message"), ("max", "no.such.field")]
        for operation, field in bad:
            self.assertIsNotNone(unfit({"operationType": operation, "sourceField": field}), field)

    def test_every_field_in_a_query_is_mapped(self):
        for name, found in OBJECTS.items():
            for query in queries(found):
                for field in fields_of_query(query):
                    self.assertIn(field.replace("*", ""), FIELDS, f"{name}: {query}")

    def test_every_field_of_a_control_and_of_the_list_of_events_is_mapped(self):
        for name, board in BOARDS.items():
            for control in board["attributes"]["controlGroupInput"]["panelsJSON"].values():
                self.assertEqual(FIELDS[control["explicitInput"]["fieldName"]]["type"], "keyword", name)
        search = OBJECTS["search-powerwalker-events.json"]["attributes"]
        for field in search["columns"] + [field for field, _ in search["sort"]] + list(search["grid"]["columns"]):
            self.assertIn(field, FIELDS)

    def test_every_mapped_field_has_a_label_of_its_own(self):
        view = OBJECTS["index-pattern-powerwalker.json"]["attributes"]
        self.assertEqual(set(view["fieldAttrs"]), set(FIELDS))
        labels = [attributes["customLabel"] for attributes in view["fieldAttrs"].values()]
        self.assertEqual(sorted(labels), sorted(set(labels)))
        self.assertLessEqual(set(view["fieldFormatMap"]), set(FIELDS))

    def test_the_events_that_are_named_are_events_that_the_program_writes(self):
        source = "\n".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp")))
        source += (ROOT / "src" / "events" / "alarm_book.h").read_text()
        formats = OBJECTS["index-pattern-powerwalker.json"]["attributes"]["fieldFormatMap"]
        named = {entry["key"] for entry in formats["event.action"]["params"]["lookupEntries"]}
        for query in queries(BOARDS["dashboard-powerwalker-events.json"]):
            for values in re.findall(r"event\.action : \(?([\w* ]+)\)?", query):
                named |= {value for value in values.split(" or ") if "*" not in value}
        for action in named - {"and", "not"}:
            self.assertIn(f'"{action.strip()}"', source)


def tiles():
    """(where, attributes) of every panel that is one number."""
    return [(where, attributes) for where, attributes in lens_panels() if attributes["visualizationType"] == "lnsMetric"]


class NoneYet(unittest.TestCase):
    """Where nothing was found a table has no rows, and so no place for a word of ours."""

    def test_the_latest_transfer_has_its_rows_before_there_is_any_document(self):
        attributes, = [attributes for where, attributes in lens_panels() if where.endswith(": Latest transfer")]
        layer, = layers(attributes).values()
        buckets = {column["operationType"] for column in layer["columns"].values() if column["isBucketed"]}
        self.assertEqual(buckets, {"filters"})
        self.assertIn("none yet", " ".join(column["label"] for column in layer["columns"].values()))


class Unknown(unittest.TestCase):
    """Kibana gives N/A the first colour of a palette, and no words."""

    def test_what_is_not_known_is_neither_good_nor_bad(self):
        seen = 0
        for where, attributes in tiles():
            palette = attributes["state"]["visualization"].get("palette")
            if palette:
                seen += 1
                first = palette["params"]["stops"][0]
                self.assertEqual((first["color"], first["stop"]), ("#98A2B3", 0), where)
        self.assertGreater(seen, 10)

    def test_what_is_of_now_says_how_many_were_heard_from(self):
        seen = 0
        for where, attributes in tiles():
            state = attributes["state"]["visualization"]
            columns = layers(attributes)[state["layerId"]]["columns"]
            value = columns[state["metricAccessor"]]
            parts = [value] + [columns[one] for one in columns if one.startswith(state["metricAccessor"] + "X")]
            always = any(part["operationType"] in ("count", "unique_count") for part in parts)
            if all("reducedTimeRange" in part for part in parts if "sourceField" in part) and not always:
                seen += 1
                self.assertEqual(columns[state["secondaryMetricAccessor"]]["label"], "heard from", where)
                self.assertIn("heard from", state["secondaryPrefix"], where)
        self.assertGreater(seen, 5)

    def test_a_table_of_events_says_none_yet(self):
        seen = 0
        for where, attributes in lens_panels():
            state = attributes["state"]["visualization"]
            for column in state["columns"] if attributes["visualizationType"] == "lnsDatatable" else []:
                shown = layers(attributes)[state["layerId"]]["columns"][column["columnId"]]
                if shown["dataType"] == "date" and " and (" in shown["filter"]["query"]:
                    seen += 1
                    self.assertIn("none yet", shown["label"], where)
        self.assertEqual(seen, 2)

    def test_every_colour_is_seen_on_a_dark_page_too(self):
        def luminance(color):
            parts = [int(color[at:at + 2], 16) / 255 for at in (1, 3, 5)]
            red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue

        panel = luminance("#1D1E24")  # Kibana's, in dark mode
        seen = {color for _, attributes in lens_panels()
                for color in re.findall(r"#[0-9A-F]{6}", json.dumps(attributes["state"]["visualization"]))}
        self.assertGreater(len(seen), 8)
        for color in seen:
            contrast = (luminance(color) + 0.05) / (panel + 0.05)
            self.assertGreaterEqual(contrast, 3, color)  # WCAG 2, 1.4.11
            self.assertLess(contrast, 12, f"{color} glares there")

    def test_no_formula_with_a_choice_divides_by_nothing(self):
        """Kibana computes both sides of a choice, and a division by 0 makes all of it N/A."""
        def calls(node):
            if isinstance(node, dict):
                yield node
                for argument in node.get("args", []):
                    yield from calls(argument)

        seen = 0
        for where, _, column in columns():
            found = list(calls(column.get("params", {}).get("tinymathAst")))
            chooses = any(call["name"] in ("defaults", "ifelse") for call in found)
            for divisor in [call["args"][1] for call in found if call["name"] == "divide" and chooses]:
                seen += 1
                self.assertTrue(divisor["name"] == "pick_max" if isinstance(divisor, dict) else
                                isinstance(divisor, int) and divisor > 0, where)
        self.assertGreater(seen, 3)

    def test_no_table_is_sorted_by_a_latest_time(self):
        """Kibana gets it as a text and then compares numbers, so the rows stay as they are, below an arrow."""
        for where, attributes in lens_panels():
            state = attributes["state"]["visualization"]
            if attributes["visualizationType"] == "lnsDatatable" and "sorting" in state:
                by = layers(attributes)[state["layerId"]]["columns"][state["sorting"]["columnId"]]
                self.assertFalse(by["operationType"] == "last_value" and by["dataType"] == "date", where)

    def test_no_chart_has_more_colours_than_people_tell_apart(self):
        seen = 0
        for where, attributes in lens_panels():
            for layer in attributes["state"]["visualization"].get("layers", []):
                if "splitAccessor" in layer:
                    seen += 1
                    split = layers(attributes)[layer["layerId"]]["columns"][layer["splitAccessor"]]["params"]
                    self.assertLessEqual(split["size"] + split["otherBucket"], 10, where)
        self.assertGreater(seen, 5)

    def test_a_table_has_a_row_for_every_device_of_a_fleet(self):
        """A device that is left out is not missed, and the sum below is that of the others."""
        seen = 0
        for where, attributes in lens_panels():
            for layer in layers(attributes).values():
                for column in layer["columns"].values():
                    if (column["operationType"] == "terms" and column["sourceField"] in ("device.id", "host.name")
                            and attributes["visualizationType"] == "lnsDatatable"):
                        seen += 1
                        self.assertEqual(column["params"]["size"], 1000, where)
        self.assertGreater(seen, 2)

    def test_a_chart_leaves_out_the_least(self):
        """Not those that the alphabet has last."""
        for where, attributes in lens_panels():
            for layer in layers(attributes).values():
                for column in layer["columns"].values():
                    if (column["operationType"] == "terms" and column["params"]["size"] < 1000
                            and attributes["visualizationType"] != "lnsDatatable"
                            and not column["sourceField"].endswith(".currency")):
                        self.assertEqual(column["params"]["orderBy"]["type"], "custom", where)


class Rules(unittest.TestCase):
    RULES = {path.name: json.loads(path.read_text())["rule"]["params"]
             for path in sorted((ROOT / "kibana" / "alerts").glob("*.json"))}

    def test_each_tells_of_every_device_alone(self):
        for name, rule in self.RULES.items():
            self.assertEqual((rule["groupBy"], rule.get("termField")), ("top", "device.id"), name)
            self.assertEqual(rule["termSize"], 1000, f"{name}: Kibana asks for the least and the greatest first, the least "
                             "silent as well as the redundant ones: of several loggers' devices the others would be cut off")

    def test_a_silent_device_is_still_in_the_window_that_is_looked_at(self):
        """A device without a document in it is no group, and nothing is said of it."""
        rule = self.RULES["no-data.json"]
        self.assertEqual((rule["aggType"], rule["thresholdComparator"]), ("min", ">"))
        self.assertIn(rule["aggField"], rule["esQuery"]["runtime_mappings"])
        hours = rule["timeWindowSize"] * {"h": 1, "d": 24}[rule["timeWindowUnit"]]
        self.assertGreaterEqual(hours * 3600, 100 * rule["threshold"][0])


class ForPeople(unittest.TestCase):
    def test_every_panel_has_a_title_and_says_which_documents_it_is_of(self):
        for name, board in BOARDS.items():
            for panel in panels(board)[1:]:
                self.assertTrue(panel["title"], name)
        for where, attributes in lens_panels():
            self.assertIn("event.dataset :", attributes["state"]["query"]["query"], where)

    def test_every_number_has_a_format(self):
        formats = OBJECTS["index-pattern-powerwalker.json"]["attributes"]["fieldFormatMap"]
        for where, column_id, column in columns():
            hidden = column["label"].startswith("Part of ") or column["operationType"] == "static_value"
            hidden = hidden or re.search(r"X\d+$", column_id)
            if column["dataType"] == "number" and not column["isBucketed"] and not hidden:
                known = "format" in column["params"] or column.get("sourceField") in formats
                self.assertTrue(known, f"{where}, {column_id}")

    def test_an_axis_of_volts_or_hertz_does_not_start_at_0(self):
        seen = 0
        for where, attributes in lens_panels():
            state = attributes["state"]["visualization"]
            fields = {column.get("sourceField", "") for layer in layers(attributes).values()
                      for column in layer["columns"].values()}
            if "yLeftExtent" in state and any(re.search(r"_(v|hz)(_min|_max)?$", field) for field in fields):
                seen += 1
                self.assertGreater(state["yLeftExtent"]["lowerBound"], 0, where)
        self.assertEqual(seen, 3)

    def test_days_are_those_of_the_calendar(self):
        days = [column["params"]["interval"] for _, _, column in columns()
                if column["operationType"] == "date_histogram" and column["params"]["interval"] != "auto"]
        self.assertEqual(set(days), {"1d"})  # one day is a calendar day, 24h would not be

    def test_panels_lie_side_by_side(self):
        for name, board in BOARDS.items():
            taken = set()
            for panel in panels(board):
                grid = panel["gridData"]
                self.assertLessEqual(grid["x"] + grid["w"], 48, f'{name}: {grid["i"]}')
                cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"])
                         for y in range(grid["y"], grid["y"] + grid["h"])}
                self.assertFalse(cells & taken, f'{name}: {grid["i"]} lies on another')
                taken |= cells

    def test_a_board_opens_with_the_last_day_and_follows_it(self):
        for name, board in BOARDS.items():
            attributes = board["attributes"]
            self.assertEqual((attributes["timeFrom"], attributes["timeTo"]), ("now-24h", "now"), name)
            self.assertEqual(attributes["refreshInterval"], {"pause": False, "value": 30000}, name)


if __name__ == "__main__":
    unittest.main()
