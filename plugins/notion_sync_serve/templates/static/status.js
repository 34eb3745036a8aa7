// Keeps the page up to date: takes the part that changes from the page itself, as the server renders it.
"use strict";

const EVERY_MS = 3000;

function isTyping() {
  const fields = document.querySelectorAll("main input[type=password]");
  return Array.from(fields).some((field) => field.value !== "" || field === document.activeElement);
}

function takeOver(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const main = fresh.querySelector("main");
  if (!main) {
    return;
  }
  for (const old of document.querySelectorAll("main details[id]")) {
    const same = fresh.getElementById(old.id);
    if (same) {
      same.open = old.open;
    }
  }
  document.title = fresh.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
}

async function refresh() {
  if (document.hidden || isTyping()) {
    return;
  }
  try {
    const answer = await fetch("/", { headers: { Accept: "text/html" } });
    if (answer.ok) {
      takeOver(await answer.text());
    }
    document.body.classList.toggle("stale", !answer.ok);
  } catch {
    document.body.classList.add("stale");
  }
}

setInterval(refresh, EVERY_MS);
