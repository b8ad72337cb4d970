/**
 * A file that lies beside the page.
 *
 * @param url or a name, as it is meant from the page
 * @throws {Error} when the server does not have it
 */
export async function loadFile(url: string): Promise<Response> {
  const answer = await fetch(url);
  if (answer.ok) return answer;
  throw new Error(`Cannot load ${url}: the server answered ${answer.status}`);
}
