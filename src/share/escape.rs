//! Free text in the alphabet of a link: every byte outside `A-Za-z0-9-` is written `_XX`.

/// The text in the alphabet of a link.
pub fn escape(text: &str) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |n: u8| HEX.get(usize::from(n)).copied().unwrap_or('0');
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            escaped.push(char::from(byte));
        } else {
            escaped.push('_');
            escaped.push(digit(byte >> 4));
            escaped.push(digit(byte & 15));
        }
    }
    escaped
}

/// The text that was escaped. Text that no [`escape`] wrote is left as it is.
pub fn unescape(text: &str) -> String {
    decode(text, b'_', true).unwrap_or_else(|| text.to_owned())
}

/// Undoes percent-encoding; what is not percent-encoded is left as it is.
pub fn percent_decoded(text: &str) -> String {
    decode(text, b'%', false).unwrap_or_else(|| text.to_owned())
}

/// Replaces `mark` and two hex digits by the byte they name. A lone mark stays, or with `strict`
/// the whole text is none; so it is when the bytes are no UTF-8.
fn decode(text: &str, mark: u8, strict: bool) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != mark {
            decoded.push(byte);
            continue;
        }
        let mut ahead = bytes.clone();
        match (hex(ahead.next()), hex(ahead.next())) {
            (Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            _ if strict => return None,
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok()
}

fn hex(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn written(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
        assert_eq!(unescape(expected), text);
    }

    #[test]
    fn text_is_escaped_byte_by_byte() {
        written("llama3-8b", "llama3-8b");
        written("a b_c.d", "a_20b_5Fc_2Ed");
        written("µ", "_C2_B5");
        written("", "");
    }

    #[test]
    fn what_nobody_escaped_is_left_as_it_is() {
        assert_eq!(unescape("llama3_8b"), "llama3_8b");
        assert_eq!(unescape("50_"), "50_");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%23v1"), "#v1");
    }
}
