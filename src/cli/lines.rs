//! Standard input of any length in bounded memory: line by line, or the end of it.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read},
};

use super::error::CliError;

/// Longest line that is read. A request may meet dozens of policies, none of which AWS lets be larger than 20 KiB; a
/// message is far shorter.
pub const LONGEST_LINE: u64 = 8 << 20;

/// What of the end of a text is kept: much more than what is explained, which has neither escapes nor empty lines in it.
const END: usize = 8 << 20;

/// Lines or a text as some editors write them begin with it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads a line without its end; of one that is too long the rest is passed over, and one byte too many is kept.
pub fn next_line(input: &mut impl BufRead, read: &mut Vec<u8>) -> io::Result<bool> {
    read.clear();
    if input.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', read)? == 0 {
        return Ok(false);
    }
    if read.last() == Some(&b'\n') {
        read.pop();
    } else if is_too_long(read) {
        input.skip_until(b'\n')?;
    }
    Ok(true)
}

/// What went wrong with standard input.
pub fn unread(source: io::Error) -> CliError {
    CliError::Read { name: "standard input".to_owned(), source }
}

pub fn is_too_long(line: &[u8]) -> bool {
    line.len() as u64 > LONGEST_LINE
}

/// A text of which only the end was kept if it is long.
pub struct Ending {
    pub text: String,
    pub is_cut: bool,
}

/// Reads everything and keeps the end, from the start of a line if one begins there.
pub fn ending(mut input: impl Read) -> io::Result<Ending> {
    let mut kept: Vec<u8> = Vec::new();
    let mut is_cut = false;
    while input.by_ref().take(END as u64).read_to_end(&mut kept)? > 0 {
        if let Some(over) = kept.len().checked_sub(END).filter(|over| *over > 0) {
            kept.drain(..over);
            is_cut = true;
        }
    }
    let bytes = if is_cut { from_line_start(&kept) } else { without_mark(&kept) };
    Ok(Ending { text: decoded(bytes).into_owned(), is_cut })
}

fn from_line_start(bytes: &[u8]) -> &[u8] {
    let rest = bytes.iter().position(|byte| *byte == b'\n').and_then(|at| bytes.get(at + 1..));
    rest.filter(|rest| !rest.trim_ascii().is_empty()).unwrap_or(bytes)
}

/// PowerShell and some editors write a byte order mark before the text; JSON has none.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Text from whatever a log holds: what is no UTF-8 becomes a mark for it.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_they_end() {
        let mut input = io::BufReader::new(&b"a\n\nb"[..]);
        let mut read = Vec::new();
        let mut lines = Vec::new();
        while next_line(&mut input, &mut read).unwrap() {
            lines.push(String::from_utf8(read.clone()).unwrap());
        }
        assert_eq!(lines, ["a", "", "b"]);
    }

    #[test]
    fn what_is_too_long_is_passed_over() {
        let long = io::repeat(b'x').take(1 << 30).chain(&b"\nnext\n"[..]);
        let mut input = io::BufReader::new(long);
        let mut read = Vec::new();
        assert!(next_line(&mut input, &mut read).unwrap());
        assert!(is_too_long(&read));
        assert!(read.capacity() as u64 <= 3 * LONGEST_LINE, "{}", read.capacity());
        assert!(next_line(&mut input, &mut read).unwrap());
        assert_eq!(read, b"next");
    }

    #[test]
    fn of_a_long_text_the_end_is_kept() {
        let log = |length| io::repeat(b'x').take(length).chain(&b"\nthe end\xff\n"[..]);
        let short = ending(log(10)).unwrap();
        assert_eq!((short.text.as_str(), short.is_cut), ("xxxxxxxxxx\nthe end\u{fffd}\n", false));
        let long = ending(log(1 << 30)).unwrap();
        assert_eq!((long.text.as_str(), long.is_cut), ("the end\u{fffd}\n", true));
        let line = ending(io::repeat(b'x').take(1 << 26)).unwrap();
        assert_eq!((line.text.len(), line.is_cut), (END, true));
        assert!(!ending(io::repeat(b'x').take(END as u64)).unwrap().is_cut);
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(without_mark("\u{feff}{}".as_bytes()), b"{}");
        assert_eq!(without_mark(b"{}"), b"{}");
    }
}
