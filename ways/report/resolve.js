"use strict";
// Finds the places that a text fits. An entry is tried on its samples first, and not used if it reads one of them
// otherwise than Python did.

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

// The readings of a text as one place, and whether Python may read it in a way that is not tried here.
function readAs(entry, text) {
  let unsure = false;
  for (const form of forms(entry, text)) {
    const readings = [];
    for (const { regex, rank } of entry.tried) {
      const match = regex.exec(form);
      if (!match) continue;
      if (entry.asked.every((check) => passes(check, match))) readings.push({ values: valuesOf(entry, match), rank });
      else unsure = true;
    }
    if (readings.length || unsure) return { readings, unsure };
  }
  return { readings: [], unsure };
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

// Whether a text has the literal texts of a place. Of ten thousand places, that leaves few to try.
function mayBeOf(entry, text) {
  if (!text.startsWith(entry.start)) return false;
  let from = 0;
  for (const literal of entry.literals) {
    const place = text.indexOf(literal, from);
    if (place < 0) return false;
    from = place + literal.length;
  }
  return true;
}

// The readings of the places that fit a text best, and the places that could not be tried.
function resolved(world, text) {
  const skipped = [];
  for (const group of world.groups) {
    const readings = [];
    for (const number of group) {
      const entry = world.entries[number];
      if (!mayBeOf(entry, text)) continue;
      if (prepared(entry, world.classes).state !== "good") {
        skipped.push({ entry, reason: entry.marked });
        continue;
      }
      const answer = readAs(entry, text);
      if (answer.unsure) skipped.push({ entry, reason: "it has a value that may be read in another way" });
      for (const reading of answer.readings) readings.push({ entry, ...reading });
    }
    if (readings.length) {
      readings.sort((left, right) => compared(right.rank, left.rank));
      const best = readings.filter((reading) => compared(reading.rank, readings[0].rank) === 0);
      // A place that reads the text in several ways counts with its best reading, and all its readings are returned.
      return { best: readings.filter((reading) => best.some((other) => other.entry === reading.entry)), skipped };
    }
  }
  return { best: [], skipped };
}

if (typeof module !== "undefined") module.exports = { resolved };
