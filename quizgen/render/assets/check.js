// Checks the answers on a quizgen sheet. It reads by the grammar of quizgen/answers/reader.py and grades by the rules
// of quizgen/answers, in exact rationals, so that the page and `quizgen check` agree on every input and in every word.
"use strict";

const quizgen = (() => {
  // Rationals: {p, q} in lowest terms, q > 0, both BigInt ------------------------------------------------------------

  const magnitude = (n) => (n < 0n ? -n : n);

  function rational(p, q = 1n) {
    let a = magnitude(p);
    let b = magnitude(q);
    while (b) [a, b] = [b, a % b];
    const sign = q < 0n ? -1n : 1n;
    return { p: (sign * p) / a, q: (sign * q) / a };
  }

  const ZERO = rational(0n);
  const add = (a, b) => rational(a.p * b.q + b.p * a.q, a.q * b.q);
  const negate = (a) => ({ p: -a.p, q: a.q });
  const subtract = (a, b) => add(a, negate(b));
  const multiply = (a, b) => rational(a.p * b.p, a.q * b.q);
  const divide = (a, b) => rational(a.p * b.q, a.q * b.p);
  const compare = (a, b) => a.p * b.q - b.p * a.q;
  const absolute = (a) => ({ p: magnitude(a.p), q: a.q });
  const bits = (n) => (n === 0n ? 0 : magnitude(n).toString(2).length);
  const height = (a) => Math.max(bits(a.p), bits(a.q));
  const spell = (a) => (a.q === 1n ? String(a.p) : `${a.p}/${a.q}`);

  function fromSpelling(text) {
    const [p, q] = text.split("/");
    return rational(BigInt(p), BigInt(q ?? "1"));
  }

  function raise(base, exponent) {
    const n = BigInt(magnitude(exponent));
    const power = { p: base.p ** n, q: base.q ** n };
    return exponent < 0n ? rational(power.q, power.p) : power;
  }

  function isqrt(n) {
    if (n < 2n) return n;
    let x = 1n << BigInt((bits(n) + 1) >> 1);
    for (;;) {
      const y = (x + n / x) >> 1n;
      if (y >= x) return x;
      x = y;
    }
  }

  // Words of errors --------------------------------------------------------------------------------------------------

  const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
  const SPACES = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;
  const thousands = (n) => String(n).replace(/(?<=\d)(?=(\d{3})+$)/g, ",");

  class Unreadable extends Error {
    constructor(message, position = null) {
      super(oneLine(message));
      this.position = position;
    }
  }

  function shorten(text, limit) {
    const chars = Array.from(text);
    if (chars.length <= limit) return text;
    const head = Math.floor(((limit - 1) * 2) / 3);
    return `${chars.slice(0, head).join("")}…${chars.slice(chars.length - (limit - 1 - head)).join("")}`;
  }

  function escaped(char) {
    if (!UNPRINTABLE.test(char)) return char;
    const named = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[char];
    if (named) return named;
    const code = char.codePointAt(0);
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  }

  const printable = (text) => Array.from(text, escaped).join("");

  function oneLine(message) {
    const line = printable(shorten(message, 2800));
    return shorten(line.split(" ").map((run) => shorten(run, 240)).join(" "), 700);
  }

  function shown(text, limit = 48) {
    const short = `'${printable(shorten(text, limit))}'`;
    const length = Array.from(text).length;
    return length <= limit ? short : `${short} (${thousands(length)} characters)`;
  }

  // Tokens -----------------------------------------------------------------------------------------------------------

  const SCALAR_LENGTH = 700;
  const LIST_LENGTH = 4000;
  const DEPTH = 20;
  const DIGITS = 320;
  const EXPONENT = 400;
  const BITS = 1024;
  const POWER = 1024n;
  const POWER_BITS = 2048n;
  const BLANKS = new Set(" \t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000");
  const SAME_AS = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
  };
  const SUPERSCRIPTS = new Map([...Array.from("⁰¹²³⁴⁵⁶⁷⁸⁹", (c, n) => [c, String(n)]), ["⁻", "-"], ["⁺", "+"]]);
  const VULGAR = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
    "⅙": "1/6", "⅚": "5/6", "⅐": "1/7", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8", "⅑": "1/9", "⅒": "1/10",
  };
  const CLOSES = { "(": ")", "[": "]" };
  const SIGNS = new Set(["+", "-", "*", "/", "^", "(", ")", "[", "]", ",", ";", "√"]);
  const LITERAL = /^(?:([0-9]+)(?:(\.)([0-9]*))?|(\.)([0-9]+))(?:[eE]([-+−–‐‑]?)([0-9]+))?/u;
  const NUMERAL = /^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒\u{1f100}-\u{1f10a}]$/u;
  const opens = (token) => token.kind in CLOSES;
  const closes = (token) => token.kind === ")" || token.kind === "]";
  const isDigit = (c) => c !== undefined && c >= "0" && c <= "9" && c.length === 1;

  class Source {
    constructor(text, what, example, length) {
      this.chars = Array.from(text);
      this.text = text;
      this.what = what;
      this.example = example;
      if (this.chars.length > length) {
        this.fail(`at most ${thousands(length)} characters are read, and this has ${thousands(this.chars.length)}`);
      }
    }

    fail(problem, at = null) {
      const where = at === null ? "" : `, at character ${at + 1}`;
      const empty = this.chars.length < SCALAR_LENGTH && SPACES.test(this.text);
      const text = empty ? "an empty answer" : shown(this.text);
      const said = `cannot read ${text} as ${this.what}${where}: ${problem}; for example ${this.example} can be read`;
      throw new Unreadable(said, at === null ? null : at + 1);
    }
  }

  function tokenize(source) {
    const chars = source.chars;
    const tokens = [];
    const open = [];
    let at = 0;
    let spaced = false;
    while (at < chars.length) {
      const c = chars[at];
      if (BLANKS.has(c)) {
        at += 1;
        spaced = true;
        continue;
      }
      const start = at;
      if (c === "\r" || c === "\n") {
        at += c === "\r" && chars[at + 1] === "\n" ? 2 : 1;
        tokens.push({ kind: "newline", text: "\n", start, spaced });
        spaced = true;
        continue;
      }
      let token;
      if (isDigit(c) || (c === "." && isDigit(chars[at + 1]))) token = literal(source, at, spaced);
      else if (SUPERSCRIPTS.has(c)) token = superscript(source, at, spaced);
      else if (/^[A-Za-z]$/.test(c)) token = word(source, at, spaced);
      else if (c === "*" && chars[at + 1] === "*") token = { kind: "^", text: "**", start, spaced, end: at + 2 };
      else {
        const kind = SAME_AS[c] ?? c;
        if (!SIGNS.has(kind)) source.fail(unknown(chars, at), at);
        token = { kind, text: c, start, spaced, end: at + 1 };
      }
      at = token.end;
      if (opens(token)) {
        open.push([token.kind, start]);
        if (open.length > DEPTH) source.fail(`brackets are nested more than ${DEPTH} deep`, start);
      } else if (closes(token)) {
        if (!open.length) source.fail(`'${token.kind}' closes nothing`, start);
        const [opened, where] = open.pop();
        if (CLOSES[opened] !== token.kind) {
          source.fail(`'${opened}' from character ${where + 1} is closed by '${token.kind}'`, start);
        }
      }
      tokens.push(token);
      spaced = false;
    }
    if (open.length) source.fail(`'${open.at(-1)[0]}' is never closed`, open.at(-1)[1]);
    return trim(tokens);
  }

  function literal(source, at, spaced) {
    const { chars } = source;
    const found = LITERAL.exec(chars.slice(at).join(""));
    const whole = found[1] ?? "";
    const part = found[3] || found[5] || "";
    const end = at + found[0].length;
    const after = chars[end];
    if (after === ".") source.fail("a second point in one number", end);
    if (whole.length + part.length > DIGITS) source.fail(`a number of more than ${DIGITS} digits`, at);
    if (found[0] === "0" && (after === "x" || after === "X") && /^[0-9A-Za-z]$/.test(chars[end + 1] ?? "")) {
      source.fail("0x looks like a hexadecimal number, and only decimal ones are read", at);
    }
    if (after === "e" || after === "E") source.fail(`'${after}' wants a power of ten after it, as in 1e-3`, end);
    let scale = 0;
    if (found[7] !== undefined) {
      const exponent = found[7].replace(/^0+/, "") || "0";
      if (exponent.length > 3 || Number(exponent) > EXPONENT) {
        source.fail(`a power of ten beyond ±${EXPONENT}`, at);
      }
      scale = found[6] === "" || found[6] === "+" ? Number(exponent) : -Number(exponent);
    }
    scale -= part.length;
    const digits = BigInt(whole + part);
    const ten = 10n ** BigInt(Math.abs(scale));
    const value = scale >= 0 ? rational(digits * ten) : rational(digits, ten);
    const token = { kind: "number", text: found[0], start: at, spaced, end, value: bounded(source, value, at) };
    token.digits = !(found[2] || found[4] || found[7] !== undefined);
    token.padded = whole.length > 1 && whole[0] === "0";
    return token;
  }

  function superscript(source, at, spaced) {
    let end = at;
    while (SUPERSCRIPTS.has(source.chars[end])) end += 1;
    const raised = source.chars.slice(at, end).map((c) => SUPERSCRIPTS.get(c)).join("");
    if (!/^[-+]?[0-9]{1,4}$/.test(raised)) source.fail("a raised number that isn't one of up to four digits", at);
    const text = source.chars.slice(at, end).join("");
    return { kind: "power", text, start: at, spaced, end, value: rational(BigInt(raised.replace("+", ""))) };
  }

  function word(source, at, spaced) {
    let end = at;
    while (/^[A-Za-z]$/.test(source.chars[end] ?? "")) end += 1;
    const text = source.chars.slice(at, end).join("");
    if (["nan", "inf", "infinity"].includes(text.toLowerCase())) {
      source.fail(`${shown(text)} is no number that an answer can be`, at);
    }
    if (!["x", "X", "sqrt"].includes(text)) source.fail(`letters aren't read here, as in ${shown(text)}`, at);
    return { kind: text === "sqrt" ? "name" : "*", text, start: at, spaced, end };
  }

  function unknown(chars, at) {
    const c = chars[at];
    if (Object.hasOwn(VULGAR, c)) return `a fraction in one character is written ${VULGAR[c]}`;
    if (c === "∞") return "infinity is no number that an answer can be";
    if (c === "%") return "50% may mean 0.5 or 50 (write the one that is asked for, without the sign)";
    if ("=≈≃≅~≡".includes(c)) return `only the value is wanted, without ${shown(c)}`;
    if ("_'’".includes(c) && NUMERAL.test(chars[at - 1] ?? "")) return "digits aren't grouped (write 1000)";
    if (c === "\\" || c === "$") return "LaTeX isn't read (write 3/4 and 2^10)";
    if (c === ".") return "a point without digits";
    if (c === "|") return "a bar separates the cells of a table, and there is none here";
    if (UNPRINTABLE.test(c)) {
      const code = c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      return `the invisible character U+${code} is in the way (delete it)`;
    }
    return NUMERAL.test(c) ? `${shown(c)} is none of the digits 0 to 9` : `${shown(c)} has no meaning here`;
  }

  function bounded(source, value, at) {
    if (height(value) > BITS) source.fail("a number larger or finer than those between 1e-308 and 1e308", at);
    return value;
  }

  // Numbers ----------------------------------------------------------------------------------------------------------

  class Scalars {
    constructor(source, tokens, end, entry = false, blanks = false) {
      this.source = source;
      this.tokens = tokens.filter((token) => token.kind !== "newline");
      this.end = end;
      this.at = 0;
      this.entry = entry;
      this.blanks = blanks;
    }

    read() {
      const value = this.scalar();
      if (this.at < this.tokens.length) this.unexpected("an operation");
      return value;
    }

    get kind() {
      return this.tokens[this.at]?.kind ?? "";
    }

    take() {
      return this.tokens[this.at++];
    }

    unexpected(wanted) {
      if (this.at >= this.tokens.length) {
        const advice = " (blanks separate entries: write 1-2 for a difference, or use commas)";
        this.source.fail(`${wanted} is missing${this.blanks ? advice : ""}`, this.end);
      }
      const token = this.tokens[this.at];
      const before = this.at ? this.tokens[this.at - 1].kind : "";
      let problem;
      if (["+", "-"].includes(token.kind) && ["+", "-", "*", "/", "^"].includes(before)) {
        problem = "two signs in a row (brackets say what is meant)";
      } else if (["^", "power"].includes(token.kind) && wanted === "an operation") {
        problem = "a second power in a row (brackets say what is meant, as in 2^(3^2))";
      } else if (token.kind === ",") problem = this.comma();
      else if (token.kind === ";" || token.kind === "[") problem = `one number is wanted, without '${token.text}'`;
      else if (wanted === "an operation") {
        const last = this.tokens.at(this.at - 1);
        const grouped = token.digits && last.digits && token.text.length === 3 && last.text.length <= 3;
        problem = `an operation${this.entry ? " or a comma" : ""} is missing before ${shown(token.text, 16)}`;
        if (grouped && !this.entry) problem = `blanks don't group digits (write ${last.text}${token.text})`;
      } else problem = `${wanted} is missing before ${shown(token.text, 16)}`;
      this.source.fail(problem, token.start);
    }

    comma() {
      const texts = this.tokens.filter((each) => each.digits && each.text.length <= 12).map((each) => each.text);
      const commas = this.tokens.filter((_, n) => n % 2 === 1).every((each) => each.kind === ",");
      if (this.entry || texts.length * 2 !== this.tokens.length + 1 || !commas) {
        return "one number is wanted, without ','";
      }
      if (texts.length > 2) {
        return `one number is wanted, and commas don't group digits (write ${texts.slice(0, 5).join("")})`;
      }
      if (texts[1].length === 3 && texts[0] !== "0") {
        return `a comma may group thousands or mark decimals (write ${texts.join("")} or ${texts.join(".")})`;
      }
      return `the decimal mark is a point (write ${texts.join(".")})`;
    }

    scalar() {
      let value = this.sign() ? negate(this.product()) : this.product();
      while (this.kind === "+" || this.kind === "-") {
        const token = this.take();
        const next = this.tokens[this.at];
        if (this.entry && token.spaced && next && !next.spaced) {
          const problem = `one entry or two? There is a blank before '${token.text}' but none after it`;
          this.source.fail(problem, token.start);
        }
        const right = this.product();
        value = bounded(this.source, token.kind === "-" ? subtract(value, right) : add(value, right), token.start);
      }
      return value;
    }

    sign() {
      return (this.kind === "+" || this.kind === "-") && this.take().kind === "-";
    }

    product() {
      let value = this.power();
      while (this.kind === "*" || this.kind === "/") {
        const token = this.take();
        const right = this.sign() ? negate(this.power()) : this.power();
        if (token.kind === "/") {
          if (right.p === 0n) this.source.fail("a division by 0", token.start);
          value = bounded(this.source, divide(value, right), token.start);
        } else value = bounded(this.source, multiply(value, right), token.start);
      }
      return value;
    }

    power() {
      const base = this.atom();
      if (this.kind !== "^" && this.kind !== "power") return base;
      const token = this.take();
      let exponent;
      if (token.kind === "power") exponent = token.value;
      else exponent = this.sign() ? negate(this.atom()) : this.atom();
      if (this.kind === "^" || this.kind === "power") this.unexpected("an operation");
      if (exponent.q !== 1n) this.source.fail("a power that isn't a whole number (sqrt takes roots)", token.start);
      if (base.p === 0n && exponent.p <= 0n) this.source.fail("0 to a power that isn't positive", token.start);
      const size = magnitude(exponent.p);
      if (size > POWER || BigInt(height(base)) * size > POWER_BITS) {
        this.source.fail("a power that leads beyond 1e-308 or 1e308", token.start);
      }
      return bounded(this.source, raise(base, exponent.p), token.start);
    }

    atom() {
      const kind = this.kind;
      if (kind === "number") return this.number();
      if (kind === "(") return this.bracket();
      if (kind !== "name" && kind !== "√") this.unexpected("a number");
      const token = this.take();
      if (kind === "√" && this.kind === "number") return this.root(token, this.number());
      if (this.kind !== "(") {
        this.unexpected(kind === "name" ? "the bracket of sqrt(…)" : "a number or a bracket after √");
      }
      return this.root(token, this.bracket());
    }

    number() {
      const token = this.take();
      if (token.padded) {
        this.source.fail(`a number that begins with 0 (write ${token.text.replace(/^0+/, "") || "0"})`, token.start);
      }
      return token.value;
    }

    bracket() {
      this.take();
      const value = this.scalar();
      if (this.kind !== ")") this.unexpected("an operation");
      this.take();
      return value;
    }

    root(token, value) {
      if (value.p < 0n) this.source.fail("the root of a negative number", token.start);
      const root = rational(isqrt(value.p), isqrt(value.q));
      if (compare(multiply(root, root), value) !== 0n) {
        this.source.fail("a root that has no exact value (write it as a decimal)", token.start);
      }
      return root;
    }
  }

  function readScalar(
    text, what = "a number", example = "0.75, 3/4, -2^10 or 1.5e-3", length = SCALAR_LENGTH,
  ) {
    const source = new Source(text, what, example, length);
    const tokens = tokenize(source);
    if (!tokens.length) source.fail("nothing is there");
    return new Scalars(source, tokens, source.chars.length).read();
  }

  // Lists ------------------------------------------------------------------------------------------------------------

  function trim(tokens) {
    let first = 0;
    let last = tokens.length;
    while (first < last && tokens[first].kind === "newline") first += 1;
    while (last > first && tokens[last - 1].kind === "newline") last -= 1;
    return tokens.slice(first, last);
  }

  function inside(tokens) {
    if (tokens.length && opens(tokens[0])) {
      let depth = 0;
      for (const [n, token] of tokens.entries()) {
        depth += opens(token) - closes(token);
        if (depth === 0) return n === tokens.length - 1 ? trim(tokens.slice(1, -1)) : tokens;
      }
    }
    return tokens;
  }

  function outside(tokens, openers = false) {
    let depth = 0;
    return tokens.map((token) => {
      const before = depth;
      depth += opens(token);
      const mark = (openers ? before : depth) === 0;
      depth -= closes(token);
      return mark;
    });
  }

  function split(tokens, separators) {
    const pieces = [];
    let piece = [];
    const free = outside(tokens);
    for (const [n, token] of tokens.entries()) {
      if (free[n] && separators.includes(token.kind)) {
        pieces.push([piece, token]);
        piece = [];
      } else piece.push(token);
    }
    pieces.push([piece, null]);
    return pieces;
  }

  function entries(source, tokens, end) {
    const free = outside(tokens);
    const kinds = new Set(tokens.filter((_, n) => free[n]).map((token) => token.kind));
    if (!kinds.has(",") && !kinds.has(";")) {
      const pieces = chunks(tokens);
      return pieces.map((piece, n) => {
        const stop = n + 1 < pieces.length ? pieces[n + 1][0].start : end;
        return new Scalars(source, piece, stop, true, true).read();
      });
    }
    const separator = kinds.has(",") ? "," : ";";
    const pieces = split(tokens, [separator]);
    if (pieces.length > 1 && !trim(pieces.at(-1)[0]).length) pieces.pop();
    return pieces.map(([piece, endsWith]) => {
      const stop = endsWith === null ? end : endsWith.start;
      if (!trim(piece).length) source.fail(`an entry is missing before '${separator}'`, stop);
      return new Scalars(source, piece, stop, true).read();
    });
  }

  function chunks(tokens) {
    const found = [];
    const free = outside(tokens, true);
    for (const [n, token] of tokens.entries()) {
      if (free[n] && token.kind === "newline") continue;
      if (!found.length || (token.spaced && free[n])) found.push([]);
      found.at(-1).push(token);
    }
    return found;
  }

  function listSource(text, what, example) {
    const source = new Source(text, what, example, LIST_LENGTH);
    const tokens = tokenize(source);
    if (!tokens.length) source.fail("nothing is there");
    return [source, tokens];
  }

  function readShape(text, what = "a shape", example = "(64, 32, 3) or 64x32x3") {
    const found = /^[ \t\r\n]*torch\.Size[ \t]*(?=[([])/.exec(text.slice(0, LIST_LENGTH));
    const bare = found ? " ".repeat(found[0].length) + text.slice(found[0].length) : text;
    const [source, tokens] = listSource(bare, what, example);
    const inner = inside(found ? inside(tokens) : tokens);
    if (!inner.length) return [];
    const free = outside(inner);
    const kinds = new Set(inner.filter((_, n) => free[n]).map((token) => token.kind));
    if (!kinds.has("*") || kinds.has(",") || kinds.has(";")) return entries(source, inner, source.chars.length);
    return split(inner, ["*"]).map(([piece, endsWith]) => {
      const end = endsWith === null ? source.chars.length : endsWith.start;
      const value = new Scalars(source, piece, end, true).read();
      const length = trim(piece).length;
      if (length > 2 || (length === 2 && piece[0].kind !== "+" && piece[0].kind !== "-")) {
        const problem = "between times signs stands one number (commas separate those worked out)";
        source.fail(problem, piece[0].start);
      }
      return value;
    });
  }

  function readVector(text, what = "a vector", example = "(0.5, -1, 3/4)") {
    const [source, tokens] = listSource(text, what, example);
    const inner = inside(tokens);
    if (!inner.length) source.fail("no entries are there");
    return entries(source, inner, source.chars.length);
  }

  function readMatrix(text, what = "a matrix", example = "1 2; 3 4 or [[1, 2], [3, 4]]") {
    const [source, tokens] = listSource(text, what, example);
    const rows = [];
    for (const [piece, end] of rowsOf(source, inside(tokens), source.chars.length)) {
      const row = inside(piece);
      if (!row.length) source.fail(`row ${rows.length + 1} has no entries`);
      rows.push(entries(source, row, end));
      const [first, last] = [rows[0].length, rows.at(-1).length];
      if (first !== last) {
        const counts = `row 1 has ${first} ${first === 1 ? "entry" : "entries"}, but row ${rows.length} has ${last}`;
        source.fail(`${counts}, and rows have one length`);
      }
    }
    if (!rows.length) source.fail("no rows are there");
    return rows;
  }

  function rowsOf(source, tokens, end) {
    const pieces = split(tokens, [";", "newline"]);
    if (pieces.length === 1) return tokens.length ? groups(tokens, end) : [];
    const rows = [];
    let separated = true;
    for (const [piece, endsWith] of pieces) {
      if (piece.length) {
        const short = piece.slice(0, -1);
        const bracketed = opens(piece[0]) && piece.at(-1).kind === "," && inside(short).length < short.length;
        rows.push([bracketed ? short : piece, endsWith === null ? end : endsWith.start]);
        separated = false;
      }
      if (endsWith !== null && endsWith.kind === ";") {
        if (separated) source.fail("a row is missing before ';'", endsWith.start);
        separated = true;
      }
    }
    return rows;
  }

  function groups(tokens, end) {
    const found = [];
    let depth = 0;
    let between = true;
    for (const token of tokens) {
      if (depth === 0) {
        if (token.kind === "," && !between) {
          between = true;
          continue;
        }
        if (!opens(token) || !(between || token.spaced)) return [[tokens, end]];
        found.push([[], end]);
      }
      found.at(-1)[0].push(token);
      depth += opens(token) - closes(token);
      between = false;
    }
    return found;
  }

  // Kinds ------------------------------------------------------------------------------------------------------------
  const ONE = rational(1n);
  const isOne = (credit) => credit.p === 1n && credit.q === 1n;
  const accepts = (target, x) => compare(absolute(subtract(x, target.centre)), target.tolerance) <= 0n;

  // Targets as they come in the page's data, with their rationals read.
  function targetsOf(data) {
    if (Array.isArray(data)) return data.map(targetsOf);
    if ("centre" in data) return { centre: fromSpelling(data.centre), tolerance: fromSpelling(data.tolerance) };
    return data;
  }

  // How many decimals a rational has; null where it has infinitely many.
  function placesNeeded(x) {
    let [rest, twos, fives] = [x.q, 0, 0];
    for (; rest % 2n === 0n; rest /= 2n) twos += 1;
    for (; rest % 5n === 0n; rest /= 5n) fives += 1;
    return rest === 1n ? Math.max(twos, fives) : null;
  }

  // Rounded to so many decimals, half away from zero.
  function rounded(x, places) {
    const scale = 10n ** BigInt(places);
    const doubled = 2n * magnitude(x.p) * scale;
    const units = (doubled + x.q) / (2n * x.q);
    return rational(x.p < 0n ? -units : units, scale);
  }

  function plain(x, decimals = null) {
    const needed = placesNeeded(x);
    if (needed === null || (needed > 12 && !(decimals !== null && needed <= decimals))) return spell(x);
    const places = decimals !== null && needed <= decimals ? decimals : needed;
    const digits = String((magnitude(x.p) * 10n ** BigInt(places)) / x.q).padStart(places + 1, "0");
    const sign = x.p < 0n ? "-" : "";
    return places ? `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}` : `${sign}${digits}`;
  }

  const cut = (text, head, tail) => (text.length <= 24 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`);
  const short = (x) => cut(plain(x), 14, 6);
  const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
  const isnt = (n) => (n === 1 ? "isn't" : "aren't");

  function listed(names, most = 4) {
    const each = names.length > most ? [...names.slice(0, most - 1), counted(names.length - most + 1, "other")] : names;
    return each.length > 1 ? `${each.slice(0, -1).join(", ")} and ${each.at(-1)}` : each.join("");
  }

  const inBrackets = (texts) => `(${texts.join(", ")}${texts.length === 1 ? "," : ""})`;
  const wrongWhole = (reason) => ({ credit: ZERO, reason, wrong: [] });
  const right = () => ({ credit: ONE, reason: "right", wrong: [] });

  function read(kind, text) {
    switch (kind.kind) {
      case "integer":
        return readScalar(text, "a whole number", "54, 2^10 or 3*64");
      case "number":
        return readScalar(text);
      case "shape":
        return readShape(text);
      case "vector":
        return readVector(text);
      case "matrix":
        return readMatrix(text);
      case "choice":
        return [readOption(text, kind.options)];
      case "choices":
        return readOptions(text, kind.options);
      default:
        throw new Error(`the page does not read answers of the kind ${kind.kind}`);
    }
  }

  const LETTERS = "abcdefghijklmnopqrstuvwxyz";
  const OPTION_LENGTH = 400;
  const plainOption = (text) => text.replaceAll("$", "").replace(/[ \t\r\n\u00a0]+/g, " ").replace(/^ +| +$/g, "").toLowerCase();

  function readOption(text, options, where = "") {
    const typed = Array.from(text).length <= OPTION_LENGTH ? plainOption(text) : "";
    const same = [...options.keys()].filter((n) => plainOption(options[n]) === typed);
    let found = /^(\()?([a-z]|[0-9]{1,2})([).])?$/.exec(typed);
    if (found?.[1] && found[3] !== ")") found = null;
    if (found) {
      const index = LETTERS.includes(found[2]) ? LETTERS.indexOf(found[2]) : Number(found[2]) - 1;
      if (index >= 0 && index < options.length) {
        if (!found[1] && !found[3] && same.some((n) => n !== index)) {
          const letter = LETTERS[same[0]];
          const problem = `it may be a label or what option ${letter} says; for example ${letter}) can be read`;
          throw new Unreadable(`cannot read ${shown(text)} as an option${where}: ${problem}`);
        }
        return index;
      }
    }
    if (same.length === 1) return same[0];
    const said = SPACES.test(text) ? "an empty answer" : shown(text);
    const known = `the options are a to ${LETTERS[options.length - 1]}; for example b or 2 can be read`;
    throw new Unreadable(`cannot read ${said} as an option${where}: ${known}`);
  }

  function readOptions(text, options) {
    if (Array.from(text).length > OPTION_LENGTH) {
      const problem = `at most ${OPTION_LENGTH} characters are read; for example b, d can be read`;
      throw new Unreadable(`cannot read ${shown(text)} as options: ${problem}`);
    }
    const typed = plainOption(text);
    if (typed === "none") return [];
    let pieces = typed.split(/[,; ]+/).filter(Boolean);
    if (pieces.length > 1) pieces = pieces.filter((piece) => piece !== "and");
    if (pieces.length === 1 && /^[a-z]{2,26}$/.test(pieces[0])) {
      const joined = Array.from(pieces[0], (c) => LETTERS.indexOf(c));
      if (new Set(joined).size === joined.length && Math.max(...joined) < options.length) return joined.sort((a, b) => a - b);
    }
    if (!pieces.length) {
      const problem = "nothing is there; for example b, d or none can be read";
      throw new Unreadable(`cannot read an empty answer as options: ${problem}`);
    }
    const read = pieces.map((piece, n) => readOption(piece, options, ` (number ${n + 1})`));
    return [...new Set(read)].sort((a, b) => a - b);
  }

  // Cells typed into boxes of their own; what cannot be read names its box and, in `cell`, its number.
  function readCells(kind, rows) {
    return rows.map((row, i) =>
      row.map((text, j) => {
        try {
          if (kind.kind === "matrix") return readScalar(text, `row ${i + 1}, column ${j + 1}`);
          if (isBlank(text)) return null;
          return read(kind.kinds[j], text);
        } catch (problem) {
          if (!(problem instanceof Unreadable)) throw problem;
          const where = `row ${i + 1} (${kind.rows?.[i]}), column ${j + 1} (${kind.columns?.[j]}): `;
          const told = new Unreadable((kind.kind === "matrix" ? "" : where) + problem.message, problem.position);
          told.cell = i * row.length + j;
          throw told;
        }
      }),
    );
  }

  const isBlank = (text) => Array.from(text).every((c) => BLANKS.has(c) || c === "\r" || c === "\n");

  function showValue(kind, value) {
    switch (kind.kind) {
      case "shape":
        return inBrackets(value.map((x) => plain(x)));
      case "vector":
        return inBrackets(value.map((x) => plain(x, kind.decimals)));
      case "choice":
      case "choices":
        return value.map((n) => LETTERS[n]).join(", ") || "none";
      default:
        return plain(value, kind.decimals ?? null);
    }
  }

  function whyWrong(x, target, decimals) {
    const places = placesNeeded(x);
    if (places !== null && places < 12 && x.p !== 0n && compare(rounded(target.centre, places), x) === 0n) {
      if (decimals === null && places && target.tolerance.p === 0n) {
        return `${short(x)} is rounded, and the exact value is asked for (a fraction such as 3/4 will do)`;
      }
      if (decimals !== null && places < decimals) {
        return `${short(x)} is right as far as it goes, but ${decimals} decimals are asked for`;
      }
    }
    return `${short(x)} isn't right`;
  }

  function share(good, of, wrong) {
    if (!good) return of > 1 ? `none of the ${of} entries is right` : `${wrong[0]} isn't right`;
    return `${good} of ${of} entries ${good === 1 ? "is" : "are"} right; ${listed(wrong)} ${isnt(wrong.length)}`;
  }

  const fraction = (n, of) => rational(BigInt(n), BigInt(of));

  const GRADERS = {
    integer(kind, x, target) {
      if (accepts(target, x)) return right();
      return wrongWhole(
        x.q === 1n ? `${short(x)} isn't right` : `a whole number is asked for, and ${short(x)} isn't one`,
      );
    },
    number(kind, x, target) {
      return accepts(target, x) ? right() : wrongWhole(whyWrong(x, target, kind.decimals));
    },
    shape(kind, x, target) {
      if (x.length !== target.length) {
        const shape = inBrackets([...x.slice(0, 6).map(short), ...(x.length > 6 ? ["…"] : [])]);
        return wrongWhole(`${shape} has ${counted(x.length, "dimension")}, and ${target.length} are asked for`);
      }
      const wrong = [...x.keys()].filter((n) => !accepts(target[n], x[n]));
      if (!wrong.length) return right();
      const named = listed(wrong.map((n) => `${n + 1} (${short(x[n])})`));
      return wrongWhole(`dimension${wrong.length === 1 ? "" : "s"} ${named} ${isnt(wrong.length)} right`);
    },
    vector(kind, x, target) {
      if (x.length !== target.length) {
        return wrongWhole(`${counted(x.length, "entry", "entries")} given, and ${target.length} are asked for`);
      }
      const wrong = [...x.keys()].filter((n) => !accepts(target[n], x[n]));
      if (!wrong.length) return right();
      const named = wrong.map((n) => `entry ${n + 1} (${short(x[n])})`);
      const good = x.length - wrong.length;
      const reason = x.length === 1 ? whyWrong(x[0], target[0], kind.decimals) : share(good, x.length, named);
      return { credit: fraction(good, x.length), reason, wrong: [] };
    },
    matrix(kind, x, target) {
      const [rows, columns] = [x.length, x[0].length];
      const [wantedRows, wantedColumns] = [target.length, target[0].length];
      if (rows !== wantedRows || columns !== wantedColumns) {
        const turned = rows === wantedColumns && columns === wantedRows ? " (rows and columns exchanged?)" : "";
        const asked = `${wantedRows}×${wantedColumns} is asked for${turned}`;
        return wrongWhole(`a ${rows}×${columns} matrix given, and ${asked}`);
      }
      const places = x.flatMap((row, i) => row.map((_, j) => [i, j]));
      const wrong = places.filter(([i, j]) => !accepts(target[i][j], x[i][j]));
      if (!wrong.length) return right();
      const named = wrong.map(([i, j]) => `row ${i + 1} column ${j + 1} (${short(x[i][j])})`);
      const good = places.length - wrong.length;
      return { credit: fraction(good, places.length), reason: share(good, places.length, named), wrong };
    },
    table(kind, x, target) {
      if (x.length !== target.length) {
        return wrongWhole(`${counted(x.length, "row")} given, and ${target.length} are asked for`);
      }
      let credit = ZERO;
      const wrong = [];
      const named = [];
      for (const [i, row] of x.entries()) {
        for (const [j, cell] of row.entries()) {
          const one = cell === null ? wrongWhole("left blank") : gradeOne(kind.kinds[j], cell, target[i][j]);
          credit = add(credit, one.credit);
          if (isOne(one.credit)) continue;
          wrong.push([i, j]);
          const why = cell === null ? "blank" : cut(showValue(kind.kinds[j], cell), 16, 7);
          named.push(`${kind.rows[i]}, ${kind.columns[j]} (${why})`);
        }
      }
      if (!wrong.length) return right();
      const cells = kind.rows.length * kind.columns.length;
      const reason = share(cells - wrong.length, cells, named);
      return { credit: divide(credit, rational(BigInt(cells))), reason, wrong };
    },
  };

  GRADERS.choice = (kind, chosen, { options }) => {
    if (chosen.length === 1 && options.includes(chosen[0])) return right();
    return wrongWhole(`${chosen.map((n) => LETTERS[n]).join(", ")} isn't right`);
  };

  GRADERS.choices = (kind, chosen, { options }) => {
    const hits = chosen.filter((n) => options.includes(n)).length;
    const misses = chosen.length - hits;
    if (hits === options.length && !misses) return right();
    const said = [options.length ? `${hits} of the ${options.length} right options chosen` : "none of the options is right"];
    if (misses) said.push(`${misses} chosen that ${isnt(misses)} right`);
    const credit = options.length && hits > misses ? fraction(hits - misses, options.length) : ZERO;
    return { credit, reason: said.join(", "), wrong: [] };
  };

  const gradeOne = (kind, given, target) => GRADERS[kind.kind](kind, given, target);

  // The best grade against the target and the others that are accepted, the target's own where several are equal.
  function grade(kind, given, target, also = []) {
    return [target, ...also]
      .map((each) => gradeOne(kind, given, targetsOf(each)))
      .reduce((best, each) => (compare(each.credit, best.credit) > 0n ? each : best));
  }

  // The page ---------------------------------------------------------------------------------------------------------

  const element = (tag, words, className) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...[words].flat());
    return made;
  };

  const gridOf = (form, check) => {
    const fields = [...form.querySelectorAll("input[type=text]")];
    const columns = check.target[0].length;
    return check.target.map((_, i) => fields.slice(i * columns, (i + 1) * columns));
  };

  // What was typed or chosen, and what it is worth: {credit, reason, wrong, diagnosed}.
  function verdict(form, check) {
    if (check.field === "choice" || check.field === "choices") {
      const chosen = [...form.querySelectorAll("input:checked")].map((field) => Number(field.value));
      if (!chosen.length && check.field === "choice") throw new Unreadable("nothing is chosen yet");
      return mark(check, chosen);
    }
    if (check.field === "line") return mark(check, read(check.kind, form.querySelector("input").value));
    const texts = gridOf(form, check).map((row) => row.map((field) => field.value));
    if (texts.flat().every(isBlank)) throw new Unreadable("nothing is filled in yet");
    return mark(check, readCells(check.kind, texts));
  }

  function mark(check, given) {
    const found = grade(check.kind, given, check.target, check.also);
    const leadsHere = (mistake) => isOne(grade(check.kind, given, mistake.target).credit);
    return { ...found, diagnosed: isOne(found.credit) ? [] : check.mistakes.filter(leadsHere) };
  }

  function show(form, check, score) {
    const result = form.querySelector(".qg-result");
    clear(form);
    let found;
    try {
      found = verdict(form, check);
    } catch (problem) {
      if (!(problem instanceof Unreadable)) throw problem;
      const fields = form.querySelectorAll("input[type=text]");
      const field = fields[problem.cell ?? (fields.length === 1 ? 0 : -1)];
      if (field) {
        field.setAttribute("aria-invalid", "true");
        field.focus();
      }
      result.dataset.state = "unreadable";
      result.replaceChildren(element("p", sentence(problem.message)));
      return;
    }
    const state = isOne(found.credit) ? "right" : "wrong";
    form.dataset.state = state;
    result.dataset.state = state;
    const words = [element("p", sentence(found.reason), "qg-verdict")];
    if (found.diagnosed.length > 1) words.push(element("p", "More than one way leads to this value:"));
    for (const mistake of found.diagnosed) {
      words.push(element("p", [...document.getElementById(mistake.id).cloneNode(true).childNodes]));
    }
    if (state === "wrong" && check.target.options === undefined && followsWrong(form)) {
      const code = form.closest("article").querySelector(".qg-code code").textContent;
      const [before, after] = ["An earlier part isn’t right yet. If this follows from it, ", " gives the credit for that."];
      words.push(element("p", [before, element("code", `quizgen check ${code} …`), after]));
    }
    result.replaceChildren(...words);
    if (check.field === "matrix" || check.field === "table") {
      const grid = gridOf(form, check);
      for (const [i, j] of found.wrong) grid[i][j].setAttribute("aria-invalid", "true");
    }
    score(check, found.credit);
  }

  // Whether an earlier part of the question was answered wrongly: only the graph of the work, which is in Python, can
  // tell what follows from that.
  function followsWrong(form) {
    const parts = [...form.closest("article").querySelectorAll("form")];
    return parts.slice(0, parts.indexOf(form)).some((part) => part.dataset.state === "wrong");
  }

  function clear(form) {
    delete form.dataset.state;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const result = form.querySelector(".qg-result");
    delete result.dataset.state;
    result.replaceChildren();
  }

  const sentence = (text) => `${text.replace(/^[a-z]/, (first) => first.toUpperCase())}.`.replace(/(?<=\p{L})'(?=\p{L})/gu, "’");

  function keeper(checks) {
    const output = document.querySelector(".qg-score");
    const earned = new Map();
    const everything = checks.flat().every(Boolean);
    const total = checks.flat().reduce((sum, check) => sum + (check?.points ?? 0), 0);
    return (done, credit) => {
      earned.set(done.id, credit);
      let sum = ZERO;
      for (const [question, parts] of checks.entries()) {
        const credits = parts.map((check) => (check && earned.get(check.id)) ?? ZERO);
        const whole = credits.every(isOne);
        for (const [n, check] of parts.entries()) {
          if (check) sum = add(sum, multiply(credits[n], rational(BigInt(check.points))));
        }
        const link = document.querySelector(`.qg-nav a[href="#q${question + 1}"]`);
        if (whole && link) {
          link.dataset.state = "right";
          link.setAttribute("aria-label", `Question ${question + 1}, right`);
        } else if (link) {
          delete link.dataset.state;
          link.setAttribute("aria-label", `Question ${question + 1}`);
        }
      }
      if (!output) return;
      const tenths = (sum.p * 10n + sum.q / 2n) / sum.q;
      const earnedText = `${tenths / 10n}${tenths % 10n ? `.${tenths % 10n}` : ""}`;
      output.hidden = false;
      output.textContent = `${earnedText} of ${total} points${everything ? "" : " checked here"}`;
    };
  }

  // Up and down move within a column; a whole matrix pasted into one cell fills the grid.
  function makeGrid(form, check) {
    const fields = gridOf(form, check).flat();
    const columns = check.target[0].length;
    form.addEventListener("keydown", (event) => {
      const at = fields.indexOf(event.target);
      const step = { ArrowUp: -columns, ArrowDown: columns }[event.key];
      if (at < 0 || !step || !fields[at + step]) return;
      event.preventDefault();
      fields[at + step].focus();
      fields[at + step].select();
    });
    form.addEventListener("paste", (event) => {
      if (check.field !== "matrix" || !fields.includes(event.target)) return;
      const text = event.clipboardData.getData("text");
      if (!/[,;\s\[]/.test(text.trim())) return;
      try {
        const rows = readMatrix(text);
        if (rows.length !== check.target.length || rows[0].length !== columns) return;
        rows.flat().forEach((value, n) => {
          fields[n].value = spell(value);
        });
        event.preventDefault();
        clear(form);
      } catch {
        // not a matrix: it is pasted as it is
      }
    });
  }

  function makeCopy(button) {
    const code = button.parentElement.querySelector("code");
    const name = button.getAttribute("aria-label");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const selection = getSelection();
      selection.selectAllChildren(code);
      let copied = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        copied = document.execCommand("copy");
      }
      if (copied) selection.removeAllRanges();
      button.textContent = copied ? "Copied" : "Selected";
      button.setAttribute("aria-label", `${button.textContent}: ${name.replace("Copy ", "")}`);
      setTimeout(() => {
        button.textContent = "Copy";
        button.setAttribute("aria-label", name);
      }, 2000);
    });
  }

  function start() {
    document.querySelectorAll(".qg-copy").forEach(makeCopy);
    const data = document.getElementById("qg-data");
    if (data) {
      const checks = JSON.parse(data.textContent);
      const score = keeper(checks);
      for (const check of checks.flat()) {
        if (!check) continue;
        const form = document.getElementById(check.id);
        form.querySelector("button[type=submit]").hidden = false;
        form.addEventListener("submit", (event) => {
          event.preventDefault();
          show(form, check, score);
        });
        form.addEventListener("input", () => clear(form));
        if (check.field === "matrix" || check.field === "table") makeGrid(form, check);
      }
    }
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const each of closed) each.open = true;
    });
    addEventListener("afterprint", () => {
      for (const each of closed) each.open = false;
    });
  }

  return { read, readCells, grade, spell, start };
})();

quizgen.start();
