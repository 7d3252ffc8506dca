#!/bin/bash
#SBATCH -t 10
set -o pipefail
python main.py lr=1,2 2>&1 | tee -a all.log
