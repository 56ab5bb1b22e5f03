//! Stages as rows of a picture: all of a few; of many the first, the last and what differs.

/// A row of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The item with this number.
    One(usize),
    /// A mark that so many items are left out.
    Gap(usize),
}

/// The rows of `n` items, at most `most` and some gaps. Of more, a run of items that are alike shows
/// its first and its last; where even that is too much, the first and last of all are shown. The
/// item `keep` is always there.
pub fn fold(
    n: usize,
    most: usize,
    keep: Option<usize>,
    alike: &dyn Fn(usize, usize) -> bool,
) -> Vec<Row> {
    let listed: Vec<usize> = if n <= most {
        (0..n).collect()
    } else {
        let last = n.saturating_sub(1);
        let inside =
            |i: usize| i > 0 && i < last && alike(i.saturating_sub(1), i) && alike(i, i + 1);
        let edges: Vec<usize> = (0..n).filter(|&i| !inside(i) || keep == Some(i)).collect();
        if edges.len() <= most {
            edges
        } else {
            let half = most.saturating_sub(1) / 2;
            let shown = |i: &usize| *i < half || *i >= n.saturating_sub(half) || keep == Some(*i);
            (0..n).filter(shown).collect()
        }
    };
    let mut rows = Vec::new();
    let mut next = 0;
    for i in listed {
        if i > next {
            rows.push(Row::Gap(i - next));
        }
        rows.push(Row::One(i));
        next = i + 1;
    }
    if next < n {
        rows.push(Row::Gap(n - next));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::Row::{Gap, One};
    use super::*;

    #[test]
    fn a_few_are_listed_and_runs_of_many_are_folded() {
        assert_eq!(fold(3, 4, None, &|_, _| true), [One(0), One(1), One(2)]);
        let ends = |a: usize, b: usize| (1..8).contains(&a) && (1..8).contains(&b);
        assert_eq!(
            fold(9, 4, None, &ends),
            [One(0), One(1), Gap(5), One(7), One(8)]
        );
        assert_eq!(
            fold(9, 4, Some(4), &|_, _| true),
            [One(0), Gap(3), One(4), Gap(3), One(8)]
        );
    }

    #[test]
    fn many_that_differ_show_both_ends_and_the_one_that_matters() {
        let rows = fold(1000, 8, Some(500), &|_, _| false);
        assert_eq!(rows.len(), 9);
        assert!(rows.contains(&One(0)) && rows.contains(&One(500)) && rows.contains(&One(999)));
        let shown: usize = rows
            .iter()
            .map(|r| match r {
                One(_) => 1,
                Gap(n) => *n,
            })
            .sum();
        assert_eq!(shown, 1000);
    }
}
