"use strict";
// Reads texts as “ways resolve” does: finds the places that a text fits, and how far it fits the others.
//
// Python wrote the mappings in pieces, and each token's expression in JavaScript. Each expression and place is tried on its
// samples first, and not used if a sample comes out otherwise than in Python.

// What a text may cost: steps that dividing it by hand may take.
const MOST_STEPS = 300000;
// Of places that a text doesn't fit, so many are looked at closely, and so many told.
const NEAR = 60;
const TOLD = 5;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

class Unsure extends Error {}

function filled(text, classes) {
  return text.replace(/\{\{([wWdDsS])\}\}/g, (_, letter) => classes[letter]);
}

function regex(text, classes) {
  return new RegExp(filled(text, classes), "u");
}

function quoted(text) {
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
}

// --- tokens

// A token's record, with its expressions compiled; "marked" says why it can't be used.
function preparedToken(token, classes) {
  if (token.state) return token;
  token.state = "good";
  if (token.marked || !token.constrained) return token;
  try {
    token.ownRegex = token.own && regex(token.own, classes);
    token.kindRegex = token.kind && regex(token.kind, classes);
    token.segmentsRegex = token.segments && regex(token.segments, classes);
    if (token.reads) regex(token.reads, classes);
  } catch (error) {
    token.marked = "this browser can't read its expression: " + error.message;
    return token;
  }
  for (const [text, expected] of token.samples || []) {
    const found = fits(token, text);
    if (found !== null && found !== expected) token.marked = "this browser reads " + JSON.stringify(text) + " otherwise than Python";
  }
  return token;
}

// Whether a value fits a token, its own mapping aside; null where only Python can tell.
function fits(token, value) {
  if (token.ownRegex && !token.ownRegex.test(value)) return false;
  if (token.choices && !token.choices.includes(value)) return false;
  if (token.kindRegex && !token.kindRegex.test(value)) return false;
  if (token.segmentsRegex && !token.segmentsRegex.test(value)) return false;
  if (!token.exactly) return true;
  const [kind, format] = token.exactly;
  if (kind === "fixed") return value.replace(/[^0-9]/g, "").replace(/^0+/, "").length <= 15 ? true : null;
  return isDate(format, value);
}

// The value that stands in a text: segments have a slash between them, whatever the text has there.
function valueIn(token, written) {
  return token.separator === "\\" ? written.replaceAll("\\", "/") : written;
}

// Whether what stands in a text fits a token, as fits() says it of a value.
function fitsWritten(token, written) {
  return token.separator === "\\" && written.includes("/") ? false : fits(token, valueIn(token, written));
}

const DIRECTIVES = {
  Y: ["[0-9]{4}", (date) => padded(date.year, 4)],
  y: ["[0-9]{2}", (date) => padded(date.year % 100, 2)],
  m: ["[0-9]{2}", (date) => padded(date.month, 2)],
  d: ["[0-9]{2}", (date) => padded(date.day, 2)],
  j: ["[0-9]{3}", (date) => padded(Math.round((utc(date) - utc({ year: date.year, month: 1, day: 1 })) / 86400000) + 1, 3)],
  b: ["[A-Z][a-z]{2}", (date) => MONTHS[date.month - 1].slice(0, 3)],
  B: ["[A-Z][a-z]+", (date) => MONTHS[date.month - 1]],
  a: ["[A-Z][a-z]{2}", (date) => DAYS[new Date(utc(date)).getUTCDay()].slice(0, 3)],
  A: ["[A-Z][a-z]+", (date) => DAYS[new Date(utc(date)).getUTCDay()]],
  H: ["[0-9]{2}", (date) => padded(date.hour, 2)],
  I: ["[0-9]{2}", (date) => padded(((date.hour + 11) % 12) + 1, 2)],
  p: ["[AP]M", (date) => (date.hour < 12 ? "AM" : "PM")],
  M: ["[0-9]{2}", null],
  S: ["[0-9]{2}", null],
  f: ["[0-9]{6}", null],
};

function padded(number, width) {
  return String(number).padStart(width, "0");
}

function utc({ year, month, day }) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

// Whether a date is written so. The expression of the format has been asked already.
function isDate(format, text) {
  const names = [];
  const expression = format.replace(/%(.)|([^%]+)/gsu, (_, name, literal) => {
    if (literal !== undefined) return quoted(literal);
    if (name === "%") return "%";
    names.push(name);
    return "(" + DIRECTIVES[name][0] + ")";
  });
  const match = new RegExp("^" + expression + "$", "u").exec(text);
  if (!match) return false;
  const parts = new Map(names.map((name, index) => [name, match[index + 1]]));
  const isSame = (name, index, date) => (DIRECTIVES[name][1] ? DIRECTIVES[name][1](date) : parts.get(name)) === match[index + 1];
  for (const date of dates(parts)) {
    if (names.every((name, index) => isSame(name, index, date))) return true;
  }
  return false;
}

function* dates(parts) {
  const hour = parts.has("H") ? Number(parts.get("H")) : (Number(parts.get("I") || 0) % 12) + (parts.get("p") === "PM" ? 12 : 0);
  for (const year of years(parts)) {
    if (year < 1) continue;
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    for (let month = 1; month <= 12; month += 1) {
      const last = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
      for (let day = 1; day <= last; day += 1) yield { year, month, day, hour };
    }
  }
}

function years(parts) {
  if (parts.has("Y")) return [Number(parts.get("Y"))];
  if (parts.has("y")) {
    const year = Number(parts.get("y"));
    const first = year >= 69 ? 1900 + year : 2000 + year;
    return [first, first + 100, first - 100, first + 200];
  }
  return Array.from({ length: 28 }, (_, number) => 1901 + number);
}

// --- mappings

// An entry with its pieces as records; "marked" says why it can't be tried.
function prepared(entry, classes) {
  if (entry.state) return entry;
  entry.state = "marked";
  entry.pieces = entry.leaves.map((leaf) => pieceOf(leaf, entry.tokens));
  if (entry.marked) return entry;
  const used = new Set(entry.pieces.flatMap((piece) => [piece.token, ...piece.owners.map((owner) => owner.token)]).filter((token) => token));
  for (const token of used) {
    if (preparedToken(token, classes).marked) {
      entry.marked = token.marked;
      return entry;
    }
  }
  const { separators } = outline(entry);
  const excluded = (letters) => (letters.length ? `[^${letters.map(quoted).join("")}]+` : "[^]+");
  entry.free = excluded(separators);
  // On Windows the other separator parts names as well.
  entry.freeRegex = new RegExp(`^${excluded(entry.windows ? ["/", "\\"] : separators)}$`, "u");
  entry.parts = entry.options.map(([number, names, nested, outer]) => ({ number, names, nested, outer }));
  entry.forms = [...presences(entry)].map((present) => formOf(entry, present));
  entry.state = "good";
  for (const [text, expected] of entry.samples || []) {
    if (!agrees(readAs(entry, text, classes), expected)) {
      entry.state = "marked";
      entry.marked = "this browser reads " + JSON.stringify(text) + " otherwise than Python";
      return entry;
    }
  }
  return entry;
}

function pieceOf(leaf, tokens) {
  if (typeof leaf === "string") return { text: leaf, token: null, parts: [], owners: [] };
  const [text, number, frames = []] = leaf;
  const owners = frames.filter((frame) => frame.length > 1).map((frame) => ({ number: frame[0], name: frame[1], token: tokens[frame[2]] }));
  return { text, token: number < 0 ? null : tokens[number], parts: frames.filter((frame) => frame.length === 1).map((frame) => frame[0]), owners };
}

// Each set of optional parts that a text may have: a part is there when each token directly in it has a value.
function* presences(entry) {
  const count = entry.parts.length;
  for (let chosen = 2 ** count - 1; chosen >= 0; chosen -= 1) {
    const present = new Set(entry.parts.filter((_, index) => chosen & (1 << index)).map((part) => part.number));
    const filledTokens = new Set(piecesWith(entry, present).filter((piece) => piece.token).map((piece) => piece.text));
    const wanted = wantedParts(entry.parts, filledTokens);
    if (wanted.size === present.size && [...wanted].every((number) => present.has(number))) yield present;
  }
}

function piecesWith(entry, present) {
  return entry.pieces.filter((piece) => piece.parts.every((number) => present.has(number)));
}

function wantedParts(parts, filledTokens) {
  const byNumber = new Map(parts.map((part) => [part.number, part]));
  const wants = (part) => (part.names.length ? part.names.every((name) => filledTokens.has(name)) : part.nested.some((number) => wants(byNumber.get(number))));
  const present = new Set();
  for (const part of parts) {
    if ((part.outer === null || present.has(part.outer)) && wants(part)) present.add(part.number);
  }
  return present;
}

// What there is to know of a mapping with some optional parts.
function formOf(entry, present) {
  const pieces = piecesWith(entry, present);
  const parents = new Map();
  for (const piece of pieces) {
    for (const owner of piece.owners) {
      // A parent that stands twice is what its first place holds.
      if (!parents.has(owner.name)) parents.set(owner.name, { ...owner, pieces: [] });
      if (parents.get(owner.name).number === owner.number) parents.get(owner.name).pieces.push(piece);
    }
  }
  return { present, pieces, parents: [...parents.values()], literals: pieces.filter((piece) => !piece.token).map((piece) => piece.text), rank: rankOf(pieces, parents) };
}

function rankOf(pieces, parents) {
  let literal = 0;
  let free = 0;
  let constrained = [...parents.values()].filter((parent) => parent.token.constrained).length;
  const seen = new Set();
  for (const piece of pieces) {
    if (!piece.token) literal += [...piece.text].length;
    else if (seen.has(piece.text) || piece.token.constrained) constrained += 1;
    else free += 1;
    seen.add(piece.text);
  }
  return [literal, constrained, -free];
}

// The expression of some pieces from the first on: of a whole text, or of how a text begins.
function expressionOf(entry, pieces, classes, isWhole) {
  const groups = new Map();
  let text = "";
  for (const piece of pieces) {
    if (!piece.token) text += quoted(piece.text);
    else if (groups.has(piece.text)) text += `\\k<t${groups.get(piece.text)}>`;
    else {
      const number = groups.size;
      groups.set(piece.text, number);
      const reads = piece.token.constrained ? (piece.token.stand || piece.token.reads) : entry.free;
      text += `(?<t${number}>${reads.replace(/\(\?<g(\d+)>/g, `(?<g${number}_$1>`).replace(/\\k<g(\d+)>/g, `\\k<g${number}_$1>`)})`;
    }
  }
  return { regex: regex(isWhole ? `^(?:${text})$` : `^(?:${text})`, classes), groups };
}

function valuesOf(groups, match) {
  return new Map([...groups].map(([name, number]) => [name, match.groups["t" + number]]));
}

// The values of the tokens that others write, as they stand in a text.
function withParents(form, values) {
  const all = new Map(values);
  for (const parent of form.parents) {
    if (!all.has(parent.name)) all.set(parent.name, parent.pieces.map((piece) => (piece.token ? values.get(piece.text) : piece.text)).join(""));
  }
  return all;
}

// Whether each value that an expression alone can't decide about is what its token may hold.
function passes(form, values) {
  const asked = [...form.pieces.filter((piece) => piece.token && piece.token.constrained && piece.token.checks), ...form.parents.filter((parent) => parent.token.constrained)];
  for (const one of asked) {
    if (!certainly(fitsWritten(one.token, values.get(one.name || one.text)))) return false;
  }
  return true;
}

// The values of a text that its expression divides in a way that a check refuses: tries each division, longest values first.
function divided(entry, form, text) {
  const steps = stepsOf(form);
  const failed = new Set();
  let count = 0;
  const go = (number, position, begun, values) => {
    if (number === steps.length) return position === text.length ? values : null;
    count += 1;
    if (count > MOST_STEPS) throw new Unsure("it takes too long to divide");
    const step = steps[number];
    const key = [number, position, begun.join(), ...step.repeated.map((name) => JSON.stringify(values.get(name) ?? null))].join("|");
    if (failed.has(key)) return null;
    const found = further(step, number, position, begun, values);
    if (!found) failed.add(key);
    return found;
  };
  const further = (step, number, position, begun, values) => {
    if (step.kind === "open") return go(number + 1, position, [...begun, position], values);
    if (step.kind === "close") {
      const value = text.slice(begun[begun.length - 1], position);
      if (step.token.constrained && !certainly(fitsWritten(step.token, value))) return null;
      return go(number + 1, position, begun.slice(0, -1), values);
    }
    if (step.kind === "literal" || values.has(step.text)) {
      const wanted = step.kind === "literal" ? step.text : values.get(step.text);
      return text.startsWith(wanted, position) ? go(number + 1, position + wanted.length, begun, values) : null;
    }
    for (let end = text.length; end >= position; end -= 1) {
      if (/[\uDC00-\uDFFF]/.test(text[end] || "") && /[\uD800-\uDBFF]/.test(text[end - 1] || "")) continue;
      if (step.following === null ? end < text.length : !text.startsWith(step.following, end)) continue;
      count += 1;
      if (count > MOST_STEPS) throw new Unsure("it takes too long to divide");
      const value = text.slice(position, end);
      if (!(step.token.constrained ? certainly(fitsWritten(step.token, value)) : entry.freeRegex.test(value))) continue;
      const found = go(number + 1, end, begun, new Map([...values, [step.text, value]]));
      if (found) return found;
    }
    return null;
  };
  return go(0, 0, [], new Map());
}

function certainly(answer) {
  if (answer === null) throw new Unsure("only Python can tell whether a value fits");
  return answer;
}

function stepsOf(form) {
  const steps = [];
  let open = [];
  for (const piece of [...form.pieces, { owners: [], isEnd: true }]) {
    let shared = 0;
    while (shared < Math.min(open.length, piece.owners.length) && open[shared].number === piece.owners[shared].number) shared += 1;
    for (const owner of open.slice(shared).reverse()) steps.push({ kind: "close", token: owner.token });
    for (const owner of piece.owners.slice(shared)) steps.push({ kind: "open", token: owner.token });
    open = piece.owners;
    if (!piece.isEnd) steps.push({ kind: piece.token ? "token" : "literal", text: piece.text, token: piece.token });
  }
  steps.forEach((step, number) => {
    const after = steps.slice(number + 1).find((other) => other.kind === "token" || other.kind === "literal");
    step.following = !after ? null : after.kind === "literal" ? after.text : "";
    const before = new Set(steps.slice(0, number).filter((other) => other.kind === "token").map((other) => other.text));
    step.repeated = [...before].filter((name) => steps.slice(number).some((other) => other.kind === "token" && other.text === name));
  });
  return steps;
}

// --- readings

// The readings of a text as one entry: each with its values, its rank and the number of its conditions.
// "unsure" says why Python may read it in a way that isn't tried here.
function readAs(entry, text, classes) {
  let unsure = "";
  for (const tried of textsToTry(entry, text)) {
    let readings = [];
    try {
      readings = allReadings(entry, tried, classes).filter((reading) => isSelected(entry, reading.values));
    } catch (error) {
      if (!(error instanceof Unsure)) throw error;
      unsure = error.message;
    }
    if (readings.length || unsure) return { readings: readings.map((reading) => leafReading(entry, reading)), unsure };
  }
  return { readings: [], unsure };
}

// What the literal texts of an entry say: known without a look at its tokens.
function outline(entry) {
  if (entry.outline) return entry.outline;
  const isLiteral = (leaf) => typeof leaf === "string" || leaf[1] < 0;
  const isFixed = (leaf) => isLiteral(leaf) && (typeof leaf === "string" || !(leaf[2] || []).some((frame) => frame.length === 1));
  const textOf = (leaf) => (typeof leaf === "string" ? leaf : leaf[0]);
  const all = entry.leaves.filter(isLiteral).map(textOf).join("");
  const end = entry.leaves.findIndex((leaf) => !isFixed(leaf));
  const start = entry.leaves.slice(0, end < 0 ? entry.leaves.length : end).map(textOf).join("");
  entry.outline = {
    separators: ["/", "\\"].filter((letter) => all.includes(letter)),
    // What stands in each of its texts, in this order, and whether the first begins them.
    fixed: entry.leaves.filter(isFixed).map(textOf),
    isFirst: entry.leaves.length > 0 && isFixed(entry.leaves[0]),
    start,
    isOpen: !start || rootLength(start) === start.length,
    keeps: all.includes("/"),
  };
  return entry.outline;
}

// A text, and for a file path also without one separator at its end; on Windows, each in its forms.
function textsToTry(entry, text) {
  if (entry.windows) {
    const forms = windowsForms(outline(entry), text);
    return [...forms, ...forms.filter((form) => form.length > 1 && form.endsWith("\\")).map((form) => form.slice(0, -1))];
  }
  return entry.path && text.length > 1 && outline(entry).separators.includes(text.slice(-1)) ? [text, text.slice(0, -1)] : [text];
}

// What a path of Windows may not begin with.
function refusedPrefix(text) {
  const start = text.slice(0, 4).replaceAll("/", "\\");
  return ["\\\\?\\", "\\\\.\\"].includes(start) ? start : "";
}

// How many characters of a path name its drive, or its server and share.
function rootLength(text) {
  if (/^[A-Za-z]:/.test(text)) return 2;
  if (!text.startsWith("\\\\")) return 0;
  const server = text.indexOf("\\", 2);
  const share = server > 0 ? text.indexOf("\\", server + 1) : -1;
  return share > 0 ? share : text.length;
}

// The forms in which a mapping may read a path of Windows, the best first: each has the length of the text.
function windowsForms({ start, isOpen, keeps }, text) {
  if (!isOpen && !text.includes("/") && text.startsWith(start)) return [text];
  if (refusedPrefix(text)) return [];
  let form = text.replaceAll("/", "\\");
  const length = rootLength(form);
  const end = Math.min(length, start.length);
  if (inCase(form.slice(0, end), "toLowerCase") === inCase(start.slice(0, end), "toLowerCase")) form = start.slice(0, end) + form.slice(end);
  const forms = keeps ? [text, form] : [form];
  if (!isOpen || end >= length) return forms;
  const rest = form.slice(end, length);
  const cases = ["toLowerCase", "toUpperCase"].map((name) => inCase(rest, name)).filter((changed) => changed !== rest);
  return [...forms, ...cases.map((changed) => form.slice(0, end) + changed + form.slice(length))];
}

function inCase(text, name) {
  return [...text].map((letter) => (letter[name]().length === letter.length ? letter[name]() : letter)).join("");
}

function leafReading(entry, { form, values }) {
  const names = new Set(form.pieces.filter((piece) => piece.token).map((piece) => piece.text));
  return { values: new Map([...values].filter(([name]) => names.has(name))), all: values, rank: form.rank, count: entry.when ? entry.when.count : 0 };
}

function allReadings(entry, text, classes) {
  const readings = [];
  const refused = [];
  for (const form of entry.forms) {
    if (!hasLiterals(form.literals, form.pieces.length > 0 && !form.pieces[0].token, text)) continue;
    form.whole = form.whole || expressionOf(entry, form.pieces, classes, true);
    const match = form.whole.regex.exec(text);
    if (!match) continue;
    const values = withParents(form, valuesOf(form.whole.groups, match));
    if (passes(form, values)) readings.push({ form, values });
    else refused.push(form);
  }
  if (!refused.length && !isTangled(entry)) return readings.map((reading) => asRead(reading));
  // Python may have read all of it by hand, longest values first, as the first division that it found was refused.
  for (const { form, values } of readings) {
    const other = divided(entry, form, text);
    if (!other || [...other].some(([name, value]) => values.get(name) !== value)) throw new Unsure("it can be divided in several ways");
  }
  // Of these the first division is refused by a check; another may not be.
  for (const form of refused) {
    const values = divided(entry, form, text);
    if (values) readings.push({ form, values: withParents(form, values) });
  }
  return readings.map((reading) => asRead(reading));
}

// Whether Python may divide a text in another way, as one of its engines overlooks some references to groups.
function isTangled(entry) {
  const tokens = entry.pieces.filter((piece) => piece.token);
  const isRepeated = new Set(tokens.map((piece) => piece.text)).size < tokens.length;
  return tokens.some(({ token }) => token.refers || (token.loops && isRepeated));
}

function asRead({ form, values }) {
  const changed = form.pieces.filter((piece) => piece.token && piece.token.separator === "\\").map((piece) => [piece.text, valueIn(piece.token, values.get(piece.text))]);
  return { form, values: changed.length ? new Map([...values, ...changed]) : values };
}

function hasLiterals(literals, isFirst, text) {
  let from = 0;
  for (const literal of literals) {
    const place = isFirst ? (text.startsWith(literal) ? 0 : -1) : text.indexOf(literal, from);
    if (place < 0) return false;
    from = place + literal.length;
    isFirst = false;
  }
  return true;
}

// Whether values select the variant that an entry is of.
function isSelected(entry, values) {
  if (!entry.when) return true;
  return sameNumbers(selection(entry, values), entry.when.holds);
}

function sameNumbers(left, right) {
  return left.length === right.length && left.every((number) => right.includes(number));
}

function selection(entry, values) {
  const holding = [];
  entry.when.conditions.forEach((wants, number) => {
    if (Object.entries(wants).every(([token, texts]) => texts.includes(valueOf(entry, token, values)))) holding.push(number);
  });
  return holding;
}

// The value of a token that a condition asks about: of the text, or written by those that stand in it.
function valueOf(entry, token, values) {
  if (values.has(token)) return values.get(token);
  if ((entry.when.parents[token] || []).some((parent) => values.has(parent))) throw new Unsure("a condition asks for a token that only Python finds");
  return writtenBy(entry, token, values, []) ?? "";
}

function writtenBy(entry, token, values, path) {
  const pieces = entry.when.pieces[token];
  if (!pieces || path.includes(token) || !pieces.some(([, isToken]) => isToken)) return null;
  if (pieces.some(([, , parts]) => parts.length)) throw new Unsure("a condition asks for a token that only Python finds");
  let text = "";
  for (const [piece, isToken] of pieces) {
    const value = !isToken ? piece : values.has(piece) ? values.get(piece) : writtenBy(entry, piece, values, [...path, token]);
    if (value === null) return null;
    if (value === "") throw new Unsure("a condition asks for a token that only Python finds");
    text += value;
  }
  return text;
}

function agrees({ readings, unsure }, expected) {
  if (unsure) return true;
  if (expected === null) return readings.length === 0;
  if (expected === "?") return readings.length > 1;
  const names = Object.keys(expected);
  const [first] = readings;
  return readings.length === 1 && first.values.size === names.length && names.every((name) => first.values.get(name) === expected[name]);
}

function compared(left, right) {
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return 0;
}

// --- the places of a text

// Whether a text has the literal texts that each text of a place has. Of ten thousand places, that leaves few to try.
function mayBeOf(entry, text) {
  const { fixed, isFirst } = outline(entry);
  return textsToTry(entry, text).some((tried) => hasLiterals(fixed, isFirst, tried));
}

function groupsOf(world, shown = world.shown) {
  return world.groupings[shown.grouping];
}

// The readings of the places that fit a text best, and the places that could not be tried: with these the answer isn't sure.
function resolved(world, text, shown) {
  const skipped = [];
  if ([...text].length > world.longest) return { best: [], skipped, tooLong: true };
  for (const group of groupsOf(world, shown)) {
    const readings = [];
    const unsure = [];
    for (const number of group) {
      const entry = world.entries[number];
      if (!mayBeOf(entry, text)) continue;
      if (prepared(entry, world.classes).state !== "good") {
        unsure.push({ entry, reason: entry.marked });
        continue;
      }
      const answer = readAs(entry, text, world.classes);
      if (answer.unsure) unsure.push({ entry, reason: answer.unsure });
      for (const reading of answer.readings) readings.push({ entry, ...reading });
    }
    if (!readings.length) {
      skipped.push(...unsure);
      continue;
    }
    const best = bestOf(readings);
    const rank = readings[0].rank;
    // What can't be tried, but couldn't win either, leaves the answer sure.
    skipped.push(...unsure.filter(({ entry }) => compared(greatestRank(entry), rank) >= 0));
    return { best, skipped };
  }
  return { best: [], skipped };
}

function greatestRank(entry) {
  const parents = new Map(entry.pieces.flatMap((piece) => piece.owners.map((owner) => [owner.name, owner])));
  const [literal, constrained] = rankOf(entry.pieces, parents);
  return [literal, constrained, 0];
}

const ownerOf = (entry) => entry.context + "|" + entry.layer;

// The greatest rank wins; of one place the variant with most conditions. What is left besides is ambiguous.
function bestOf(readings) {
  readings.sort((left, right) => compared(right.rank, left.rank));
  const leaders = new Set(readings.filter((reading) => compared(reading.rank, readings[0].rank) === 0).map((reading) => ownerOf(reading.entry)));
  const best = [];
  for (const owner of leaders) {
    const own = readings.filter((reading) => ownerOf(reading.entry) === owner);
    const most = Math.max(...own.map((reading) => reading.count));
    best.push(...own.filter((reading) => reading.count === most));
  }
  return best;
}

// --- misses

// The places that a text comes nearest to: how far it fits each, and what is wrong there.
function misses(world, text, shown) {
  const entries = groupsOf(world, shown).flat().map((number) => world.entries[number]);
  const scored = entries.map((entry) => ({ entry, score: reachOfLiterals(entry, textsToTry(entry, text)[0] ?? "") })).filter(({ score }) => score > 0);
  scored.sort((left, right) => right.score - left.score);
  const found = [];
  for (const { entry } of scored.slice(0, NEAR)) {
    if (prepared(entry, world.classes).state !== "good") continue;
    // Each form has the length of the text.
    const [form] = textsToTry(entry, text);
    const miss = form === undefined ? null : missOf(entry, form, world.classes);
    if (miss && miss.position > 0) found.push({ entry, ...miss });
  }
  found.sort((left, right) => right.position - left.position || left.left - right.left);
  return found.slice(0, TOLD);
}

// How far the literal texts of a mapping stand in a text, in their order. It costs little.
function reachOfLiterals(entry, text) {
  const { fixed, isFirst } = outline(entry);
  let end = 0;
  for (const [number, literal] of fixed.entries()) {
    const begins = number === 0 && isFirst;
    const place = begins ? (text.startsWith(literal) ? 0 : -1) : text.indexOf(literal, end);
    if (place < 0) return end + sameStart(literal, begins ? text : text.slice(end)) + (begins ? 0 : 0.5);
    end = place + literal.length;
  }
  return end + 0.75;
}

function sameStart(left, right) {
  let count = 0;
  while (count < Math.min(left.length, right.length) && left[count] === right[count]) count += 1;
  return count;
}

function missOf(entry, text, classes) {
  try {
    for (const tried of textsToTry(entry, text)) {
      const whole = allReadings(entry, tried, classes)[0];
      if (whole) return { position: text.length, left: 0, message: otherVariant(entry, whole.values) };
    }
  } catch (error) {
    if (!(error instanceof Unsure)) throw error;
    return { position: text.length, left: 0, message: `only “ways resolve” can tell: ${error.message}` };
  }
  const all = entry.forms.map((form) => formMiss(entry, form, text, classes));
  all.sort((left, right) => right.position - left.position || left.left - right.left);
  return all[0];
}

function otherVariant(entry, values) {
  if (!entry.when) return "it fits, but another place fits better";
  const found = selection(entry, values);
  const more = found.filter((number) => !entry.when.holds.includes(number));
  const fewer = entry.when.holds.filter((number) => !found.includes(number));
  const names = (more.length ? more : fewer).map((number) => `${entry.when.names[number]} (${conditionText(entry.when.conditions[number])})`).join(" and ");
  return more.length ? `all of it fits, but its values meet the condition of ${names}, so another mapping applies` : `all of it fits, but its values don't meet the condition of ${names}`;
}

function conditionText(wants) {
  return Object.entries(wants).map(([token, texts]) => `${token}: ${texts.join(" or ")}`).join(", ");
}

function formMiss(entry, form, text, classes) {
  const { pieces } = form;
  let fitting = 0;
  let position = 0;
  let start = 0;
  let low = 0;
  let high = pieces.length + 1;
  const ends = new Map([[0, 0]]);
  const endOf = (count) => {
    if (!ends.has(count)) {
      const match = expressionOf(entry, pieces.slice(0, count), classes, false).regex.exec(text);
      ends.set(count, match ? match[0].length : null);
    }
    return ends.get(count);
  };
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (endOf(middle) === null) high = middle;
    else low = middle;
  }
  fitting = low;
  position = endOf(fitting);
  start = fitting > 1 ? Math.min(endOf(fitting - 1) ?? 0, position) : 0;
  return { left: pieces.length - fitting, ...missAt(entry, form, { fitting, position, start }, text) };
}

function missAt(entry, form, stop, text) {
  const { pieces } = form;
  const { fitting, position } = stop;
  const rest = text.slice(position);
  if (fitting === pieces.length) {
    if (!rest) return { position, message: refusal(form, text) };
    return cutShort(form, stop, text) || { position, message: `expected the end here, found ${JSON.stringify(rest)}` };
  }
  const wanted = pieces[fitting];
  if (!wanted.token) {
    const same = sameStart(rest, wanted.text);
    const message = `expected ${JSON.stringify(wanted.text.slice(same))} here`;
    const cut = same || !rest ? null : cutShort(form, stop, text);
    return cut || { position: position + same, message };
  }
  if (pieces.slice(0, fitting).some((piece) => piece.token && piece.text === wanted.text)) return { position, message: `${wanted.text} has another value earlier` };
  if (!rest) return { position, message: `expected a value of ${wanted.text} here` };
  return { position, message: unfit(wanted, valueAt(form, fitting, position, text)) };
}

function unfit(piece, value) {
  return `${piece.text} can't be ${JSON.stringify(value)}: ${piece.token.says || "it may hold no separator, and not be empty"}`;
}

// What is wrong with a text that each piece fits: a value that is asked once more, alone.
function refusal(form, text) {
  const match = form.whole && form.whole.regex.exec(text);
  const values = match ? withParents(form, valuesOf(form.whole.groups, match)) : new Map();
  for (const one of [...form.pieces.filter((piece) => piece.token), ...form.parents]) {
    const name = one.name || one.text;
    if (values.has(name) && one.token.constrained && fitsWritten(one.token, values.get(name)) === false) return unfit({ text: name, token: one.token }, values.get(name));
  }
  return "each part fits, but not all of them together";
}

// What is wrong where the beginning of a value alone fits its token.
function cutShort(form, { fitting, position, start }, text) {
  const last = form.pieces[fitting - 1];
  if (!last || !last.token || !last.token.constrained || "/\\".includes(text[position])) return null;
  const value = valueAt(form, fitting - 1, start, text);
  return value.startsWith(text.slice(start, position + 1)) ? { position, message: unfit(last, value) } : null;
}

// What stands in the place of a token: up to a separator, or to the text that comes after the token.
function valueAt(form, number, start, text) {
  let end = start;
  while (end < text.length && !"/\\".includes(text[end])) end += 1;
  const after = form.pieces[number + 1];
  const place = after && !after.token ? text.slice(0, end).indexOf(after.text, start) : -1;
  return text.slice(start, place < 0 ? end : place);
}

// The other platforms and layers on which a text is of a place.
function elsewhere(world, text, shown) {
  const tried = new Map();
  for (const other of world.worlds) {
    if (other === shown || other.grouping === shown.grouping) continue;
    if (!tried.has(other.grouping)) tried.set(other.grouping, resolved(world, text, other));
  }
  return world.worlds.filter((other) => tried.has(other.grouping) && tried.get(other.grouping).best.length).map((other) => ({ world: other, best: tried.get(other.grouping).best }));
}

if (typeof module !== "undefined") module.exports = { resolved, misses, elsewhere };
