// Whether two classes are neighbours in the second-order term. Wants `distances` [3, N, N], `reach_distance` and `reach_class` [4, N],
// and `params.classes` = N.

/// Whether (d, j) is a negative within the reach of a list.
fn reaches(list: u32, i: u32, j: u32, d: f32) -> bool {
  let at = list * params.classes + i;
  let reach = reach_distance[at];
  return d > SAME_PATCH && (d < reach || (d == reach && j <= reach_class[at]));
}

/// j among those of i or i among those of j, in any of the four lists.
fn are_neighbours(i: u32, j: u32) -> bool {
  let n = params.classes;
  let left = distances[i * n + j];
  let right = distances[(n + i) * n + j];
  let there = distances[(2u * n + i) * n + j];
  let back = distances[(2u * n + j) * n + i];
  return i != j && (
    reaches(0u, i, j, left) || reaches(0u, j, i, left) ||
    reaches(1u, i, j, right) || reaches(1u, j, i, right) ||
    reaches(2u, i, j, there) || reaches(2u, j, i, back) ||
    reaches(3u, i, j, back) || reaches(3u, j, i, there)
  );
}
