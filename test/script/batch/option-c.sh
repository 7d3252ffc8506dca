#!/bin/bash
#SBATCH -t 5
# What stands behind -c is code for an interpreter, and the value of an option for a program.
python -c 'seed=1,2'
.venv/bin/python3 -u -c 'seed=1,2'
bash -c seed=1,2
python train.py -c lr=1,2
python -m train -c lr=3,4
srun ./train -c lr=5,6
