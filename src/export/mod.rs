//! A plan as something to paste: flags for Megatron-LM, NeMo and Megatron Bridge, a report as text
//! and as Markdown.
//!
//! It knows the names that other tools give to the sizes of a plan. It must never compute a figure
//! of a plan, and it must never know the page or the command line.
