// Puts the parts of the page together. Texts come into it as texts, never as markup.

const FINDINGS = 100;
const FILTERED = 200;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (name) => document.getElementById(name);

async function unpacked() {
  const packed = Uint8Array.from(atob(byId("data").textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function place(world, path, line, column) {
  return [world.paths[path], line, column].filter((part) => part).join(":");
}

function pluginText(world, number) {
  const [name, hierarchy, assignment, path, line, column] = world.plugins[number];
  return `${name} at ${hierarchy}${assignment === "master" ? "" : ` [${assignment}]`} (${place(world, path, line, column)})`;
}

function claimItem(world, field, claim) {
  const [state, plugin, path, line, column, value, reason, lostTo] = claim;
  const [name, hierarchy, assignment] = world.plugins[plugin];
  const words = { winner: "wins", part: "takes part", loser: "loses" };
  const item = element("li", { class: state }, element("b", {}, words[state]), ": ");
  item.append(element("span", { class: "source" }, element("code", {}, place(world, path, line, column))));
  item.append(` ${name} at ${hierarchy}${assignment === "master" ? "" : ` [${assignment}]`}: ${world.reasons[reason]}`);
  if (lostTo !== null) item.append(`; it lost to ${pluginText(world, lostTo)}`);
  if (value !== null && value !== field) item.append(element("div", {}, element("code", {}, value)));
  return item;
}

function fieldPart(world, [name, value, rule, error, claims, runnerUp]) {
  const part = element("div", { class: "field" }, element("h4", {}, name));
  part.append(element("p", { class: "value" }, error ? element("span", { class: "error" }, error) : element("code", {}, value === null ? "none" : value)));
  part.append(element("ul", { class: "claims" }, ...claims.map((claim) => claimItem(world, value, claim))));
  part.append(element("p", { class: "rule" }, `Rule: ${rule}.`));
  if (runnerUp !== null) part.append(element("p", { class: "rule" }, `Without the winner: ${pluginText(world, runnerUp)}.`));
  return part;
}

function tokenItem([name, parent, rules, required, fallback]) {
  const text = rules.map(([kind, value]) => (value ? `${kind} ${value}` : kind)).join("; ");
  const rest = [parent && `in ${parent}`, required ? "" : "not required", fallback === null ? "" : `default ${fallback}`].filter((part) => part);
  return element("li", {}, element("code", {}, name), ` ${text}${rest.length ? ` (${rest.join(", ")})` : ""}`);
}

function browserNote(world, number) {
  const entries = world.entries.filter((entry) => entry.context === number);
  return entries.map((entry) => {
    const isGood = prepared(entry, world.classes).state === "good";
    const note = isGood ? `The box above reads this mapping as Python does, on all ${entry.samples.length} samples.` : `The box above does not try this mapping: ${entry.marked}.`;
    return element("p", { class: isGood ? "source" : "note" }, note);
  });
}

function showPlace(world, number) {
  const context = world.contexts[number];
  byId("place-title").textContent = context.name;
  const parts = [];
  if (context.mapping !== undefined && context.mapping !== null) parts.push(element("p", {}, element("code", {}, context.mapping)));
  if (context.error) parts.push(element("p", { class: "error" }, context.error));
  parts.push(...browserNote(world, number));
  if (context.tokens.length) parts.push(element("h3", {}, "Tokens"), element("ul", { class: "tokens" }, ...context.tokens.map(tokenItem)));
  if (context.fields.length) parts.push(element("h3", {}, "Fields, and who says so"), element("div", { class: "fields" }, ...context.fields.map((field) => fieldPart(world, field))));
  byId("detail").replaceChildren(...parts);
}

function answerParts(world, tree, { best, skipped }) {
  const parts = [];
  const places = new Set(best.map((one) => one.entry));
  if (!best.length) parts.push(element("p", {}, "No place here fits this text."));
  if (best.length > 1) parts.push(element("p", { class: "note" }, places.size > 1 ? `${places.size} places fit equally well:` : "It can be read in several ways:"));
  for (const { entry, values } of best) {
    const open = element("button", { type: "button", class: "link" }, entry.name);
    open.addEventListener("click", () => goTo(world, tree, entry.context));
    const list = element("dl", { class: "values" });
    for (const [name, value] of values) list.append(element("dt", {}, name), element("dd", {}, element("code", {}, value)));
    parts.push(open, list);
  }
  if (skipped.length) {
    const names = skipped.slice(0, 5).map(({ entry, reason }) => `${entry.name} (${reason})`).join("; ");
    const rest = skipped.length > 5 ? `; and ${skipped.length - 5} more` : "";
    parts.push(element("p", { class: "note" }, `Not tried here: ${names}${rest}. “ways resolve” knows.`));
  }
  return parts;
}

function goTo(world, tree, number) {
  tree.reveal(number);
  showPlace(world, number);
  lookAtPlace();
}

function lookAtPlace() {
  byId("place-title").focus({ preventScroll: true });
  byId("place").scrollIntoView({ block: "start" });
}

// Beside the tree the place is in sight; below it, one has to be taken there.
function choose(world, number) {
  showPlace(world, number);
  if (!window.matchMedia("(min-width: 55rem)").matches) lookAtPlace();
}

function findingPart(finding) {
  const where = [finding.path, finding.line, finding.column].filter((part) => part).join(":");
  const part = element("div", { class: `finding ${finding.level}` });
  part.append(element("p", {}, element("span", { class: "level" }, finding.level), ` ${finding.code} `, element("code", { class: "source" }, where)));
  part.append(element("p", {}, finding.message));
  if (finding.excerpt) part.append(element("p", {}, element("code", {}, finding.excerpt)));
  if (finding.witness) part.append(element("p", {}, "Witness: ", element("code", {}, finding.witness)));
  for (const other of finding.related) part.append(element("p", { class: "source" }, `${[other.path, other.line, other.column].filter((one) => one).join(":")}: ${other.message}`));
  if (finding.help) part.append(element("p", {}, finding.help));
  return part;
}

function showFindings(world, from = 0) {
  const box = byId("findings");
  if (!world.findings.length) box.append(element("p", {}, "None."));
  box.append(...world.findings.slice(from, from + FINDINGS).map(findingPart));
  const rest = world.findings.length - from - FINDINGS;
  if (rest <= 0) return;
  const more = element("button", { type: "button" }, `Show more (${rest})`);
  more.addEventListener("click", () => {
    more.remove();
    showFindings(world, from + FINDINGS);
  });
  box.append(more);
}

function filter(world, tree) {
  const wanted = byId("filter").value.trim().toLowerCase();
  const numbers = [];
  world.contexts.forEach((context, number) => {
    if (context.name.toLowerCase().includes(wanted)) numbers.push(number);
  });
  const few = wanted ? numbers.slice(0, FILTERED) : numbers;
  byId("filtered").textContent = wanted ? `${numbers.length} of ${world.contexts.length}${few.length < numbers.length ? `; the first ${few.length} are shown` : ""}` : "";
  tree.show(few, Boolean(wanted));
}

function summary(world) {
  const marked = world.entries.filter((entry) => entry.marked).length;
  const counts = [`${world.contexts.length} places`, `${world.findings.length} findings`, `platform ${world.platform}`, `layers ${world.priority.join(", ")}`];
  const note = marked ? `; ${marked} of ${world.entries.length} mappings can't be tried in a browser` : "";
  return `${counts.join(", ")}${note}. Ways ${world.version}.`;
}

async function begin() {
  let world;
  try {
    world = await unpacked();
  } catch (error) {
    byId("summary").textContent = `This browser can't unpack the page: ${error.message}`;
    return;
  }
  const tree = new Tree(byId("tree"), world.contexts, (number) => choose(world, number));
  tree.show(world.contexts.keys(), false);
  byId("filter").addEventListener("input", () => filter(world, tree));
  byId("resolve").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("text").value;
    byId("answer").replaceChildren(...(text ? answerParts(world, tree, resolved(world, text)) : []));
  });
  showFindings(world);
  byId("summary").textContent = summary(world);
}

begin();
