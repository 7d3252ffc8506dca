#!/bin/bash
#SBATCH -t 5
if [ -d venv ]; then
  source venv/bin/activate
else
  python3 -m venv venv && source venv/bin/activate
fi
for dir in logs out; do mkdir -p "$dir"; done
python main.py lr=1,2
