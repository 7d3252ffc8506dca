#!/bin/bash
#SBATCH -t 5
python monitor.py &
python main.py lr=1,2
kill %1
wait
