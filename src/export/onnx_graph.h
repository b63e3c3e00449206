/* onnx_graph.h -- nodes and tensors of an ONNX graph, as fields of the open message GraphProto.
 *
 * Source: onnx.proto of IR version 8. Repeated numbers are written one by one, as the schema has them, not packed.
 */
#ifndef SNAS_EXPORT_ONNX_GRAPH_H
#define SNAS_EXPORT_ONNX_GRAPH_H

#include "snas/format/protobuf.h"

/** Fields of GraphProto that others write. */
enum { ONNX_GRAPH_NAME = 2, ONNX_GRAPH_INPUT = 11, ONNX_GRAPH_OUTPUT = 12 };

/** An attribute of a node. */
typedef struct {
    const char *name;
    enum { ONNX_INT, ONNX_FLOAT, ONNX_INTS } kind;
    int64_t ints[4];
    int count; /* of ints */
    float real;
} onnx_attribute;

typedef struct {
    const char *type, *name; /* type: the operator */
    const char *const *inputs;
    int input_count;
    const char *output;
    const onnx_attribute *attributes;
    int attribute_count;
} onnx_node;

void onnx_add_node(snas_protobuf *graph, const onnx_node *node);

/** A constant. The numbers are borrowed. */
void onnx_add_floats(snas_protobuf *graph, const char *name, const int64_t *shape, int dims, const float *values);
/** One of a few whole numbers, [count], copied. */
void onnx_add_ints(snas_protobuf *graph, const char *name, const int64_t *values, int count);

/** What goes into the graph or comes out of it, in field `number`: floats, [N, shape...], any N. */
void onnx_add_port(snas_protobuf *graph, int number, const char *name, const int64_t *shape, int dims);

#endif
