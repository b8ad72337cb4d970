import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  countedShader,
  countedTypeScript,
} from "../../../pipeline/code/code_text.ts";
import { tokenize } from "../../../pipeline/code/code_tokens.ts";

const counted = (source: string) => countedTypeScript(tokenize(source));

/** Both must count as the same program. */
function same(first: string, second: string): void {
  assert.equal(counted(first), counted(second), `${first}  ≠  ${second}`);
}

/** They must count as two programs. */
function different(first: string, second: string): void {
  assert.notEqual(counted(first), counted(second), `${first}  =  ${second}`);
}

describe("countedTypeScript", () => {
  it("leaves out comments and white space", () => {
    same(
      "const a = 1;\nuse(a);",
      "// why\nconst  a=1 ; /* then */ use( a );\n",
    );
    same("f(a, b);", "f(\n  a, // first\n  b\n);");
    same("x\n  .y();", "x // note\n\n  .y();");
    same("if (a) b();\nelse c();", "if (a) b(); // yes\n// no\nelse c();");
    same("const a = 1;", "/**\n * Doc\n */\nconst a = 1;");
    same("#!/usr/bin/env deno\na();", "a();");
  });

  it("keeps every token apart", () => {
    different("ab;", "a b;");
    different("a + +b;", "a ++ b;");
    different("a - -b;", "a--b;");
    different("1.5;", "1 .5;");
    different("x = 0.0033;", "x = 0.005;");
    different("a >> b;", "a > > b;");
  });

  it("keeps strings and templates as they are written", () => {
    different('"a // b"', '"a // c"');
    different("'a  b'", "'a b'");
    different("`a  b`", "`a b`");
    different("`/* a */`", "`/* b */`");
    different("`${a} //x`", "`${a} //y`");
    different('"\\" // x"', '"\\" // y"');
    same("`a ${ b /* c */ } d`", "`a ${b} d`");
    same("`${ `x ${ a } y` } // z`;b", "`${`x ${a} y`} // z`; b");
    same("`${ { a: 1 }.a }`; // t", "`${{a:1}.a}`;");
    different("`\\${ a }`", "`\\${a}`");
  });

  it("tells a regular expression from a division", () => {
    different("x = /a b/;", "x = /ab/;");
    different("x = /[/*]/ ; y();", "x = /[/*]/ ; z();");
    different("x = /'/; // '\na()", "x = /'/; // '\nb()");
    different("return /a  b/g;", "return /a b/g;");
    different("if (a) / b/.test(c);", "if (a) /b/.test(c);");
    different("x = !/ a/.test(b);", "x = !/a/.test(b);");
    same("x = a / b / c;", "x = a/b/c; // d/e");
    same("x = (a) / b; y = 1 / 2;", "x=(a)/b;y=1/2;");
    same("x = a[0] / 2; // '", "x=a[0]/2;");
    same("x = a! / b! / c;", "x=a!/b!/c;");
    same("x = y.return / 2 / z;", "x=y.return/2/z;");
    same("i++ / 2; // `", "i++/2;");
  });

  it("keeps a line break that can end a statement, and no other", () => {
    different("return a;", "return\na;");
    different("a\n++b", "a++\nb");
    different("a\nb", "a b");
    same("const a =\n  1;", "const a = 1;");
    same(
      "import { a }\n  from './a.ts';".replace("\n ", ""),
      "import {a} from './a.ts';",
    );
    same("foo(\n)\n.bar;", "foo().bar;");
  });

  it("survives text that is no program", () => {
    for (
      const source of ["`a ${", "'a\nb", "/* a", "}})", "/[", "\\", "#", ""]
    ) {
      assert.equal(typeof counted(source), "string");
    }
    different("'a", "'b");
    different("`a ${", "`b ${");
  });
});

describe("countedShader", () => {
  const shader = "fn main() { let a = b / c; }";

  it("leaves out comments, nested ones too, and white space", () => {
    assert.equal(
      countedShader(
        "// title\nfn main( ) {\n/* a /* b */ c */ let a=b/c ; // why\n}\n",
      ),
      countedShader(shader),
    );
  });

  it("keeps tokens apart and values", () => {
    for (
      const other of [
        "fn main() { let a = b / d; }",
        "fn main() { let a = b * c; }",
        "fn main() { leta = b / c; }",
      ]
    ) assert.notEqual(countedShader(other), countedShader(shader));
    assert.notEqual(countedShader("a - -b"), countedShader("a--b"));
    assert.notEqual(countedShader("1.0f"), countedShader("1.0 f"));
  });

  it("keeps directives to the shader expansion", () => {
    assert.notEqual(
      countedShader("// @unroll\nfor"),
      countedShader("// unroll\nfor"),
    );
    assert.notEqual(
      countedShader('#include "random"\n'),
      countedShader('#include "matrix"\n'),
    );
  });
});
