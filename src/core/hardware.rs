//! What accelerators and nodes are, as data: memory, peak throughput and link
//! speeds of the hardware a plan can name, as the vendors publish them. Nothing
//! here is measured; every row says where its figures come from.
//!
//! Units: memory in bytes, with the vendor's GB read as 10⁹ bytes; peak
//! throughput in TFLOP/s (10¹²), dense BF16, so half of the figure where a
//! vendor quotes it with sparsity; links in GB/s (10⁹ bytes). The scale-up link
//! is counted in both directions together and the network in one, because that
//! is how each of the two is quoted.

/// One accelerator, as it sits in a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gpu {
    /// Id used in plans: lower case with hyphens.
    pub id: &'static str,
    /// Name as the vendor spells it.
    pub name: &'static str,
    /// Memory in bytes, as the vendor names it (40 GB is 40·10⁹).
    pub memory_bytes: u64,
    /// Dense BF16 peak, TFLOP/s (no sparsity).
    pub peak_tflops: f64,
    /// Scale-up link (`NVLink`, Infinity Fabric) of one GPU, GB/s, both
    /// directions together.
    pub intra_node_gb_per_s: f64,
    /// Major version of the CUDA compute capability; `None` for AMD.
    pub compute_capability: Option<u32>,
    /// Id of the node type that is assumed when a plan names only the GPU.
    pub default_node: &'static str,
    /// Where the figures come from.
    pub source: &'static str,
}

/// One server, cloud instance or compute tray.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Id used in plans: lower case with hyphens, no dots.
    pub id: &'static str,
    /// Name as the vendor spells it.
    pub name: &'static str,
    /// Id of the [`Gpu`] it holds.
    pub gpu: &'static str,
    /// GPUs in one node.
    pub gpus_per_node: u64,
    /// GPUs that share one scale-up domain; equals `gpus_per_node` but for
    /// NVL72 racks.
    pub nvlink_domain_gpus: u64,
    /// Network of one whole node in one direction, GB/s (400 Gb/s is 50).
    pub inter_node_gb_per_s: f64,
    /// Name of the network between nodes.
    pub inter_node_link: &'static str,
    /// Name of the scale-up link.
    pub intra_node_link: &'static str,
    /// Where the figures come from.
    pub source: &'static str,
}

/// Every accelerator a plan can name.
pub const GPUS: &[Gpu] = &[
    Gpu {
        id: "a100-sxm-40gb",
        name: "NVIDIA A100 SXM 40GB",
        memory_bytes: 40_000_000_000,
        peak_tflops: 312.0,
        intra_node_gb_per_s: 600.0,
        compute_capability: Some(8),
        default_node: "p4d-24xlarge",
        source: "NVIDIA A100 Tensor Core GPU datasheet",
    },
    Gpu {
        id: "a100-sxm-80gb",
        name: "NVIDIA A100 SXM 80GB",
        memory_bytes: 80_000_000_000,
        peak_tflops: 312.0,
        intra_node_gb_per_s: 600.0,
        compute_capability: Some(8),
        default_node: "dgx-a100",
        source: "NVIDIA A100 Tensor Core GPU datasheet",
    },
    Gpu {
        id: "h100-sxm-80gb",
        name: "NVIDIA H100 SXM 80GB",
        memory_bytes: 80_000_000_000,
        peak_tflops: 989.5,
        intra_node_gb_per_s: 900.0,
        compute_capability: Some(9),
        default_node: "dgx-h100",
        source: "NVIDIA H100 product page: 1,979 TFLOPS BF16 with sparsity, halved",
    },
    Gpu {
        id: "h200-sxm-141gb",
        name: "NVIDIA H200 SXM 141GB",
        memory_bytes: 141_000_000_000,
        peak_tflops: 989.5,
        intra_node_gb_per_s: 900.0,
        compute_capability: Some(9),
        default_node: "dgx-h200",
        source: "NVIDIA H200 datasheet: 1,979 TFLOPS BF16 with sparsity, halved",
    },
    Gpu {
        id: "b200-sxm-180gb",
        name: "NVIDIA B200 SXM 180GB",
        memory_bytes: 180_000_000_000,
        peak_tflops: 2250.0,
        intra_node_gb_per_s: 1800.0,
        compute_capability: Some(10),
        default_node: "dgx-b200",
        source: "NVIDIA HGX page: 36 PFLOPS BF16 with sparsity for 8, halved; DGX B200 datasheet: 1,440 GB for 8",
    },
    Gpu {
        id: "b300-sxm-270gb",
        name: "NVIDIA B300 SXM 270GB",
        memory_bytes: 270_000_000_000,
        peak_tflops: 2250.0,
        intra_node_gb_per_s: 1800.0,
        compute_capability: Some(10),
        default_node: "dgx-b300",
        source: "NVIDIA Blackwell Ultra datasheet, HGX B300 column: 270 GB (of 288 GB on the package), 4.5 PFLOPS BF16 with sparsity, halved",
    },
    Gpu {
        id: "gb200-186gb",
        name: "NVIDIA GB200 186GB",
        memory_bytes: 186_000_000_000,
        peak_tflops: 2500.0,
        intra_node_gb_per_s: 1800.0,
        compute_capability: Some(10),
        default_node: "dgx-gb200",
        source: "NVIDIA GB200 NVL72 page: 13.4 TB and 360 PFLOPS BF16 with sparsity for 72, halved",
    },
    Gpu {
        id: "gb300-279gb",
        name: "NVIDIA GB300 279GB",
        memory_bytes: 279_000_000_000,
        peak_tflops: 2500.0,
        intra_node_gb_per_s: 1800.0,
        compute_capability: Some(10),
        default_node: "dgx-gb300",
        source: "NVIDIA Blackwell Ultra datasheet, GB300 column: 279 GB (of 288 GB on the package), 5 PFLOPS BF16 with sparsity, halved",
    },
    Gpu {
        id: "mi300x-192gb",
        name: "AMD Instinct MI300X",
        memory_bytes: 192_000_000_000,
        peak_tflops: 1307.4,
        intra_node_gb_per_s: 896.0,
        compute_capability: None,
        default_node: "mi300x-8",
        source: "AMD Instinct MI300X data sheet; 7 Infinity Fabric links of 128 GB/s to the peers",
    },
    Gpu {
        id: "mi355x-288gb",
        name: "AMD Instinct MI355X",
        memory_bytes: 288_000_000_000,
        peak_tflops: 2500.0,
        intra_node_gb_per_s: 1075.2,
        compute_capability: None,
        default_node: "mi355x-8",
        source: "AMD CDNA 4 white paper: 288 GB, 2.5 PFLOPS BF16 without sparsity; 7 Infinity Fabric links of 153.6 GB/s to the peers",
    },
];

/// Every node type a plan can name.
pub const NODES: &[Node] = &[
    Node {
        id: "p4d-24xlarge",
        name: "p4d.24xlarge",
        gpu: "a100-sxm-40gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 50.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P4 instances page: 400 Gb/s EFA",
    },
    Node {
        id: "p4de-24xlarge",
        name: "p4de.24xlarge",
        gpu: "a100-sxm-80gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 50.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P4 instances page: 400 Gb/s EFA",
    },
    Node {
        id: "p5-48xlarge",
        name: "p5.48xlarge",
        gpu: "h100-sxm-80gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P5 instances page: 3,200 Gb/s EFA",
    },
    Node {
        id: "p5e-48xlarge",
        name: "p5e.48xlarge",
        gpu: "h200-sxm-141gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P5 instances page: 3,200 Gb/s EFA",
    },
    Node {
        id: "p5en-48xlarge",
        name: "p5en.48xlarge",
        gpu: "h200-sxm-141gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P5 instances page: 3,200 Gb/s EFA",
    },
    Node {
        id: "p6-b200-48xlarge",
        name: "p6-b200.48xlarge",
        gpu: "b200-sxm-180gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P6 instances page: 3.2 Tb/s EFA",
    },
    Node {
        id: "p6-b300-48xlarge",
        name: "p6-b300.48xlarge",
        gpu: "b300-sxm-270gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 800.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P6 instances page: 6.4 Tb/s EFA",
    },
    Node {
        id: "p6e-gb200-36xlarge",
        name: "p6e-gb200.36xlarge",
        gpu: "gb200-186gb",
        gpus_per_node: 4,
        nvlink_domain_gpus: 72,
        inter_node_gb_per_s: 200.0,
        inter_node_link: "EFA",
        intra_node_link: "NVLink",
        source: "AWS EC2 P6e UltraServers page: 28.8 Tb/s EFA for the 18 instances of u-p6e-gb200x72",
    },
    Node {
        id: "dgx-a100-40gb",
        name: "NVIDIA DGX A100 320GB",
        gpu: "a100-sxm-40gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 200.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX A100 datasheet: 8 ConnectX-6 of 200 Gb/s",
    },
    Node {
        id: "dgx-a100",
        name: "NVIDIA DGX A100 640GB",
        gpu: "a100-sxm-80gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 200.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX A100 datasheet: 8 ConnectX-6 of 200 Gb/s",
    },
    Node {
        id: "dgx-h100",
        name: "NVIDIA DGX H100",
        gpu: "h100-sxm-80gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX BasePOD reference architecture: 8 ConnectX-7 of 400 Gb/s",
    },
    Node {
        id: "dgx-h200",
        name: "NVIDIA DGX H200",
        gpu: "h200-sxm-141gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX BasePOD reference architecture: 8 ConnectX-7 of 400 Gb/s",
    },
    Node {
        id: "dgx-b200",
        name: "NVIDIA DGX B200",
        gpu: "b200-sxm-180gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX BasePOD reference architecture: 8 ConnectX-7 of 400 Gb/s",
    },
    Node {
        id: "dgx-b300",
        name: "NVIDIA DGX B300",
        gpu: "b300-sxm-270gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 800.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX B300 datasheet: 8 ConnectX-8 of 800 Gb/s",
    },
    Node {
        id: "dgx-gb200",
        name: "NVIDIA DGX GB200 compute tray",
        gpu: "gb200-186gb",
        gpus_per_node: 4,
        nvlink_domain_gpus: 72,
        inter_node_gb_per_s: 200.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA DGX SuperPOD GB200 reference architecture: 4 ConnectX-7 of 400 Gb/s a tray",
    },
    Node {
        id: "dgx-gb300",
        name: "NVIDIA DGX GB300 compute tray",
        gpu: "gb300-279gb",
        gpus_per_node: 4,
        nvlink_domain_gpus: 72,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "NVLink",
        source: "NVIDIA NVL72 enterprise reference architecture: 4 ConnectX-8 of 800 Gb/s a tray",
    },
    Node {
        id: "mi300x-8",
        name: "8x AMD Instinct MI300X",
        gpu: "mi300x-192gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "InfiniBand",
        intra_node_link: "Infinity Fabric",
        source: "Azure ND MI300X v5 series page: 8 NDR InfiniBand of 400 Gb/s",
    },
    Node {
        id: "mi355x-8",
        name: "8x AMD Instinct MI355X",
        gpu: "mi355x-288gb",
        gpus_per_node: 8,
        nvlink_domain_gpus: 8,
        inter_node_gb_per_s: 400.0,
        inter_node_link: "RoCE",
        intra_node_link: "Infinity Fabric",
        source: "Oracle Cloud BM.GPU.MI355X.8 shape: 8 AMD Pollara NICs of 400 Gb/s Ethernet",
    },
];

/// The accelerator of that id.
#[must_use]
pub fn gpu(id: &str) -> Option<&'static Gpu> {
    GPUS.iter().find(|gpu| gpu.id == id)
}

/// The node type of that id.
#[must_use]
pub fn node(id: &str) -> Option<&'static Node> {
    NODES.iter().find(|node| node.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn is_id(id: &str) -> bool {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }

    #[test]
    fn ids_are_unique_and_plain() {
        let gpus: BTreeSet<_> = GPUS.iter().map(|gpu| gpu.id).collect();
        let nodes: BTreeSet<_> = NODES.iter().map(|node| node.id).collect();
        assert_eq!(gpus.len(), GPUS.len());
        assert_eq!(nodes.len(), NODES.len());
        for id in gpus.iter().chain(&nodes) {
            assert!(is_id(id), "{id}");
        }
    }

    #[test]
    fn lookup_finds_every_row_and_nothing_else() {
        for row in GPUS {
            assert_eq!(gpu(row.id), Some(row));
        }
        for row in NODES {
            assert_eq!(node(row.id), Some(row));
        }
        assert_eq!(gpu("p4d-24xlarge"), None);
        assert_eq!(node("p4d.24xlarge"), None);
    }

    #[test]
    fn nodes_and_gpus_name_each_other() {
        for row in NODES {
            assert!(gpu(row.gpu).is_some(), "{}: {}", row.id, row.gpu);
        }
        for row in GPUS {
            let default = node(row.default_node);
            assert_eq!(default.map(|node| node.gpu), Some(row.id), "{}", row.id);
        }
    }

    #[test]
    fn domains_are_whole_nodes() {
        for row in NODES {
            assert!(row.gpus_per_node > 0, "{}", row.id);
            assert!(row.nvlink_domain_gpus >= row.gpus_per_node, "{}", row.id);
            assert_eq!(row.nvlink_domain_gpus % row.gpus_per_node, 0, "{}", row.id);
        }
    }

    #[test]
    fn figures_are_positive_and_sources_given() {
        for row in GPUS {
            assert!(row.memory_bytes > 0, "{}", row.id);
            assert!(row.peak_tflops > 0.0, "{}", row.id);
            assert!(row.intra_node_gb_per_s > 0.0, "{}", row.id);
            assert!(row.compute_capability != Some(0), "{}", row.id);
            assert!(!row.name.is_empty() && !row.source.is_empty(), "{}", row.id);
        }
        for row in NODES {
            assert!(row.inter_node_gb_per_s > 0.0, "{}", row.id);
            assert!(!row.name.is_empty() && !row.source.is_empty(), "{}", row.id);
            assert!(
                ["EFA", "InfiniBand", "RoCE"].contains(&row.inter_node_link),
                "{}",
                row.id
            );
            assert!(
                ["NVLink", "Infinity Fabric"].contains(&row.intra_node_link),
                "{}",
                row.id
            );
        }
    }
}
