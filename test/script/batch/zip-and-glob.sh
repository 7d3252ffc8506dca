#!/bin/bash
#SBATCH -t 5
python main.py layers=[64,64],[128] data=raw
python main.py layers=[1,2] lr=1,2
