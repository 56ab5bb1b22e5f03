#!/bin/bash
#SBATCH --job-name=llama3-70b
#SBATCH --nodes=8
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=8
#SBATCH --time=04:00:00
#SBATCH --exclusive

MODEL_SIZE=70B
if [ "$MODEL_SIZE" = 8B ]; then
    LAYERS=32; HIDDEN=4096; HEADS=32; FFN=14336
elif [ "$MODEL_SIZE" = 70B ]; then
    LAYERS=80; HIDDEN=8192; HEADS=64; FFN=28672
else
    echo "There is no model of $MODEL_SIZE"; exit 1
fi

NAME="llama3-$MODEL_SIZE"
MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
GPUS=$((SLURM_NNODES * SLURM_GPUS_PER_NODE))
TP=4 PP=8
export TP PP
DP=$(( GPUS / (TP * PP) ))
MBS=1
GBS=$(( DP * MBS * 64 ))

options="--tensor-model-parallel-size ${TP} --pipeline-model-parallel-size ${PP} \
    --sequence-parallel --use-distributed-optimizer --overlap-grad-reduce \
    --decoder-first-pipeline-num-layers 9 \
    --decoder-last-pipeline-num-layers 11 \
    --num-layers $LAYERS --hidden-size $HIDDEN --num-attention-heads $HEADS \
    --ffn-hidden-size $FFN --group-query-attention --num-query-groups 8 \
    --swiglu --normalization RMSNorm --disable-bias-linear --position-embedding-type rope \
    --untie-embeddings-and-output-weights --max-position-embeddings 8192 --seq-length 8192 \
    --micro-batch-size $MBS --global-batch-size $GBS \
    --recompute-activations --bf16 \
    --tokenizer-type HuggingFaceTokenizer --tokenizer-model meta-llama/Meta-Llama-3-70B"

run_cmd="python -u pretrain_gpt.py ${options}"

srun -l --container-image=nvcr.io/nvidia/pytorch:25.04-py3 \
    --output="logs/${NAME}_%j.log" sh -c "cd /workspace && ${run_cmd}"
