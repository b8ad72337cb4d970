/**
 * JSON from anywhere. A hundred megabytes of `[],[],[],…` or `[[[[…` take gigabytes and minutes once they are values.
 *
 * @module
 */

/** Ten times what the largest of the files hold that are read as JSON. */
const mostValues = 2_000_000;

/** No program that writes them nests deeper than ten. */
const mostDepth = 100;

/** That a text has more in it than any file of a kind that is read; the message says of what. */
export class JsonExcess extends Error {
  override name = "JsonExcess";
}

/**
 * The value of a JSON text.
 *
 * @throws {SyntaxError} when it is none
 * @throws {JsonExcess} when it holds more values, or deeper ones, than memory and time should be given to
 */
export function parseJson(text: string): unknown {
  let values = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22: // "
        index = endOfString(text, index);
        break;
      case 0x5b: // [
      case 0x7b: // {
        values++;
        if (++depth > mostDepth) {
          throw new JsonExcess(`values nested more than ${mostDepth} deep`);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // ,
        values++;
    }
    if (values > mostValues) {
      throw new JsonExcess(`more than ${mostValues} values`);
    }
  }
  return JSON.parse(text);
}

/** Position of the closing quote of the string that opens at `start`; the text's length when it does not close. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index++; // backslash
    else if (code === 0x22) return index;
  }
  return text.length;
}
