#!/bin/bash
#SBATCH -t 5
set -e
trap 'echo failed on line $LINENO' ERR
./check
python main.py lr=1,2
./collect
exit 0
