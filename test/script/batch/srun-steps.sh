#!/bin/bash
#SBATCH -N 2 -n 8
srun --ntasks=2 hostname
srun --ntasks=8 --export=ALL,A=1 python -u -m pkg.main lr=1,2 --flag key=v
srun --ntasks=1 python -m pkg.report
