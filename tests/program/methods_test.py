# SPDX-License-Identifier: MIT
"""Every method of both devices by each of its names gives the numbers that the device said under the keys that the
Python library's users know: on a bare port, and through a running daemon, which alone has the port then."""
import json

from captured_device import ATS_ANSWERS, ATS_WORDS, PDU_ANSWERS, QGS_NUMBERS, CapturedAts, CapturedPdu
from harness import Daemon, Scratch, check, pwlog, wait_until

CHANNELS = ["in"] + ["out%d" % n for n in range(1, 9)]


def channels(unit, *values):
    return {"%s_%s" % (channel, unit): value for channel, value in zip(CHANNELS, values)}


CURRENTS = [0, 0.3, 0.5, 0.4, 0.1, 0.2, 0.2, 0.3]
PDU_STATUS_BITS = {key: 0 for key in ("a01_low_in_voltage", "a02_high_in_voltage", "f09_low_in_current",
                                      "f10_high_in_current", "f11_pwr_fail_aux1", "f12_pwr_fail_aux2", "na_b9", "na_b8")}
PDU_STATUS_BITS.update({"out%d_status" % n: 1 for n in range(1, 9)})
PDU_METHODS = {
    "info": {"model": "PDU", "in_out_phase": "1/1", "nom_in_voltage": 230, "nom_out_voltage": 230, "in_socket_no": 1,
             "out_socket_no": 8, "nom_ip_voltage": 230, "nom_op_voltage": 230},
    "status": {"in_voltage": 222.5, "in_freq": 49.8, "in_current": 2.1, "int_temp": 36, "temp": 36,
               **{"out%d_current" % n: CURRENTS[n - 1] for n in range(1, 9)}, "status": PDU_STATUS_BITS},
    "power_watt": channels("w", 246, 0, 42, 0, 80, 30, 44, 31, 0),
    "power_va": channels("va", 336, 0, 78, 0, 89, 34, 50, 63, 0),
    "power_cons": channels("kwh", 701.7, 0, 100.9, 11.8, 110.6, 198.8, 103.9, 46.2, 19.8),
    "countdown_times": {"out%d%s" % (n, end): {"s": 0, "r": 0} for n in range(1, 9) for end in ("_cd_sec", "")},
    "protocol": {"prot_id": "PI90"},
    "firmware": {"verfw": 0.15, "version": "00.15"},
}
PDU_METHODS.update(power_w=PDU_METHODS["power_watt"], energy_kwh=PDU_METHODS["power_cons"],
                   connect=PDU_METHODS["protocol"])
PDU_QUERIES = {"info": "QMD", "power_watt": "QPW", "power_w": "QPW", "power_va": "QPVA", "power_cons": "QEC",
               "energy_kwh": "QEC", "protocol": "QPI", "firmware": "QVFW"}
PDU_MEMORY = ["output_start_up_delay"] + [None] * 8 + [
    "low_input_voltage_alarm", "high_input_voltage_alarm", "max_input_voltage_shutoff", "low_input_current_alarm",
    "high_input_current_alarm", "shutdown_imminent_signal"]
PDU_MEMORY_VALUES = [1] + [None] * 8 + [196, 253, 276, 0, 160, 3]

ATS_BITS = ("src1_voltage_bad src1_freq_bad src1_wave_bad src2_voltage_bad src2_freq_bad src2_wave_bad on_src2 on_src1 "
            "preferred_src2 syncron_bad aux_pwr1_fail aux_pwr2_fail short_fault overload_fault overload_alarm "
            "on_fault_mode na_c7 na_c6 na_c5 na_c4 na_c3 na_c2 na_c1 na_c0 src2_preferred").split()
ATS_METHODS = {
    "info": {"src1_voltage": 223.7, "src1_freq": 50, "src2_voltage": 223.7, "src2_freq": 50, "out_load_pct": 13,
             "out_current": 2.2, "sync_angle": 1, "int_temp": 35, "temp": 35},
    "status": {"status": {bit: int(bit == "on_src1") for bit in ATS_BITS}},
    "ratings": {"rated_output_voltage": 230, "rated_output_current": 16, "battery_voltage": None,
                "rated_output_freq": 50},
    "protocol": {"prot_id": "PI97"},
    "connect": {"prot_id": "PI97"},
    "firmware": {"verfw": 181, "version": "00181.00"},
}
ATS_QUERIES = {"info": "QATS", "status": "QAS", "ratings": "QRI", "protocol": "QPI", "firmware": "QVFW"}
ATS_MEMORY = ["src1_voltage_high_loss", "src1_voltage_high_back", "src1_voltage_low_loss", "src1_voltage_low_back",
              "src1_freq_high_loss", "src1_freq_high_back", "src1_freq_low_loss", "src1_freq_low_back"]
ATS_MEMORY += [name.replace("src1", "src2") for name in ATS_MEMORY]
ATS_MEMORY += ["overload_alarm", "overload_fault", "acceptable_phases", "breaking_time", "blanking_time"]


def said(kind, *arguments):
    result = pwlog(kind, *arguments)
    check(result.returncode == 0, "%s %s: %s" % (kind, arguments, result.stderr))
    return result.stdout


def expect(kind, wanted, *arguments):
    got = json.loads(said(kind, *arguments))
    check(got == wanted, "%s %s: got %s, wanted %s" % (kind, arguments, got, wanted))


def check_methods(*which):
    """`which`: the options that tell the device."""
    pdu, ats = which
    for name, wanted in PDU_METHODS.items():
        expect("pdu", wanted, name, *pdu)
    for name, wanted in ATS_METHODS.items():
        expect("ats", wanted, name, *ats)
    for name, query in PDU_QUERIES.items():
        check(said("pdu", name, "--raw", *pdu) == PDU_ANSWERS[query] + "\n", "pdu %s --raw" % name)
    for name, query in ATS_QUERIES.items():
        check(said("ats", name, "--raw", *ats) == ATS_ANSWERS[query] + "\n", "ats %s --raw" % name)
    check(said("pdu", "status", "--raw", *pdu) == "0000000011111111 %s\n" % QGS_NUMBERS, "pdu status --raw")
    expect("pdu", {"command": "QPW", "response": PDU_ANSWERS["QPW"]}, "send", "QPW", *pdu)
    expect("ats", {"command": "QRI", "response": ATS_ANSWERS["QRI"]}, "send", "QRI", *ats)
    for address in range(15):
        wanted = {PDU_MEMORY[address]: PDU_MEMORY_VALUES[address]}
        if 1 <= address <= 8:
            wanted = {"out%d_config" % address: 7, "out%d_current_alarm" % address: 20}
        expect("pdu", wanted, "memory_get", str(address), *pdu)
    for address in range(21):
        wanted = {ATS_MEMORY[address]: ATS_WORDS[address]}
        if address in (7, 15):
            wanted[ATS_MEMORY[address].replace("_back", "_high")] = ATS_WORDS[address]
        expect("ats", wanted, "memory_get", ATS_MEMORY[address] if address % 2 else str(address), *ats)
    for name in ("power_cons_clear", "energy_kwh_clear"):
        expect("pdu", {"command": name, "response": "ACK"}, name, "--yes", *pdu)
    expect("pdu", {"command": "test", "response": "ACK"}, "test", *pdu)


def check_refusals(*pdu):
    for arguments in (("staus",), ("info", "7"), ("memory_get", "15"), ("memory_get", "nothing"), ("send",),
                      ("shutdown", "8"), ("shutdown", "8", "0.55", "-y"), ("shutdown", "8", "100", "-y"),
                      ("shutdown", "9", "1", "-y"), ("power_cons_clear",), ("send", "CEC"),
                      ("send", "S,8", "-y"), ("send", "s,800", "-y"), ("send", "cs,8", "-y")):
        result = pwlog("pdu", *arguments, *pdu)
        check(result.returncode == 2 and result.stderr.startswith("pwlog: "), "%s: %d" % (arguments, result.returncode))
    check(pwlog("ats", "send", "S,800", "-y", "--port", ats.link).returncode == 2, "an ATS is not switched")


def check_misread(*which):
    """A digit that the wire took away looks just like another setting; an answer with a byte that was no byte does
    not count at all."""
    honest_pdu, honest_ats = pdu.answer, ats.answer
    lies = {"GM0000": ["0028", "025\x008", "0248"], "QGM09": ["0900<5"], "GM0018": ["0005", "0000", "0010", "0020", "0030"]}
    pdu.answer = lambda request: lies[request].pop(0) if lies.get(request) else honest_pdu(request)
    ats.answer = lambda request: lies[request].pop(0) if lies.get(request) else honest_ats(request)
    expect("ats", {"src1_voltage_high_loss": 258}, "memory_get", "0", *which[1])
    expect("pdu", {"low_input_voltage_alarm": 196}, "memory_get", "9", *which[0])
    result = pwlog("ats", "memory_get", "18", *which[1])
    check(result.returncode == 3 and "another answer each time" in result.stderr, "memory_get 18: %s" % result.stderr)
    lies["QGM01"] = ["010714", "010014"]
    if "--config" in which[0]:
        check(pwlog("memory", "diff", "pdu", *which[0]).returncode == 0, "a setting misread once is no difference")
    check(not lies["GM0000"] and not lies["QGM09"], "not asked twice: %s" % lies)
    pdu.answer, ats.answer = honest_pdu, honest_ats


scratch = Scratch()
pdu = CapturedPdu(scratch.path / "pdu", paced=False)
ats = CapturedAts(scratch.path / "ats", paced=False)
bare = (("--port", pdu.link), ("--port", ats.link))
check_methods(*bare)
check_misread(*bare)
check(pdu.set_commands == ["CEC", "CEC", "TP"], "set commands %s" % pdu.set_commands)
check_refusals(*bare[0])
check(pdu.set_commands == ["CEC", "CEC", "TP"] and not ats.set_commands, "refused, and sent all the same")

scratch.write_config("http://127.0.0.1:9", pdu.link, ats.link, interval="10s")
configured = ("--config", scratch.config)
overview = json.loads(pwlog("info", *configured).stdout)
check(overview["pdu1"]["model"] == "PDU" and overview["ats1"]["rated_output_current"] == 16, "info: %s" % overview)
overview = json.loads(pwlog("status", "--devices", *configured).stdout)
check(overview["pdu1"] == PDU_METHODS["status"], "status --devices: %s" % overview["pdu1"])
check(overview["ats1"] == {**ATS_METHODS["info"], **ATS_METHODS["status"]}, "status --devices: %s" % overview["ats1"])
power = json.loads(pwlog("power", *configured).stdout)
wanted = {**PDU_METHODS["power_w"], **PDU_METHODS["power_va"], **PDU_METHODS["energy_kwh"]}
check(power == {"pdu1": wanted}, "power: %s" % power)
saved = scratch.path / "before.json"
saved.write_text(pwlog("memory", "show", "pdu", *configured).stdout)
settings = {one["name"]: one for one in json.loads(saved.read_text())["settings"]}
check(len(settings) == 23 and settings["out3_current_alarm"]["value"] == 2 and settings["out3_current_alarm"]["max"] == 4,
      "memory show: %s" % settings)
check(pwlog("memory", "diff", "pdu", *configured).returncode == 0, "the captures have the default values")
check_misread((*configured, "--device", "pdu1"), configured)
saved.write_text(saved.read_text().replace('"raw":253', '"raw":250'))
changed = pwlog("memory", "diff", "pdu", "--saved", saved, *configured)
check(changed.returncode == 1 and [one["name"] for one in json.loads(changed.stdout)["differences"]] ==
      ["high_input_voltage_alarm"], "memory diff: %s" % changed.stdout)

daemon = Daemon(scratch)
wait_until(lambda: pwlog("status", *configured).returncode == 0, 20, "the daemon")
check_methods((*configured, "--device", "pdu1"), configured)
check_refusals(*configured)
check_methods((*configured, "--port", pdu.link), (*configured, "--port", ats.link))
check(pdu.set_commands == ["CEC", "CEC", "TP"] * 3, "set commands %s" % pdu.set_commands)
pdu.unplug(0.1)
daemon.stop()
absent = pwlog("pdu", "info", "--port", scratch.path / "absent")
check(absent.returncode == 3 and "absent" in absent.stderr, "an absent port is exit status 3: %s" % absent.stderr)
pdu.stop()
ats.stop()
scratch.remove()
