/**
 * The name of an entry without what packers put into it: `./` before or within a name, slashes twice, and backslashes where a program
 * of Windows wrote them in place of slashes.
 *
 * @param isFromWindows whether the archive says that it was made there
 */
export function plainName(name: string, isFromWindows = false): string {
  const slashed = isFromWindows ? name.replaceAll("\\", "/") : name;
  return slashed.replace(/(?<=[^/])\/(\.?\/)+/g, "/")
    .replace(/^(\.\/+)+/, "").replace(/^\.$/, "");
}
