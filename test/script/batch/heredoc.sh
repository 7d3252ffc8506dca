#!/bin/bash
#SBATCH -t 10
cat > config.ini <<EOF
[run]
python main.py lr=1,2
user = $USER
EOF
python main.py --config config.ini lr=1,2 <<'INPUT'
a=1,2
INPUT
python main.py --config config.ini lr=3,4 <<'INPUT'
second
INPUT
rm config.ini
