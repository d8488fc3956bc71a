"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const [GROUP, SEVERITY, SPLIT, CLASS, PLACE, MESSAGE, NOTES, ANCHOR, KNOWN] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const PAGE = 20, MORE = 100;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Nothing of the data is ever parsed as markup: elements are made one by one, and text is text. */
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  /* findings: what stands in the page, and what is made when it is asked for */
  const rows = data.rows;
  const words = rows.map((row) =>
    [data.groups[row[GROUP]], data.splits[row[SPLIT]], data.classes[row[CLASS]], row[PLACE], row[MESSAGE], ...row[NOTES]]
      .join("\n").toLowerCase());
  const standing = new Map(all("[data-row]").map((node) => [Number(node.dataset.row), node]));
  const byAnchor = new Map(rows.map((row, at) => [row[ANCHOR], at]));
  const sections = all("section.rule").map((node) => ({ node, lists: [], count: one(".count", node), told: one(".count", node).textContent }));
  for (const box of all("[data-list]")) {
    const [group, known] = box.dataset.list.split(" ").map(Number);
    const list = { box, group, known, rows: [], made: [], extra: 0, button: one("button.show-more", box.parentNode) };
    list.holder = box.closest("details") || null;
    list.button.addEventListener("click", () => { list.extra += MORE; draw(list); });
    sections[group].lists.push(list);
  }
  rows.forEach((row, at) => sections[row[GROUP]].lists.find((list) => list.known === row[KNOWN]).rows.push(at));

  const rowOf = (at) => {
    const row = rows[at];
    const item = element("li", "finding row");
    item.id = row[ANCHOR];
    item.tabIndex = -1;
    const place = element("div", "place");
    const path = element("span", "path");
    (row[PLACE] || "the data set").split("/").forEach((part, number) => path.append(...(number ? ["/", element("wbr"), part] : [part])));
    const dot = element("span", `dot ${data.severities[row[SEVERITY]]}`);
    dot.role = "img";
    dot.ariaLabel = data.severities[row[SEVERITY]];
    place.append(dot, path);
    const link = element("a", "anchor", "#");
    link.href = `#${row[ANCHOR]}`;
    link.setAttribute("aria-label", "Link to this finding");
    place.append(link);
    if (row[PLACE] !== data.splits[row[SPLIT]]) {
      const copy = element("button", "copy", "copy");
      copy.type = "button";
      place.append(copy);
    }
    const said = element("div");
    const facts = element("p", "facts-of");
    for (const fact of [data.classes[row[CLASS]], ...row[NOTES]]) if (fact && !row[MESSAGE].includes(fact)) facts.append(element("span", "", fact));
    said.append(element("p", "message", row[MESSAGE]), facts);
    item.append(place, said);
    return item;
  };

  /* filter */
  const form = one("form.filter");
  const search = one("input[type=search]", form), status = one(".status", form), nothing = one(".none-found");
  const menus = { rule: one("select[name=rule]", form), split: one("select[name=split]", form), class: one("select[name=class]", form) };
  const fill = (menu, names, values) => names.forEach((name, at) => menu.append(new Option(name, values ? values[at] : at)));
  fill(menus.rule, data.groups);
  fill(menus.split, data.splits.slice(1), data.splits.slice(1).map((_, at) => at + 1));
  fill(menus.class, data.classes.slice(1), data.classes.slice(1).map((_, at) => at + 1));
  for (const menu of Object.values(menus)) menu.hidden = menu.options.length < 2;
  const severities = all("input[name=severity]", form);

  const wanted = () => {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set(severities.filter((box) => box.checked).map((box) => Number(box.value)));
    const [rule, split, named] = ["rule", "split", "class"].map((name) => (menus[name].value === "" ? -1 : Number(menus[name].value)));
    const active = terms.length > 0 || shown.size < severities.length || rule >= 0 || split >= 0 || named >= 0;
    const fits = (at) => {
      const row = rows[at];
      return shown.has(row[SEVERITY]) && (rule < 0 || row[GROUP] === rule) && (split < 0 || row[SPLIT] === split)
        && (named < 0 || row[CLASS] === named) && terms.every((term) => words[at].includes(term));
    };
    return { active, fits };
  };

  const draw = (list) => {
    for (const node of list.made) node.remove();
    list.made = list.later.slice(0, list.extra).map(rowOf);
    list.box.append(...list.made);
    const left = list.later.length - list.made.length;
    list.button.hidden = left === 0;
    list.button.textContent = `Show ${Math.min(left, MORE).toLocaleString("en")} more of ${(list.now.length).toLocaleString("en")}`;
  };

  const links = new Map(all(".side .rules a").map((link) => [link.hash.slice(1), link]));
  const apply = () => {
    const { active, fits } = wanted();
    let total = 0;
    for (const section of sections) {
      let here = 0;
      for (const list of section.lists) {
        list.now = active ? list.rows.filter(fits) : list.rows;
        const now = new Set(list.now);
        list.later = [];
        for (const at of list.rows) {
          const node = standing.get(at);
          if (node) node.hidden = !now.has(at);
          else if (now.has(at)) list.later.push(at);
        }
        list.extra = active ? PAGE : 0;
        draw(list);
        if (list.holder) list.holder.hidden = list.now.length === 0;
        if (!list.known) here += list.now.length;
        else if (active) here += list.now.length;
      }
      section.node.hidden = active && here === 0;
      section.count.textContent = active ? `${here.toLocaleString("en")} of ${section.told}` : section.told;
      const link = links.get(section.node.id);
      if (link) {
        const count = one(".count", link);
        link.classList.toggle("none", section.node.hidden);
        count.textContent = active ? here.toLocaleString("en") : count.dataset.count;
      }
      total += here;
    }
    nothing.hidden = total > 0 || rows.length === 0;
    const listed = rows.length.toLocaleString("en");
    status.textContent = active ? `${total.toLocaleString("en")} of ${listed}` : `${listed} listed`;
  };
  let due = 0;
  const soon = () => { cancelAnimationFrame(due); due = requestAnimationFrame(apply); };
  const clear = () => { form.reset(); apply(); };
  form.addEventListener("input", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  one("button.clear", form).addEventListener("click", clear);
  form.hidden = rows.length === 0;
  for (const note of all(".without-script")) note.hidden = true;
  for (const note of all(".with-script")) note.hidden = false;
  apply();

  /* jumping */
  const focusOn = (node) => {
    const folded = node.closest("details:not([open])");
    if (folded) folded.open = true;
    node.scrollIntoView({ block: node.offsetHeight > innerHeight / 2 ? "start" : "nearest" });
    node.focus({ preventScroll: true });
  };
  const jump = () => {
    const anchor = location.hash.slice(1);
    const at = byAnchor.get(anchor);
    if (at === undefined) {
      const section = sections.find((each) => each.node.id === anchor);
      if (section && section.node.hidden) { clear(); section.node.scrollIntoView(); }
      return;
    }
    const list = sections[rows[at][GROUP]].lists.find((each) => each.known === rows[at][KNOWN]);
    if (!list.now.includes(at)) clear();
    const later = list.later.indexOf(at);
    if (later >= list.extra) { list.extra = later + 1; draw(list); }
    const node = document.getElementById(anchor);
    node.scrollIntoView({ block: "center" });
    focusOn(node);
  };
  addEventListener("hashchange", jump);
  if (location.hash) jump();

  /* copying */
  const toast = one(".toast");
  let fading = 0;
  const tell = (text) => { toast.textContent = text; clearTimeout(fading); fading = setTimeout(() => { toast.textContent = ""; }, 1800); };
  const copyText = (text, told) => navigator.clipboard?.writeText(text).then(() => tell(`Copied ${told}`), () => tell("Copying is not allowed here"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    const path = button && one(".path", button.closest(".finding")).textContent;
    if (button) copyText(path, path);
    const anchor = event.target.closest(".anchor");
    if (anchor) copyText(anchor.href, "the link");
  });

  /* the table of classes */
  const table = one("table.classes");
  if (table) {
    const body = table.tBodies[0], button = one("button.all-classes");
    const sort = (header, column) => {
      const numbers = column !== 1;
      const before = header.getAttribute("aria-sort");
      const direction = before ? (before === "ascending" ? "descending" : "ascending") : (column < 2 ? "ascending" : "descending");
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const key = (row) => row.cells[column].dataset.key;
      const compare = numbers ? (a, b) => Number(key(a)) - Number(key(b)) : (a, b) => key(a).localeCompare(key(b));
      body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)));
    };
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const press = element("button", "", header.textContent);
      press.type = "button";
      press.addEventListener("click", () => sort(header, column));
      header.replaceChildren(press);
    });
    if (body.rows.length > 25 && button) {
      table.classList.add("short");
      button.hidden = false;
      button.addEventListener("click", () => { table.classList.remove("short"); button.hidden = true; });
    }
  }

  /* dark and light */
  const themes = ["auto", "light", "dark"], switcher = one("button.theme");
  const stored = (value) => { try { if (value) localStorage.setItem("yoloaudit-theme", value); return localStorage.getItem("yoloaudit-theme"); } catch { return value; } };
  const paint = (theme) => {
    if (theme === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = theme;
    switcher.dataset.now = theme;
    switcher.textContent = `Theme: ${theme}`;
  };
  const turn = () => { const next = themes[(themes.indexOf(switcher.dataset.now) + 1) % themes.length]; stored(next); paint(next); };
  paint(themes.includes(stored()) ? stored() : "auto");
  switcher.addEventListener("click", turn);
  const keys = one("dialog.keys");
  const help = () => (keys.open ? keys.close() : keys.showModal());
  one("button.help").addEventListener("click", help);
  for (const button of all(".tools button")) button.hidden = false;

  /* keys */
  const seen = (node) => !node.closest("[hidden], details:not([open])");
  const step = (selector, forward) => {
    const nodes = all(selector).filter(seen);
    const here = document.activeElement.closest(selector);
    let at = nodes.indexOf(here);
    if (at < 0) {
      const next = nodes.findIndex((node) => node.getBoundingClientRect().top > 100);
      at = next < 0 ? nodes.length - 1 : forward ? next - 1 : next;
    }
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, at + (forward ? 1 : -1)))];
    if (node) focusOn(node);
  };
  const actions = {
    j: () => step(".finding", true), k: () => step(".finding", false),
    J: () => step("section.rule", true), K: () => step("section.rule", false),
    "/": () => { form.scrollIntoView({ block: "nearest" }); search.focus(); search.select(); },
    "?": help, t: turn,
    Escape: () => { clear(); if (document.activeElement === search) search.blur(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target.closest("input[type=search], select") && event.key !== "Escape") return;
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  /* where the reader is */
  const contents = all(".side a");
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const link = contents.find((each) => each.hash === `#${entry.target.id}`);
      if (!link || !entry.isIntersecting) continue;
      for (const other of contents) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const node of all("main > section[id], section.rule")) watch.observe(node);
})();
