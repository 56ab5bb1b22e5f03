//! The cluster of a plan: its GPUs, nodes and links, from the tables and the plan's own figures.

use super::config;
use super::hardware::{self, Gpu, Node};
use super::number::{divides, product, quotient};
use serde::Serialize;

/// GPUs of a node when neither the plan nor a table tells.
const USUAL_NODE: u64 = 8;

/// Which wire a group's messages take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Between GPUs that share a node, or an NVLink domain.
    IntraNode,
    /// The network between nodes.
    InterNode,
}

/// A cluster with every figure that is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// The GPU's name.
    pub gpu_name: String,
    /// The node type's name, where one is named or assumed.
    pub node_name: String,
    /// Nodes.
    pub num_nodes: u64,
    /// GPUs of one node.
    pub gpus_per_node: u64,
    /// GPUs that share one NVLink domain: a node's, or a rack's.
    pub nvlink_domain_gpus: u64,
    /// GPUs in all.
    pub world_size: u64,
    /// Memory of one GPU, bytes, where known.
    pub gpu_memory_bytes: Option<u64>,
    /// Dense BF16 rate of one GPU, TFLOP/s, where known.
    pub peak_tflops: Option<f64>,
    /// Link between the GPUs of a node, GB/s of one GPU, where known.
    pub intra_node_gb_per_s: Option<f64>,
    /// Network of one node, GB/s, where known.
    pub inter_node_gb_per_s: Option<f64>,
    /// Name of the link inside a node.
    pub intra_node_link: &'static str,
    /// Name of the network.
    pub inter_node_link: &'static str,
    /// Major compute capability of an NVIDIA GPU, where known.
    pub compute_capability: Option<u32>,
    /// Where the figures of the tables come from.
    pub sources: Vec<&'static str>,
}

impl Cluster {
    /// Fills in the cluster of a plan: its own figures, then the GPU's and the node type's.
    pub fn of(said: &config::Cluster) -> Cluster {
        let named = said.node.as_deref().and_then(hardware::node);
        let gpu: Option<&Gpu> = said
            .gpu
            .as_deref()
            .map_or_else(|| named.and_then(|n| hardware::gpu(n.gpu)), hardware::gpu);
        let node: Option<&Node> = named.or(gpu.and_then(|g| hardware::node(g.default_node)));
        let gpus_per_node = said
            .gpus_per_node
            .or(node.map(|n| n.gpus_per_node))
            .unwrap_or(USUAL_NODE);
        let rack = node
            .map(|n| n.nvlink_domain_gpus)
            .filter(|domain| node.is_some_and(|n| n.gpus_per_node != *domain))
            .filter(|domain| divides(gpus_per_node, *domain));
        Cluster {
            gpu_name: gpu.map_or_else(|| "GPU".to_owned(), |g| g.name.to_owned()),
            node_name: node.map_or_else(String::new, |n| n.name.to_owned()),
            num_nodes: said.num_nodes,
            gpus_per_node,
            nvlink_domain_gpus: said
                .nvlink_domain_gpus
                .or(rack)
                .unwrap_or(gpus_per_node)
                .max(gpus_per_node),
            world_size: product(&[said.num_nodes, gpus_per_node]),
            gpu_memory_bytes: said.gpu_memory_bytes.or(gpu.map(|g| g.memory_bytes)),
            peak_tflops: said.peak_tflops.or(gpu.map(|g| g.peak_tflops)),
            intra_node_gb_per_s: said
                .intra_node_gb_per_s
                .or(gpu.map(|g| g.intra_node_gb_per_s)),
            inter_node_gb_per_s: said
                .inter_node_gb_per_s
                .or(node.map(|n| n.inter_node_gb_per_s)),
            intra_node_link: node.map_or("the node's link", |n| n.intra_node_link),
            inter_node_link: node.map_or("the network", |n| n.inter_node_link),
            compute_capability: gpu.and_then(|g| g.compute_capability),
            sources: gpu
                .map(|g| g.source)
                .into_iter()
                .chain(node.map(|n| n.source))
                .collect(),
        }
    }

    /// The rate of a link, bytes a second, where known.
    pub fn bytes_per_s(&self, link: Link) -> Option<f64> {
        let rate = match link {
            Link::IntraNode => self.intra_node_gb_per_s,
            Link::InterNode => self.inter_node_gb_per_s,
        };
        rate.map(|gb| gb * 1e9)
    }

    /// The name of a link.
    pub fn link_name(&self, link: Link) -> &'static str {
        match link {
            Link::IntraNode => self.intra_node_link,
            Link::InterNode => self.inter_node_link,
        }
    }

    /// The node of a rank; ranks fill one node after the other, as `torchrun` numbers them.
    pub fn node_of(&self, rank: u64) -> u64 {
        quotient(rank, self.gpus_per_node)
    }

    /// The NVLink domain of a rank.
    pub fn domain_of(&self, rank: u64) -> u64 {
        quotient(rank, self.nvlink_domain_gpus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(node: Option<&str>, gpu: Option<&str>) -> config::Cluster {
        let name = |id: &str| id.to_owned();
        config::Cluster {
            node: node.map(name),
            gpu: gpu.map(name),
            ..Default::default()
        }
    }

    #[test]
    fn a_node_type_names_its_gpu_and_links() {
        let p4d = Cluster::of(&config::Cluster {
            num_nodes: 2,
            ..cluster(Some("p4d-24xlarge"), None)
        });
        assert_eq!(
            (p4d.world_size, p4d.gpu_memory_bytes),
            (16, Some(40_000_000_000))
        );
        assert_eq!(p4d.bytes_per_s(Link::InterNode), Some(50e9));
    }

    #[test]
    fn own_figures_win() {
        let own = config::Cluster {
            gpu_memory_bytes: Some(1),
            ..cluster(Some("p4d-24xlarge"), None)
        };
        assert_eq!(Cluster::of(&own).gpu_memory_bytes, Some(1));
    }

    #[test]
    fn an_nvl72_rack_is_one_nvlink_domain() {
        let rack = Cluster::of(&cluster(None, Some("gb200-186gb")));
        assert_eq!((rack.gpus_per_node, rack.nvlink_domain_gpus), (4, 72));
        let h100 = Cluster::of(&config::Cluster {
            gpus_per_node: Some(4),
            ..cluster(None, Some("h100-sxm-80gb"))
        });
        assert_eq!(h100.nvlink_domain_gpus, 4);
    }

    #[test]
    fn nothing_said_is_a_node_of_eight_unknown_gpus() {
        let unknown = Cluster::of(&config::Cluster::default());
        assert_eq!((unknown.world_size, unknown.gpu_memory_bytes), (8, None));
    }
}
