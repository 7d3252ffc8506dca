#!/bin/bash
#SBATCH -t 5
source env.sh
python main.py --epochs 3
