"""snas_torch.py -- the networks that `snas train` trains, as PyTorch modules; needs PyTorch 1.10 or newer alone.

    import snas_torch
    net = snas_torch.load("runs/child/weights-best.safetensors")     # strictly, in evaluation mode
    logits = net(snas_torch.normalised(net, pixels))                 # pixels: uint8 [N, 3, side, side], red first

Weights say what network they are of. `snas export --format torch` writes this file with one network filled in as CHILD:
Network() makes it with PyTorch's initial values, load() then also takes weights that say nothing. The state dict has
the names of the published code. In training mode an auxiliary classifier's logits follow the others. No drop path.

A network is a dict: space ("darts", "nas-bench-201"), channels, cells, classes, side, stem ("cifar", "imagenet"),
pool_bn (batch norms after pools), auxiliary, mean and deviation of the pixels (0..1), class_names or None, and for each
cell type ("normal", "reduce"; "cell") a list a node of any number of (operation, source): inputs first, then nodes.
"""
import collections
import functools
import json
import struct

import torch
from torch import nn

CHILD = None
DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
convolution = functools.partial(nn.Conv2d, bias=False)


def relu_conv_norm(c_in, c, kernel, stride=1, affine=True):
    return [nn.ReLU(), convolution(c_in, c, kernel, stride, kernel // 2), nn.BatchNorm2d(c, affine=affine)]


def separable(c, kernel, stride, dilation, affine):
    deep = convolution(c, c, kernel, stride, dilation * (kernel // 2), dilation=dilation, groups=c)
    return [nn.ReLU(), deep, convolution(c, c, 1), nn.BatchNorm2d(c, affine=affine)]


class Block(nn.Module):
    """Modules one after the other under the name `op`."""
    def __init__(self, *modules):
        super().__init__()
        self.op = nn.Sequential(*modules)

    def forward(self, x):
        return self.op(x)


class Halved(nn.Module):
    """relu, two 1x1 convolutions of stride 2, one pixel apart, side by side, batch norm."""
    def __init__(self, c_in, c, affine=True):
        super().__init__()
        self.conv_1, self.conv_2 = convolution(c_in, c // 2, 1, 2), convolution(c_in, c // 2, 1, 2)
        self.bn = nn.BatchNorm2d(c, affine=affine)

    def forward(self, x):
        x = torch.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], 1))


class Residual(nn.Module):
    """What stands between two stages of NAS-Bench-201."""
    def __init__(self, c_in, c):
        super().__init__()
        self.conv_a, self.conv_b = Block(*relu_conv_norm(c_in, c, 3, 2)), Block(*relu_conv_norm(c, c, 3))
        self.downsample = nn.Sequential(nn.AvgPool2d(2), convolution(c_in, c, 1))

    def forward(self, inputs, *_):
        return self.downsample(inputs[-1]) + self.conv_b(self.conv_a(inputs[-1]))


def operation(name, c, stride=1, pool_bn=True, affine=True):
    """A candidate of either space; of "none" no pixel is asked for."""
    if name == "none" or (name == "skip_connect" and stride == 1):
        return nn.Identity()
    if name == "skip_connect":
        return Halved(c, c, affine)
    kind, kernel, norm = name[:8], int(name[-1]), [nn.BatchNorm2d(c, affine=affine)] if pool_bn else []
    if kind == "max_pool":
        return Block(nn.MaxPool2d(kernel, stride, 1), *norm)
    if kind == "avg_pool":
        return Block(nn.AvgPool2d(kernel, stride, 1, count_include_pad=False), *norm)
    if kind == "nor_conv":
        return Block(*relu_conv_norm(c, c, kernel, stride, affine))
    if kind == "dil_conv":
        return Block(*separable(c, kernel, stride, 2, affine))
    if kind == "sep_conv":
        return Block(*separable(c, kernel, stride, 1, affine), *separable(c, kernel, 1, 1, affine))
    raise ValueError(f"no operation '{name}'")


class Cell(nn.Module):
    """A cell of either space. What forward gets beside its inputs goes to every edge."""
    def __init__(self, child, kind, widths, c, halved_before):
        super().__init__()
        self.nodes, self.stride, self.affine = child[kind], 2 if kind == "reduce" else 1, child.get("affine", True)
        self.kind, self.darts = kind, child["space"] == "darts"
        self.pool_bn = self.darts and child["pool_bn"]
        self.name = child.get("edges", "_ops" if self.darts else "layers")
        if self.darts:
            self.preprocess0, self.preprocess1 = (
                Halved(n, c, self.affine) if halved else Block(*relu_conv_norm(n, c, 1, 1, self.affine))
                for n, halved in zip(widths, (halved_before, False)))
        genes = [gene for node in self.nodes for gene in node]
        made = (self.operation(name, c, self.stride if source < 2 else 1) for name, source in genes)
        setattr(self, self.name, nn.ModuleList(made))

    def operation(self, *which):
        return operation(*which, self.pool_bn)

    def edge(self, e, x, *more):
        return getattr(self, self.name)[e](x, *more)

    def forward(self, inputs, *more):
        states = [self.preprocess0(inputs[0]), self.preprocess1(inputs[1])] if self.darts else inputs[-1:]
        e = 0
        for node in self.nodes:
            parts = [self.edge(e + i, states[j], *more) for i, (name, j) in enumerate(node) if name != "none"]
            states.append(sum(parts) if parts else torch.zeros_like(states[0][:, :, ::self.stride, ::self.stride]))
            e += len(node)
        return torch.cat(states[2:], 1) if self.darts else states[-1]


def auxiliary_classifier(c, classes, stem):
    second, pool = ([nn.BatchNorm2d(768)], nn.AvgPool2d(5, 3)) if stem == "cifar" else ([], nn.AvgPool2d(5, 2))
    features = nn.Sequential(nn.ReLU(), pool, convolution(c, 128, 1), nn.BatchNorm2d(128), nn.ReLU(),
                             convolution(128, 768, 2), *second, nn.ReLU())
    modules = {"features": features, "flat": nn.Flatten(), "classifier": nn.Linear(768, classes)}
    return nn.Sequential(collections.OrderedDict(modules))


class Network(nn.Module):
    """The network of a description, else of CHILD."""
    cell = Cell

    def __init__(self, child=None):
        super().__init__()
        self.child = child = CHILD if child is None else child
        darts, c, cells = child["space"] == "darts", child["channels"], child["cells"]
        halved, self.head_behind = child["stem"] == "imagenet", 2 * cells // 3
        width = 3 * c if darts and not halved else c
        if halved:
            self.stem0 = nn.Sequential(convolution(3, c // 2, 3, 2, 1), nn.BatchNorm2d(c // 2), nn.ReLU(),
                                       convolution(c // 2, c, 3, 2, 1), nn.BatchNorm2d(c))
            self.stem1 = nn.Sequential(nn.ReLU(), convolution(c, c, 3, 2, 1), nn.BatchNorm2d(c))
        else:
            self.stem = nn.Sequential(convolution(3, width, 3, 1, 1), nn.BatchNorm2d(width))
        self.cells, widths = nn.ModuleList(), [width, width]
        for i in range(cells):
            reduces = i in (cells // 3, 2 * cells // 3)
            c *= 2 if reduces else 1
            kind = ("reduce" if reduces else "normal") if darts else "cell"
            between = reduces and not darts
            self.cells.append(Residual(c // 2, c) if between else self.cell(child, kind, widths, c, halved))
            widths, halved = [widths[1], len(child[kind]) * c if darts else c], reduces
            if child.get("auxiliary") and i == self.head_behind:
                self.auxiliary_head = auxiliary_classifier(widths[1], child["classes"], child["stem"])
        self.lastact = nn.Identity() if darts else nn.Sequential(nn.BatchNorm2d(c), nn.ReLU())
        self.classifier = nn.Linear(widths[1], child["classes"])

    def forward(self, x, *more):
        x, head = self.stem(x) if hasattr(self, "stem") else self.stem0(x), None
        states = [x, self.stem1(x) if hasattr(self, "stem1") else x]
        for i, cell in enumerate(self.cells):
            states = [states[1], cell(states, *more)]
            if self.training and i == self.head_behind and hasattr(self, "auxiliary_head"):
                head = self.auxiliary_head(states[1])
        logits = self.classifier(self.lastact(states[1]).mean((2, 3)))
        return logits if head is None else (logits, head)


def read(path):
    """({name: tensor}, {metadata}) of a safetensors file"""
    with open(path, "rb") as file:
        content = file.read()
    start = 8 + struct.unpack_from("<Q", content)[0]
    header, tensors = json.loads(content[8:start]), {}
    metadata = header.pop("__metadata__", {})
    for name, entry in header.items():
        first, last = (start + at for at in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(content[first:last]), dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata


def load(path):
    """The network of the weights in a safetensors file, in evaluation mode; every tensor has to have its place."""
    tensors, metadata = read(path)
    child = CHILD
    if "snas.child" in metadata:
        child = {**json.loads(metadata["snas.child"]), **json.loads(metadata["snas.genotype"])}
        child["auxiliary"] = "auxiliary_head.classifier.weight" in tensors
    net = Network(child)
    net.load_state_dict(tensors, strict=True)
    return net.eval()


def normalised(net, pixels):
    """Pixels 0 to 255 as the network takes them."""
    mean, deviation = (torch.tensor(net.child[key]).reshape(1, 3, 1, 1) for key in ("mean", "deviation"))
    return (pixels.float() / 255 - mean) / deviation
