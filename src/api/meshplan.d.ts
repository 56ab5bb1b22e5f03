// The types of Meshplan's JavaScript API. tests/api.mjs compares them with what the API gives,
// tests/types.rs with the fields of a plan. Sizes in bytes, times in seconds.

/** Fetches and starts the program. In Node, `{ module_or_path: bytes }` hands over the bytes of `meshplan_bg.wasm`. */
export default function init(options?: { module_or_path?: unknown }): Promise<unknown>;

/** The report on a plan. Throws a `PlanError` for a value that cannot be read. */
export function plan(config: Config | string): Report;

/** What is wrong with a plan, also where `plan` refuses a value of it. */
export function validate(config: Config | string): Validity;

/** The part of a link after `#`, of one plan or of two that are compared. A link keeps what was written, also what cannot be
 * read; what it has no room for is refused. */
export function encodeLink(config: Config | string, other?: Config | string | null): string;

/** The plan of a link, as chats, mails and wikis leave it. */
export function decodeLink(text: string): Opened;

/** Every communicator group as Megatron forms it. */
export function groups(config: Config | string): Groups;

/** What to paste into a launch script; for Megatron-LM where no format is named. */
export function flags(config: Config | string, format?: "megatron" | "nemo" | "bridge"): string;

/** The verdict as Markdown, with a link to the plan on the page at an address, where one is given or the plan is one. */
export function markdown(config: Config | string, page?: string): string;

/**
 * Pictures of a plan as the text of an SVG file, with its link inside. Throws a `PlanError` where the plan has no such
 * picture; `all` leaves out those that it has not.
 */
export function diagramSvg(config: Config | string, options?: DiagramOptions): string;

/** The version of Meshplan. */
export function version(): string;

/** What the functions throw: the message begins with the field. */
export interface PlanError extends Error {
  /** The path of the field, or the name of the argument. */
  field: string;
}

/** What is drawn by `diagramSvg`, and how. */
export interface DiagramOptions {
  /** Which picture; the GPUs where none is named. */
  picture?: "grid" | "schedule" | "gpipe" | "memory" | "layers" | "matrices" | "batch" | "all";
  /** What the GPUs are coloured by, their groups or a figure; `tp` where none is named. */
  color?: "tp" | "pp" | "dp" | "ep" | "cp" | "etp" | "edp" | "stage" | "memory" | "parameters" | "network";
  /** `light` where none is named. */
  theme?: "light" | "dark";
  /** The address of the page that the link inside leads to; that of the plan where the plan is an address. */
  page?: string;
}

/** How a plan stands to a rule. */
export type Status = "pass" | "warn" | "fail" | "not_applicable";

/** How a plan stands. */
export interface Validity {
  /** The status of the whole plan. */
  status: Status;
  /** What cannot be taken as it was written. */
  problems: Problem[];
  /** What each rule says. */
  checks: Check[];
}

/** A plan that was read. */
export interface Opened {
  /** The plan; A of two. */
  config: Config;
  /** B, the plan that it is compared with, where the link holds two. */
  other?: Config;
  /** What is to be said of the text, in sentences. */
  notes: string[];
}

/** A change to a plan. */
export interface Edit {
  /** The change in words. */
  label: string;
  /** Paths of fields with their new values; null restores the default. */
  set: Record<string, unknown>;
}

/** A plan: what differs from the defaults, under Megatron's argument names. */
export interface Config {
  /** The model. */
  model?: ModelConfig;
  /** The cluster. */
  cluster?: ClusterConfig;
  /** How the model and the batch are spread. */
  parallel?: ParallelConfig;
  /** What is trained on in one step. */
  batch?: BatchConfig;
  /** How it is trained. */
  training?: TrainingConfig;
  /** What people call it. */
  about?: AboutConfig;
}

/** The model: a preset, its own figures, or a preset with some figures changed. */
export interface ModelConfig {
  /** Id of a model that the other fields start from. */
  preset?: string | null;
  /** Parameters in all, when only the count is known, as in the guide. */
  num_parameters?: number | null;
  /** Transformer layers. */
  num_layers?: number | null;
  /** Width of the residual stream. */
  hidden_size?: number | null;
  /** Width of the MLP; Megatron's default is 4 · hidden, or 8/3 · hidden rounded when gated. */
  ffn_hidden_size?: number | null;
  /** Query heads. */
  num_attention_heads?: number | null;
  /** Key and value heads; as many as the query heads when unset. */
  num_query_groups?: number | null;
  /** Width of one head; hidden size / heads when unset. */
  kv_channels?: number | null;
  /** Tokens in the vocabulary. */
  vocab_size?: number | null;
  /** Gated MLP (gate, up and down) instead of two matrices. */
  swiglu?: boolean | null;
  /** Kind of normalization. */
  normalization?: "LayerNorm" | "RMSNorm" | null;
  /** Biases in the linear layers. */
  add_bias_linear?: boolean | null;
  /** Separate matrices for the embedding and the head. */
  untie_embeddings_and_output_weights?: boolean | null;
  /** Experts of each MoE layer; unset for a dense model. */
  num_experts?: number | null;
  /** Experts that each token is sent to. */
  moe_router_topk?: number | null;
  /** Width of one expert; the MLP width when unset. */
  moe_ffn_hidden_size?: number | null;
  /** Width of the expert that every token passes; none when unset. */
  moe_shared_expert_intermediate_size?: number | null;
  /** Which layers have experts: every n-th, or a list such as `([0]*3+[1]*58)`; all when unset. */
  moe_layer_freq?: string | null;
  /** Scores before the softmax pick the experts; Megatron demands it for one expert a token. */
  moe_router_pre_softmax?: boolean | null;
  /** Multi-latent attention (MLA) instead of query groups. */
  multi_latent_attention?: boolean | null;
  /** MLA: width of the compressed queries; queries are not compressed when unset. */
  q_lora_rank?: number | null;
  /** MLA: width of the compressed keys and values. */
  kv_lora_rank?: number | null;
  /** MLA: width of a head's part without positions. */
  qk_head_dim?: number | null;
  /** MLA: width of a head's part with positions. */
  qk_pos_emb_head_dim?: number | null;
  /** MLA: width of a head's values. */
  v_head_dim?: number | null;
  /** Multi-token prediction: further layers that each predict one more token. */
  mtp_num_layers?: number | null;
  /** Biases of the query, key and value projections alone. */
  add_qkv_bias?: boolean | null;
  /** Normalization of queries and keys. */
  qk_layernorm?: boolean | null;
  /** How positions enter. */
  position_embedding_type?: "rope" | "learned_absolute" | "none" | null;
  /** Positions that the model can tell apart; the sequence length when unset. */
  max_position_embeddings?: number | null;
  /** The vocabulary is padded to a multiple of this times TP; Megatron's default is 128. */
  make_vocab_size_divisible_by?: number | null;
}

/** The cluster: a GPU and a node type from the tables, or its own figures. */
export interface ClusterConfig {
  /** Id of a node type; it names the GPU, the GPUs of a node and the links. */
  node?: string | null;
  /** Id of a GPU. */
  gpu?: string | null;
  /** Nodes. */
  num_nodes?: number;
  /** GPUs of one node, that is, processes that one `torchrun` starts. */
  gpus_per_node?: number | null;
  /** GPUs that share one NVLink domain; more than a node's in an NVL72 rack. */
  nvlink_domain_gpus?: number | null;
  /** Memory of one GPU, bytes. */
  gpu_memory_bytes?: number | null;
  /** Dense BF16 rate of one GPU, TFLOP/s. */
  peak_tflops?: number | null;
  /** Link between the GPUs of a node, GB/s of one GPU. */
  intra_node_gb_per_s?: number | null;
  /** Network of one node, GB/s. */
  inter_node_gb_per_s?: number | null;
}

/** How the model and the batch are spread. */
export interface ParallelConfig {
  /** TP: GPUs that share each weight matrix. */
  tensor_model_parallel_size?: number;
  /** PP: stages of layers. */
  pipeline_model_parallel_size?: number;
  /** VPP: model chunks of each stage, for the interleaved schedule. */
  virtual_pipeline_model_parallel_size?: number | null;
  /** CP: GPUs that share each sequence. */
  context_parallel_size?: number;
  /** EP: GPUs that share the experts of each MoE layer. */
  expert_model_parallel_size?: number;
  /** ETP: GPUs that share the matrices of each expert; Megatron's default is TP. */
  expert_tensor_parallel_size?: number | null;
  /** SP: splits normalization and dropout over the TP group. */
  sequence_parallel?: boolean;
  /** Shards the optimizer state over the data-parallel ranks (ZeRO stage 1). */
  use_distributed_optimizer?: boolean;
  /** Replicas of the sharded optimizer state: DP · CP / instances ranks share one. */
  num_distributed_optimizer_instances?: number;
  /** Layers of the first stage, when they differ from the middle ones'. */
  num_layers_in_first_pipeline_stage?: number | null;
  /** Layers of the last stage, when they differ from the middle ones'. */
  num_layers_in_last_pipeline_stage?: number | null;
  /** Counts the embedding as a layer when layers are spread over the stages. */
  account_for_embedding_in_pipeline_split?: boolean;
  /** Counts the head and the loss as a layer when layers are spread over the stages. */
  account_for_loss_in_pipeline_split?: boolean;
  /** Which layers lie on which stage, such as `Et*3|(tt|)*29,m|L`. */
  pipeline_model_parallel_layout?: string | null;
  /** Micro-batches that a chunk computes in a row under the interleaved schedule; PP when unset. */
  microbatch_group_size_per_virtual_pipeline_stage?: number | null;
  /** Which ranks are neighbours. */
  order?: "tp-cp-ep-dp-pp" | "tp-cp-ep-pp-dp";
  /** What is called DP when the model has experts. */
  expert_accounting?: "multiplied" | "folded";
}

/** What is trained on in one step. */
export interface BatchConfig {
  /** Tokens of one sequence. */
  seq_length?: number;
  /** Sequences that one replica computes at a time. */
  micro_batch_size?: number;
  /** Sequences of one step over all replicas; Megatron's default is micro batch · DP. */
  global_batch_size?: number | null;
}

/** How it is trained. */
export interface TrainingConfig {
  /** Activations that are computed again in the backward pass. */
  recompute_granularity?: "selective" | "full" | null;
  /** How the layers that are computed again are picked. */
  recompute_method?: "uniform" | "block" | null;
  /** Layers of one group, or of each stage, that are computed again. */
  recompute_num_layers?: number | null;
  /** Parts that are computed again under `selective`, such as `core_attn mlp`. */
  recompute_modules?: string | null;
}

/** What people call the plan; it changes no figure. One line each, cut where it is too long. */
export interface AboutConfig {
  /** A name, such as a run's; at most 96 bytes. */
  name?: string | null;
  /** Why the plan is as it is; at most 400 bytes. */
  note?: string | null;
}

/** The report on one plan. */
export interface Report {
  /** The one line that says it all. */
  verdict: Verdict;
  /** What cannot be taken as it was written. */
  problems: Problem[];
  /** Every size. */
  sizes: Sizes;
  /** What changes when DP is counted as Megatron counts it; none where it is the same. */
  accounting: Accounting | null;
  /** What each rule says. */
  checks: Check[];
  /** Memory of each GPU. */
  memory: Memory;
  /** What each dimension sends. */
  communication: Traffic[];
  /** What each GPU computes. */
  compute: Compute;
  /** Stages and bubble. */
  pipeline: Pipeline;
  /** The global batch. */
  batch: BatchReport;
  /** The experts; none for a dense model. */
  experts: Experts | null;
  /** The weight matrices of one layer and how they are split. */
  matrices: Matrix[];
  /** The guide's five steps, and repairs. */
  advice: Advice;
  /** The model with every figure filled in. */
  model: Model;
  /** The cluster with every figure filled in. */
  cluster: Cluster;
}

/** What is to be thought of a plan. */
export interface Verdict {
  /** `pass`, `warn` or `fail`. */
  status: Status;
  /** The status in a word or three. */
  headline: string;
  /** Everything in a line. */
  text: string;
  /** Rules that are kept. */
  passed: number;
  /** Rules that speak of such a plan. */
  applicable: number;
  /** Rules that are broken, and entries that cannot be taken. */
  failed: number;
  /** Warnings. */
  warned: number;
}

/** Something wrong with what was written. */
export interface Problem {
  /** The field's path. */
  field: string;
  /** What stands there; empty where something is missing. */
  value: string;
  /** `fail`, or `warn` where the plan can still be judged. */
  status: Status;
  /** What is wrong, in a sentence. */
  message: string;
  /** What would do, in a sentence. */
  would_do: string;
  /** An edit that mends it. */
  fix: Edit | null;
}

/** Every size of a plan. */
export interface Sizes {
  /** GPUs in all. */
  world_size: number;
  /** TP. */
  tensor_model_parallel_size: number;
  /** PP. */
  pipeline_model_parallel_size: number;
  /** VPP; 1 without the interleaved schedule. */
  virtual_pipeline_model_parallel_size: number;
  /** CP. */
  context_parallel_size: number;
  /** EP. */
  expert_model_parallel_size: number;
  /** ETP; Megatron's default is TP. */
  expert_tensor_parallel_size: number;
  /** DP by the plan's accounting. */
  data_parallel_size: number;
  /** DP by the guide: world / (TP · PP · CP · EP). */
  guide_data_parallel_size: number;
  /** DP by Megatron Core: world / (TP · PP · CP). */
  megatron_data_parallel_size: number;
  /** EDP: world / (ETP · EP · PP). */
  expert_data_parallel_size: number;
  /** Sequences of one step. */
  global_batch_size: number;
  /** Micro-batches that each replica computes in one step, by the plan's accounting. */
  num_microbatches: number;
  /** Micro-batches that each GPU computes in one step, by Megatron's DP: what the pipeline and the traffic are made of. */
  megatron_num_microbatches: number;
  /** Sequences that every replica's one micro-batch adds up to: micro batch · DP. */
  batch_divisor: number;
}

/** What a rule says of a plan. */
export interface Check {
  /** The rule's name. */
  id: string;
  /** How the plan stands to it. */
  status: Status;
  /** Whose rule it is. */
  source: "guide" | "megatron";
  /** When Megatron-LM stops over it. */
  enforced: "no" | "start_up" | "training";
  /** Where it is written. */
  reference: string;
  /** Paths of the fields it speaks of. */
  fields: string[];
  /** How the plan stands to it, in a sentence. */
  message: string;
  /** An edit after which the rule is kept. */
  fix: Edit | null;
}

/** The other count of DP, for a plan that counts EP apart. */
export interface Accounting {
  /** What changes, in sentences. */
  message: string;
  /** The same plan with Megatron's count. */
  edit: Edit;
}

/** Every estimate of memory. */
export interface Memory {
  /** By the guide's formulas. */
  guide: GuideMemory;
  /** By Megatron-LM's own report. */
  megatron: MegatronMemory;
  /** Each pipeline stage by the guide's bytes, first to last. */
  stages: StageMemory[];
}

/** Bytes on one GPU of a pipeline stage: the guide's bytes for what the stage holds. */
export interface StageMemory {
  /** The number of the stage. */
  stage: number;
  /** Parameters on one GPU of it: dense ones over TP, experts over ETP · EP. */
  parameters: number;
  /** Those of them that are a copy of another stage's: the table of a tied head, and the embedding of a stage with multi-token prediction. */
  copied_parameters: number;
  /** BF16 weights. */
  weights: number;
  /** BF16 gradients. */
  gradients: number;
  /** FP32 Adam, divided by DP with the distributed optimizer. */
  optimizer: number;
  /** Activations of its layers, of all micro-batches in flight. */
  activations: number;
  /** Buffers and the rest. */
  overhead: number;
  /** All of it. */
  total: number;
}

/** Bytes on one GPU by Megatron-LM's report. What the plan does not tell enough for is none. */
export interface MegatronMemory {
  /** Weights, gradients and optimizer state of the most loaded shard. */
  weight_and_optimizer: number | null;
  /** Activations of the first pipeline stage. */
  activation: number | null;
  /** Both. */
  total: number | null;
  /** Where each known figure comes from. */
  formulas: Part[];
  /** What the report leaves out of this plan, and what it takes for granted. */
  notes: string[];
}

/** One line of traffic. */
export interface Traffic {
  /** The dimension whose groups talk. */
  dimension: "tp" | "cp" | "dp" | "pp" | "etp" | "ep" | "edp";
  /** GPUs of one group. */
  group_size: number;
  /** The collective. */
  operation: string;
  /** What it carries. */
  carries: string;
  /** Calls in one step, on one GPU. */
  count_per_step: number;
  /** How the count comes about. */
  count_formula: string;
  /** Size of one message. */
  bytes_per_call: number;
  /** How the size comes about. */
  bytes_formula: string;
  /** Count times size. */
  bytes_per_gpu_per_step: number;
  /** What leaves one GPU in one step. */
  sent_bytes_per_gpu_per_step: number;
  /** The slowest link that a group of this dimension uses. */
  link: "intra_node" | "inter_node";
  /** The name of that link. */
  link_name: string;
  /** Groups in all. */
  groups: number;
  /** Groups with ranks on more than one node. */
  crossing: number;
  /** `bytes_per_gpu_per_step` at the link's full rate, were this GPU alone on it. */
  seconds_at_link_rate: number | null;
  /** `sent_bytes_per_gpu_per_step` when all GPUs of a node share the node's network; the same rate for everyone inside a node. */
  seconds_shared: number | null;
  /** What a reader should know. */
  note: string | null;
  /** Document and section. */
  source: string;
}

/** The arithmetic of one step. */
export interface Compute {
  /** Operations of one GPU in one step. */
  flops_per_gpu_per_step: number;
  /** Time of them at the GPU's dense BF16 peak, where it and the parameters are known; a real step takes two to three times as long. */
  seconds_at_peak: number | null;
  /** Where the figures come from. */
  formula: Formula;
}

/** The pipeline of a plan. */
export interface Pipeline {
  /** Micro-batches that go through it in one step: those of one GPU. */
  num_microbatches: number;
  /** Idle time as a share of the computing time, by the guide: (PP − 1) / micro-batches, divided by VPP when interleaved. */
  bubble_fraction: number;
  /** Idle time as a share of the whole step: (PP − 1) / (micro-batches + PP − 1). */
  bubble_fraction_of_step: number;
  /** Where the two shares come from. */
  formulas: Formula[];
  /** `none`, `1f1b` or `interleaved`. */
  schedule: string;
  /** Each stage, first to last. */
  stages: Stage[];
}

/** The batch of a plan. */
export interface BatchReport {
  /** Sequences of one step. */
  global_batch_size: number;
  /** Micro batch · DP, which must divide the global batch. */
  divisor: number;
  /** Micro batch · DP by Megatron's DP, where it differs. */
  megatron_divisor: number;
  /** The divisor times 1, 2, 4, 8, 16 and 32. */
  valid_global_batch_sizes: number[];
  /** The valid size that is nearest to the plan's own. */
  nearest_valid: number;
  /** Sequences that one replica computes in one step. */
  sequences_per_replica: number;
  /** Tokens of one step. */
  tokens_per_step: number;
  /** The same plan on more or fewer nodes. */
  node_changes: NodeChange[];
}

/** The experts of a plan. */
export interface Experts {
  /** Routed experts of each MoE layer. */
  num_experts: number;
  /** Experts that each token is sent to. */
  moe_router_topk: number;
  /** EP sizes that divide the experts. */
  valid_ep: number[];
  /** The size to start from. */
  recommended_ep: number;
  /** Experts on each GPU; zero where EP does not divide them. */
  experts_per_gpu: number;
  /** Whether the count of experts leaves little choice: it is no power of two. */
  limited_choices: boolean;
}

/** One weight matrix of a layer. */
export interface Matrix {
  /** Its name. */
  name: string;
  /** Attention, MLP or expert. */
  block: string;
  /** Inputs. */
  rows: number;
  /** Outputs. */
  columns: number;
  /** How it is split. */
  split: "column" | "row" | "whole";
  /** Heads side by side along the split: query heads, or those of keys and values; zero where it has none. */
  heads: number;
  /** GPUs that share it: TP, or ETP for an expert. */
  ways: number;
  /** Rows on one GPU. */
  rows_per_gpu: number;
  /** Columns on one GPU. */
  columns_per_gpu: number;
  /** Whether it divides evenly. */
  even: boolean;
  /** What a reader should know, such as replicated KV heads. */
  note: string | null;
}

/** What the guide advises. */
export interface Advice {
  /** The five steps, in order. */
  steps: Step[];
  /** The change from this plan to the advised one; none when they are the same, or when the steps lead to no plan. */
  edit: Edit | null;
  /** Whether the steps lead to a plan at all. */
  found: boolean;
  /** The advised sizes in a line. */
  summary: string;
  /** Up to three smallest edits that make a failing plan valid. */
  repairs: Edit[];
}

/** A model with every figure filled in. */
export interface Model {
  /** Name for people. */
  name: string;
  /** Parameters in all. */
  num_parameters: number;
  /** Where `num_parameters` comes from. */
  counted_from: "stated" | "published" | "architecture";
  /** Parameters counted from the architecture; zero when it is not known well enough. */
  counted_parameters: number;
  /** Parameters of all routed experts, a part of `num_parameters`. */
  expert_parameters: number;
  /** Parameters of multi-token prediction, a part of `counted_parameters`. */
  mtp_parameters: number;
  /** Parameters that one token passes. */
  active_parameters: number;
  /** Transformer layers. */
  num_layers: number;
  /** Width of the residual stream. */
  hidden_size: number;
  /** Width of the dense MLP. */
  ffn_hidden_size: number;
  /** Query heads. */
  num_attention_heads: number;
  /** Key and value heads. */
  num_query_groups: number;
  /** Width of one head. */
  kv_channels: number;
  /** Tokens in the vocabulary. */
  vocab_size: number;
  /** Gated MLP. */
  swiglu: boolean;
  /** Kind of normalization, Megatron's name. */
  normalization: string;
  /** Biases in the linear layers. */
  add_bias_linear: boolean;
  /** Biases of the query, key and value projections alone. */
  add_qkv_bias: boolean;
  /** Normalization of queries and keys. */
  qk_layernorm: boolean;
  /** A learned offset of each head's softmax. */
  softmax_offsets: boolean;
  /** Separate matrices for the embedding and the head. */
  untie_embeddings_and_output_weights: boolean;
  /** How positions enter, Megatron's name. */
  position_embedding_type: string;
  /** Positions that the model can tell apart; only a learned table has a row for each. */
  max_position_embeddings: number;
  /** Layers of multi-token prediction (MTP). */
  mtp_num_layers: number;
  /** Multi-latent attention; none for query groups. */
  mla: Mla | null;
  /** The experts; none for a dense model. */
  moe: Moe | null;
}

/** A cluster with every figure that is known. */
export interface Cluster {
  /** The GPU's name. */
  gpu_name: string;
  /** The node type's name, where one is named or assumed. */
  node_name: string;
  /** Nodes. */
  num_nodes: number;
  /** GPUs of one node. */
  gpus_per_node: number;
  /** GPUs that share one NVLink domain: a node's, or a rack's. */
  nvlink_domain_gpus: number;
  /** GPUs in all. */
  world_size: number;
  /** Memory of one GPU, bytes, where known. */
  gpu_memory_bytes: number | null;
  /** Dense BF16 rate of one GPU, TFLOP/s, where known. */
  peak_tflops: number | null;
  /** Link between the GPUs of a node, GB/s of one GPU, where known. */
  intra_node_gb_per_s: number | null;
  /** Network of one node, GB/s, where known. */
  inter_node_gb_per_s: number | null;
  /** Name of the link inside a node. */
  intra_node_link: string;
  /** Name of the network. */
  inter_node_link: string;
  /** Major compute capability of an NVIDIA GPU, where known. */
  compute_capability: number | null;
  /** Where the figures of the tables come from. */
  sources: string[];
}

/** Bytes on one GPU by the guide's formulas. */
export interface GuideMemory {
  /** BF16 weights. */
  weights: number;
  /** BF16 gradients. */
  gradients: number;
  /** FP32 Adam, divided by DP with the distributed optimizer. */
  optimizer: number;
  /** Activations of one micro-batch. */
  activations: number;
  /** Buffers and the rest. */
  overhead: number;
  /** All of it. Of what the model does not tell, the parts are 0 and this is too low: then `fits` is null. */
  total: number;
  /** Memory of the GPU, where known. */
  capacity: number | null;
  /** Whether the total is below the capacity; unknown where the capacity or a part of the model is. */
  fits: boolean | null;
  /** What the other setting of the distributed optimizer would need. */
  total_with_other_optimizer: number;
  /** The total with gradients in FP32, Megatron's default; `--grad-reduce-in-bf16` keeps BF16. */
  total_with_fp32_gradients: number;
  /** Whether that is below the capacity; unknown where `fits` is. */
  fits_with_fp32_gradients: boolean | null;
  /** Where each figure comes from, in the order of the figures. */
  formulas: Part[];
  /** What a reader should know of the estimate. */
  notes: string[];
}

/** The origin of one figure, as text for people. */
export interface Formula {
  /** The formula in names. */
  formula: string;
  /** The formula with this plan's values, and its result. */
  with_values: string;
  /** Document and section, or Megatron file and function. */
  source: string;
}

/** One stage of the pipeline. */
export interface Stage {
  /** Its number. */
  stage: number;
  /** The layers of each of its chunks, as half-open ranges; one chunk without VPP. */
  chunks: Layers[];
  /** Layers in all. */
  num_layers: number;
  /** Whether it holds the embedding. */
  embedding: boolean;
  /** Whether it holds the head. */
  head: boolean;
  /** MTP layers. */
  mtp_num_layers: number;
  /** Micro-batches whose activations it holds at the peak; with VPP in units of one chunk. */
  in_flight_microbatches: number;
}

/** The same plan on another number of nodes. */
export interface NodeChange {
  /** Nodes. */
  num_nodes: number;
  /** GPUs. */
  world_size: number;
  /** Whether the parallel sizes still divide the GPUs. */
  sizes_fit: boolean;
  /** DP by the plan's accounting; zero where the sizes do not fit. */
  data_parallel_size: number;
  /** Micro batch · DP. */
  divisor: number;
  /** Whether the plan's global batch is still valid. */
  global_batch_is_valid: boolean;
  /** The valid global batch that is nearest to the plan's. */
  nearest_valid: number;
  /** The change that leads there; none where the sizes do not fit. */
  edit: Edit | null;
}

/** One step of the procedure. */
export interface Step {
  /** Its number. */
  step: number;
  /** The question. */
  question: string;
  /** The answer, in a word or two. */
  answer: string;
  /** Why, in a sentence. */
  reason: string;
  /** The figures behind the answer. */
  figures: Figure[];
  /** The sizes that the step leads to, as a change of this plan; none where it leads on to the next step. */
  edit: Edit | null;
}

/** Multi-latent attention. */
export interface Mla {
  /** Width of the compressed queries; zero where they are not compressed. */
  q_lora_rank: number;
  /** Width of the compressed keys and values. */
  kv_lora_rank: number;
  /** Width of a head's part without positions. */
  qk_head_dim: number;
  /** Width of a head's part with positions. */
  qk_pos_emb_head_dim: number;
  /** Width of a head's values. */
  v_head_dim: number;
}

/** The routed experts of a model. */
export interface Moe {
  /** Routed experts of each MoE layer. */
  num_experts: number;
  /** Experts that each token is sent to. */
  moe_router_topk: number;
  /** Width of one expert. */
  moe_ffn_hidden_size: number;
  /** Width of the expert that every token passes; zero for none. */
  moe_shared_expert_intermediate_size: number;
  /** Whether scores before the softmax pick the experts. */
  moe_router_pre_softmax: boolean;
  /** Layers with experts; those of multi-token prediction come on top. */
  num_moe_layers: number;
}

/** One figure of the estimate with its origin. */
export interface Part {
  /** The key of the figure: `weights`, `gradients`, …. */
  key: string;
  /** Its name. */
  name: string;
  /** The figure. */
  bytes: number;
  /** Its origin. */
  formula: Formula;
}

/** A half-open range of layers. */
export interface Layers {
  /** The first layer. */
  first: number;
  /** The layer after the last. */
  end: number;
}

/** A trial: sizes, what they need, and whether that fits. */
export interface Figure {
  /** The sizes: `TP 2 · PP 1 · DP 8`. */
  sizes: string;
  /** Memory of each GPU, bytes. */
  bytes: number;
  /** The same in words. */
  text: string;
  /** Whether it fits. */
  fits: boolean;
}

/** Every communicator group of a plan, each a sorted list of lists of ranks. */
export interface Groups {
  /** Tensor parallel. */
  tp: number[][];
  /** Pipeline parallel. */
  pp: number[][];
  /** Context parallel. */
  cp: number[][];
  /** Data parallel of the dense layers. */
  dp: number[][];
  /** Data and context parallel: who shares gradients and optimizer state. */
  dp_cp: number[][];
  /** Expert parallel. */
  ep: number[][];
  /** Expert tensor parallel. */
  etp: number[][];
  /** Data parallel of the experts. */
  edp: number[][];
  /** First and last stage of each pipeline, which share tied embeddings. */
  embedding: number[][];
}
