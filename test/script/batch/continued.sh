#!/bin/bash
#SBATCH -t 60
python train.py \
    model.lr=1e-3,1e-2 \
    model.name="big net" \
    data.path=$HOME/data \
    --verbose   # the whole grid
