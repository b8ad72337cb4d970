/** Whether anything is at a place that can be reached, links followed; what may not be looked at is not there. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
