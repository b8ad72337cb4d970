/**
 * Signatures of records, so that a server need not be trusted: only those who hold a key.
 *
 * Ed25519 (RFC 8032) through WebCrypto; keys in base64url without padding, 43 characters: the private one is the seed of 32
 * bytes, the public one the point.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";

/** What PKCS #8 writes before the seed of an Ed25519 key (RFC 8410). */
const seedPrefix = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70],
  ...[0x04, 0x22, 0x04, 0x20],
);

/** Before the record's text, so that nothing else that a key signs is ever a record. */
const purpose = "self-tnet record 1\n";

const keyLength = 32;

/** Signs records; the key is kept out of every print. */
export class RecordSigner {
  readonly #key: Promise<CryptoKey>;

  private constructor(seed: Uint8Array) {
    const bytes = Uint8Array.of(...seedPrefix, ...seed);
    this.#key = crypto.subtle.importKey("pkcs8", bytes, "Ed25519", false, [
      "sign",
    ]);
  }

  /**
   * The signer that has a private key.
   *
   * @param text the private key
   * @param where where it stands, for the message, which does not repeat it
   * @throws {PipelineError} when it is none
   */
  static of(text: string, where: string): RecordSigner {
    return new RecordSigner(keyBytes(text, where));
  }

  /** The signature of a record's text, 64 bytes. */
  async sign(text: Uint8Array): Promise<Uint8Array> {
    const key = await this.#key;
    return new Uint8Array(
      await crypto.subtle.sign("Ed25519", key, messageOf(text)),
    );
  }
}

/** Keys whose records are believed. */
export class TrustedKeys {
  readonly #keys: Promise<CryptoKey>[];

  private constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys.map((bytes) =>
      crypto.subtle.importKey(
        "raw",
        Uint8Array.from(bytes),
        "Ed25519",
        false,
        ["verify"],
      )
    );
  }

  /**
   * The keys of these texts.
   *
   * @throws {PipelineError} when one of the texts is no public key
   */
  static of(texts: readonly string[], where: string): TrustedKeys {
    return new TrustedKeys(texts.map((text) => keyBytes(text, where)));
  }

  /** Whether one of the keys made this signature of a record's text. */
  async accept(
    text: Uint8Array,
    signature: Uint8Array | undefined,
  ): Promise<boolean> {
    if (signature === undefined) return false;
    const bytes = Uint8Array.from(signature);
    for (const key of this.#keys) {
      const isHis = await crypto.subtle.verify(
        "Ed25519",
        await key,
        bytes,
        messageOf(text),
      );
      if (isHis) return true;
    }
    return false;
  }
}

/** A new pair of keys, as text. */
export async function newKeyPair(): Promise<
  { privateKey: string; publicKey: string }
> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const { d, x } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { privateKey: d!, publicKey: x! };
}

function messageOf(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const start = new TextEncoder().encode(purpose);
  const message = new Uint8Array(start.length + text.length);
  message.set(start);
  message.set(text, start.length);
  return message;
}

function keyBytes(text: string, where: string): Uint8Array {
  if (/^[\w-]{43}$/.test(text)) {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/") + "=");
    const bytes = Uint8Array.from(
      binary,
      (character) => character.charCodeAt(0),
    );
    if (bytes.length === keyLength) return bytes;
  }
  throw new PipelineError({
    attempt: "use a shared cache",
    where,
    found: "something that is no key",
    wanted: "an Ed25519 key, 43 characters of base64url",
    remedy: "`./run cache key` makes a pair",
  });
}
