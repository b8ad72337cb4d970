import * as v from "valibot";
import { optionalText, optionalTexts } from "./values.ts";

/** Name that `[mirrors]` and `[contents]` know a published archive by. */
export type ArchiveName =
  | "liberty"
  | "notredame"
  | "yosemite"
  | "liberty_harris"
  | "notredame_harris"
  | "yosemite_harris"
  | "hpatches"
  | "tasks";

const url =
  /^(https?:\/\/[^\s/?#@]+(:\d+)?\/[^\s#]*|file:\/\/\/[^\s#]+)(#(md5=[0-9a-f]{32}|sha256=[0-9a-f]{64}))?$/;
const mirrors = () =>
  optionalTexts(
    "http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known",
    url,
  );
const contents = () =>
  optionalText(
    '"" or a contents digest, 64 hexadecimal digits in lower case',
    /^([0-9a-f]{64})?$/,
  );

/** `[mirrors]`: nothing is reached that is not named here. */
export const mirrorsSchema = v.object({
  liberty: mirrors(),
  notredame: mirrors(),
  yosemite: mirrors(),
  liberty_harris: mirrors(),
  notredame_harris: mirrors(),
  yosemite_harris: mirrors(),
  hpatches: mirrors(),
  tasks: mirrors(),
  redirects: optionalTexts(
    "a host, cdn.example.org or *.example.org, with :port unless it is 443",
    /^(\*\.)?[\w-]+(\.[\w-]+)*(:\d+)?$/,
  ),
});

/** `[contents]`: what the unpacked sets have to hold. */
export const contentsSchema = v.object({
  liberty: contents(),
  notredame: contents(),
  yosemite: contents(),
  liberty_harris: contents(),
  notredame_harris: contents(),
  yosemite_harris: contents(),
  hpatches: contents(),
  tasks: contents(),
});
