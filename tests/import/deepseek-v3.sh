#!/usr/bin/env bash
# DeepSeek-V3 on 1,024 GPUs: latent attention, a pipeline layout, recomputed parts.
set -euo pipefail

TP=${TP:-1}; PP=${PP:-16}; EP=${EP:-64}; VPP=2
LAYERS=61
DENSE=3
MOE_LAYER_FREQ="([0]*${DENSE}+[1]*$((LAYERS - DENSE)))"

OPTIONS=" \
  --tensor-model-parallel-size ${TP} \
  --pipeline-model-parallel-size $PP \
  --pipeline-model-parallel-layout Et*3|(tt|)*29,m|L \
  --expert-model-parallel-size $EP \
  --expert-tensor-parallel-size 1 \
  --context-parallel-size 1 \
  --use-distributed-optimizer \
  --num-distributed-optimizer-instances 1 \
  --bf16 --micro-batch-size 1 --global-batch-size 8192 --seq-length 4096 \
  --max-position-embeddings 4096 \
  --num-layers $LAYERS --hidden-size 7168 --ffn-hidden-size 18432 --num-attention-heads 128 \
  --kv-channels 128 --normalization RMSNorm --swiglu --disable-bias-linear \
  --untie-embeddings-and-output-weights --position-embedding-type rope --rotary-base 10000 \
  --make-vocab-size-divisible-by 3232 --vocab-size 129280 \
  --multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 --qk-head-dim 128 \
  --qk-pos-emb-head-dim 64 --v-head-dim 128 --qk-layernorm --rotary-scaling-factor 40 \
  --mscale 1.0 --mscale-all-dim 1.0 \
  --num-experts 256 --moe-layer-freq $MOE_LAYER_FREQ --moe-ffn-hidden-size 2048 \
  --moe-shared-expert-intermediate-size 2048 --moe-router-topk 8 \
  --moe-router-score-function sigmoid --moe-router-num-groups 8 --moe-router-group-topk 4 \
  --moe-router-pre-softmax --moe-router-topk-scaling-factor 2.5 \
  --moe-router-enable-expert-bias --moe-token-dispatcher-type flex --moe-enable-deepep \
  --mtp-num-layers 1 --mtp-loss-scaling-factor 0.1 \
  --recompute-granularity selective --recompute-modules mla_up_proj layernorm moe_act \
  --tokenizer-type HuggingFaceTokenizer --tokenizer-model deepseek-ai/DeepSeek-V3 \
"
torchrun --nproc-per-node=8 --nnodes=128 --node-rank="${NODE_RANK}" \
  --rdzv-backend c10d pretrain_gpt.py $OPTIONS "$@"
