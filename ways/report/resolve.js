"use strict";
// Reads texts as places do. An entry is tried on its samples first: one that reads any of them otherwise than Python
// did is not used.

function regex(text, classes) {
  return new RegExp(text.replace(/\{\{([wWdDsS])\}\}/g, (_, letter) => classes[letter]), "u");
}

function prepared(entry, classes) {
  if (entry.state) return entry;
  entry.state = "marked";
  if (entry.marked) return entry;
  try {
    entry.tried = entry.shapes.map(([text, rank]) => ({ regex: regex(text, classes), rank }));
    entry.asked = entry.checks.map(([group, text, choices]) => ({ group, regex: text && regex(text, classes), choices }));
  } catch (error) {
    entry.marked = "this browser can't read its expression: " + error.message;
    return entry;
  }
  const differing = entry.samples.filter(([text, expected]) => !agrees(readAs(entry, text), expected));
  if (differing.length) {
    entry.marked = "this browser reads " + JSON.stringify(differing[0][0]) + " otherwise than Python";
    return entry;
  }
  entry.state = "good";
  return entry;
}

// What a text says as one place: the readings, and whether Python would look further than this can.
function readAs(entry, text) {
  let unsure = false;
  for (const form of forms(entry, text)) {
    const found = [];
    for (const { regex, rank } of entry.tried) {
      const match = regex.exec(form);
      if (!match) continue;
      if (entry.asked.every((check) => passes(check, match))) found.push({ values: valuesOf(entry, match), rank });
      else unsure = true;
    }
    if (found.length || unsure) return { found, unsure };
  }
  return { found: [], unsure };
}

function forms(entry, text) {
  const last = text.slice(-1);
  return entry.path && text.length > 1 && last && entry.separators.includes(last) ? [text, text.slice(0, -1)] : [text];
}

function passes(check, match) {
  const value = match.groups["g" + check.group];
  return value === undefined || ((!check.regex || check.regex.test(value)) && (!check.choices || check.choices.includes(value)));
}

function valuesOf(entry, match) {
  const values = new Map();
  for (const [group, token] of entry.groups) {
    const value = match.groups["g" + group];
    if (value !== undefined && !values.has(token)) values.set(token, value);
  }
  return values;
}

function agrees({ found, unsure }, expected) {
  if (unsure) return true;
  if (expected === null) return found.length === 0;
  if (expected === "?") return found.length > 1;
  const names = Object.keys(expected);
  const [first] = found;
  return found.length === 1 && first.values.size === names.length && names.every((name) => first.values.get(name) === expected[name]);
}

function compared(left, right) {
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return 0;
}

// Whether a text has what every text of a place has; of ten thousand places, few are left.
function mayBeOf(entry, text) {
  if (!text.startsWith(entry.start)) return false;
  let from = 0;
  for (const literal of entry.literals) {
    const found = text.indexOf(literal, from);
    if (found < 0) return false;
    from = found + literal.length;
  }
  return true;
}

// The places that a text is of, best first; those that are equal to the best; and those that could not be tried.
function resolved(world, text) {
  const skipped = [];
  for (const group of world.groups) {
    const found = [];
    for (const number of group) {
      const entry = world.entries[number];
      if (!mayBeOf(entry, text)) continue;
      if (prepared(entry, world.classes).state !== "good") {
        skipped.push({ entry, reason: entry.marked });
        continue;
      }
      const reading = readAs(entry, text);
      if (reading.unsure) skipped.push({ entry, reason: "it has a value that may be read in another way" });
      for (const one of reading.found) found.push({ entry, ...one });
    }
    if (found.length) {
      found.sort((left, right) => compared(right.rank, left.rank));
      const best = found.filter((one) => compared(one.rank, found[0].rank) === 0);
      // A place that reads the text in several ways is as good as its best way, and is of several minds.
      const several = found.filter((one) => best.some((other) => other.entry === one.entry));
      return { found, best: several, skipped };
    }
  }
  return { found: [], best: [], skipped };
}

if (typeof module !== "undefined") module.exports = { resolved };
