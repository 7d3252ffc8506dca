#!/bin/bash
#SBATCH -t 5
rsync_opts a=1,2         # mlx: setup
mytool files=x           # mlx: sweep
python main.py lr=1,2
