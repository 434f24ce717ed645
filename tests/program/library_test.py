# SPDX-License-Identifier: MIT
"""The Python library itself, as it is published, against `pwlog simulate`: every method of both its classes, first on
the captured answers, then on devices that live and switch. PWLOG_PYTHON_LIB names the folder that holds its package
`powerwalker`; pyserial is Debian's python3-serial."""
import os
import subprocess
import sys

from harness import BINARY, Scratch, check, wait_until

SKIPPED = 77
library = os.environ.get("PWLOG_PYTHON_LIB", "")
if not os.path.isdir(os.path.join(library, "powerwalker")):
    print("skipped: PWLOG_PYTHON_LIB names no folder with the library's package powerwalker")
    sys.exit(SKIPPED)
sys.path.insert(0, library)
try:
    import serial  # noqa: F401  the library needs it
except ImportError:
    print("skipped: pyserial is not installed (Debian: python3-serial)")
    sys.exit(SKIPPED)
import powerwalker  # noqa: E402

CHANNELS = ["in"] + ["out%d" % n for n in range(1, 9)]


class Simulation:
    def __init__(self, *options):
        self.scratch = Scratch()
        self.pdu, self.ats = str(self.scratch.path / "pdu"), str(self.scratch.path / "ats")
        self.process = subprocess.Popen([BINARY, "simulate", "--pdu", self.pdu, "--ats", self.ats, *options],
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        while self.process.stdout.readline() not in ("ready\n", ""):
            pass
        check(self.process.poll() is None, "the simulator ended")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.scratch.remove()


def expect(got, wanted, what):
    check(got == wanted, "%s: got %s, wanted %s" % (what, got, wanted))


def captured_pdu(pdu):
    expect(pdu.info(), {"model": "############PDU", "in_out_phase": "1/1", "nom_in_voltage": "230",
                        "nom_out_voltage": "230", "in_socket_no": "1", "out_socket_no": "8"}, "info")
    status = pdu.status()
    expect((status["in_voltage"], status["in_freq"], status["in_current"], status["int_temp"]),
           (222.5, 49.8, 2.1, 36.0), "status")
    expect([status["out%d_current" % n] for n in range(1, 9)], [0, 0.3, 0.5, 0.4, 0.1, 0.2, 0.2, 0.3], "currents")
    expect(list(status["status"].values()), [0] * 8 + [1] * 8, "status bits")
    expect(pdu.power_w(), dict(zip([c + "_w" for c in CHANNELS], [246, 0, 42, 0, 80, 30, 44, 31, 0])), "power_w")
    expect(pdu.power_va(), dict(zip([c + "_va" for c in CHANNELS], [336, 0, 78, 0, 89, 34, 50, 63, 0])), "power_va")
    expect(pdu.energy_kwh(), dict(zip([c + "_kwh" for c in CHANNELS],
                                      [701.7, 0, 100.9, 11.8, 110.6, 198.8, 103.9, 46.2, 19.8])), "energy_kwh")
    expect(pdu.countdown_times(), {"out%d_cd_sec" % n: {"s": 0, "r": 0} for n in range(1, 9)}, "countdown_times")
    expect(pdu.protocol(), {"prot_id": "PI90"}, "protocol")
    expect(pdu.firmware(), {"verfw": 0.15}, "firmware")
    expect(pdu.send("QPI"), "PI90", "send")
    for answer in (pdu.energy_kwh_clear(), pdu.test(), pdu.shutdown("8", "0.5"), pdu.shutdown_restore("8", "2", "0"),
                   pdu.shutdown_cancel("8")):
        expect(answer, "ACK", "a set command")


def captured_ats(ats):
    expect(ats.info(), {"rated_output_voltage": "230.0", "rated_output_current": "016", "battery_voltage": "---.-",
                        "rated_output_freq": "50.0"}, "ratings")
    status = ats.status()
    bits = status.pop("status")
    expect(status, {"src1_voltage": 223.7, "src1_freq": 50.0, "src2_voltage": 223.7, "src2_freq": 50.0,
                    "out_load_pct": 13.0, "out_current": 2.2, "sync_angle": 1.0, "int_temp": 35.0}, "ATS status")
    expect([key for key, bit in bits.items() if bit], ["on_src1"], "ATS status bits")
    expect(len(bits), 24, "number of bits")
    expect(ats.protocol(), {"prot_id": "PI97"}, "protocol")
    expect(ats.firmware(), {"verfw": 181.0}, "firmware")
    expect(ats.send("QPI"), "PI97", "send")


def memories(pdu, ats):
    for address in range(15):
        values = pdu.memory_get(address)
        expect(len(values), 2 if 1 <= address <= 8 else 1, "memory_get(%d)" % address)
    expect(pdu.memory_get(1), {"out1_config": 7, "out1_current_alarm": 20}, "memory_get(1)")
    expect(pdu.memory_get(13), {"high_input_current_alarm": 160}, "memory_get(13)")
    for address in range(21):
        expect(len(ats.memory_get(address)), 1, "memory_get(%d)" % address)
    expect(ats.memory_get(0), {"src1_voltage_high_loss": 258}, "memory_get(0)")


def living_pdu(pdu):
    """Real countdowns: six seconds, a sixtieth of that, and a cancelled one."""
    expect(pdu.shutdown("8", "0"), "NAK", "a delay the library bends: it sends S,8")
    expect(pdu.shutdown("8", "0.1"), "ACK", "shutdown")
    wait_until(lambda: pdu.status()["status"]["out8_status"] == 0, 30, "outlet 8 to be off")
    expect(pdu.shutdown_restore("8", "0.1", "0"), "ACK", "shutdown_restore")
    wait_until(lambda: pdu.status()["status"]["out8_status"] == 1, 30, "outlet 8 to be on")
    expect(pdu.shutdown("8", "99"), "ACK", "a long shutdown")
    check(pdu.countdown_times()["out8_cd_sec"]["s"] > 1000, "it counts down")
    expect(pdu.shutdown_cancel("8"), "ACK", "shutdown_cancel")
    expect(pdu.countdown_times()["out8_cd_sec"], {"s": 0, "r": 0}, "nothing counts down")
    expect(pdu.energy_kwh_clear(), "ACK", "energy_kwh_clear")
    check(pdu.energy_kwh()["in_kwh"] < 1, "the counters began anew")


simulation = Simulation("--captures", "--unpaced")
captured_pdu(powerwalker.PDU(simulation.pdu))
captured_ats(powerwalker.ATS(simulation.ats))
simulation.stop()
simulation = Simulation("--time-factor", "10")
devices = powerwalker.PDU(simulation.pdu), powerwalker.ATS(simulation.ats)
living_pdu(devices[0])
memories(*devices)
check(devices[1].status()["status"]["on_src1"] + devices[1].status()["status"]["on_src2"] >= 1, "a source is active")
simulation.stop()
