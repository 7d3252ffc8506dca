#!/usr/bin/env bash
#SBATCH -t 5
env OMP_NUM_THREADS=4 A=1,2 timeout 1h nice -n 5 python main.py lr=1,2
