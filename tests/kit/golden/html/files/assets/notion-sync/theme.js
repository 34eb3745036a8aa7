// Before anything is drawn: the colours that the reader chose last time.
(() => {
  "use strict";
  let chosen = null;
  try {
    chosen = localStorage.getItem("notion-sync-theme");
  } catch {
    // No storage in this place: the system's colours.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
