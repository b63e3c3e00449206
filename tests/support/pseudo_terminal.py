"""What a command writes to a terminal of some width, and what is left there in the end."""
import fcntl
import os
import pty
import struct
import subprocess
import termios


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def written(columns, command, folder, environment=None, stdout=False):
    """(exit code, text) of a command with a terminal of that width (0: it does not say) for its stdin and stderr, and
    for its stdout when asked for."""
    ours, its = pty.openpty()
    resize(its, columns)
    process = subprocess.Popen(command, cwd=folder, stdin=its, stdout=its if stdout else subprocess.DEVNULL, stderr=its,
                               env={**os.environ, "TERM": "xterm", **(environment or {})})
    os.close(its)
    said = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        said += more
    os.close(ours)
    return process.wait(timeout=600), said.decode()


def left(said):
    """The lines that are left in the end: of each what came after it was last wiped."""
    return [line.split("\r\x1b[K")[-1] for line in said.replace("\r\n", "\n").split("\n")]
