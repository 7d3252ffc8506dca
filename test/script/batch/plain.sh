#!/bin/bash
#SBATCH -t 5
make CC=gcc
conda install python=3.9
pip install "numpy==1.26"
python -m pip install torch==2.1
python main.py lr=1e-3 seed=1
srun ./bench size=10
echo finished key=value
