#!/bin/bash
# make.sh -- the golden cases of this folder, made anew by the oracles (PyTorch 1.13, Debian's python3-torch).
set -euo pipefail
cd "$(dirname "$0")"
oracle() { /usr/bin/python3 oracle.py "$@"; }
oracle supernet_log.safetensors.gz --channels 2 --log-penalty --temperature 1 --seed 1
oracle supernet_linear.safetensors.gz --channels 2 --temperature 0.3 --resource-lambda 0.001 --batch 2 --classes 3 --seed 2
oracle child_pool_bn.safetensors.gz --child two_each.json --channels 4 --seed 3
oracle child_plain_pool.safetensors.gz --child two_each.json --channels 4 --batch 2 --no-pool-bn --seed 4
oracle child_odd.safetensors.gz --child odd.json --channels 6 --classes 7 --seed 5
bench="--space nas-bench-201 --cells 5 --channels 2"
oracle bench_log.safetensors.gz $bench --log-penalty --temperature 0.7 --seed 14
oracle bench_discrete.safetensors.gz $bench --resource-method discrete --resource-lambda 0.001 --seed 15
oracle bench_policy.safetensors.gz $bench --resource-method policy_gradient --resource-baseline --log-penalty --temperature 0.6 --seed 16
# a step of each method and level: momentum and rewards of steps before, a clip that bites, decay; of one path in both spaces
method() { oracle "method_$1.safetensors.gz" --channels 2 --method "${@:2}"; }
bench="--space nas-bench-201 --cells 4"
method snas_bilevel snas --level bilevel $bench --log-penalty --temperature 0.7 --drop-path 0.3 --seed 31
method straight_through straight-through $bench --resource-method policy_gradient --temperature 0.5 --resource-lambda 0.001 --seed 32
method straight_through_bilevel straight-through --level bilevel $bench --log-penalty --drop-path 0.3 --seed 33
method gdas straight-through --estimator gdas --log-penalty --temperature 2 --drop-path 0.3 --seed 34
method gdas_bilevel straight-through --estimator gdas --level bilevel $bench --log-penalty --drop-path 0.3 --seed 35
method dsnas dsnas --log-penalty --drop-path 0.3 --seed 36
method dsnas_bilevel dsnas --level bilevel $bench --resource-method policy_gradient --resource-baseline --seed 37
method darts darts --level single $bench --log-penalty --drop-path 0.3 --seed 38
method darts_bilevel darts $bench --log-penalty --drop-path 0.3 --seed 39
method darts_second_order darts --level bilevel-second-order $bench --log-penalty --drop-path 0.3 --seed 40
method reinforce reinforce --resource-method discrete --log-penalty --reward-entropy 0.1 --seed 41
method reinforce_loss reinforce --reward-measure loss $bench --resource-method policy_gradient --log-penalty --drop-path 0.3 --seed 42
method random random $bench --resource-method discrete --log-penalty --drop-path 0.3 --seed 45
trajectory() { /usr/bin/python3 trajectory.py "$@"; }
small="--image 8 --batch 3 --classes 5"
trajectory trajectory_supernet.safetensors.gz $small --steps 4 --channels 2 --schedule cosine --logit-rate 0.01 --seed 6
trajectory trajectory_child.safetensors.gz $small --steps 4 --child two_each.json --channels 4 --seed 7
trajectory trajectory_schedules.safetensors.gz $small --steps 6 --steps-per-epoch 2 --channels 2 --schedule cosine --warmup 1 --nesterov \
    --decay 0.1 --spare-norms-and-biases --clip 2 --logit-rate 0.1 --logit-warmup 1 --logit-decay 0.1 --logit-clip 0.05 \
    --temperature 2 --temperature-schedule exponential --temperature-last 0.3 --temperature-epochs 2 --seed 8
trajectory trajectory_drop_path.safetensors.gz $small --steps 3 --channels 2 --drop-path 0.3 --mask-seed 1099511627779 \
    --temperature-schedule linear --temperature-last 0.5 --logit-rate 0.1 --resource-method discrete --seed 9
trajectory trajectory_policy.safetensors.gz --image 8 --batch 4 --classes 5 --steps 4 --channels 2 --resource-method policy_gradient \
    --linear-penalty --resource-lambda 0.001 --logit-rate 0.1 --logit-clip 0.5 --seed 21
trajectory trajectory_recipe.safetensors.gz --image 8 --batch 7 --classes 5 --steps 6 --steps-per-epoch 2 --child two_each.json --channels 4 \
    --schedule cosine --warmup 1 --nesterov --decay 0.1 --spare-norms-and-biases --clip 1 --label-smoothing 0.1 --micro-batch 4 \
    --drop-path 0.4 --drop-path-ramp --mask-seed 5 --seed 11
trajectory trajectory_auxiliary.safetensors.gz --image 32 --batch 4 --classes 5 --steps 3 --child odd.json --channels 2 --auxiliary 0.4 \
    --label-smoothing 0.1 --seed 12
trajectory trajectory_bench.safetensors.gz $small --steps 4 --space nas-bench-201 --cells 5 --channels 4 --drop-path 0.2 --mask-seed 7 \
    --logit-rate 0.1 --seed 13
several="$small --steps 3 --channels 2 --drop-path 0.2 --logit-rate 0.02"
trajectory trajectory_bilevel.safetensors.gz $several --method snas --level bilevel --mask-seed 8 --seed 51
trajectory trajectory_second_order.safetensors.gz --image 8 --batch 4 --classes 5 --steps 3 --channels 2 --drop-path 0.2 --rate 0.01 \
    --logit-rate 0.1 --logit-eps 0.1 --method darts --level bilevel-second-order --nesterov --mask-seed 9 --seed 52
trajectory trajectory_single_path.safetensors.gz $several --method dsnas --mask-seed 10 --seed 53
trajectory trajectory_reinforce.safetensors.gz $several --method reinforce --resource-method discrete --reward-entropy 0.1 --mask-seed 11 --seed 54
