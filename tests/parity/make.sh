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
trajectory() { /usr/bin/python3 trajectory.py "$@" --image 8 --batch 3 --classes 5 --steps 4; }
trajectory trajectory_supernet.safetensors.gz --channels 2 --schedule cosine --logit-rate 0.01 --seed 6
trajectory trajectory_child.safetensors.gz --child two_each.json --channels 4 --seed 7
