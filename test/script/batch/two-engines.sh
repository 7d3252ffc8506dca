#!/bin/bash
#SBATCH -t 5
#OAR -l core=1
python main.py lr=1,2
