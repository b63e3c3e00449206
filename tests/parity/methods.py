"""methods.py -- a step of every search method in PyTorch: the draw, the gradient of the logits, how both levels move.

Written from the formulas of the papers, by autograd where it goes. An estimator makes a `Draw` of the logits and the
noise; a level says which batch moves what. `Search` holds what moves and takes step after step.

    source of the methods: SNAS (ICLR 2019), Gumbel softmax (ICLR 2017), GDAS (CVPR 2019), DSNAS (CVPR 2020),
    DARTS (ICLR 2019), REINFORCE (Williams 1992)
"""
import collections
import math

import torch
import torch.nn.functional as F

from costs import resource_term
from walks import Store, space_of, walk

MASKS = {"weights": 0, "logits": 1, "ahead": 2}  # whose masks of drop path: above bit 56 of the place in the stream
STEP_NORM = 0.01  # of the finite difference: eps |v|

# z: weights of the candidates [E, K]; path: None (all run), "alone" (the drawn one) or "numbers" (the others add their
# bare z to the output); density: log p(z) of each edge up to what does not hang on the logits, z held, [E]
Draw = collections.namedtuple("Draw", "z path density")


# ---- estimators: (logits, noise, temperature) of one cell type -> Draw -----------------------------------------------

def largest(scores):
    return F.one_hot(scores.argmax(1), scores.shape[1]).to(scores.dtype)


def log_probability(a, z):
    return (torch.log_softmax(a.double(), 1) * z.detach().double()).sum(1)


def concrete(a, G, tau):
    scores = (a + G) / tau
    # log z comes from the scores, since z itself underflows in float32
    log_z, b = torch.log_softmax(scores.detach().double(), 1), a.double()
    return Draw(torch.softmax(scores, 1), None, b.sum(1) - b.shape[1] * torch.logsumexp(b - tau * log_z, 1))


def hard(h):
    return largest(h) - h.detach() + h


def straight_through(a, G, tau):
    z = hard(torch.softmax((a + G) / tau, 1))
    return Draw(z, None, log_probability(a, largest(z)))


def gdas(a, G, tau):
    z = hard(torch.softmax((torch.log_softmax(a, 1) + G) / tau, 1))
    return Draw(z, "numbers", log_probability(a, largest(z)))


def categorical(a, G, _):
    z = largest((a + G).detach()).requires_grad_()
    return Draw(z, "alone", log_probability(a, z))


def attention(a, _, __):
    return Draw(torch.softmax(a, 1), None, None)


def uniform(_, G, __):
    return Draw(largest(G).requires_grad_(), "alone", None)


ESTIMATORS = {"concrete": concrete, "straight-through": straight_through, "gdas": gdas, "single-path": categorical,
              "attention": attention, "categorical": categorical, "uniform": uniform}
METHODS = {  # name: estimators, levels, the first of each its own; how a resource term may reach the logits
    "snas": (("concrete",), ("single", "bilevel"), ("reparametrization", "discrete", "policy_gradient")),
    "straight-through": (("straight-through", "gdas"), ("single", "bilevel"),
                         ("reparametrization", "discrete", "policy_gradient")),
    "dsnas": (("single-path",), ("single", "bilevel"), ("reparametrization", "discrete", "policy_gradient")),
    "darts": (("attention",), ("bilevel", "single", "bilevel-second-order"), ("reparametrization", "discrete")),
    "reinforce": (("categorical",), ("reward",), ("discrete", "policy_gradient")),
    "random": (("uniform",), ("weights",), ("discrete",)),
}


def estimator_of(spec):
    return spec.get("estimator", METHODS[spec.get("method", "snas")][0][0])


def level_of(spec):
    return spec.get("level", METHODS[spec.get("method", "snas")][1][0])


def optimisers(spec, values):
    """[(parameters, largest norm, torch.optim)]: of the weights, and of the logits when there are any."""
    logits = [p for n, p in values.items() if n.endswith("_log_alpha")]
    weights = [p for n, p in values.items() if not n.endswith("_log_alpha")]
    w, out = spec["weights"], []
    spared = [p for p in weights if p.dim() == 1 and not w.get("decay_norms_and_biases", True)]
    groups = [{"params": [p for p in weights if not any(p is q for q in spared)]}]
    groups += [{"params": spared, "weight_decay": 0.0}] if spared else []
    sgd = torch.optim.SGD(groups, w["rate"], w["momentum"], weight_decay=w["decay"], nesterov=w["nesterov"])
    out.append((weights, w["clip"], sgd))
    if logits:
        a = spec["logits"]
        adam = torch.optim.Adam(logits, a["rate"], (a["beta1"], a["beta2"]), a["eps"], a["decay"])
        out.append((logits, a["clip"], adam))
    return out


# ---- a search --------------------------------------------------------------------------------------------------------

class Search:
    """Weights, logits and all that moves with them. `movers`: [(parameters, largest norm, torch.optim)] of both."""

    def __init__(self, spec, values, running=None):
        self.spec, self.values = spec, values
        self.types = space_of(spec).types
        self.alpha = {t: values[f"{t}_log_alpha"] for t in self.types}
        self.dtype = self.alpha[self.types[0]].dtype
        self.running = {} if running is None else running
        self.state = torch.zeros(2, dtype=torch.float64)  # sums of the rewards and of their weights
        self.movers, self.estimator = [], estimator_of(spec)
        self.ran = set()  # parameters that any walk has asked for

    def weights(self):
        return {n: p for n, p in self.values.items() if not n.endswith("_log_alpha")}

    def draw(self, prefix):
        make = ESTIMATORS[self.estimator]
        return {t: make(self.alpha[t], self.inputs[prefix + t].to(self.dtype), self.tau) for t in self.types}

    def loss(self, draws, batch, masks, values=None, statistics=True):
        """Logits, cross entropy and the walk's store. masks None: no drop path; statistics: do they move?"""
        store = Store(self.dtype)
        store.values = dict(self.values if values is None else values)
        store.running = self.running if statistics else None
        store.path = draws[self.types[0]].path
        if masks is not None:
            place = self.spec.get("seed", 0), (MASKS[masks] << 56) + self.t
            store.drop_path(self.drop_path, place, self.spec["batch"])
        images, labels = (self.inputs[f"input.{batch}{what}"] for what in ("images", "labels"))
        logits, _ = walk(store, self.spec, images.to(self.dtype), {t: d.z for t, d in draws.items()})
        self.ran.update(store.touched)
        return logits, F.cross_entropy(logits, labels), store

    def price(self, draws):
        """R as it is reported, and lambda times what has R's gradient."""
        R, term = resource_term(self.spec, {t: d.z for t, d in draws.items()}, {t: d.density for t, d in draws.items()},
                                self.alpha)
        return R, self.spec["resource_lambda"] * term

    def logit_gradient(self, draws, total):
        """d total / d logits; through the score where z is no function of them."""
        leaves = list(self.alpha.values())
        direct = torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True)
        grads = [torch.zeros_like(a) if g is None else g for a, g in zip(leaves, direct)]
        if self.estimator == "single-path":
            credits = torch.autograd.grad(total, [d.z for d in draws.values()], retain_graph=True, allow_unused=True)
            score = sum((d.density * (c * d.z).sum(1).detach().double()).sum()
                        for d, c in zip(draws.values(), credits) if c is not None)
            if isinstance(score, torch.Tensor):
                grads = [g + s for g, s in zip(grads, torch.autograd.grad(score, leaves))]
        return dict(zip(self.types, grads))

    def move(self, which, grads):
        """One step of the optimiser; what has no gradient stays."""
        if not self.movers:
            return
        parameters, clip, mover = self.movers[which]
        for p in parameters:
            p.grad = None
        for p, g in grads:
            p.grad = g.to(p.dtype, copy=True)
        if clip > 0:
            torch.nn.utils.clip_grad_norm_([p for p, _ in grads], clip)
        mover.step()

    def move_logits(self, grads):
        self.alpha_grad = grads
        if self.logits_move:
            self.move(1, [(self.alpha[t], g) for t, g in grads.items()])

    def weight_gradient(self, loss, store):
        """Of every weight that the walk has asked for: those of candidates that did not run are not among them."""
        names = [n for n in store.touched if not n.endswith("_log_alpha")]
        grads = torch.autograd.grad(loss, [store.values[n] for n in names], allow_unused=True, retain_graph=True)
        return {n: torch.zeros_like(store.values[n]) if g is None else g for n, g in zip(names, grads)}

    def move_weights(self, loss, store):
        self.weight_grad = self.weight_gradient(loss, store)
        self.move(0, [(self.values[n], g) for n, g in self.weight_grad.items()])

    def step(self, inputs, t=0, tau=None, drop_path=None, logits_move=True):
        """Take one: {"logits", "loss", "penalty", "z"}; gradients stay in weight_grad and alpha_grad."""
        self.inputs, self.t, self.logits_move = inputs, t, logits_move
        self.tau = self.spec["temperature"] if tau is None else tau
        self.drop_path = self.spec.get("drop_path", 0.0) if drop_path is None else drop_path
        self.alpha_grad = None
        return LEVELS[level_of(self.spec)](self)


# ---- levels ----------------------------------------------------------------------------------------------------------

def told(logits, loss, R, draws):
    return {"logits": logits, "loss": loss, "penalty": R, "z": {t: d.z for t, d in draws.items()}}


def single(s):
    draws = s.draw("input.gumbel_")
    logits, loss, store = s.loss(draws, "", "weights")
    R, term = s.price(draws)
    grads = s.logit_gradient(draws, loss.double() + term)
    s.move_weights(loss, store)
    s.move_logits(grads)
    return told(logits, loss, R, draws)


def by_halves(half):
    """The logits by `half`, which gives R, then the weights by the training batch under a draw of its own."""
    def take(s):
        R = half(s) if s.logits_move else None
        draws = s.draw("input.gumbel_")
        logits, loss, store = s.loss(draws, "", "weights")
        s.move_weights(loss, store)
        return told(logits, loss, s.price(draws)[0] if R is None else R, draws)
    return take


def first_order(s):
    draws = s.draw("input.logit_gumbel_")
    _, loss, _ = s.loss(draws, "logit_", "logits")
    R, term = s.price(draws)
    s.move_logits(s.logit_gradient(draws, loss.double() + term))
    return R


def second_order(s):
    """DARTS: the loss at the weights of the next step, less xi times the mixed derivative along its gradient."""
    sgd = s.movers[0][2]
    xi, mu, nesterov = (sgd.param_groups[0][key] for key in ("lr", "momentum", "nesterov"))
    decay = {id(p): group["weight_decay"] for group in sgd.param_groups for p in group["params"]}
    draws = s.draw("input.logit_gumbel_")
    alpha = list(s.alpha.values())

    def slope(values):
        _, loss, _ = s.loss(draws, "", "ahead", values)
        return torch.autograd.grad(loss, alpha, retain_graph=True)

    def moved(direction, length):
        return {n: (p.detach() + length * direction[n]).requires_grad_() for n, p in s.weights().items()}

    _, loss, store = s.loss(draws, "", "ahead")
    step = {}
    for n, g in s.weight_gradient(loss, store).items():
        p = s.values[n]
        kept = sgd.state[p].get("momentum_buffer")
        d = g + decay[id(p)] * p.detach()
        m = d if kept is None else mu * kept + d
        step[n] = d + mu * m if nesterov else m
    ahead = moved(step, -xi)
    _, loss, store = s.loss(draws, "logit_", "logits", ahead, statistics=False)
    R, term = s.price(draws)
    grads = s.logit_gradient(draws, loss.double() + term)
    v = s.weight_gradient(loss, store)
    eps = STEP_NORM / math.sqrt(sum(float((g.double() ** 2).sum()) for g in v.values()))
    plus, minus = slope(moved(v, eps)), slope(moved(v, -eps))
    s.move_logits({t: g - xi * (a - b) / (2 * eps) for (t, g), a, b in zip(grads.items(), plus, minus)})
    return R


def reward(s):
    """REINFORCE: score times (reward - moving mean of those before), and the bonus of the entropy."""
    draws = s.draw("input.logit_gumbel_")
    with torch.no_grad():
        logits, loss, _ = s.loss(draws, "logit_", None, statistics=False)
    right = (logits.argmax(1) == s.inputs["input.logit_labels"]).double().mean()
    earned = float(right if s.spec.get("reward_measure", "accuracy") == "accuracy" else -loss)
    baseline = float(s.state[0] / s.state[1]) if s.state[1] > 0 else earned
    R, term = s.price(draws)
    entropy = sum(-(torch.softmax(a.double(), 1) * torch.log_softmax(a.double(), 1)).sum() for a in s.alpha.values())
    total = term - (earned - baseline) * sum(d.density.sum() for d in draws.values())
    grads = s.logit_gradient(draws, total - s.spec.get("reward_entropy", 0.0) * entropy)
    decay = s.spec.get("reward_baseline_decay", 0.9)
    s.state = decay * s.state + (1 - decay) * torch.tensor([earned, 1.0], dtype=torch.float64)
    s.move_logits(grads)
    return R


LEVELS = {"single": single, "bilevel": by_halves(first_order), "bilevel-second-order": by_halves(second_order),
          "reward": by_halves(reward), "weights": by_halves(lambda s: None)}
TAKES_LOGIT_PICTURES = [name for name in LEVELS if name != "single"]
