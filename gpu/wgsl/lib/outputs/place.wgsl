// Where the sums of a thread belong: its place in its workgroup, its first row there; its sample, first row and first block of four
// channels of the result.
struct Place {
  lane: u32,
  across: u32,
  row: u32,
  n: u32,
  i: u32,
  channel: u32,
}
