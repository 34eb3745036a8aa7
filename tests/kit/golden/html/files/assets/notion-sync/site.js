// What a page does beyond being read: colours, sorting and filtering of rows, copying of code, search, printing. All of it is extra:
// without scripts every page is complete. No markup is ever made from text, only elements and text nodes.
"use strict";

const make = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// -- light and dark

{
  const button = document.querySelector("[data-theme-toggle]");
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  if (button) {
    button.hidden = false;
    show();
    system.addEventListener("change", show);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("notion-sync-theme", root.dataset.theme);
      } catch {
        // Not remembered then.
      }
      show();
    });
  }
}

// -- rows of a database: sorted by a click on a column's name, filtered by what is typed

for (const rows of document.querySelectorAll(".rows:not(.is-part)")) {
  const table = rows.querySelector("table");
  const body = table.tBodies[0];
  const all = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };
  const compare = (first, second) => {
    // What is empty comes last in both directions.
    if (first === "" || second === "") return null;
    const difference = Number(first) - Number(second);
    return Number.isNaN(difference) ? collator.compare(first, second) : difference;
  };
  const sort = (column) => {
    const descending = heads[column].getAttribute("aria-sort") === "ascending";
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    const keyed = all.map((row, index) => ({ row, index, key: key(row, column) }));
    keyed.sort((a, b) => {
      const order = compare(a.key, b.key);
      if (order === null) return (a.key === "") - (b.key === "") || a.index - b.index;
      return (descending ? -order : order) || a.index - b.index;
    });
    body.append(...keyed.map((each) => each.row));
  };
  heads.forEach((head, column) => {
    const button = make("button", { type: "button", className: "sort" }, head.textContent);
    if (head.dataset.type) button.dataset.type = head.dataset.type;
    button.addEventListener("click", () => sort(column));
    head.replaceChildren(button);
  });

  if (all.length > 1) {
    const count = make("span", {}, `${all.length} rows`);
    count.setAttribute("role", "status");
    const input = make("input", { type: "search", placeholder: "Filter rows", autocomplete: "off" });
    input.setAttribute("aria-label", "Filter rows");
    let texts = null;
    input.addEventListener("input", () => {
      texts ??= all.map((row) => fold(row.textContent));
      const terms = fold(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      all.forEach((row, index) => {
        row.hidden = !terms.every((term) => texts[index].includes(term));
        shown += !row.hidden;
      });
      count.textContent = terms.length ? `${shown} of ${all.length} rows` : `${all.length} rows`;
    });
    rows.prepend(make("div", { className: "filter" }, input, count));
  }
}

// -- code, copied as it is

for (const code of document.querySelectorAll("figure.code pre > code")) {
  const button = make("button", { type: "button", className: "tool copy" }, "Copy");
  button.setAttribute("aria-label", "Copy the code");
  const copied = async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      // Without that right, or in a place that is not secure: the old way, by a selection.
      getSelection().selectAllChildren(code);
      return document.execCommand("copy");
    }
  };
  let timer = 0;
  button.addEventListener("click", async () => {
    button.textContent = (await copied()) ? "Copied" : "Select and copy";
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  code.closest("figure").append(button);
}

// -- letters as they are compared: without case, accents and forms

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// -- search: parts of the index are scripts, loaded when somebody first searches; that works from a folder too

const notionSync = (() => {
  const dialog = document.querySelector("dialog.search");
  const opener = document.querySelector("[data-search]");
  const home = new URL("../../", document.querySelector('script[src$="assets/notion-sync/site.js"]').src);
  const documents = [];
  let total = null;
  let loaded = 0;
  let isAsked = false;

  const load = (name) => {
    const script = make("script", { src: new URL(`assets/notion-sync/search/${name}.js`, home).href });
    script.addEventListener("error", () => status("The search index is missing."));
    document.head.append(script);
  };
  const status = (text) => {
    dialog.querySelector(".search-status").textContent = text;
  };

  let search = () => {};

  const api = {
    parts(count) {
      total = count;
      if (count) load(0);
      else search();
    },
    part(number, found) {
      for (const [title, path, icon, trail, headings, text, places = []] of found) {
        const searched = [fold(title), fold(headings), fold(text)];
        documents.push({ title, path, icon, trail, headings, text, places, searched });
      }
      loaded = number + 1;
      if (loaded < total) load(loaded);
      search();
    },
  };
  if (!dialog || !opener) return api;

  const input = dialog.querySelector("input");
  const list = dialog.querySelector(".search-results");

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.focus();
    input.select();
    if (!isAsked) {
      isAsked = true;
      load("parts");
    }
  };

  // Title over heading over text; at the start of the title best of all.
  const worth = (searched, term) => {
    const inTitle = searched[0].indexOf(term);
    if (inTitle === 0) return searched[0] === term ? 200 : 120;
    if (inTitle > 0) return 100;
    if (searched[1].includes(term)) return 10;
    return searched[2].includes(term) ? 1 : 0;
  };

  // Of what was typed, each word has to be there, or one of those that may stand for it.
  const score = (searched, wanted) => {
    let sum = 0;
    for (const words of wanted) {
      const best = Math.max(0, ...words.map((word) => worth(searched, word)));
      if (!best) return 0;
      sum += best;
    }
    return sum;
  };

  const matches = (wanted) =>
    documents
      .map((each, index) => ({ each, index, score: score(each.searched, wanted) }))
      .filter((match) => match.score > 0)
      .sort((a, b) => b.score - a.score || a.index - b.index);

  // Whether a word begins with what was typed but for one letter: another, missing, too many, or two exchanged.
  const isNear = (term, word) => {
    let at = 0;
    while (at < term.length && term[at] === word[at]) at += 1;
    const rest = term.slice(at + 1);
    return (
      word.startsWith(rest, at + 1) ||
      word.startsWith(term.slice(at), at + 1) ||
      word.startsWith(rest, at) ||
      (term[at] === word[at + 1] && term[at + 1] === word[at] && word.startsWith(term.slice(at + 2), at + 2))
    );
  };

  // All words of all pages, made when somebody first mistypes one.
  const words = new Set();
  let counted = 0;
  const vocabulary = () => {
    for (; counted < documents.length; counted++) {
      for (const text of documents[counted].searched) {
        for (const word of text.split(/[^\p{L}\p{N}]+/u)) if (word.length > 2) words.add(word);
      }
    }
    return words;
  };

  const forgiven = (terms) =>
    terms.map((term) => {
      const isThere = documents.some(({ searched }) => worth(searched, term));
      if (isThere || term.length < 4) return [term];
      return [...vocabulary()].filter((word) => isNear(term, word)).slice(0, 30);
    });

  // The text as it is compared, and where each of its letters stands in the original.
  const unfolding = (text) => {
    const starts = [];
    let folded = "";
    let at = 0;
    for (const letter of text) {
      const part = fold(letter);
      for (let n = 0; n < part.length; n++) starts.push(at);
      folded += part;
      at += letter.length;
    }
    starts.push(text.length);
    return [folded, starts];
  };

  // The text with what was found marked, from a little before its first place.
  const excerpt = (text, terms) => {
    const [folded, starts] = unfolding(text);
    const places = terms.map((term) => folded.indexOf(term)).filter((place) => place >= 0);
    if (!places.length) return null;
    const from = Math.max(0, starts[Math.min(...places)] - 50);
    const to = Math.min(text.length, from + 180);
    const marks = [];
    for (const term of terms) {
      for (let place = folded.indexOf(term); place >= 0; place = folded.indexOf(term, place + term.length)) {
        const [start, end] = [starts[place], starts[place + term.length]];
        if (end > to) break;
        if (start >= from) marks.push([start, end]);
      }
    }
    marks.sort((a, b) => a[0] - b[0]);
    const line = make("span");
    if (from > 0) line.append("… ");
    let done = from;
    for (const [start, end] of marks) {
      if (start < done) continue;
      line.append(text.slice(done, start), make("mark", {}, text.slice(start, end)));
      done = end;
    }
    line.append(text.slice(done, to), to < text.length ? " …" : "");
    return line;
  };

  // The part of an address that leads to what was found: its heading, and in browsers that can, the very word.
  const place = (found, terms) => {
    if (terms.some((term) => found.searched[0].includes(term))) return "";
    const said = found.searched[1].split("\n").map((each) => terms.filter((term) => each.includes(term)).length);
    const heading = said.indexOf(Math.max(...said));
    if (said[heading]) return found.places[heading]?.[0] ? `#${found.places[heading][0]}` : "";
    const [folded, starts] = unfolding(found.text);
    const hits = terms.map((term) => [folded.indexOf(term), term.length]).filter(([at]) => at >= 0);
    if (!hits.length) return "";
    const [at, length] = hits.reduce((first, hit) => (hit[0] < first[0] ? hit : first));
    const anchor = found.places.findLast(([, start]) => start <= starts[at])?.[0] ?? "";
    if (!("fragmentDirective" in document)) return anchor && `#${anchor}`;
    // Whole words: a part of one is no place that a browser looks for.
    const from = found.text.lastIndexOf(" ", starts[at]) + 1;
    const to = found.text.indexOf(" ", starts[at + length] - 1);
    const word = found.text.slice(from, to < 0 ? undefined : to).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    return word ? `#${anchor}:~:text=${encodeURIComponent(word).replaceAll("-", "%2D")}` : anchor && `#${anchor}`;
  };

  const item = (found, terms) => {
    const link = make("a", { href: new URL(found.path, home).href + place(found, terms) });
    link.append(make("b", {}, found.icon ? `${found.icon} ${found.title}` : found.title));
    if (found.trail) link.append(make("small", {}, found.trail));
    const line = excerpt(found.headings.replaceAll("\n", " · "), terms) ?? excerpt(found.text, terms);
    if (line) link.append(line);
    return make("li", {}, link);
  };

  search = () => {
    const terms = [...new Set(fold(input.value).split(/\s+/).filter(Boolean))];
    if (!terms.length) {
      list.replaceChildren();
      status("");
      return;
    }
    let wanted = terms.map((term) => [term]);
    let found = matches(wanted);
    const isWhole = total !== null && loaded >= total;
    const isForgiven = !found.length && isWhole;
    if (isForgiven) {
      wanted = forgiven(terms);
      found = matches(wanted);
    }
    const shown = wanted.flat();
    list.replaceChildren(...found.slice(0, 50).map((match) => item(match.each, shown)));
    const more = isWhole ? "" : ", still reading the index …";
    const near = isForgiven && found.length ? " with a word that is near it" : "";
    status(`${found.length} ${found.length === 1 ? "page" : "pages"}${near}${more}`);
  };

  opener.hidden = false;
  opener.addEventListener("click", open);
  dialog.querySelector("[data-search-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 60);
  });
  dialog.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Enter" && document.activeElement === input) {
      search();
      list.querySelector("a")?.click();
    } else if (next !== undefined) {
      event.preventDefault();
      (next < 0 ? input : links[Math.min(next, links.length - 1)])?.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isShortcut = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    if (isShortcut || (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey)) {
      event.preventDefault();
      open();
    }
  });
  return api;
})();
globalThis.notionSync = notionSync;

// -- where this page stands in the tree, brought into view within the sidebar alone

{
  const sidebar = document.querySelector(".sidebar");
  const here = sidebar?.querySelector("[aria-current]");
  if (here) {
    const below = here.getBoundingClientRect().bottom - sidebar.getBoundingClientRect().bottom;
    if (below > -80) sidebar.scrollTop += below + sidebar.clientHeight / 2;
  }
}

// -- the heading that is being read, in the table of contents

{
  const links = new Map([...document.querySelectorAll(".outline a")].map((link) => [link.hash.slice(1), link]));
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  if (headings.length) {
    const follow = () => {
      const here = headings.filter((heading) => heading.getBoundingClientRect().top < 120).pop() ?? headings[0];
      for (const [id, link] of links) link.classList.toggle("is-here", id === here.id);
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        follow();
      });
    }, { passive: true });
    follow();
  }
}

// -- paper has no folds

{
  let opened = [];
  addEventListener("beforeprint", () => {
    // Of tabs with one name only one can be open: without the name all can.
    opened = [...document.querySelectorAll("main details:not([open])")];
    for (const each of document.querySelectorAll("main details[name]")) {
      each.dataset.name = each.name;
      each.removeAttribute("name");
    }
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
    for (const each of document.querySelectorAll("main details[data-name]")) each.name = each.dataset.name;
    opened = [];
  });
}
