//! What Megatron-LM says to a pipeline layout
//! (`megatron/core/transformer/pipeline_parallel_layer_layout.py`, `validate_layer_layout`).

use crate::core::config::Field;
use crate::core::layout::{Layout, LayoutError, count};
use crate::core::number::{divides, product, quotient};
use crate::core::plan::Plan;
use crate::core::steps::in_effect;

/// Megatron's words over a layout that it refuses.
pub fn layout_refusal(plan: &Plan) -> Option<String> {
    let text = plan
        .config
        .parallel
        .pipeline_model_parallel_layout
        .as_deref()?;
    let layout = match Layout::read(text) {
        Ok(layout) => layout,
        Err(LayoutError::Letter(letter)) => {
            return Some(format!("Invalid layer character: {letter}"));
        }
        Err(LayoutError::TooLong) => {
            return Some("the layout unrolls to more than 2,000 layers".to_owned());
        }
    };
    let pp = plan.sizes.pipeline_model_parallel_size;
    let stages = layout.stages.len() as u64;
    if !divides(pp, stages) {
        return Some(format!(
            "pipeline_model_parallel_layout must be divisible by pipeline_model_parallel_size (len(layout)={stages}, pipeline_model_parallel_size={pp})"
        ));
    }
    let chunks = quotient(stages, pp);
    let said = plan.config.parallel.virtual_pipeline_model_parallel_size;
    if let Some(vpp) = said.filter(|vpp| *vpp != chunks) {
        return Some(format!(
            "virtual_pipeline_model_parallel_size conflicts with pipeline_model_parallel_layout, (virtual_pipeline_model_parallel_size={vpp}, detected_vpp_size={chunks})"
        ));
    }
    let letters: Vec<char> = layout.letters().collect();
    let (layers, decoders) = (plan.model.num_layers, layout.count('t'));
    let (mtp, in_layout) = (
        in_effect(plan, Field::MtpNumLayers).count().unwrap_or(0),
        layout.count('m'),
    );
    let after_mtp = letters.iter().skip_while(|c| **c != 'm');
    let last_chunks = product(&[chunks.saturating_sub(1), pp]);
    let mut with_mtp = layout
        .stages
        .iter()
        .enumerate()
        .filter(|(_, stage)| count(stage, 'm') > 0);
    let (first_mtp, another) = (
        with_mtp.next().map(|(i, _)| i as u64),
        with_mtp.next().is_some(),
    );
    let broken = [
        (
            letters.first() != Some(&'E'),
            "The first layer must be embedding",
        ),
        (letters.last() != Some(&'L'), "The last layer must be loss"),
        (
            layout.count('E') != 1,
            "Embedding must be specified exactly once",
        ),
        (
            layout.count('L') != 1,
            "Loss must be specified exactly once",
        ),
        (
            in_layout != mtp,
            "Number of mtp layers in layout must match mtp_num_layers",
        ),
        (
            after_mtp.clone().any(|c| *c == 't'),
            "decoder layers must be placed before MTP layers",
        ),
        (
            first_mtp.is_some_and(|at| at < last_chunks),
            "Currently we restrict that the MTP should be always in the last virtual pipeline stage of that rank",
        ),
        (
            another,
            "All of the MTP layers must be in the same one virtual pipeline stage",
        ),
    ];
    if decoders != layers {
        return Some(format!(
            "Number of decoder layers {decoders} must match num_layers {layers}"
        ));
    }
    broken
        .iter()
        .find(|(is, _)| *is)
        .map(|(_, words)| (*words).to_owned())
}
