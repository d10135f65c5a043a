// The tree of places. Only what is open is part of the page, so that ten thousand places cost nothing until they are opened.

const MANY = 300;

function node(name, full) {
  return { name, full, number: null, children: [], byName: new Map() };
}

function grown(contexts, numbers) {
  const top = node("", "");
  for (const number of numbers) {
    let at = top;
    for (const name of contexts[number].name.split("/")) {
      let below = at.byName.get(name);
      if (!below) {
        below = node(name, at.full ? at.full + "/" + name : name);
        at.byName.set(name, below);
        at.children.push(below);
      }
      at = below;
    }
    at.number = number;
  }
  return top;
}

class Tree {
  // mappingOf gives the mapping of a place by its number, choose is called with the number of the place that is chosen, and
  // whenHidden when a place is asked for that isn't among those shown.
  constructor(list, contexts, mappingOf, choose) {
    this.list = list;
    this.contexts = contexts;
    this.mappingOf = mappingOf;
    this.whenHidden = () => {};
    this.choose = choose;
    this.chosen = null;
    list.addEventListener("keydown", (event) => this.pressed(event));
    list.addEventListener("click", (event) => this.clicked(event));
  }

  show(numbers, isOpen) {
    this.top = grown(this.contexts, numbers);
    this.isOpen = isOpen;
    this.list.replaceChildren();
    this.fill(this.list, this.top, 1);
    const first = this.list.firstElementChild;
    if (first) first.tabIndex = 0;
    // A single root says nothing by itself.
    if (!isOpen && this.list.children.length === 1) this.open(first);
  }

  fill(list, parent, level, from = 0) {
    const children = parent.children.slice(from, from + MANY);
    children.forEach((child, index) => list.append(this.item(child, level, from + index + 1, parent.children.length)));
    const rest = parent.children.length - from - children.length;
    if (rest > 0) list.append(this.more(list, parent, level, from + children.length, rest));
  }

  item(child, level, position, size) {
    const item = element("li", { role: "treeitem", tabindex: "-1", "aria-level": level, "aria-posinset": position, "aria-setsize": size });
    const label = element("span", { class: "label" }, child.name);
    const context = child.number === null ? null : this.contexts[child.number];
    if (!context) label.classList.add("empty");
    item.setAttribute("aria-selected", String(child.number !== null && child.number === this.chosen));
    item.append(label);
    const mapping = context ? this.mappingOf(child.number) : "";
    if (mapping) item.append(element("span", { class: "mapping", title: mapping }, mapping));
    item.place = child;
    if (child.children.length) {
      item.setAttribute("aria-expanded", "false");
      if (this.isOpen) this.open(item);
    }
    return item;
  }

  more(list, parent, level, from, rest) {
    const item = element("li", { role: "treeitem", tabindex: "-1", "aria-level": level, "aria-selected": "false" });
    item.append(element("span", { class: "label" }, rest + " more…"));
    item.fillMore = () => {
      item.remove();
      this.fill(list, parent, level, from);
    };
    item.activate = () => {
      const before = item.previousElementSibling;
      item.fillMore();
      this.focus(before.nextElementSibling);
    };
    return item;
  }

  open(item) {
    if (item.getAttribute("aria-expanded") !== "false") return;
    item.setAttribute("aria-expanded", "true");
    const group = element("ul", { role: "group" });
    item.append(group);
    this.fill(group, item.place, Number(item.getAttribute("aria-level")) + 1);
  }

  close(item) {
    if (item.getAttribute("aria-expanded") !== "true") return;
    item.setAttribute("aria-expanded", "false");
    item.querySelector("ul").remove();
  }

  focus(item) {
    if (!item) return;
    for (const other of this.list.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    item.tabIndex = 0;
    item.focus({ preventScroll: true });
    item.firstElementChild.scrollIntoView({ block: "nearest" });
  }

  // What is shown, from top to bottom, one after another.
  next(item) {
    const inside = item.querySelector("[role=treeitem]");
    if (inside) return inside;
    for (let at = item; at && at !== this.list; at = at.parentElement.closest("[role=treeitem]")) {
      if (at.nextElementSibling) return at.nextElementSibling;
    }
    return null;
  }

  previous(item) {
    const before = item.previousElementSibling;
    return before ? this.last(before) : item.parentElement.closest("[role=treeitem]");
  }

  last(item) {
    let at = item;
    for (let group = at.querySelector("ul"); group; group = at.querySelector("ul")) at = group.lastElementChild;
    return at;
  }

  select(item) {
    if (item.activate) return item.activate();
    if (item.place.number === null) return this.toggle(item);
    this.mark(item.place.number);
    this.choose(item.place.number);
  }

  // Opens what stands above a place, and marks it.
  reveal(number) {
    const item = this.found(number) || (this.whenHidden(), this.found(number));
    this.mark(number);
    if (!item) return;
    // The tree alone scrolls, not the page: what was asked stays in sight.
    const label = item.firstElementChild.getBoundingClientRect();
    const list = this.list.getBoundingClientRect();
    if (label.top < list.top || label.bottom > list.bottom) this.list.scrollTop += label.top - list.top - list.height / 3;
    for (const other of this.list.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    item.tabIndex = 0;
  }

  found(number) {
    const names = this.contexts[number].name.split("/");
    let list = this.list;
    for (let depth = 1; list; depth += 1) {
      const full = names.slice(0, depth).join("/");
      const find = () => [...list.children].find((child) => child.place && child.place.full === full);
      let item = find();
      // The rest of a long list is drawn when it is needed.
      while (!item && list.lastElementChild && list.lastElementChild.fillMore) {
        list.lastElementChild.fillMore();
        item = find();
      }
      if (!item || depth === names.length) return item;
      this.open(item);
      list = item.querySelector("ul");
    }
    return null;
  }

  mark(number) {
    this.chosen = number;
    for (const other of this.list.querySelectorAll('[aria-selected="true"]')) other.setAttribute("aria-selected", "false");
    for (const other of this.list.querySelectorAll("[role=treeitem]")) {
      if (other.place && other.place.number === number) other.setAttribute("aria-selected", "true");
    }
  }

  toggle(item) {
    if (item.getAttribute("aria-expanded") === "true") this.close(item);
    else this.open(item);
  }

  clicked(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    this.focus(item);
    // The mark in front of a name opens it; the name chooses it, and opens it too.
    const isMark = event.clientX - item.firstElementChild.getBoundingClientRect().left < 24;
    if (isMark && item.hasAttribute("aria-expanded")) return this.toggle(item);
    this.open(item);
    this.select(item);
  }

  pressed(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const isOpen = item.getAttribute("aria-expanded");
    const actions = {
      ArrowDown: () => this.focus(this.next(item)),
      ArrowUp: () => this.focus(this.previous(item)),
      ArrowRight: () => (isOpen === "false" ? this.open(item) : isOpen && this.focus(this.next(item))),
      ArrowLeft: () => (isOpen === "true" ? this.close(item) : this.focus(item.parentElement.closest("[role=treeitem]"))),
      Home: () => this.focus(this.list.firstElementChild),
      End: () => this.focus(this.last(this.list.lastElementChild)),
      Enter: () => this.select(item),
      " ": () => this.select(item),
    };
    const action = actions[event.key] || (event.key.length === 1 && (() => this.jump(item, event.key)));
    if (!action) return;
    event.preventDefault();
    action();
  }

  jump(item, letter) {
    const begins = (other) => other.place && other.place.name.toLowerCase().startsWith(letter.toLowerCase());
    let at = this.next(item);
    while (at && !begins(at)) at = this.next(at);
    if (!at) for (at = this.list.firstElementChild; at && !begins(at); ) at = this.next(at);
    this.focus(at);
  }
}
