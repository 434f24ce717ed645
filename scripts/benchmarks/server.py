# SPDX-License-Identifier: MIT
"""What a cycle's documents take in Elasticsearch, by the mode of the index."""
import json
import subprocess
import urllib.request

from bench_backfill import documents
from benchmarks.measuring import Table
from benchmarks.parts import Folder, Node, Simulator, set_up, write_config

DOCUMENTS_OF_A_CYCLE = 10


def call(url, method, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url + path, method=method), timeout=300) as answer:
        return json.load(answer)


def stored(options):
    table = Table("Stored bytes of a cycle of ten documents, merged into one segment",
                  "Of %d documents of a PDU and an ATS, brought by `pwlog backfill` into a real node." % options.documents)
    with Folder() as folder, Node(folder) as node:
        file = folder / "documents.ndjson"
        with open(file, "w") as lines:
            lines.writelines(documents(options.documents))
        for name, binary in options.programs:
            with Simulator(binary, folder) as simulator:
                for mode in ("time_series", "standard"):
                    config = write_config(folder, simulator, node.url, 10, more='index_mode = "%s"' % mode)
                    set_up(binary, config)
                    subprocess.run([binary, "--config", config, "backfill", "--fresh", file], check=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    call(node.url, "POST", "/powerwalker-metrics-*/_forcemerge?max_num_segments=1")
                    call(node.url, "POST", "/powerwalker-metrics-*/_refresh")
                    all_of_it = call(node.url, "GET", "/powerwalker-metrics-*/_stats/store,docs")["_all"]["primaries"]
                    size, count = all_of_it["store"]["size_in_bytes"], all_of_it["docs"]["count"]
                    if count != options.documents:
                        raise RuntimeError("%d of %d documents are there" % (count, options.documents))
                    table.add(name, mode, "bytes", size / count * DOCUMENTS_OF_A_CYCLE, digits=0)
                    for row in call(node.url, "GET", "/_cat/indices/powerwalker-*?format=json&h=index"):
                        call(node.url, "DELETE", "/" + row["index"])
                    subprocess.run([binary, "setup", "--remove", "--config", config], check=True, stdout=subprocess.DEVNULL)
    return table
