#!/bin/bash
# A job. python main.py lr=1,2 is not run from a comment.
#SBATCH -t 5 # minutes

# more
#SBATCH --comment="a # b"
python main.py lr=1,2 # python main.py lr=3,4
#SBATCH --mem=1G
# the end
