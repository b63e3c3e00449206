/* onnx_graph.c -- nodes and tensors of an ONNX graph, as fields of the open message GraphProto. */
#include "onnx_graph.h"

/* Numbers of fields and of kinds, by the message that they belong to. */
enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9, TYPE_FLOAT = 1, TYPE_INT64 = 7 };
enum { PORT_NAME = 1, PORT_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2, SHAPE_DIMENSION = 1 };
enum { DIMENSION_VALUE = 1, DIMENSION_NAME = 2 };

static void add_attribute(snas_protobuf *graph, const onnx_attribute *attribute)
{
    static const int TYPES[] = {[ONNX_FLOAT] = 1, [ONNX_INT] = 2, [ONNX_INTS] = 7};
    const snas_protobuf_nested nested = snas_protobuf_open(graph, NODE_ATTRIBUTE);
    snas_protobuf_text(graph, ATTRIBUTE_NAME, attribute->name);
    switch (attribute->kind) {
    case ONNX_INT:
        snas_protobuf_int(graph, ATTRIBUTE_INT, attribute->ints[0]);
        break;
    case ONNX_FLOAT:
        snas_protobuf_float(graph, ATTRIBUTE_FLOAT, attribute->real);
        break;
    case ONNX_INTS:
        for (int i = 0; i < attribute->count; i++) {
            snas_protobuf_int(graph, ATTRIBUTE_INTS, attribute->ints[i]);
        }
        break;
    }
    snas_protobuf_int(graph, ATTRIBUTE_TYPE, TYPES[attribute->kind]);
    snas_protobuf_close(graph, nested);
}

void onnx_add_node(snas_protobuf *graph, const onnx_node *node)
{
    const snas_protobuf_nested nested = snas_protobuf_open(graph, GRAPH_NODE);
    for (int i = 0; i < node->input_count; i++) {
        snas_protobuf_text(graph, NODE_INPUT, node->inputs[i]);
    }
    snas_protobuf_text(graph, NODE_OUTPUT, node->output);
    snas_protobuf_text(graph, NODE_NAME, node->name);
    snas_protobuf_text(graph, NODE_TYPE, node->type);
    for (int i = 0; i < node->attribute_count; i++) {
        add_attribute(graph, &node->attributes[i]);
    }
    snas_protobuf_close(graph, nested);
}

static snas_protobuf_nested open_tensor(snas_protobuf *graph, const char *name, const int64_t *shape, int dims,
                                        int type)
{
    const snas_protobuf_nested nested = snas_protobuf_open(graph, GRAPH_INITIALIZER);
    for (int i = 0; i < dims; i++) {
        snas_protobuf_int(graph, TENSOR_DIMS, shape[i]);
    }
    snas_protobuf_int(graph, TENSOR_TYPE, type);
    snas_protobuf_text(graph, TENSOR_NAME, name);
    return nested;
}

void onnx_add_floats(snas_protobuf *graph, const char *name, const int64_t *shape, int dims, const float *values)
{
    size_t count = 1;
    for (int i = 0; i < dims; i++) {
        count *= (size_t)shape[i];
    }
    const snas_protobuf_nested nested = open_tensor(graph, name, shape, dims, TYPE_FLOAT);
    snas_protobuf_borrow(graph, TENSOR_RAW, (snas_bytes){.data = values, .size = count * sizeof *values});
    snas_protobuf_close(graph, nested);
}

void onnx_add_ints(snas_protobuf *graph, const char *name, const int64_t *values, int count)
{
    const int64_t shape[] = {count};
    const snas_protobuf_nested nested = open_tensor(graph, name, shape, 1, TYPE_INT64);
    snas_protobuf_bytes(graph, TENSOR_RAW, (snas_bytes){.data = values, .size = (size_t)count * sizeof *values});
    snas_protobuf_close(graph, nested);
}

static void add_dimension(snas_protobuf *graph, int64_t value, const char *name)
{
    const snas_protobuf_nested nested = snas_protobuf_open(graph, SHAPE_DIMENSION);
    if (name != NULL) {
        snas_protobuf_text(graph, DIMENSION_NAME, name);
    } else {
        snas_protobuf_int(graph, DIMENSION_VALUE, value);
    }
    snas_protobuf_close(graph, nested);
}

void onnx_add_port(snas_protobuf *graph, int number, const char *name, const int64_t *shape, int dims)
{
    const snas_protobuf_nested port = snas_protobuf_open(graph, number);
    snas_protobuf_text(graph, PORT_NAME, name);
    const snas_protobuf_nested type = snas_protobuf_open(graph, PORT_TYPE);
    const snas_protobuf_nested tensor = snas_protobuf_open(graph, TYPE_TENSOR);
    snas_protobuf_int(graph, TENSOR_ELEMENT, TYPE_FLOAT);
    const snas_protobuf_nested sides = snas_protobuf_open(graph, TENSOR_SHAPE);
    add_dimension(graph, 0, "N");
    for (int i = 0; i < dims; i++) {
        add_dimension(graph, shape[i], NULL);
    }
    snas_protobuf_close(graph, sides);
    snas_protobuf_close(graph, tensor);
    snas_protobuf_close(graph, type);
    snas_protobuf_close(graph, port);
}
