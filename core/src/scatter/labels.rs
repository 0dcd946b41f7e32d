//! Names beside marks, without overlaps: the most important first, each on the first free side.

/// A name that wants a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// Middle of the mark, in CSS pixels.
    pub at: [f32; 2],
    /// Radius of the mark.
    pub radius: f32,
    /// Width of the text.
    pub width: f32,
    /// Height of the text.
    pub height: f32,
    /// Whether it is shown even where it covers marks.
    pub insists: bool,
}

/// A rectangle in CSS pixels: left, top, right, bottom.
type Rect = [f32; 4];

/// Space between mark and text.
const GAP: f32 = 4.0;

/// Top-left corners of the texts, in the order of `wishes` (most important first); `None` where there is no
/// room. Texts avoid each other, the marks of all wishes, and the edge of the canvas.
pub fn place(wishes: &[Wish], canvas: [f32; 2]) -> Vec<Option<[f32; 2]>> {
    let marks: Vec<Rect> = wishes
        .iter()
        .map(|w| [w.at[0] - w.radius, w.at[1] - w.radius, w.at[0] + w.radius, w.at[1] + w.radius])
        .collect();
    let mut taken: Vec<Rect> = Vec::with_capacity(wishes.len());
    wishes
        .iter()
        .enumerate()
        .map(|(own, wish)| {
            let rect = |[x, y]: [f32; 2]| [x, y, x + wish.width, y + wish.height];
            let inside = |r: Rect| r[0] >= 2.0 && r[1] >= 2.0 && r[2] <= canvas[0] - 2.0 && r[3] <= canvas[1] - 2.0;
            let free = |r: Rect| inside(r) && !taken.iter().any(|other| overlap(r, *other));
            let clear = |r: Rect| !marks.iter().enumerate().any(|(i, other)| i != own && overlap(r, *other));
            let found = sides(wish).into_iter().find(|side| free(rect(*side)) && clear(rect(*side)));
            let found = found.or_else(|| sides(wish).into_iter().find(|side| wish.insists && free(rect(*side))))?;
            taken.push(rect(found));
            Some(found)
        })
        .collect()
}

/// Right, left, above, below, then the four diagonals.
fn sides(w: &Wish) -> [[f32; 2]; 8] {
    let (right, left) = (w.at[0] + w.radius + GAP, w.at[0] - w.radius - GAP - w.width);
    let (above, below) = (w.at[1] - w.radius - GAP - w.height, w.at[1] + w.radius + GAP);
    let (centre, middle) = (w.at[0] - w.width / 2.0, w.at[1] - w.height / 2.0);
    [
        [right, middle],
        [left, middle],
        [centre, above],
        [centre, below],
        [right, above],
        [right, below],
        [left, above],
        [left, below],
    ]
}

fn overlap(a: Rect, b: Rect) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(x: f32, y: f32) -> Wish {
        Wish { at: [x, y], radius: 4.0, width: 60.0, height: 14.0, insists: false }
    }

    #[test]
    fn a_lone_label_stands_right_of_its_mark() {
        let placed = place(&[wish(100.0, 100.0)], [400.0, 300.0]);
        assert_eq!(placed, vec![Some([108.0, 93.0])]);
    }

    #[test]
    fn labels_never_overlap_and_stay_inside() {
        let wishes: Vec<Wish> =
            (0..40).map(|i| wish(20.0 + (i % 8) as f32 * 45.0, 20.0 + (i / 8) as f32 * 30.0)).collect();
        let placed = place(&wishes, [400.0, 200.0]);
        let rects: Vec<Rect> = placed.iter().flatten().map(|p| [p[0], p[1], p[0] + 60.0, p[1] + 14.0]).collect();
        assert!(rects.len() > 4);
        for (i, a) in rects.iter().enumerate() {
            assert!(a[0] >= 0.0 && a[2] <= 400.0 && a[1] >= 0.0 && a[3] <= 200.0);
            assert!(rects[i + 1..].iter().all(|b| !overlap(*a, *b)));
        }
    }

    #[test]
    fn a_label_that_insists_covers_marks() {
        let mut wishes = vec![wish(100.0, 100.0)];
        wishes.extend(
            [-1.0, 0.0, 1.0].iter().flat_map(|x| [-1.0, 0.0, 1.0].map(|y| wish(100.0 + x * 40.0, 100.0 + y * 18.0))),
        );
        assert_eq!(place(&wishes, [200.0, 200.0])[0], None);
        wishes[0].insists = true;
        assert!(place(&wishes, [200.0, 200.0])[0].is_some());
    }

    #[test]
    fn the_more_important_label_wins() {
        let placed = place(&[wish(10.0, 10.0), wish(10.0, 10.0)], [80.0, 20.0]);
        assert!(placed[0].is_some() && placed[1].is_none(), "{placed:?}");
    }
}
