# SPDX-License-Identifier: MIT
"""What an installation goes through, made on a server that holds nothing of ours: its first minute, live data only,
history only, both."""

import contextlib
import csv
import datetime
import json
import math
import pathlib
import subprocess
import tempfile
import time
import urllib.request

OURS = 'powerwalker-*'
PDU, ATS = 'rack1-pdu', 'rack1-ats'
OUTLETS = ['nas', 'switch', 'router', 'server', '', '', 'desk', 'printer']
DAYS = 14
LIVE_FOR = 240  # seconds; long enough for what LIVE does to be over

STAGES = ['nothing', 'first-minute', 'live', 'history', 'both']

LIVE = '''at 0s set outlet 1 load 62
at 0s set outlet 2 load 18
at 0s set outlet 4 load 140
at 80s ats source1 fail 40s
at 100s set outlet 4 load 60
'''


class Wrong(Exception):
    """Why a stage can't be made."""


class Installation:
    """One logger with a simulated PDU and ATS. Ends and takes away all it made."""

    def __init__(self, url, program):
        self.url, self.program = url.rstrip('/'), str(program)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix='pwlog-stages-')))
        if self.ask('GET', f'/{OURS}/_count')['count']:
            raise Wrong(f'{self.url} has documents of ours: stages need a server without, as they delete them')
        self.stack.callback(self.forget)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def ask(self, method, path):
        request = urllib.request.Request(self.url + path, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=120) as answer:
            return json.load(answer)

    def forget(self):
        """Deletes by name: wildcards may be refused."""
        for index in self.ask('GET', f'/_cat/indices/{OURS}?format=json&h=index'):
            self.ask('DELETE', '/' + index['index'])

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments, '--config', self.config()], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=1200)
        if done.returncode:
            raise Wrong(f'pwlog {" ".join(map(str, arguments))}: {done.stdout[-500:]}{done.stderr[-500:]}')

    def config(self):
        path = self.folder / 'pwlog.toml'
        (self.folder / 'spool').mkdir(mode=0o700, exist_ok=True)
        path.write_text(f'interval = "5s"\n[elasticsearch]\nhosts = ["{self.url}"]\n[spool]\npath = "{self.folder}/spool"\n'
                        f'[[pdu]]\nid = "{PDU}"\nport = "{self.folder}/pdu"\noutlets = {json.dumps(OUTLETS)}\n'
                        f'tariff = 0.31\ncurrency = "EUR"\n[[ats]]\nid = "{ATS}"\nport = "{self.folder}/ats"\n')
        path.chmod(0o600)
        return path

    @contextlib.contextmanager
    def ended(self, *command):
        """A process of the program that ends with the body; what it says goes to a file."""
        with (self.folder / f'{command[0]}.log').open('w') as log:
            process = subprocess.Popen(list(map(str, [self.program, *command])), stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def until(self, process, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Wrong(f'{" ".join(process.args[:2])} is not ready or has ended: '
                            + (self.folder / f'{process.args[1]}.log').read_text()[-500:])
            time.sleep(0.2)

    @contextlib.contextmanager
    def logging(self, seconds):
        """The body runs while the logger does, `seconds` after its start."""
        script = self.folder / 'script'
        script.write_text(LIVE)
        with self.ended('simulate', '--pdu', self.folder / 'pdu', '--ats', self.folder / 'ats', '--script',
                   script) as simulator:
            self.until(simulator, lambda: 'ready' in (self.folder / 'simulate.log').read_text().split(), 30)
            with self.ended('run', '--as-root', '--config', self.config()) as logger:
                began = time.monotonic()
                self.until(logger, lambda: time.monotonic() - began > seconds, seconds + 1)
                yield

    @contextlib.contextmanager
    def at(self, stage):
        """The body finds the server as it is in that stage."""
        self.forget()
        self.run('setup')
        if stage in ('history', 'both'):
            table = self.folder / 'history.csv'
            write_history(table, datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20))
            self.run('backfill', '--fresh', table)
        seconds = {'first-minute': 40, 'live': LIVE_FOR, 'both': LIVE_FOR}.get(stage)
        with self.logging(seconds) if seconds else contextlib.nullcontext():
            yield


def write_history(path, end):
    """A fortnight as a table whose columns are called as our fields: every 5 minutes, every minute in the last two
    days; each third night source 1 fails for half an hour."""
    columns = ['@timestamp', 'event.dataset', 'device.id', 'powerwalker.outlet.number', 'powerwalker.outlet.state']
    columns += [f'powerwalker.{kind}.{name}' for kind in ('pdu', 'outlet') for name in ('power_w', 'power_va', 'energy_kwh')]
    columns += ['powerwalker.pdu.input_v', 'powerwalker.pdu.input_hz', 'powerwalker.pdu.input_a', 'powerwalker.outlet.current_a']
    columns += [f'powerwalker.ats.{name}' for name in (
        'source1_v', 'source1_hz', 'source2_v', 'source2_hz', 'active_source', 'preferred_source', 'load_pct',
        'sync_angle_deg', 'temperature_c', 'alarm.sync_bad', 'alarm.fault_mode', 'source1_voltage_bad',
        'source1_freq_bad', 'source1_wave_bad', 'source2_voltage_bad', 'source2_freq_bad', 'source2_wave_bad')]
    time_of_row = end - datetime.timedelta(days=DAYS)
    counters = [100.0] * 9
    with path.open('w', newline='') as file:
        table = csv.DictWriter(file, columns, restval='')
        table.writeheader()
        while time_of_row < end:
            step = 300 if end - time_of_row > datetime.timedelta(days=2) else 60
            for row in rows_at(time_of_row, step, counters):
                table.writerow({name if name in columns else f'powerwalker.{name}': value for name, value in row.items()})
            time_of_row += datetime.timedelta(seconds=step)


def rows_at(moment, step, counters):
    stamp = moment.strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3] + 'Z'
    hour = moment.hour + moment.minute / 60
    by_day = 0.5 + 0.5 * math.sin((hour - 8) / 24 * 2 * math.pi)
    watts = [62, 18, 12, round(90 + 120 * by_day), 0, 0, round(80 * by_day) if 7 < hour < 18 else 0, 5]
    for index, power in enumerate([sum(watts), *watts]):
        counters[index] += power * step / 3.6e6
        kind = 'outlet' if index else 'pdu'
        row = {'@timestamp': stamp, 'event.dataset': f'powerwalker.{kind}', 'device.id': PDU,
               f'{kind}.power_w': power, f'{kind}.power_va': round(power * 1.08), f'{kind}.energy_kwh': f'{counters[index]:.1f}'}
        if index:
            row.update({'outlet.number': index, 'outlet.state': 'on' if power else 'off',
                        'outlet.current_a': round(power * 1.08 / 230, 2)})
        else:
            row.update({'pdu.input_v': 230.2, 'pdu.input_hz': 50.0, 'pdu.input_a': round(power * 1.08 / 230, 1)})
        yield row
    failed = moment.toordinal() % 3 == 0 and 3 <= hour < 3.5
    ats = {'@timestamp': stamp, 'event.dataset': 'powerwalker.ats', 'device.id': ATS,
           'ats.source1_v': 0 if failed else round(231 + 3 * by_day, 1), 'ats.source1_hz': 0 if failed else 50.0,
           'ats.source2_v': round(228 + 2 * by_day, 1), 'ats.source2_hz': 50.0, 'ats.active_source': 2 if failed else 1,
           'ats.preferred_source': 1, 'ats.load_pct': round(sum(watts) / 2300, 2), 'ats.sync_angle_deg': round(4 + 5 * by_day),
           'ats.temperature_c': round(34 + 4 * by_day), 'ats.alarm.sync_bad': 0, 'ats.alarm.fault_mode': 0}
    for source in (1, 2):
        for what in ('voltage', 'freq', 'wave'):
            ats[f'ats.source{source}_{what}_bad'] = int(failed and source == 1 and what != 'wave')
    yield ats
