torchrun --nproc-per-node=8 scripts/training/run_recipe.py --recipe llama3_70b_pretrain_config \
  --mode pretrain \
  model.tensor_model_parallel_size=4 \
  model.pipeline_model_parallel_size=2 model.virtual_pipeline_model_parallel_size=null \
  model.sequence_parallel=true model.share_embeddings_and_output_weights=false \
  model.num_layers=80 model.hidden_size=8192 model.num_attention_heads=64 \
  model.num_query_groups=8 model.add_bias_linear=false \
  +model.recompute_granularity=selective '++model.recompute_modules=["core_attn","mlp"]' \
  ddp.use_distributed_optimizer=true dataset.sequence_length=8192 \
  train.micro_batch_size=1 train.global_batch_size=128 train.train_iters=100 \
  checkpoint.save=/tmp/ckpt model.attention_backend=flash model.cpu_offloading=true
