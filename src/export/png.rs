//! The link of a plan inside a PNG (PNG, third edition, W3C 2025, sections 5 and 11.3.3.4).

/// What every PNG begins with.
pub const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// The keyword of the text that holds the link.
pub const KEYWORD: &str = "meshplan";

/// The type of a chunk of text in UTF-8.
pub const TEXT: [u8; 4] = *b"iTXt";

/// Length of the signature and of the header's chunk, which comes first.
const HEADER: usize = 8 + 12 + 13;

/// A PNG with a title and the link of a plan inside: under Meshplan's own keyword, and as the source
/// of the picture. None where the bytes do not begin as a PNG does.
pub fn with_link(png: &[u8], title: &str, link: &str) -> Option<Vec<u8>> {
    let (head, pixels) = png.split_at_checked(HEADER)?;
    if !head.starts_with(&SIGNATURE) || head.get(8..16) != Some(b"\0\0\0\x0dIHDR") {
        return None;
    }
    let mut out = head.to_vec();
    for (keyword, text) in [("Title", title), (KEYWORD, link), ("Source", link)] {
        let mut data = keyword.as_bytes().to_vec();
        // The end of the keyword; not compressed, by no method; no language, no translation.
        data.extend([0; 5]);
        // The end of the text is that of the chunk, so a zero has no place in it.
        data.extend(text.bytes().filter(|byte| *byte != 0));
        chunk(&mut out, TEXT, &data)?;
    }
    out.extend_from_slice(pixels);
    Some(out)
}

/// Adds a chunk; none where it is longer than a chunk may be.
fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) -> Option<()> {
    let length = u32::try_from(data.len()).ok().filter(|n| *n < 1 << 31)?;
    out.extend(length.to_be_bytes());
    out.extend(kind);
    out.extend_from_slice(data);
    out.extend(checksum(kind, data).to_be_bytes());
    Some(())
}

/// The checksum of a chunk (section 5.5, "CRC algorithm"). Bit by bit, without a table: it is
/// computed of some hundred bytes, and a table is a kilobyte to build or to download.
pub fn checksum(kind: [u8; 4], data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc >>= 1;
            if low == 1 {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The last chunk of every PNG, and the check value of CRC-32.
        assert_eq!(checksum(*b"IEND", b""), 0xae42_6082);
        assert_eq!(checksum(*b"1234", b"56789"), 0xcbf4_3926);
    }

    #[test]
    fn only_a_png_takes_a_link() {
        assert_eq!(with_link(b"", "", "v1.z"), None);
        assert_eq!(with_link(&[0; 64], "", "v1.z"), None);
        assert_eq!(with_link(&SIGNATURE, "", "v1.z"), None);
    }
}
