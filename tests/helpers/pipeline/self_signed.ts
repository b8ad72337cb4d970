import { generateKeyPairSync, sign } from "node:crypto";
import { Buffer } from "node:buffer";

/** A fresh key and a certificate for 127.0.0.1 that nobody vouches for, as PEM. */
export function selfSigned(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  const algorithm = sequence(objectId([1, 2, 840, 10045, 4, 3, 2]));
  const name = sequence(
    der(0x31, sequence(objectId([2, 5, 4, 3]), der(0x0c, Buffer.from("test")))),
  );
  const years = sequence(
    der(0x17, Buffer.from("200101000000Z")),
    der(0x17, Buffer.from("490101000000Z")),
  );
  const address = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    sequence(objectId([2, 5, 29, 17]), der(0x04, address)),
  );
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    years,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(
    content,
    algorithm,
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = certificate.toString("base64").match(/.{1,64}/g)!.join("\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Tag, length, content. */
function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128
    ? [length]
    : length < 256
    ? [0x81, length]
    : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId([first, second, ...rest]: number[]): Buffer {
  const bytes = rest.flatMap((arc) => {
    const digits = [arc & 127];
    while ((arc = arc >> 7) > 0) digits.unshift(arc & 127 | 128);
    return digits;
  });
  return der(0x06, Buffer.from([40 * first + second, ...bytes]));
}
