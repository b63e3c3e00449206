#!/usr/bin/python3
"""Plant faults in the training steps, one by one, in a copy of the tree: cases and tests have to see each.

usage: tests/plant_faults.py [--only N,M] [--folder FOLDER] [--jobs N] [--list]

A fault is a row of the table below: a text of a file, what is put in its place, and who should see it: a golden case of
tests/parity, run by `snas verify --double`, or a unit test where PyTorch has no part. When that one does not see it the
other cases are tried. Says who caught each, then caught of planted; exit code 1 when one was not caught, 2 when a text
is not found once or a fault does not compile. FOLDER keeps the copy's build for the next time.
"""
import argparse
import collections
import glob
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPIED = ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "configs", "docs", "packaging", "scripts",
          "src", "include", "tests", "data/nas-bench-201.csv.gz")
SECONDS = 600  # that a case, a test or a build may take

Fault = collections.namedtuple("Fault", "what file old new catcher")
SEARCH, TRAIN, DESCENT = "src/search/pass.c", "src/train/train_step.c", "src/learn/descent.c"
SINGLE, BILEVEL, SECOND = "src/search/single_level.c", "src/search/bilevel.c", "src/search/second_order.c"
REWARD, RANDOM, STOP = "src/search/reward.c", "src/search/random.c", "src/search/stop.c"
NETWORK, PRICE, CONCRETE = "src/model/network.c", "src/search/price.c", "src/arch/concrete.c"
ONE_HOT, CATEGORICAL = "src/arch/one_hot.c", "src/arch/categorical.c"
FAULTS = [
    Fault("the logits move by the training batch", BILEVEL, ".input = &input->logits,", ".input = &input->train,",
          "method_snas_bilevel"),
    Fault("both levels have the same noise", BILEVEL, "SNAS_STREAM_GUMBEL_LOGITS,", "SNAS_STREAM_GUMBEL,",
          "test_bilevel"),
    Fault("the second order goes the wrong way", SECOND, "d_log_alpha[i] -= rate *", "d_log_alpha[i] += rate *",
          "method_darts_second_order"),
    Fault("the step ahead without momentum", SECOND, "copy(s, s->ahead.direction, s->descent.momentum)",
          "copy(s, s->ahead.direction, snas_network_gradients(s->network))", "method_darts_second_order"),
    Fault("the step ahead moves the running statistics", SECOND, ".mode = SNAS_MODE_BATCH", ".mode = SNAS_MODE_TRAIN",
          "method_darts_second_order"),
    Fault("a reward moves the running statistics", REWARD, ".mode = SNAS_MODE_BATCH", ".mode = SNAS_MODE_TRAIN",
          "method_reinforce"),
    Fault("a reward on the training batch", REWARD, ".input = &input->logits,", ".input = &input->train,",
          "method_reinforce_loss"),
    Fault("the second order without xi", SECOND, "d_log_alpha[i] -= rate *", "d_log_alpha[i] -= 1.0 *",
          "method_darts_second_order"),
    Fault("the step ahead at another rate", SECOND, "step_ahead(s, rate);", "step_ahead(s, 0.5 * rate);",
          "method_darts_second_order"),
    Fault("the step ahead is not taken", SECOND, "step_ahead(s, rate);", "step_ahead(s, 0.0);",
          "method_darts_second_order"),
    Fault("the loss ahead is of the training batch", SECOND, "judge = {.input = &input->logits,",
          "judge = {.input = &input->train,", "method_darts_second_order"),
    Fault("the second order is of the logits' batch", SECOND, "look_back(s, &train, rate, norm)",
          "look_back(s, &judge, rate, norm)", "method_darts_second_order"),
    Fault("another length of the finite difference", SECOND, "EPS_TIMES_NORM = 0.01", "EPS_TIMES_NORM = 0.05",
          "method_darts_second_order"),
    Fault("the weights stay at the finite difference", SECOND,
          "copy(s, snas_network_weights(s->network), s->ahead.weights);", "", "method_darts_second_order"),
    Fault("the weights are trained under the logits' draw", BILEVEL,
          "search_draw(searcher, train, SNAS_STREAM_GUMBEL, input->gumbel);", "", "method_dsnas_bilevel"),
    Fault("the logits of two levels do not move", BILEVEL, "search_move_logits(searcher, out->norm);", "",
          "method_darts_bilevel"),
    Fault("a reward without its baseline", CATEGORICAL, "state[REWARDS] / state[WEIGHTS] : reward->value",
          "0.0 : 0.0", "method_reinforce_loss"),
    Fault("the baseline stands still", CATEGORICAL, "reward->decay * state[WEIGHTS] + (1 - reward->decay)",
          "state[WEIGHTS]", "method_reinforce"),
    Fault("GDAS without the bare weights", "src/arch/gdas.c", "to->sparse = to->skipped_as_ones = true;",
          "to->sparse = true, to->skipped_as_ones = false;", "method_gdas_bilevel"),
    Fault("the gradient of a softmax at another temperature", "src/arch/attention.c", "dz + of_draw, 1,",
          "dz + of_draw, 2,", "method_darts"),
    Fault("uniform draws that take the least", "src/arch/uniform.c", "G[k] > G[best]", "G[k] < G[best]",
          "method_random"),
    Fault("cells are ranked from the worst", RANDOM, "r->accuracy[a] > r->accuracy[b]",
          "r->accuracy[a] < r->accuracy[b]", "test_random"),
    Fault("cells are ranked by running statistics", RANDOM, "SNAS_MODE_BATCH, &outcome", "SNAS_MODE_EVALUATE, &outcome",
          "test_random"),
    Fault("the genotype's standing is forgotten by a resumed run", STOP,
          '"stop.unchanged", .dtype = SNAS_I64, .data = &s->unchanged,',
          '"stop.unchanged", .dtype = SNAS_I64, .data = &s->noted,', "test_stop"),
    Fault("both levels have the same masks", BILEVEL, ".masks = SEARCH_MASKS_LOGITS", ".masks = SEARCH_MASKS_WEIGHTS",
          "method_snas_bilevel"),
    Fault("the logits move up the gradient", SEARCH, "snas_adam_step(&searcher->adam, d->adam_step, &vectors, scale)",
          "snas_adam_step(&searcher->adam, d->adam_step, &vectors, -scale)", "trajectory_supernet"),
    Fault("drop path on the neighbouring edge", "src/model/build.c", "const int mask = b->p->mask_slots++;",
          "const int mask = b->p->mask_slots++ ^ 1;", "trajectory_drop_path"),
    Fault("no resource term", SEARCH, "settings->resource ? settings->lambda : 0.0", "0.0", "bench_log"),
    Fault("the sample's gradient has the wrong sign", CONCRETE, "dz + at, 1 / from->temperature",
          "dz + at, -1 / from->temperature", "bench_log"),
    Fault("the sample's gradient forgets the temperature", CONCRETE, "dz + at, 1 / from->temperature", "dz + at, 1",
          "bench_log"),
    Fault("the temperature does not fall", SEARCH, "snas_distribution_temperature(d, input->global_step)",
          "snas_distribution_temperature(d, 0)", "trajectory_schedules"),
    Fault("the temperature of the next step", SEARCH, "snas_distribution_temperature(d, input->global_step)",
          "snas_distribution_temperature(d, input->global_step + 1)", "trajectory_drop_path"),
    Fault("the temperature falls over all epochs", "src/search/distribution.c",
          "settings->tau_epochs > 0 ? settings->tau_epochs : settings->epochs", "settings->epochs",
          "trajectory_schedules"),
    Fault("the same noise in every step", SEARCH, "stream, (uint64_t)input->global_step)", "stream, 0)",
          "test_search_step"),
    Fault("a search without drop path", SEARCH,
          "snas_drop_path(settings->drop_path, settings->drop_path_ramp, input->epoch, settings->epochs)", "0.0",
          "trajectory_drop_path"),
    Fault("a training without drop path", TRAIN,
          "snas_drop_path(settings->drop_path, settings->drop_path_ramp, input->epoch, settings->epochs)", "0.0",
          "trajectory_recipe"),
    Fault("drop path does not rise", DESCENT, "ramp ? probability * (double)epoch / epochs : probability",
          "probability", "trajectory_recipe"),
    Fault("what drop path keeps is not scaled", NETWORK, "< keep ? 1.0 / keep : 0.0", "< keep ? 1.0 : 0.0",
          "trajectory_drop_path"),
    Fault("the same masks in every step", NETWORK, "SNAS_STREAM_DROP_PATH, batch->step)", "SNAS_STREAM_DROP_PATH, 0)",
          "trajectory_drop_path"),
    Fault("masks of another seed", NETWORK, "snas_rng_at(batch->seed, SNAS_STREAM_DROP_PATH",
          "snas_rng_at(batch->seed + 1, SNAS_STREAM_DROP_PATH", "trajectory_drop_path"),
    Fault("drop path in the forward pass alone", "src/kernel/plain/mix.c", "step_z(feed, term->z_slot) * mask;",
          "step_z(feed, term->z_slot);", "trajectory_drop_path"),
    Fault("the gradient of a candidate's weight without drop path", "src/kernel/plain/mix.c", "(double)mask * sum",
          "(double)sum", "trajectory_drop_path"),
    Fault("a mask on the identity of a child", "src/model/build.c", "identity ? SNAS_NONE : b->p->mask_slots++",
          "identity && false ? SNAS_NONE : b->p->mask_slots++", "trajectory_recipe"),
    Fault("the logits' gradient is not clipped", SEARCH, "snas_clip_factor(norm, settings->logit_clip)",
          "(norm < 0 ? norm : 1.0)", "trajectory_schedules"),
    Fault("the weights' gradient is not clipped", DESCENT, "snas_clip_factor(norm, settings->clip)",
          "(norm < 0 ? norm : 1.0)", "trajectory_schedules"),
    Fault("weights and logits are clipped as one", SINGLE, "search_move_weights(searcher, train, norm)",
          "search_move_weights(searcher, train, out->norm)", "trajectory_schedules"),
    Fault("Adam counts one step too many", SEARCH, "snas_adam_step(&searcher->adam, d->adam_step,",
          "snas_adam_step(&searcher->adam, d->adam_step + 1,", "trajectory_supernet"),
    Fault("Adam without decay", "src/optim/adam.c", "adam->decay * ", "0.0 * ", "trajectory_schedules"),
    Fault("Adam's first moment is not corrected", "src/optim/adam.c", "adam->rate / (1.0 - pow(beta1, (double)step))",
          "adam->rate", "trajectory_supernet"),
    Fault("no momentum", DESCENT, ".momentum = settings->momentum", ".momentum = 0.0", "trajectory_child"),
    Fault("Nesterov ignored", DESCENT, ".nesterov = settings->nesterov", ".nesterov = false", "trajectory_recipe"),
    Fault("no weight decay", DESCENT, ".decay = settings->decay", ".decay = 0.0", "trajectory_recipe"),
    Fault("norms and biases decay", DESCENT, ".decays = matrix || descent->settings->decay_norms_and_biases",
          ".decays = matrix || true", "trajectory_recipe"),
    Fault("weights of candidates that did not run decay and move", DESCENT,
          ".frozen = !snas_network_parameter_ran(descent->network, i)", ".frozen = false", "method_dsnas"),
    Fault("no warm-up", DESCENT, "if (epoch < warmup) {", "if (epoch < warmup && epoch < 0) {", "trajectory_recipe"),
    Fault("the warm-up starts at 0", DESCENT, "steps_per_epoch + step + 1;", "steps_per_epoch + step;",
          "trajectory_recipe"),
    Fault("the warm-up's epochs count for the schedule", DESCENT, "(double)(epoch - warmup), descent->epochs - warmup)",
          "(double)epoch, descent->epochs)", "trajectory_recipe"),
    Fault("the rate of the next epoch in a search", SEARCH,
          "snas_descent_rate(&searcher->descent, input->epoch, input->step)",
          "snas_descent_rate(&searcher->descent, input->epoch + 1, input->step)", "trajectory_schedules"),
    Fault("the rate of the next epoch in a training", TRAIN,
          "snas_descent_rate(&trainer->descent, input->epoch, input->step)",
          "snas_descent_rate(&trainer->descent, input->epoch + 1, input->step)", "trajectory_recipe"),
    Fault("the logits do not wait", SINGLE, "if (train->epoch >= searcher->settings->logit_warmup) {",
          "if (train->epoch >= 0) {", "trajectory_schedules"),
    Fault("training without label smoothing", TRAIN, ".label_smoothing = settings->label_smoothing",
          ".label_smoothing = 0.0", "trajectory_recipe"),
    Fault("label smoothing in the loss, not in its gradient", "src/kernel/plain/loss.c",
          "feed->label_smoothing / classes + (m == label ? 1.0 - feed->label_smoothing : 0.0)",
          "(m == label ? 1.0 : 0.0)", "trajectory_recipe"),
    Fault("the auxiliary loss has its full gradient", "src/kernel/plain/loss.c",
          "t->auxiliary > 0.0 ? t->auxiliary : 1.0", "1.0", "trajectory_auxiliary"),
    Fault("the auxiliary loss is not told", TRAIN, "outcome.loss + settings->auxiliary * outcome.auxiliary_loss",
          "outcome.loss", "trajectory_auxiliary"),
    Fault("parts of a batch count alike", TRAIN, "const double share = (double)part.count / input->count;",
          "const double share = 1.0 / n;", "trajectory_recipe"),
    Fault("only the last part of a batch counts", TRAIN, "p == 0 ? 0.0 : 1.0", "0.0", "trajectory_recipe"),
    Fault("all parts of a batch have the same masks", TRAIN, "input->global_step * most + p",
          "input->global_step * most", "trajectory_recipe"),
    Fault("the discrete resource term forgets lambda", PRICE, "r->dp[i] *= j->lambda;", "r->dp[i] *= 1.0;",
          "bench_discrete"),
    Fault("the policy gradient without its baseline", PRICE, "if (r->settings->baseline) {",
          "if (r->settings->baseline && r->rows < 0) {", "bench_policy"),
    Fault("the policy gradient forgets the candidates' number", CONCRETE, "w * (1 - K * q[k])", "w * (1 - q[k])",
          "bench_policy"),
    Fault("a resource term that is off has a gradient", SEARCH, "settings->resource ? settings->lambda : 0.0",
          "settings->lambda", "test_search_step"),
    Fault("the logits' gradient is not clipped under SGD", SEARCH,
          "snas_sgd_step_f64(searcher->team, &sgd, &vectors, scale)",
          "snas_sgd_step_f64(searcher->team, &sgd, &vectors, 1.0)", "test_logit_sgd"),
    Fault("the relaxed gradient of a one-hot draw forgets the temperature", ONE_HOT,
          "dz + of_draw, 1 / from->temperature", "dz + of_draw, 1", "method_straight_through"),
    Fault("a one-hot draw without the logits", ONE_HOT, "log_a[k] + G[k] > log_a[best] + G[best]", "G[k] > G[best]",
          "method_straight_through"),
    Fault("the single path climbs its own reward", "src/arch/single_path.c", "r += z[k] * dz", "r -= z[k] * dz",
          "method_dsnas"),
    Fault("the single path takes every candidate's gradient", "src/arch/single_path.c", "r += z[k] * dz", "r += dz",
          "test_estimators"),
    Fault("a reward moves the logits away", CATEGORICAL, "baseline - reward->value", "reward->value - baseline",
          "method_reinforce"),
    Fault("the baseline knows the reward it is taken off", "src/arch/categorical.c",
          "? state[REWARDS] / state[WEIGHTS]", "? (state[REWARDS] + reward->value) / (state[WEIGHTS] + 1)",
          "method_reinforce"),
    Fault("the entropy bonus is a price", CATEGORICAL, "+= weight * p[k]", "-= weight * p[k]", "method_reinforce"),
    Fault("what GDAS skips has no gradient", NETWORK, "n->step.mask_sums != NULL && mask", "false && mask",
          "method_gdas"),
    Fault("what GDAS skips knows no drop path", "src/kernel/plain/mix.c", "(double)mask * total",
          "(double)(mask > 0) * total", "method_gdas"),
    Fault("the same in the fused node", "src/kernel/fused/node.c", "(double)mask * sum;", "(double)(mask > 0) * sum;",
          "test_skipped_as_ones"),
    Fault("no average of the weights", TRAIN, "if (trainer->average.network != NULL) {",
          "if (trainer->average.network != NULL && trainer->average.decay < 0) {", "test_train_step"),
]


def run(command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS, check=False,
                          **more)


def stop(sentence):
    print(f"plant_faults: {sentence}", file=sys.stderr)
    sys.exit(2)


def copy_changed(source, to):
    """Copy a file unless it is there: what has not changed is not built again, what was a fault is."""
    content, to = pathlib.Path(source).read_bytes(), pathlib.Path(to)
    if not to.exists() or to.read_bytes() != content:
        to.write_bytes(content)


class Copy:
    """A copy of the tree in a folder, and its build."""

    def __init__(self, folder, jobs):
        self.folder, self.build, self.jobs = folder, folder / "build/faults", jobs
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, copy_function=copy_changed, dirs_exist_ok=True)
            else:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                copy_changed(ROOT / name, folder / name)
        self.cases = {}
        for path in sorted(glob.glob(str(folder / "tests/parity/*.safetensors.gz"))):
            self.cases[os.path.basename(path).split(".")[0]] = pathlib.Path(path[:-3])
            with gzip.open(path) as packed, open(path[:-3], "wb") as plain:
                shutil.copyfileobj(packed, plain)
        options = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1"]
        self.env = dict(os.environ)
        if shutil.which("ccache"):
            options.append("-DCMAKE_C_COMPILER_LAUNCHER=ccache")
            self.env.update(CCACHE_BASEDIR=str(folder), CCACHE_NOHASHDIR="1")
        done = run(["cmake", "-S", folder, "-B", self.build, "-G", "Ninja", *options], env=self.env)
        if done.returncode != 0:
            stop(f"the copy cannot be configured\n{done.stdout}{done.stderr}")

    def make(self, targets, what):
        done = run(["cmake", "--build", self.build, f"-j{self.jobs}", "--target", *targets], env=self.env)
        if done.returncode != 0:
            stop(f"{what} does not build\n{done.stdout}{done.stderr}")

    def sees(self, name):
        """Does a case or a test say that something is wrong?"""
        if name in self.cases:
            done = run([self.build / "snas", "verify", self.cases[name], "--double", "--threads", "1"])
            if done.returncode not in (0, 1):
                stop(f"'{name}' does not run: exit code {done.returncode}\n{done.stderr}")
            return done.returncode == 1
        return run([self.build / name], cwd=self.folder).returncode != 0

    def targets(self, name):
        return ["snas"] if name in self.cases else [name]


def catcher_of(copy, fault):
    """Plant it, build, and ask: the name of who sees it, None when nobody does. The file is then as it was."""
    path = copy.folder / fault.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(fault.old, fault.new), encoding="utf-8")
    try:
        copy.make(copy.targets(fault.catcher), f"'{fault.what}'")
        if copy.sees(fault.catcher):
            return fault.catcher
        copy.make(["snas"], f"'{fault.what}'")
        return next((name for name in copy.cases if name != fault.catcher and copy.sees(name)), None)
    finally:
        path.write_text(whole, encoding="utf-8")


def check_table():
    for n, fault in enumerate(FAULTS, 1):
        found = (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old)
        if found != 1:
            stop(
                f"fault {n}, '{fault.what}': its text is {found} times in {fault.file}, it has to be there once: "
                f"{fault.old}"
            )


def plant(copy, chosen):
    """How many of the chosen faults are caught."""
    names = sorted({FAULTS[n - 1].catcher for n in chosen})
    copy.make(sorted({t for name in names for t in copy.targets(name)}), "the tree without a fault")
    for name in names:
        if copy.sees(name):
            stop(f"'{name}' fails without a fault")
    caught = 0
    for n in chosen:
        name = catcher_of(copy, FAULTS[n - 1])
        caught += name is not None
        print(f"{n:3d}  {name or 'NOT CAUGHT':24s} {FAULTS[n - 1].what}", flush=True)
    return caught


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="N,M", help="the faults with these numbers")
    parser.add_argument("--folder", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true", help="the table, held against the tree; nothing is planted")
    a = parser.parse_args()
    check_table()
    if a.list:
        for n, fault in enumerate(FAULTS, 1):
            print(f"{n:3d}  {fault.catcher:24s} {fault.what}")
        return 0
    chosen = [int(n) for n in a.only.split(",")] if a.only else list(range(1, len(FAULTS) + 1))
    if not all(1 <= n <= len(FAULTS) for n in chosen):
        parser.error(f"faults have the numbers 1 to {len(FAULTS)}")
    with tempfile.TemporaryDirectory() as held:
        folder = (a.folder or pathlib.Path(held)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        caught = plant(Copy(folder, a.jobs), chosen)
    print(f"{caught} of {len(chosen)} planted faults caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
