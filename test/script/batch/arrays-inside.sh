#!/bin/bash
#SBATCH -t 5
files=(a.txt b.txt c.txt)
echo "${files[1]}" "${#files[@]}"
declare -A map=([x]=1 [y]=2)
python main.py lr=1,2 first=${files[0]}
