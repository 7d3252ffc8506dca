#!/bin/bash
#SBATCH -t 5
date; python main.py lr=1,2; date
python main.py lr=3,4 ; echo more
