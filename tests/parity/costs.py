"""costs.py -- the resource term R of weights on a supernet's candidates, and its gradient's ways to the logits."""
import torch

from walks import CANDIDATES, places, space_of


def price(name, c, y, stride):
    """Size, FLOPs and memory access of a candidate with outputs [c, y, y]."""
    steps, traffic = CANDIDATES[name]
    size = sum(c * int(s[2]) ** 2 if s.startswith("dw") else c * c if s == "pw" else
               c * c * int(s[4]) ** 2 if s.startswith("conv") else 0 for s in steps)
    size += c * c if name == "skip_connect" and stride == 2 else 0
    area = y * y
    return size, size * area + (9 * area * c if "pool" in name else 0), traffic[stride - 1] * area * c + size


def cost_tables(spec):
    """(type, edge, [K, 3]) of every edge of every cell: size, FLOPs and memory access of its candidates."""
    space, side = space_of(spec), spec["image"]
    for kind, c, _ in places(spec):
        side //= 2 if kind in ("reduce", None) else 1
        for e, (source, _) in enumerate(space.edges if kind is not None else ()):
            stride = 2 if kind == "reduce" and source < 2 else 1
            yield kind, e, torch.tensor([price(n, c, side, stride) for n in space.names], dtype=torch.float64)


def edge_price(spec, costs):
    """r of an edge whose costs are (size, FLOPs, memory access)."""
    s, f, m = costs
    if spec["log_penalty"]:
        return sum((torch.log(t) for t in (s, f, m) if t > 1), torch.zeros((), dtype=torch.float64)) / 3
    return 0.43 * (2 * s + f / 4000 + m / 100)


def cells_of(spec):
    """How many cells each type has."""
    return {t: sum(kind == t for kind, _, _ in places(spec)) for t in space_of(spec).types}


def resource(spec, z):
    """R = mean over the normal cells + mean over the reduction cells, of the sum over edges."""
    sums, counts = {t: 0.0 for t in space_of(spec).types}, cells_of(spec)
    for kind, e, table in cost_tables(spec):
        sums[kind] = sums[kind] + edge_price(spec, z[kind][e].double() @ table)
    return sum(sums[t] / counts[t] for t in sums)


def policy_gradient(spec, z, densities):
    """What has the gradient sum_e R_e d log p(z_e) / d logits: the reward of an edge times its log density, z held."""
    space, counts, loss = space_of(spec), cells_of(spec), 0.0
    tables = list(cost_tables(spec))
    for t in space.types:
        held = z[t].detach().double()
        rewards = [torch.zeros((), dtype=torch.float64)] * len(space.edges)
        mine = [table for kind, _, table in tables if kind == t]
        for cell_tables in (mine[i:i + len(space.edges)] for i in range(0, len(mine), len(space.edges))):
            mean = edge_price(spec, torch.cat(cell_tables).mean(0)) if spec.get("resource_baseline") else 0.0
            for e, table in enumerate(cell_tables):
                rewards[e] = rewards[e] + (edge_price(spec, held[e] @ table) - mean) / counts[t]
        loss = loss + (torch.stack(rewards) * densities[t]).sum()
    return loss


def resource_term(spec, z, densities, logits):
    """R as it is reported, and a number whose gradient is that of R by the method of the case. z: the draws' weights;
    densities: log p(z) of their edges, for the policy gradient."""
    method = spec.get("resource_method", "reparametrization")
    if method == "policy_gradient":
        return resource(spec, z), policy_gradient(spec, z, densities)
    R = resource(spec, z if method == "reparametrization" else
                 {t: torch.softmax(a.double(), 1) for t, a in logits.items()})
    return R, R
