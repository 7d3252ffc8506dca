#!/bin/bash
#SBATCH -t 5
python main.py +lr=1,2 ++seed=3,4 ~debug db@src=a,b
