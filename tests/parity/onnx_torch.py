"""onnx_torch.py -- runs a graph of ONNX by PyTorch: the operators of trained networks, by the standard's text.

An attribute or an operator that is not known here is an error, so that nothing is passed over.
"""
import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def split_pads(pads):
    """F.pad's order, the last axis first, of [top, left, bottom, right]."""
    top, left, bottom, right = pads
    return [left, right, top, bottom]


def conv(x, w, b=None, *, kernel_shape, strides, pads, dilations, group):
    assert list(w.shape[2:]) == kernel_shape
    return F.conv2d(F.pad(x, split_pads(pads)), w, b, strides, 0, dilations, group)


def max_pool(x, *, kernel_shape, strides, pads):
    return F.max_pool2d(F.pad(x, split_pads(pads), value=-float("inf")), kernel_shape, strides)


def average_pool(x, *, kernel_shape, strides, pads, count_include_pad):
    assert count_include_pad == 0
    inside = F.pad(torch.ones_like(x), split_pads(pads))
    return F.avg_pool2d(F.pad(x, split_pads(pads)), kernel_shape, strides) / F.avg_pool2d(inside, kernel_shape, strides)


def batch_norm(x, scale, bias, mean, variance, *, epsilon):
    scale, bias, mean, variance = (v.reshape(1, -1, 1, 1) for v in (scale, bias, mean, variance))
    return (x - mean) / torch.sqrt(variance + epsilon) * scale + bias


def cut(x, starts, ends, axes):
    index = [slice(None)] * x.dim()
    for start, end, axis in zip(starts.tolist(), ends.tolist(), axes.tolist()):
        index[axis] = slice(start, end)
    return x[tuple(index)]


def gemm(a, b, c, *, transB):
    return a @ (b.T if transB else b) + c


OPERATORS = {
    "Conv": conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Slice": cut,
    "Gemm": gemm,
    "Relu": torch.relu,
    "Sum": lambda *x: sum(x),
    "Concat": lambda *x, axis: torch.cat(x, axis),
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda x, *, axis: x.flatten(axis),
    "Softmax": lambda x, *, axis: torch.softmax(x, axis),
    "Shape": lambda x, *, start, end: torch.tensor(x.shape[start:end]),
    "ConstantOfShape": lambda shape: torch.zeros(shape.tolist()),
}


def run(model, x):
    """The outputs of a model for its one input, by name; and how often each operator was run."""
    graph, counts = model.graph, {}
    values = {t.name: torch.from_numpy(numpy.array(numpy_helper.to_array(t))) for t in graph.initializer}
    values[graph.input[0].name] = x
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input), **attributes)
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return {output.name: values[output.name] for output in graph.output}, counts
