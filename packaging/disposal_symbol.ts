/** The symbol by which `using` finds what to call: before any class is made that is disposed of. */
const symbols = Symbol as { dispose?: symbol };
// The name under which esbuild's code for `using` looks where the runtime has none.
symbols.dispose ??= Symbol.for("Symbol.dispose");
