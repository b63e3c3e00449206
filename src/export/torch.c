/* torch.c -- a module of PyTorch: scripts/snas_torch.py with the network's description in it.
 *
 * The module builds any network of either space; the line CHILD = None of it becomes a dict with the keys that its
 * first lines explain. Weights stay where they are: the module loads the file that was exported.
 */
#include <assert.h>
#include <string.h>

#include "formats.h"
#include "snas/base/text.h"
#include "torch_module.h"

static const char BLANK[] = "\nCHILD = None\n";
enum { NAMES_A_LINE = 6 };

static const char *truth(bool value)
{
    return value ? "True" : "False";
}

static void add_floats(snas_text *to, const char *key, const float *values)
{
    snas_text_add(to, "    \"%s\": [%.9g, %.9g, %.9g],\n", key, (double)values[0], (double)values[1],
                  (double)values[2]);
}

/* Texts of JSON are texts of Python. */
static void add_names(snas_text *to, const snas_child *child)
{
    if (child->class_names == NULL) {
        snas_text_add(to, "    \"class_names\": None,\n");
        return;
    }
    snas_text_add(to, "    \"class_names\": [");
    for (int i = 0; i < child->classes; i++) {
        snas_text_add(to, "%s", i % NAMES_A_LINE == 0 ? "\n        " : " ");
        snas_text_add_json(to, child->class_names[i]);
        snas_text_add(to, ",");
    }
    snas_text_add(to, "\n    ],\n");
}

static void add_cell(snas_text *to, const snas_genotype *genotype, int type)
{
    const snas_space *space = genotype->space;
    snas_text_add(to, "    \"%s\": [\n", space->type_names[type]);
    for (int node = 0; node < space->nodes; node++) {
        const snas_genes *genes = &genotype->nodes[type][node];
        snas_text_add(to, "        [");
        for (int i = 0; i < genes->count; i++) {
            const snas_gene *gene = &genes->genes[i];
            snas_text_add(to, "%s(\"%s\", %d)", i == 0 ? "" : ", ", space->candidates[gene->candidate]->name,
                          gene->source);
        }
        snas_text_add(to, "],\n");
    }
    snas_text_add(to, "    ],\n");
}

static void add_child(snas_text *to, const export_subject *subject)
{
    const snas_child *child = &subject->child;
    const snas_genotype *genotype = &subject->genotype;
    snas_text_add(to, "CHILD = {  # of ");
    snas_text_add_json(to, subject->request->weights);
    snas_text_add(to, "\n    \"space\": \"%s\",\n", genotype->space->name);
    snas_text_add(to, "    \"channels\": %d,\n    \"cells\": %d,\n    \"classes\": %d,\n    \"side\": %d,\n",
                  child->channels, child->cells, child->classes, child->side);
    snas_text_add(to, "    \"stem\": \"%s\",\n    \"pool_bn\": %s,\n    \"auxiliary\": %s,\n",
                  snas_stem_names[child->stem], truth(genotype->pool_bn), truth(subject->auxiliary));
    add_floats(to, "mean", child->mean);
    add_floats(to, "deviation", child->deviation);
    add_names(to, child);
    for (int type = 0; type < genotype->space->cell_types; type++) {
        add_cell(to, genotype, type);
    }
    snas_text_add(to, "}\n");
}

/* The module as a text that ends. */
static snas_status copy_module(snas_arena *mem, char **out)
{
    SNAS_NEW(mem, *out, export_torch_module_size + 1);
    memcpy(*out, export_torch_module, export_torch_module_size);
    return SNAS_OK;
}

static snas_status form(snas_arena *mem, const export_subject *subject, export_formed *out)
{
    char *module;
    SNAS_TRY(copy_module(mem, &module));
    char *blank = strstr(module, BLANK);
    assert(blank != NULL);
    snas_text text = snas_text_make(mem);
    snas_text_add_bytes(&text, module, (size_t)(blank - module) + 1);
    add_child(&text, subject);
    const char *rest = blank + strlen(BLANK);
    snas_text_add_bytes(&text, rest, strlen(rest));
    return export_add_text(mem, subject->request->out, &text, out);
}

const export_format export_torch = {
    .brief = "a module of PyTorch that builds the network and loads its weights", .ending = ".py", .form = form};
