#!/bin/bash
#SBATCH -t 10
LR=1e-3,1e-2
SEEDS="1,2"
OUT=out
NAME='a b'
python main.py lr=$LR "seed=${SEEDS}" out=$OUT/x name="$NAME" job=$SLURM_JOB_ID
