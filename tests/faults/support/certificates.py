# SPDX-License-Identifier: MIT
"""An authority, the certificate that a server should have, and those that it should not."""
import shutil
import ssl
import subprocess

FOR_US = "subjectAltName=IP:127.0.0.1"
# kind -> (whose authority, extensions, made so long ago)
KINDS = {"server": ("ours", FOR_US, None), "foreign": ("theirs", FOR_US, None), "expired": ("ours", FOR_US, "9 days ago"),
         "other-name": ("ours", "subjectAltName=DNS:es.example,IP:127.0.0.2", None),
         "client": ("ours", FOR_US + "\nextendedKeyUsage=clientAuth", None), "old TLS": ("ours", FOR_US, None)}


def openssl(*arguments, at=None):
    before = ["faketime", at] if at else []
    subprocess.run([*before, "openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(folder):
    """The authority's file, and kind -> (certificate, key)."""
    folder.mkdir()
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for name in ("ours", "theirs"):
        openssl("req", "-x509", *new_key, "-days", 30, "-subj", "/CN=" + name, "-keyout", folder / (name + ".key"),
                "-out", folder / (name + ".pem"), at="10 days ago" if shutil.which("faketime") else None)
    made = {}
    for kind, (authority, extensions, when) in KINDS.items():
        if when and not shutil.which("faketime"):
            continue
        base = folder / kind.replace(" ", "-")
        certificate, key, request = base.with_suffix(".pem"), base.with_suffix(".key"), base.with_suffix(".csr")
        openssl("req", *new_key, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
        (folder / "extensions").write_text(extensions + "\n")
        openssl("x509", "-req", "-in", request, "-CA", folder / (authority + ".pem"), "-CAkey", folder / (authority + ".key"),
                "-CAcreateserial", "-days", 2, "-extfile", folder / "extensions", "-out", certificate, at=when)
        made[kind] = certificate, key
    alone = folder / "self-signed"
    openssl("req", "-x509", *new_key, "-days", 2, "-subj", "/CN=127.0.0.1", "-addext", FOR_US,
            "-keyout", alone.with_suffix(".key"), "-out", alone.with_suffix(".pem"))
    made["self-signed"] = alone.with_suffix(".pem"), alone.with_suffix(".key")
    return folder / "ours.pem", made


def server_context(files, old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context
