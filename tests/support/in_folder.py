"""in_folder.py -- what tests of the whole program share: a folder in which `snas` ($SNAS) runs, PNG files."""
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import time
import zlib

SNAS = os.path.abspath(os.environ["SNAS"])
SECONDS = 600  # what a command may take


def png(width, height, pixels):
    """The file of a picture, pixels: bytes [height * width * 3] of red, green, blue."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + pixels[3 * width * y:3 * width * (y + 1)] for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class InFolder:
    """Beside unittest.TestCase: every test has a folder with `config` in tiny.json and nothing else, gone when it
    ends."""

    config = {}

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        (self.folder / "tiny.json").write_text(json.dumps(self.config), encoding="utf-8")

    def run_in(self, *command, code=0):
        """What `command` did in the folder; it has to exit with `code`."""
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, code, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done

    def snas(self, *arguments, code=0):
        return self.run_in(SNAS, *arguments, code=code)

    def wait_for(self, path):
        """Wait until a file is there, which another process makes."""
        until = time.monotonic() + SECONDS
        while not (self.folder / path).exists():
            self.assertLess(time.monotonic(), until, path)
            time.sleep(0.005)
