"""search_steps.py -- a step of every search method as one writes it in PyTorch, on network.py's modules, to be timed.

Methods of one path run one path. What is timed is the same work as that of a step of `snas`: both batches of two
levels, the resource term, clips, SGD and Adam. What the numbers have to be is methods.py's.
"""
import torch
import torch.nn.functional as F

from network import Path

ONE_PATH = ("gdas", "single-path", "categorical", "uniform")
EPS_NORM = 0.01  # of DARTS's finite difference


class SearchStep:
    """spec: the search's estimator and level; run: the network, or what has compiled it; data: a function that gives a
    batch of pictures and labels."""

    def __init__(self, spec, net, run, data):
        self.estimator, self.level, self.run, self.data = spec["estimator"], spec["level"], run, data
        named = dict(net.named_parameters())
        self.logits = {n.split("_")[0]: p for n, p in named.items() if n.endswith("_log_alpha")}
        self.weights = [p for n, p in named.items() if not n.endswith("_log_alpha")]
        self.prices = {t: torch.rand(*p.shape, 3) for t, p in self.logits.items()}  # size, FLOPs, traffic: any
        self.sgd = torch.optim.SGD(self.weights, 0.025, momentum=0.9, weight_decay=3e-4)
        self.adam = torch.optim.Adam(self.logits.values(), 3e-4, betas=(0.5, 0.999), weight_decay=1e-3)
        self.rewards = [0.0, 0.0]  # sums of rewards and of their weights
        self.take = {"single": self.single, "bilevel": self.bilevel, "bilevel-second-order": self.second_order,
                     "reward": self.reward, "weights": self.move_weights}[self.level]

    # ---- draws -------------------------------------------------------------------------------------------------------

    def relaxed(self, p):
        return torch.softmax(p - torch.log(-torch.log(torch.rand_like(p))), 1)

    def draw(self):
        """z of each cell type, and what the network takes."""
        z = {}
        for t, p in self.logits.items():
            if self.estimator == "attention":
                z[t] = torch.softmax(p, 1)
            elif self.estimator == "concrete":
                z[t] = self.relaxed(p)
            elif self.estimator in ("straight-through", "gdas"):
                h = self.relaxed(p)
                z[t] = F.one_hot(h.argmax(1), h.shape[1]) - h.detach() + h
            else:
                scores = self.relaxed(torch.zeros_like(p) if self.estimator == "uniform" else p.detach())
                z[t] = F.one_hot(scores.argmax(1), scores.shape[1]).to(p.dtype).requires_grad_()
        if self.estimator not in ONE_PATH:
            return z, z
        bare = self.estimator == "gdas"
        return z, {t: Path(row, row.argmax(1).tolist(), bare) for t, row in z.items()}

    # ---- halves of a step --------------------------------------------------------------------------------------------

    def clear(self):
        self.sgd.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)

    def price(self, z):
        return sum(torch.log(torch.einsum("ek,ekp->ep", w, self.prices[t]) + 1).sum() / 3 for t, w in z.items())

    def loss_of(self, paths, batch):
        pictures, labels = batch
        return F.cross_entropy(self.run(pictures, paths), labels)

    def backward(self, z, paths, batch):
        """Gradients of the weights and, by the estimator, of the logits."""
        self.clear()
        priced = z if self.estimator != "uniform" else {}
        loss = self.loss_of(paths, batch) + 1e-3 * self.price(priced)
        loss.backward()
        if self.estimator == "single-path":
            for t, p in self.logits.items():
                r = (z[t].grad * z[t].detach()).sum(1, keepdim=True)
                p.grad = (z[t].detach() - torch.softmax(p.detach(), 1)) * r

    def step_weights(self):
        torch.nn.utils.clip_grad_norm_(self.weights, 5.0)
        self.sgd.step()

    def step_logits(self):
        torch.nn.utils.clip_grad_norm_(self.logits.values(), 10.0)
        self.adam.step()

    def move_weights(self):
        self.clear()
        self.loss_of(self.draw()[1], self.data("train")).backward()
        self.step_weights()

    # ---- levels ------------------------------------------------------------------------------------------------------

    def single(self):
        z, paths = self.draw()
        self.backward(z, paths, self.data("train"))
        self.step_weights()
        self.step_logits()

    def bilevel(self):
        z, paths = self.draw()
        self.backward(z, paths, self.data("logits"))
        self.step_logits()
        self.move_weights()

    def slope(self, batch):
        """d loss / d logits alone."""
        return torch.autograd.grad(self.loss_of(self.draw()[1], batch), list(self.logits.values()))

    @torch.no_grad()
    def shift(self, kept, direction, length):
        for p, w, d in zip(self.weights, kept, direction):
            p.copy_(w).add_(d, alpha=length)

    def second_order(self):
        batch, xi = self.data("train"), self.sgd.param_groups[0]["lr"]
        kept = [p.detach().clone() for p in self.weights]
        g = torch.autograd.grad(self.loss_of(self.draw()[1], batch), self.weights)
        step = []
        for p, d in zip(self.weights, g):
            buffer = self.sgd.state[p].get("momentum_buffer")
            step.append(d + 3e-4 * p.detach() + (0 if buffer is None else 0.9 * buffer))
        self.shift(kept, step, -xi)
        z, paths = self.draw()
        self.backward(z, paths, self.data("logits"))
        v = [p.grad for p in self.weights]
        eps = EPS_NORM / float(torch.sqrt(sum((d ** 2).sum() for d in v)))
        self.shift(kept, v, eps)
        plus = self.slope(batch)
        self.shift(kept, v, -eps)
        minus = self.slope(batch)
        self.shift(kept, v, 0.0)
        for p, a, b in zip(self.logits.values(), plus, minus):
            p.grad -= xi * (a - b) / (2 * eps)
        self.step_logits()
        self.move_weights()

    def reward(self):
        z, paths = self.draw()
        pictures, labels = self.data("logits")
        with torch.no_grad():
            earned = float((self.run(pictures, paths).argmax(1) == labels).float().mean())
        baseline = self.rewards[0] / self.rewards[1] if self.rewards[1] > 0 else earned
        self.rewards = [0.9 * self.rewards[0] + 0.1 * earned, 0.9 * self.rewards[1] + 0.1]
        self.clear()
        score = sum((torch.log_softmax(p, 1) * z[t].detach()).sum() for t, p in self.logits.items())
        expected = {t: torch.softmax(p, 1) for t, p in self.logits.items()}
        (1e-3 * self.price(expected) - (earned - baseline) * score).backward()
        self.step_logits()
        self.move_weights()
