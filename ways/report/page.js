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
  const letters = atob(byId("data").textContent.trim());
  const packed = new Uint8Array(letters.length);
  for (let index = 0; index < letters.length; index += 1) packed[index] = letters.charCodeAt(index);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const world = JSON.parse(await new Response(stream).text());
  world.shown = world.worlds[0];
  for (const entry of world.entries) entry.tokens = world.tokens;
  return world;
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
  const words = { winner: "wins", part: "adds a part", loser: "loses" };
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

function tokenItem(world, context, [name, parent, rules, required, fallback]) {
  const isWritten = rules.every(([kind]) => kind !== "expression");
  const text = rules.map(([kind, value]) => (value ? `${kind} ${kind === "anything" || (kind === "mapping" && isWritten) ? onPlatform(world, context, value) : value}` : kind)).join("; ");
  const rest = [parent && `in ${parent}`, required ? "" : "not required", fallback === null ? "" : `default ${fallback}`].filter((part) => part);
  return element("li", {}, element("code", {}, name), ` ${text}${rest.length ? ` (${rest.join(", ")})` : ""}`);
}

// --- platforms and layers

// A place as it is on the platform, and with the layers, that are shown.
function contextOf(world, number) {
  const changed = world.shown.contexts[number];
  return changed === undefined ? world.contexts[number] : world.changed[changed];
}

// A path with the separators of the platform that is shown.
function onPlatform(world, context, text) {
  if (!context.path || typeof text !== "string") return text;
  return isWindows(world) ? text.replaceAll("/", "\\") : text.replaceAll("\\", "/");
}

function isWindows(world) {
  return world.shown.platform.toLowerCase() === "windows";
}

function fieldsOf(world, context) {
  return context.fields.map((number) => world.rows[number]).map(([name, value, ...rest]) => [name, ["mapping", "max_folder"].includes(name) ? onPlatform(world, context, value) : value, ...rest]);
}

function layersText(priority) {
  return priority.join(", ") || "none";
}

function worldText({ platform, priority }) {
  return `${platform} with the layers ${layersText(priority)}`;
}

// Lets the reader switch, where there is anything to switch to.
function showChoices(world, changed) {
  const platforms = [...new Set(world.worlds.map((one) => one.platform))];
  const layers = [...new Set(world.worlds.map((one) => layersText(one.priority)))];
  const boxes = { platform: platforms, layers };
  for (const [name, choices] of Object.entries(boxes)) {
    byId(name).replaceChildren(...choices.map((choice) => element("option", { value: choice }, choice)));
    byId(name).disabled = choices.length < 2;
    byId(name).addEventListener("change", () => {
      world.shown = world.worlds.find((one) => one.platform === byId("platform").value && layersText(one.priority) === byId("layers").value);
      changed();
    });
  }
  byId("seen").hidden = world.worlds.length < 2;
}

function switchTo(world, one, changed) {
  byId("platform").value = one.platform;
  byId("layers").value = layersText(one.priority);
  world.shown = one;
  changed();
}

// --- one place

function browserNote(world, number) {
  const known = new Set(groupsOf(world, world.shown).flat());
  const entries = world.entries.filter((entry, index) => entry.context === number && known.has(index));
  const marked = entries.filter((entry) => prepared(entry, world.classes).state !== "good");
  if (marked.length) return marked.map((entry) => element("p", { class: "note" }, `This mapping can't be tried here: run “ways resolve”. The box above does not try it: ${entry.marked}.`));
  if (!entries.length) return [];
  const count = entries.reduce((sum, entry) => sum + (entry.samples || []).length, 0);
  return [element("p", { class: "source" }, `The box above reads this mapping as Python does${count ? `, on all ${count} samples` : ""}.`)];
}

function valuesPart({ text, all: values, entry }) {
  const list = element("dl", { class: "values" });
  for (const [name, value] of values) list.append(element("dt", {}, name), element("dd", {}, element("code", {}, value)));
  return element("div", { class: "reading" }, element("h3", {}, "Values of this text"), element("p", {}, element("code", {}, text)), entry.when ? variantText(entry) : null, list);
}

function variantsPart(world, number) {
  const known = new Set(groupsOf(world, world.shown).flat());
  const variants = world.entries.filter((entry, index) => entry.context === number && entry.when && known.has(index));
  if (!variants.length) return [];
  return [element("h3", {}, "Mappings by values"), element("ul", { class: "tokens" }, ...variants.map((entry) => element("li", {}, variantText(entry))))];
}

function variantText(entry) {
  const names = entry.when.holds.map((held) => `${entry.when.names[held]} (${conditionText(entry.when.conditions[held])})`).join(" and ");
  return element("span", {}, element("code", {}, mappingOf(entry)), names ? ` by ${names}` : " for all other values");
}

// The mapping of an entry, its tokens after every token that others write was replaced, with brackets around optional parts.
function mappingOf(entry) {
  let text = "";
  let open = [];
  const moveTo = (parts) => {
    let shared = 0;
    while (shared < Math.min(open.length, parts.length) && open[shared] === parts[shared]) shared += 1;
    text += "]".repeat(open.length - shared) + "[".repeat(parts.length - shared);
    open = parts;
  };
  for (const leaf of entry.leaves) {
    const [name, token, frames = []] = typeof leaf === "string" ? [leaf, -1] : leaf;
    moveTo(frames.filter((frame) => frame.length === 1).map((frame) => frame[0]));
    text += token < 0 ? name : `{${name}}`;
  }
  moveTo([]);
  return text;
}

function showPlace(world, number, reading) {
  const context = contextOf(world, number);
  byId("place-title").textContent = context.name;
  const parts = [];
  if (context.mapping !== undefined && context.mapping !== null) parts.push(element("p", {}, element("code", {}, onPlatform(world, context, context.mapping))));
  if (context.error) parts.push(element("p", { class: "error" }, context.error));
  if (reading) parts.push(valuesPart(reading));
  parts.push(...browserNote(world, number), ...variantsPart(world, number));
  if (context.tokens.length) parts.push(element("h3", {}, "Tokens"), element("ul", { class: "tokens" }, ...context.tokens.map((number) => tokenItem(world, context, world.rows[number]))));
  const fields = fieldsOf(world, context);
  if (fields.length) parts.push(element("h3", {}, "Fields, and the plugins that set them"), element("div", { class: "fields" }, ...fields.map((field) => fieldPart(world, field))));
  byId("detail").replaceChildren(...parts);
}

// --- what a path is

function answerParts(world, tree, text, changed) {
  const { best, skipped, tooLong } = resolved(world, text, world.shown);
  if (tooLong) return [element("p", { class: "note" }, `A text has at most ${world.longest} characters.`)];
  const parts = [];
  const owners = new Set(best.map((one) => ownerOf(one.entry)));
  if (!best.length) parts.push(element("p", {}, skipped.length ? "No place here fits this text, as far as this page can tell." : "No place here fits this text."));
  if (best.length > 1) parts.push(element("p", { class: "note" }, owners.size > 1 ? `${owners.size} places fit equally well:` : "It can be read in several ways:"));
  for (const one of best) {
    const open = element("button", { type: "button", class: "link" }, one.entry.name);
    open.addEventListener("click", () => goTo(world, tree, one.entry.context, { text, ...one }));
    const list = element("dl", { class: "values" });
    for (const [name, value] of one.values) list.append(element("dt", {}, name), element("dd", {}, element("code", {}, value)));
    parts.push(open, list);
  }
  if (skipped.length) parts.push(skippedPart(skipped));
  if (!best.length && isWindows(world) && refusedPrefix(text)) {
    parts.push(element("p", { class: "note" }, `Ways refuses paths that begin with ${refusedPrefix(text)}, because Windows doesn't read them as ordinary paths: leave it out.`));
  }
  if (!best.length) parts.push(...elsewhereParts(world, text, changed), ...missParts(world, tree, text));
  if (best.length === 1) {
    tree.reveal(best[0].entry.context);
    showPlace(world, best[0].entry.context, { text, ...best[0] });
  }
  return parts;
}

function skippedPart(skipped) {
  const names = skipped.slice(0, 5).map(({ entry, reason }) => `${entry.name} (${reason})`).join("; ");
  const rest = skipped.length > 5 ? `; and ${skipped.length - 5} more` : "";
  return element("p", { class: "note" }, `Not tried here: ${names}${rest}. So this answer is not certain: run “ways resolve”.`);
}

function elsewhereParts(world, text, changed) {
  return elsewhere(world, text, world.shown).slice(0, 3).map((one) => {
    const button = element("button", { type: "button", class: "link" }, `show ${worldText(one.world)}`);
    button.addEventListener("click", () => switchTo(world, one.world, changed));
    const names = [...new Set(one.best.map(({ entry }) => entry.name))].join(" or ");
    return element("p", { class: "note" }, `On ${worldText(one.world)} it is ${names}: `, button);
  });
}

function missParts(world, tree, text) {
  const found = misses(world, text, world.shown);
  if (!found.length) return [];
  const list = element("ul", { class: "misses" });
  for (const { entry, position, message } of found) {
    const open = element("button", { type: "button", class: "link" }, entry.name);
    open.addEventListener("click", () => goTo(world, tree, entry.context));
    const caret = `${" ".repeat([...text.slice(0, position)].length)}^`;
    const item = element("li", {}, open, " ", element("code", {}, mappingOf(entry)));
    item.append(element("pre", { class: "caret", tabindex: "0", "aria-label": `It fits up to ${text.slice(0, position)}` }, `${text}\n${caret}`), element("p", {}, message));
    list.append(item);
  }
  return [element("p", {}, found.length > 1 ? "The nearest places, and how far they fit:" : "The nearest place, and how far it fits:"), list];
}

function goTo(world, tree, number, reading) {
  tree.reveal(number);
  showPlace(world, number, reading);
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
    if (context.name.toLowerCase().includes(wanted) || (wanted && mappingAt(world, number).toLowerCase().includes(wanted))) numbers.push(number);
  });
  const few = wanted ? numbers.slice(0, FILTERED) : numbers;
  byId("filtered").textContent = wanted ? `${numbers.length} of ${world.contexts.length}${few.length < numbers.length ? `; the first ${few.length} are shown` : ""}` : "";
  tree.show(few, Boolean(wanted));
}

function mappingAt(world, number) {
  const context = contextOf(world, number);
  return onPlatform(world, context, context.mapping) || "";
}

function summary(world) {
  const tried = groupsOf(world, world.shown).flat().map((number) => world.entries[number]);
  const marked = tried.filter((entry) => entry.marked || entry.leaves.some((leaf) => typeof leaf !== "string" && leaf[1] >= 0 && world.tokens[leaf[1]].marked)).length;
  const counts = [`${world.contexts.length} places`, `${world.findings.length} findings`, `platform ${world.shown.platform}`, `layers ${layersText(world.shown.priority)}`];
  const note = marked ? `; ${marked} of ${tried.length} mappings can't be tried in a browser` : "";
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
  const tree = new Tree(byId("tree"), world.contexts, (number) => mappingAt(world, number), (number) => choose(world, number));
  tree.whenHidden = () => {
    byId("filter").value = "";
    filter(world, tree);
  };
  tree.show(world.contexts.keys(), false);
  const answer = () => {
    const text = byId("text").value;
    byId("answer").replaceChildren(...(text ? answerParts(world, tree, text, changed) : []));
  };
  const changed = () => {
    const chosen = tree.chosen;
    filter(world, tree);
    byId("summary").textContent = summary(world);
    if (chosen !== null) {
      tree.reveal(chosen);
      showPlace(world, chosen);
    }
    answer();
  };
  byId("filter").addEventListener("input", () => filter(world, tree));
  byId("resolve").addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  showChoices(world, changed);
  showFindings(world);
  byId("summary").textContent = summary(world);
}

begin();
