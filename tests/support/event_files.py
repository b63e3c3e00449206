"""event_files.py -- reads TensorBoard's event files by their published formats: frames, checksums, messages.

Nothing of it comes from the program: CRC-32C bit by bit, protobuf's wire format, field numbers of event.proto,
summary.proto and tensor.proto.
"""
import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def remainder(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


TABLE = [remainder(byte) for byte in range(256)]


def masked(data):
    crc = crc32c(data)
    return (crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8 & 0xFFFFFFFF


def records(data):
    """The data of every record; ValueError on one that is cut or damaged."""
    while data:
        if len(data) < 16:
            raise ValueError("a record is cut")
        length, of_length = struct.unpack("<QI", data[:12])
        if masked(data[:8]) != of_length:
            raise ValueError("the checksum of a length is wrong")
        if len(data) < 16 + length:
            raise ValueError("a record is cut")
        content, (of_content,) = data[12:12 + length], struct.unpack("<I", data[12 + length:16 + length])
        if masked(content) != of_content:
            raise ValueError("the checksum of a record is wrong")
        yield content
        data = data[16 + length:]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """[(number, value)] of a message: an int, or bytes."""
    found, at = [], 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                size, at = varint(data, at)
            value = data[at:at + size]
            assert len(value) == size, "a field is cut"
            at += size
        found.append((tag >> 3, value))
    return found


def one(message, number, default=None):
    values = [value for found, value in message if found == number]
    assert len(values) <= 1, (number, values)
    return values[0] if values else default


def value_of(message):
    """What a Summary.Value holds: a float, ("image", width, height, PNG) or a text."""
    number, image, tensor = (one(message, field) for field in (2, 4, 8))
    if number is not None:
        return struct.unpack("<f", number)[0]
    if image is not None:
        image = fields(image)
        assert one(image, 3) == 3, "RGB"
        return "image", one(image, 2), one(image, 1), one(image, 4)
    tensor, metadata = fields(tensor), fields(one(message, 9))
    assert one(fields(one(metadata, 1)), 1) == b"text"
    assert one(tensor, 1) == 7 and one(tensor, 2) == b"", "one string"
    return one(tensor, 8).decode()


def events(path):
    """[(wall time, step, tag, value)] of a file; the first record has to be the version. The start of a process is
    (wall time, step, None, "start")."""
    found, first = [], True
    for record in records(path.read_bytes()):
        event = fields(record)
        wall, step = struct.unpack("<d", one(event, 1))[0], one(event, 2, 0)
        if first:
            assert one(event, 3) == b"brain.Event:2" and step == 0
            first = False
        elif one(event, 7) is not None:
            assert one(fields(one(event, 7)), 1) == 1
            found.append((wall, step, None, "start"))
        else:
            for number, value in fields(one(event, 5)):
                assert number == 1
                value = fields(value)
                found.append((wall, step, one(value, 1).decode(), value_of(value)))
    return found


def files(folder):
    """The event files of a folder, in the order in which TensorBoard reads them."""
    return sorted(path for path in folder.iterdir() if "tfevents" in path.name)


def told(folder):
    """[(step, tag, value)] of all files of a folder, without wall times and starts."""
    return [event[1:] for path in files(folder) for event in events(path) if event[2] is not None]


def figures(told):
    """Those of them that are numbers."""
    return [event for event in told if isinstance(event[2], float)]
