#!/bin/bash
#SBATCH -t 5
python main.py 'name=choice("a b",c)' "tag='x,y',z" opt='{a: [1, 2]}' lr=1e-3\,1e-4
