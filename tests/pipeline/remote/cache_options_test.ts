import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import {
  Credentials,
  remoteCacheHosts,
  remoteCacheOptions,
} from "../../../pipeline/remote/cache_options.ts";

const secret = "s3cret-words";

function optionsOf(
  url: string,
  variables: Record<string, string> = {},
  flags: { write?: boolean; strict?: boolean } = {},
) {
  return remoteCacheOptions({
    url,
    write: flags.write ?? false,
    strict: flags.strict ?? false,
    environment: (name) => variables[name],
  });
}

describe("remoteCacheOptions", () => {
  it("asks for none by default, also when variables are empty", () => {
    assert.equal(optionsOf(""), undefined);
    assert.equal(optionsOf("", { SELF_TNET_REMOTE: "" }), undefined);
    assert.deepEqual(remoteCacheHosts(undefined), []);
  });

  it("takes the flag before the variable, and only reads unless told otherwise", () => {
    const variables = { SELF_TNET_REMOTE: "http://elsewhere.example" };
    const options = optionsOf("https://cache.example/team/", variables)!;
    assert.equal(options.base.href, "https://cache.example/team/");
    assert.equal(options.writable, false);
    assert.equal(options.strict, false);
    assert.equal(options.credentials, undefined);
    const other = optionsOf("", variables, { write: true, strict: true })!;
    assert.equal(other.base.host, "elsewhere.example");
    assert.equal(other.writable, true);
    assert.equal(other.strict, true);
  });

  it("names host and port for the permission to reach them", () => {
    const hosts: [url: string, host: string][] = [
      ["http://cache.example", "cache.example:80"],
      ["https://cache.example/x", "cache.example:443"],
      ["http://127.0.0.1:8080", "127.0.0.1:8080"],
      ["https://[::1]:9", "[::1]:9"],
    ];
    for (const [url, host] of hosts) {
      assert.deepEqual(remoteCacheHosts(optionsOf(url)), [host]);
    }
  });

  it("logs in with a token, or with user and password", () => {
    const { credentials: bearer } = optionsOf("http://x", {
      SELF_TNET_REMOTE_TOKEN: secret,
    })!;
    assert.equal(bearer!.reveal(), `Bearer ${secret}`);
    const { credentials: basic } = optionsOf("http://x", {
      SELF_TNET_REMOTE_USER: "Aladdin",
      SELF_TNET_REMOTE_PASSWORD: "open sesame",
    })!;
    // The example of RFC 7617.
    assert.equal(basic!.reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert.equal(
      Credentials.basic("test", "123£").reveal(),
      "Basic dGVzdDoxMjPCow==",
    );
  });

  it("shows credentials in no print and no JSON text", () => {
    const options = optionsOf("http://x", { SELF_TNET_REMOTE_TOKEN: secret })!;
    for (
      const text of [
        Deno.inspect(options, { depth: 9, showHidden: true }),
        JSON.stringify(options),
        String(options.credentials),
      ]
    ) assert.doesNotMatch(text, /s3cret/);
  });

  const refused: [
    what: string,
    call: () => unknown,
    message: string,
  ][] = [
    [
      "words",
      () => optionsOf("cache.example/x"),
      "Cannot use a shared cache: --remote: found something that is no URL, wanted http://HOST[:PORT][/PATH] or https://…",
    ],
    [
      "another protocol",
      () => optionsOf("", { SELF_TNET_REMOTE: "ftp://cache.example" }),
      "Cannot use a shared cache: SELF_TNET_REMOTE: found a URL of kind ftp:, wanted http://HOST[:PORT][/PATH] or https://…",
    ],
    [
      "a password in the URL",
      () => optionsOf(`http://me:${secret}@cache.example`),
      "Cannot use a shared cache: --remote: found a URL with a user name or password in it, wanted http://HOST[:PORT][/PATH] or https://…; leave them out and set SELF_TNET_REMOTE_USER and SELF_TNET_REMOTE_PASSWORD, or SELF_TNET_REMOTE_TOKEN",
    ],
    [
      "a query",
      () => optionsOf(`http://cache.example/?key=${secret}`),
      "Cannot use a shared cache: --remote: found a URL with ? or # in it, wanted http://HOST[:PORT][/PATH] or https://…",
    ],
    [
      "writing nowhere",
      () => optionsOf("", {}, { write: true }),
      "Cannot use a shared cache: found --remote-write without a server, wanted --remote URL, or the variable SELF_TNET_REMOTE",
    ],
    [
      "strictness about nothing",
      () => optionsOf("", {}, { strict: true }),
      "Cannot use a shared cache: found --remote-strict without a server, wanted --remote URL, or the variable SELF_TNET_REMOTE",
    ],
    [
      "two ways to log in",
      () =>
        optionsOf("http://x", {
          SELF_TNET_REMOTE_TOKEN: secret,
          SELF_TNET_REMOTE_USER: "me",
        }),
      "Cannot use a shared cache: found both SELF_TNET_REMOTE_TOKEN and SELF_TNET_REMOTE_USER or SELF_TNET_REMOTE_PASSWORD, wanted one way to log in",
    ],
    [
      "a user without password",
      () => optionsOf("http://x", { SELF_TNET_REMOTE_USER: "me" }),
      "Cannot use a shared cache: found one of SELF_TNET_REMOTE_USER and SELF_TNET_REMOTE_PASSWORD, wanted both",
    ],
    [
      "a token with a line break",
      () =>
        optionsOf("http://x", { SELF_TNET_REMOTE_TOKEN: `${secret}\r\nx: y` }),
      "Cannot use a shared cache: SELF_TNET_REMOTE_TOKEN: found spaces or characters beyond ASCII in it, wanted a token",
    ],
  ];
  for (const [what, call, message] of refused) {
    it(`refuses ${what}, and repeats no secret`, () => {
      assert.throws(call, (error) => {
        assert.ok(error instanceof PipelineError);
        assert.equal(error.message, message);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    });
  }
});
